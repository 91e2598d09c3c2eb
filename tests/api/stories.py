"""Everything that can be done with the ledger, told once: as requests to the admin API and as commands.

`$slug` is the tenant, other words with a `$` are ids of what earlier steps answered.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """One use case, by the function that an endpoint calls, and how it is asked for.

    `keep` names the id of the answer for later steps. `same` says that the command prints what the endpoint answers,
    which it does not where that is nothing or where the command deals with several. `command_runs` is the use case
    behind the command where that is another one.
    """

    use_case: str
    endpoint: str
    path: str
    body: Any
    command: str
    keep: str | None = None
    same: bool = True
    command_runs: str | None = None


def _person(name: str, **more: Any) -> dict[str, Any]:
    return {"email": f"{name}@$slug.test", "firstName": name.title(), "lastName": "Silva", **more}


def _add(name: str, options: str = "", **more: Any) -> Step:
    command = f"user add $slug {name}@$slug.test --first {name.title()} --last Silva {options}"
    return Step("joining.add_person", "add_user", "~/users", _person(name, **more), command, keep=name)


TENANT = (
    Step(
        "tenancy.create_tenant", "create_tenant", "/tenants", {"slug": "$slug", "name": "Acme"},
        "tenant create $slug --name Acme",
    ),
    Step(
        "tenancy.set_terms", "change_tenant", "~",
        {"settings": {"guard_seats": "0", "guard_percent": "0", "receipts": "yes"}},
        "tenant set $slug guard_seats=0 guard_percent=0 receipts=yes",
    ),
    Step("moving.move", "move_tenant", "~/move", {"to": "home"}, "tenant move $slug --to home"),
    Step(
        "verifying.add_domain", "add_domain", "~/domains", {"name": "$slug.test."}, "domain add $slug $slug.test.",
    ),
    Step(
        "verifying.verify_domain", "verify_domain", "~/domains/$slug.test/verify", None,
        "domain verify $slug $slug.test",
    ),
    Step(
        "verifying.add_domain", "add_domain", "~/domains", {"name": "Old.$slug.test"},
        "domain add $slug Old.$slug.test",
    ),
    Step(
        "verifying.remove_domain", "remove_domain", "~/domains/old.$slug.test", None,
        "domain remove $slug old.$slug.test --yes", same=False,
    ),
    Step(
        "tenancy.create_connection", "create_connection", "~/connections", {"name": "okta", "idp": "okta"},
        "connection create $slug okta --idp okta",
    ),
    Step(
        "connecting.edit_connection", "edit_connection", "~/connections/okta",
        {"maxRole": "manager", "creatorOnly": True, "networks": ["10.0.0.0/8", "127.0.0.1/32"]},
        "connection edit $slug okta --max-role manager --creator-only --network 10.0.0.0/8 --network 127.0.0.1",
    ),
    Step(
        "federating.set_provider", "set_sign_in_provider", "~/sign-in-provider",
        {"issuer": "https://idp.example.com", "clientId": "seats", "clientSecret": "s3cret", "claim": "oid"},
        "console provider set $slug --issuer https://idp.example.com --client-id seats --secret $file --claim oid",
    ),
    Step("federating.remove_provider", "remove_sign_in_provider", "~/sign-in-provider", None,
         "console provider remove $slug --yes", same=False),
    Step(
        "trusting.trust_issuer", "trust_issuer", "~/issuers",
        {
            "connection": "okta", "name": "idp", "issuer": "https://idp.example.com", "audience": "seats",
            "subject": "okta", "claims": {"org": "acme"}, "jwksUri": "https://idp.example.com/keys",
            "scopes": ["scim:read"],
        },
        "issuer add $slug okta --name idp --issuer https://idp.example.com --audience seats --subject okta "
        "--claim org=acme --jwks-uri https://idp.example.com/keys --scope scim:read",
    ),
    Step(
        "hooking.create_webhook", "create_webhook", "~/webhooks",
        {"name": "app", "url": "https://app.invalid/in", "types": ["seat.*"]},
        "webhook create $slug app https://app.invalid/in --type seat.*",
    ),
    Step(
        "hooking.change_webhook", "change_webhook", "~/webhooks/app", {"types": [], "enabled": False},
        "webhook edit $slug app --all-types --off",
    ),
    Step(
        "hooking.rotate_secret", "rotate_webhook_secret", "~/webhooks/app/secret", {"overlapHours": 1},
        "webhook rotate $slug app --overlap 1",
    ),
    Step(
        "redelivering.try_webhook", "try_webhook", "~/webhooks/app/test", None, "webhook test $slug app", same=False,
    ),
    Step(
        "hooking.create_webhook", "create_webhook", "~/webhooks", {"name": "gone", "url": "https://app.invalid/gone"},
        "webhook create $slug gone https://app.invalid/gone",
    ),
    Step(
        "hooking.remove_webhook", "remove_webhook", "~/webhooks/gone", None, "webhook remove $slug gone --yes",
        same=False,
    ),
    Step(
        "streaming.create_stream", "create_stream", "~/streams",
        {
            "name": "hr", "delivery": "push", "url": "https://hr.invalid/in", "authorization": "Bearer theirs",
            "audience": ["https://hr.example.com"], "form": "full", "filter": 'userType eq "Employee"',
            "events": ["urn:ietf:params:scim:event:prov:*"], "description": "Who comes and goes.",
        },
        "stream create $slug hr --push https://hr.invalid/in --authorization $header --audience https://hr.example.com "
        "--full --filter 'userType eq \"Employee\"' --event urn:ietf:params:scim:event:prov:* "
        "--description 'Who comes and goes.'",
    ),
    Step(
        "streaming.create_stream", "create_stream", "~/streams", {"name": "crm", "delivery": "poll"},
        "stream create $slug crm --poll", same=False,
    ),
    Step("streaming.verify_stream", "verify_stream", "~/streams/crm/verification", {"state": "who is there"},
         "stream verify $slug crm --state 'who is there'", same=False),
    Step(
        "redelivering.try_stream", "try_stream", "~/streams/hr/test", None, "stream test $slug hr", same=False,
    ),
    Step(
        "stream_changes.change_stream", "change_stream", "~/streams/hr",
        {"form": "notice", "filter": None, "events": [], "authorization": None},
        "stream edit $slug hr --notice --everybody --every-event --no-authorization",
    ),
    Step(
        "stream_changes.change_stream", "change_stream", "~/streams/hr", {"status": "paused", "reason": "Holidays."},
        "stream pause $slug hr --reason Holidays.",
    ),
    Step("streaming.remove_stream", "remove_stream", "~/streams/crm", None, "stream remove $slug crm --yes",
         same=False),
    Step(
        "operator_hooking.create_operator_webhook", "create_operator_webhook", "/webhooks",
        {"name": "vendor $slug", "url": "https://app.invalid/in", "types": ["seat.*"], "tenants": ["$slug"]},
        "operator-webhook create 'vendor $slug' https://app.invalid/in --type seat.* --tenant $slug",
    ),
    Step(
        "operator_hooking.change_operator_webhook", "change_operator_webhook", "/webhooks/vendor $slug",
        {"types": [], "tenants": [], "enabled": False},
        "operator-webhook edit 'vendor $slug' --all-types --all-tenants --off",
    ),
    Step(
        "operator_hooking.rotate_operator_secret", "rotate_operator_webhook_secret", "/webhooks/vendor $slug/secret",
        {"overlapHours": 1}, "operator-webhook rotate 'vendor $slug' --overlap 1",
    ),
    Step(
        "operator_hooking.try_operator_webhook", "try_operator_webhook", "/webhooks/vendor $slug/test", None,
        "operator-webhook test 'vendor $slug'", same=False,
    ),
    Step(
        "operator_hooking.remove_operator_webhook", "remove_operator_webhook", "/webhooks/vendor $slug", None,
        "operator-webhook remove 'vendor $slug' --yes", same=False,
    ),
    Step(
        "trusting.trust_issuer", "trust_entra", "~/issuers/entra",
        {"connection": "okta", "directory": "12345678-1234-1234-1234-123456789012"},
        "issuer add $slug okta --entra 12345678-1234-1234-1234-123456789012",
    ),
    Step(
        "trusting.distrust_issuer", "distrust_issuer", "~/issuers/entra", None,
        "issuer remove $slug entra --yes", same=False,
    ),
    Step(
        "connecting.edit_connection", "edit_connection", "~/connections/okta", {"creatorOnly": False, "networks": []},
        "connection edit $slug okta --no-creator-only --any-network",
    ),
    Step(
        "tenancy.create_connection", "create_connection", "~/connections", {"name": "former", "idp": "ping"},
        "connection create $slug former --idp ping",
    ),
    Step(
        "disconnecting.remove_connection", "remove_connection", "~/connections/former/removal", {"to": "okta"},
        "connection remove $slug former --to okta",
    ),
    Step(
        "tenancy.issue_token", "issue_connection_token", "~/connections/okta/tokens",
        {"days": 7, "scopes": ["scim:read"]},
        "token issue $slug/okta --scope scim:read --expires 7d", keep="scimtoken",
    ),
    Step(
        "rotating.rotate_token", "rotate_connection_token", "~/connections/okta/tokens/rotate",
        {"days": 30, "overlapDays": 1},
        "token rotate $slug okta --expires 30d --overlap 1d",
    ),
    Step(
        "tokens.revoke_connections_token", "revoke_connection_token", "~/connections/okta/tokens/$scimtoken", None,
        "token revoke $scimtoken --yes", same=False, command_runs="tokens.revoke_token",
    ),
    Step(
        "api_tokens.issue_token", "issue_api_token", "~/api-tokens",
        {"name": "reader", "scopes": ["people.read"], "days": 7},
        "token issue $slug --api reader --scope people.read --expires 7d", keep="apitoken",
    ),
    Step(
        "tokens.revoke_token", "revoke_token", "~/tokens/$apitoken", None,
        "token revoke $apitoken --yes", same=False,
    ),
    Step(
        "api_tokens.issue_operators_token", "issue_operator_token", "/operator/tokens",
        {"name": "$slug", "scopes": ["tenants.read"], "days": 7},
        "token issue --operator $slug --scope tenants.read --expires 7d", keep="operatortoken",
    ),
    Step(
        "tokens.revoke_operators_token", "revoke_operator_token", "/operator/tokens/$operatortoken", None,
        "token revoke $operatortoken --yes", same=False, command_runs="tokens.revoke_any_token",
    ),
    Step(
        "registering.register_client", "register_oauth_client", "~/oauth-clients",
        {
            "name": "idp", "connection": "okta", "scopes": ["scim"], "tokenSeconds": 7200,
            "redirectUris": ["https://idp.example.com/back"],
        },
        "oauth client create $slug idp --connection okta --scope scim --token-seconds 7200 "
        "--redirect-uri https://idp.example.com/back", keep="client",
    ),
    Step(
        "registering.edit_client", "edit_oauth_client", "~/oauth-clients/$client",
        {"scopes": ["scim:read", "people.read"], "method": "client_secret_post"},
        "oauth client edit $slug $client --scope scim:read --scope people.read --method client_secret_post",
    ),
    Step(
        "client_secrets.issue_secret", "issue_client_secret", "~/oauth-clients/idp/secrets", {"days": 7},
        "oauth secret issue $slug idp --expires 7d", keep="secret", same=False,
    ),
    Step(
        "client_secrets.revoke_secret", "revoke_client_secret", "~/oauth-clients/idp/secrets/$secret", None,
        "oauth secret revoke $slug idp $secret --yes", same=False,
    ),
    Step(
        "consenting.issue_approval", "issue_approval_code", "~/oauth-clients/$client/approvals", {},
        "oauth approve $slug $client",
    ),
    Step(
        "redeeming.revoke_grants", "revoke_oauth_grants", "~/oauth-clients/idp/grants", None,
        "oauth grant revoke $slug idp --yes", same=False,
    ),
    Step(
        "registering.revoke_client", "revoke_oauth_client", "~/oauth-clients/$client", None,
        "oauth client revoke $slug $client --yes", same=False,
    ),
    Step(
        "signing.rotate", "rotate_signing_keys", "/operator/signing-keys/rotate", {"how": "at_once"},
        "oauth keys rotate --at-once", same=False,
    ),
)  # fmt: skip
"""A tenant, its terms, its domains, connections, tokens and clients."""

PRODUCTS = (
    Step(
        "tenancy.create_product", "create_product", "/products", {"code": "m-$slug", "name": "Meeting"},
        "product create m-$slug --name Meeting",
    ),
    Step(
        "tenancy.create_product", "create_product", "/products",
        {"code": "w-$slug", "name": "Webinar", "includes": ["m-$slug"]},
        "product create w-$slug --name Webinar --includes m-$slug",
    ),
    Step(
        "subscribing.set_subscription", "set_subscription", "~/subscriptions/m-$slug", {"seats": 3},
        "subscription set $slug m-$slug --seats 3",
    ),
    Step(
        "subscribing.set_subscription", "set_subscription", "~/subscriptions/w-$slug",
        {"seats": 2, "policy": "overage", "overage": 1},
        "subscription set $slug w-$slug --seats 2 --policy overage --overage 1",
    ),
    Step(
        "templating.set_template", "set_template", "~/templates/m-$slug/std", {"values": {"size": "100"}},
        "template set $slug m-$slug std size=100",
    ),
    Step(
        "templating.set_template", "set_template", "~/templates/m-$slug/old", {"values": {"size": "1"}},
        "template set $slug m-$slug old size=1",
    ),
    Step(
        "templating.delete_template", "delete_template", "~/templates/m-$slug/old", None,
        "template delete $slug m-$slug old", same=False,
    ),
    Step(
        "authorising.create_role", "create_role", "~/roles",
        {"code": "helper", "name": "Helper", "permissions": ["people.read"]},
        "role create $slug helper --name Helper --permission people.read",
    ),
    Step(
        "authorising.create_role", "create_role", "~/roles",
        {"code": "guest", "name": "Guest", "permissions": ["people.read"]},
        "role create $slug guest --name Guest --permission people.read",
    ),
    Step("authorising.delete_role", "delete_role", "~/roles/guest", None, "role delete $slug guest --yes", same=False),
    Step(
        "wording.set_wording", "write_mail_template", "~/mail-templates/welcome/en",
        {"subject": "Hello", "body": "Welcome."},
        "mail template set $slug welcome --subject Hello --body $file", same=False,
    ),
    Step(
        "wording.reset_wording", "reset_mail_template", "~/mail-templates/welcome/en", None,
        "mail template reset $slug welcome", same=False,
    ),
)  # fmt: skip
"""What is sold, given and said."""

PEOPLE = (
    _add("ana", "--product m-$slug --role helper --language fr",
         products=["m-$slug"], role="helper", preferredLanguage="fr"),
    _add("ben"),
    _add("cid", "--product w-$slug", products=["w-$slug"]),
    _add("dee"),
    _add("eve"),
    Step(
        "joining.add_person", "add_user", "~/users", _person("pia", products=["m-$slug"]),
        "user add $slug pia@$slug.test --first Pia --last Silva --product m-$slug", keep="pending",
    ),
    Step(
        "joining.cancel_add", "cancel_pending_add", "~/pending-adds/$pending", None,
        "pending-add cancel $slug $pending", same=False,
    ),
    _add("pia"),
    Step(
        "editing.edit_person", "edit_user", "~/users/ben@$slug.test",
        {"department": "Sales", "title": "Dr", "manager": "$ana", "addProducts": ["m-$slug"]},
        "user edit $slug ben@$slug.test --department Sales --title Dr --manager $ana --add-product m-$slug",
    ),
    Step(
        "linking.link_user", "link_user", "~/users/$dee/link", {"connection": "okta"}, "user link $slug $dee okta",
    ),
    Step(
        "editing.suspend_person", "suspend_user", "~/users/$dee/suspend", None, "user suspend $slug $dee",
    ),
    Step(
        "editing.reactivate_person", "reactivate_user", "~/users/$dee/reactivate", None, "user reactivate $slug $dee",
    ),
    Step("leaving.delete_person", "delete_user", "~/users/$eve", None, "user delete $slug $eve --yes"),
    Step("leaving.restore_person", "restore_user", "~/deleted-users/$eve/restore", None, "user restore $slug $eve"),
    Step("leaving.delete_person", "delete_user", "~/users/$eve", None, "user delete $slug $eve --yes"),
    Step(
        "erasing.erase_person", "erase_user", "~/deleted-users/$eve/erasure", {"despiteRetention": True},
        "user erase $slug $eve --despite-retention --yes",
    ),
    Step(
        "person_tokens.issue_token", "issue_person_token", "~/users/$ana/tokens", {"days": 7},
        "token issue $slug --user $ana --expires 7d", keep="persontoken",
    ),
    Step(
        "authorising.grant_role", "grant_role", "~/users/$dee/roles/manager", {},
        "role grant $slug $dee manager",
    ),
    Step(
        "authorising.revoke_role", "revoke_role", "~/users/$dee/roles/manager", None,
        "role revoke $slug $dee manager",
    ),
    Step(
        "seeing.report_batch", "report_seen", "~/sightings",
        {"sightings": [{"user": "$ana", "at": "2026-01-31T09:00:00Z"}]},
        "user seen $slug $ana --at 2026-01-31T09:00:00Z", same=False, command_runs="seeing.report_seen",
    ),
    Step("welcoming.welcome_person", "welcome_user", "~/users/$ana/welcome", None, "user welcome $slug $ana"),
    Step(
        "welcoming.welcome_never_seen", "welcome_never_seen", "~/welcomes", None,
        "user welcome $slug --never-seen --yes",
    ),
)  # fmt: skip
"""Joiners, movers and leavers by hand."""

RULES = (
    Step(
        "grouping.create_group", "create_group", "~/groups", {"displayName": "Sales", "users": ["$ben"]},
        "group create $slug Sales $ben", keep="sales",
    ),
    Step(
        "grouping.change_members", "change_members", "~/groups/Sales/members", {"addUsers": ["$dee"]},
        "group add $slug Sales $dee",
    ),
    Step(
        "forecasting.what_if", "forecast_rules", "~/rules/what-if",
        {"create": {"group": "Sales", "products": ["w-$slug"]}},
        "rule what-if create $slug --group Sales --product w-$slug",
    ),
    Step(
        "ruling.create_rule", "create_rule", "~/rules",
        {"group": "Sales", "products": ["w-$slug"], "language": "de"},
        "rule create $slug --group Sales --product w-$slug --language de", keep="first",
    ),
    Step(
        "ruling.create_rule", "create_rule", "~/rules",
        {"condition": 'title pr', "products": ["m-$slug"], "templates": {"m-$slug": "std"}},
        "rule create $slug --filter 'title pr' --product m-$slug --template m-$slug=std", keep="second",
    ),
    Step("ruling.edit_rule", "edit_rule", "~/rules/$first", {"role": "helper"}, "rule edit $slug $first --role helper"),
    Step(
        "ruling.reorder_rules", "reorder_rules", "~/rules/order", {"rules": ["$second"]},
        "rule reorder $slug $second",
    ),
    Step(
        "editing.edit_person", "hand_products", "~/users/$dee/seats", {"take": ["w-$slug"]},
        "seat take $slug $dee w-$slug",
    ),
    Step(
        "lifting.lift_exclusions", "lift_exclusion", "~/users/$dee/exclusions/w-$slug", None,
        "seat lift $slug $dee w-$slug", same=False,
    ),
    Step(
        "grouping.change_members", "change_members", "~/groups/Sales/members", {"removeUsers": ["$ben", "$dee"]},
        "group remove $slug Sales $ben $dee",
    ),
    Step(
        "removing.approve", "approve_removal", "~/removals/$removal/approve", None,
        "removal approve $slug $removal --yes", same=False,
    ),
    Step(
        "grouping.change_members", "change_members", "~/groups/Sales/members", {"addUsers": ["$dee"]},
        "group add $slug Sales $dee",
    ),
    Step("linking.link_group", "link_group", "~/groups/$sales/link", {"connection": "okta"},
         "group link $slug $sales okta"),
    Step("grouping.rename_group", "rename_group", "~/groups/$sales", {"displayName": "Vendors"},
         "group rename $slug $sales Vendors"),
    Step(
        "grouping.delete_group", "delete_group", "~/groups/$sales", None, "group delete $slug $sales --yes",
        same=False,
    ),
    Step(
        "removing.restore", "restore_removal", "~/removals/$removal/restore", None,
        "removal restore $slug $removal --yes", same=False,
    ),
    Step("ruling.delete_rule", "delete_rule", "~/rules/$first", None, "rule delete $slug $first --yes", same=False),
    Step(
        "reprocessing.reprocess_some", "reprocess", "~/issues/reprocess", {"user": "$ben"},
        "issue reprocess $slug --user $ben",
    ),
    Step("reconciling.repair", "repair_differences", "~/differences/repair", None, "reconcile $slug"),
)  # fmt: skip
"""Groups and rules, and what follows from them."""

MOVES = (
    Step(
        "scheduling.load_sessions", "load_sessions", "~/sessions",
        {"sessions": [{"id": "s1", "kind": "meeting", "organiser": "$ana", "title": "One",
                       "starts": "2100-01-31T09:00:00Z"}]},
        "session load $slug $sessions",
    ),
    Step(
        "scheduling.put_session", "put_session", "~/sessions/s2",
        {"kind": "meeting", "organiser": "$ana", "title": "Two", "starts": "2100-01-31T09:00:00Z"},
        "session put $slug s2 --kind meeting --organiser $ana --title Two --starts 2100-01-31T09:00:00Z",
    ),
    Step("scheduling.cancel_session", "cancel_session", "~/sessions/s2", None, "session cancel $slug s2 --yes",
         same=False),
    Step(
        "transferring.preview", "preview_transfer", "~/transfers/preview",
        {"mode": "seat_and_events", "from": "$ana", "to": "$pia"},
        "transfer preview $slug $ana $pia --mode seat_and_events",
    ),
    Step(
        "transferring.run", "run_transfer", "~/transfers", {"mode": "seat_and_events", "from": "$ana", "to": "$pia"},
        "transfer run $slug $ana $pia --mode seat_and_events --yes",
    ),
    Step(
        "transferring.run", "run_transfer", "~/transfers",
        {"mode": "take_over", "from": "$cid", "to": "kim@$slug.test", "firstName": "Kim", "lastName": "Lima"},
        "transfer run $slug $cid kim@$slug.test --mode take_over --first Kim --last Lima --yes",
    ),
    Step(
        "receipting.acknowledge", "acknowledge_receipt", "~/receipts/$receipt/acknowledgements",
        {"parts": ["sessions", "data_access"]}, "receipt acknowledge $slug $receipt sessions data_access",
    ),
    Step(
        "inviting.send", "send_invitation", "~/invitations",
        {"address": "inge@$slug.test", "products": ["m-$slug"], "days": 3},
        "invitation send $slug inge@$slug.test --product m-$slug --days 3",
    ),
    Step("undoing.undo", "undo_change", "~/undo", {"entryId": "$entry"}, "undo $slug --entry $entry --yes"),
)  # fmt: skip
"""What goes from one person to another, invitations, and undoing."""

STORY = (*TENANT, *PRODUCTS, *PEOPLE, *RULES, *MOVES)

IMPORTS = "read, checked and carried out in steps: tests/api/test_imports.py, tests/cli/test_imports.py"
ELSEWHERE = {
    "orphaned_streams.pause_streams_above": "comes with a token's end: tests/api/test_stream_owners.py",
    "orphaned_streams.pause_ended": "comes with a credential's end: tests/api/test_stream_owners.py",
    "accepting.accept": "the invited person alone says yes, behind the link of the invitation",
    "receiving.choose_subject": "receivers alone do, over SSF: tests/http/test_shared_signals.py",
    "deferring.accept": "SCIM clients alone send such requests: tests/http/test_async_requests.py",
    "deferring.cancel": "only what a SCIM client sent: test_async_requests.py here and in tests/cli",
    "answering.decline": "the invited person alone says no, behind the link of the invitation",
    "buying.ask_for_seats": "the console alone sends people to a billing page: tests/console/test_subscriptions.py",
    "chosen_people.carry_out": "what is done to one, done to several: tests/console/test_selections.py",
    "importing.read": IMPORTS,
    "importing.run": IMPORTS,
    "importing.advance": IMPORTS,
    "importing.cancel": IMPORTS,
    "import_trials.ask": "asked for by a form of the console, which waits for nothing: tests/console/test_imports.py",
    "import_trials.check": IMPORTS,
    "import_trials.dry_run": IMPORTS,
    "import_runs.begin": IMPORTS,
    "import_runs.hold": IMPORTS,
    "import_runs.refuse": IMPORTS,
    "import_runs.run_as_a_whole": IMPORTS,
    "import_runs.run_batches": IMPORTS,
    "quickstarting.set_up": "makes the data of the quickstart, a command of its own",
    "quickstarting.renew_token": "makes the data of the quickstart, a command of its own",
    "reprocessing.reprocess_user": "one kind of reprocess_some",
    "reprocessing.reprocess_group": "one kind of reprocess_some",
    "reprocessing.reprocess_product": "one kind of reprocess_some",
    "reprocessing.reprocess_tenant": "one kind of reprocess_some",
    "reprocessing.reprocess_issue": "tests/api/test_issues.py",
    "scheduling.remove_recording": "nobody but its organiser knows of a recording: tests/cli/test_sessions.py",
    "polling.poll": "tests/api/test_polls.py",
    "redelivering.replay_event": "tests/delivery/test_webhooks.py",
    "redelivering.replay_range": "tests/delivery/test_webhooks.py",
    "operator_redelivering.replay_operator_event": "tests/api/test_operator_webhooks.py",
    "operator_redelivering.replay_operator_range": "tests/api/test_operator_webhooks.py",
    "tidying.tidy": "what the chore does in each tenant",
    "subscribing.add_seats": "set_subscription, counted from what was bought: tests/console/test_subscriptions.py",
    "undo_trials.attempt": "the preview of the console: tests/console/test_undoing.py",
    "undoing.preview": "tests/api/test_undo.py",
    "disconnecting.preview": "tests/api/test_connections.py",
    "handing_over.hand_over": "follows from a removal: tests/http/test_removed_connections.py",
}
"""Use cases that write and are not in the story, and why, or where they are driven."""
