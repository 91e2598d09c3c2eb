"""The tenant's settings: what it decides, its domains, its mails, its tokens, its sign-in provider."""

import re
from typing import Any

import pytest

from scim_server.domain.settings import SETTINGS
from scim_server.domain.tenants import Tenant
from scim_server.protocol.profiles import SWITCHES
from scim_server.services import authorising, federating, hooking, streaming, tenancy, verifying
from tests.console import visitors
from tests.console.visitors import Visitor, forms, text_of
from tests.worlds import CAUSE, Connection, World

PAGES = (
    "/settings",
    "/settings/protocol",
    "/settings/domains",
    "/settings/mails",
    "/settings/mails/new",
    "/settings/mails/welcome/en",
    "/settings/tokens",
    "/settings/tokens/new",
    "/settings/sign-in",
)


def test_every_setting_is_there_with_what_it_decides(world: World, acme: Tenant, ana: Visitor) -> None:
    said = ana.see("/settings")
    assert [name for name, setting in SETTINGS.items() if name not in said or setting.decides not in said] == []
    french = visitors.person(world, acme, "ana@example.com", accept_language="fr")
    said = french.see("/settings")
    assert "Après combien de jours sans connexion" in said
    assert [name for name, setting in SETTINGS.items() if setting.decides in said] == []
    said = french.see("/settings/protocol")
    assert [name for name, switch in SWITCHES.items() if switch.decides in said] == []


def test_settings_are_saved_and_the_change_can_be_undone(world: World, acme: Tenant, ana: Visitor) -> None:
    typed = {"name": "Acme Limited", "set.retention_days": "90", "set.inactive_after": "60"}
    assert "The settings are saved. Undo" in ana.done("/settings", **typed)
    changed = tenancy.tenant(world.units, "acme")
    assert (changed.name, dict(changed.settings.chosen)) == (
        "Acme Limited",
        {"retention_days": "90", "inactive_after": "60"},
    )
    ana.done("/settings", **{"set.retention_days": ""})
    assert "retention_days" not in dict(tenancy.tenant(world.units, "acme").settings.chosen)


def test_a_wrong_setting_is_refused_at_its_field_and_nothing_is_saved(world: World, ana: Visitor) -> None:
    typed = {"name": "Other", "set.retention_days": "soon", "set.app_url": "javascript:alert(1)"}
    answer = ana.submit("/settings", **typed)
    assert answer.status_code == 400
    wrong = re.findall(r'class="wrong" id="([a-z_]+)-wrong">([^<]+)<', answer.text)
    assert [name for name, _ in wrong] == ["retention_days", "app_url"]
    assert "a whole number of days from 1 to 3650" in wrong[0][1]
    assert 'value="soon"' in answer.text
    assert tenancy.tenant(world.units, "acme").name == "Acme"
    assert ana.refused("/settings", name=" ") == "A tenant needs a name."


def test_the_protocol_is_as_the_profile_has_it_but_where_a_switch_says_otherwise(world: World, ana: Visitor) -> None:
    ana.done("/settings/protocol", **{"profile": "rfc", "set.patch.multi_match": "all", "set.me.attributes": "title"})
    changed = tenancy.tenant(world.units, "acme")
    assert (changed.profile, dict(changed.switched)) == ("rfc", {"patch.multi_match": "all", "me.attributes": "title"})
    ana.done("/settings/protocol", **{"set.patch.multi_match": "", "set.me.attributes": ""})
    assert dict(tenancy.tenant(world.units, "acme").switched) == {}
    answer = ana.submit("/settings/protocol", **{"set.paging": "sideways"})
    assert (answer.status_code, 'id="paging-wrong"' in answer.text) == (400, True)


def test_a_domain_is_added_proved_and_removed(world: World, acme: Tenant, ana: Visitor) -> None:
    said = ana.done("/settings/domains", name="Example.com")
    proof = verifying.domain(world.units, acme, "example.com")
    assert proof.text in said
    assert proof.record in said
    assert "is not verified" in ana.refused("/settings/domains/example.com")
    assert "example.com" in ana.see("/settings/domains")
    assert "nothing changes" in ana.see("/settings/domains/example.com/remove")
    ana.done("/settings/domains/example.com/remove")
    assert verifying.domains(world.units, acme) == []
    assert "is no domain" in ana.refused("/settings/domains", name="nonsense")


def test_a_domain_is_verified_where_the_proof_is_found(world: World, acme: Tenant, ana: Visitor) -> None:
    """Where the server looks is tested by tests/cli/test_domains.py."""
    verifying.add_domain(world.units, acme, CAUSE, "example.com")
    verifying.verify_domain(world.units, acme, CAUSE, "example.com", Published())
    assert "verified" in ana.see("/settings/domains/example.com")
    assert "only verified domain" in ana.see("/settings/domains/example.com/remove")


class Published:
    """Every proof is there."""

    def find(self, domain: Any) -> None:
        del domain


def test_a_mail_is_written_looked_at_and_forgotten(ana: Visitor) -> None:
    assert "change" in ana.see("/settings/mails")
    subject = "<b>Ahoy</b> {first_name}"
    ana.done("/settings/mails/welcome/en", subject=subject, body="Welcome, {name}.\r\nBye.")
    page = ana.get("/settings/mails/welcome/en", user="ana@example.com")
    assert "<b>Ahoy</b>" not in page.text
    assert "&lt;b&gt;Ahoy&lt;/b&gt; Ana" in page.text
    assert "Welcome, Ana Lima." in text_of(page)
    assert ana.get("/settings/mails/welcome/en", user="nobody").status_code == 404
    refused = ana.refused("/settings/mails/welcome/en", subject="x", body="{nothing}")
    assert "unknown placeholder" in refused
    ana.done("/settings/mails/welcome/en/reset")
    assert "Ahoy" not in ana.see("/settings/mails/welcome/en")
    ana.done("/settings/mails/new", name="crew", language="fr", subject="Bonjour", body="Bienvenue.")
    assert "crew" in ana.see("/settings/mails")


def test_a_token_is_shown_once_and_permits_what_was_ticked(world: World, ana: Visitor) -> None:
    answer = ana.submit("/settings/tokens/new", name="hr", days="30", scope=["people.read", "people.write"])
    assert answer.status_code == 200
    found = re.search(r"scimapi_\w+", answer.text)
    assert found
    asking = {"Authorization": f"Bearer {found[0]}"}
    assert world.app.test_client().get("/api/v1/tenants/acme/users", headers=asking).status_code == 200
    listed = ana.get("/settings/tokens")
    assert found[0] not in listed.text
    said = text_of(listed)
    assert ("hr" in said, "people.read, people.write" in said) == (True, True)
    (revoke,) = re.findall(r'href="([^"]+/revoke)"', listed.text)
    ana.done(revoke)
    assert world.app.test_client().get("/api/v1/tenants/acme/users", headers=asking).status_code == 401
    assert ana.get(revoke).status_code == 404


def test_a_token_takes_a_name_a_life_and_something_to_permit(ana: Visitor) -> None:
    assert "needs a name" in ana.refused("/settings/tokens/new", scope=["people.read"])
    assert "at least one scope" in ana.refused("/settings/tokens/new", name="hr")
    assert "number of days" in ana.refused("/settings/tokens/new", name="hr", scope=["people.read"], days="0")


def test_the_sign_in_provider_is_set_and_removed(world: World, acme: Tenant, ana: Visitor) -> None:
    assert "https://seats.example.com/console/callback" in ana.see("/settings/sign-in")
    typed = {"issuer": "https://idp.example.com", "client_id": "seats", "secret": "s3cret", "claim": "oid"}
    ana.done("/settings/sign-in", **typed)
    door = federating.door_of(world.units, acme)
    assert door is not None
    assert (door.provider.issuer, door.provider.claim, door.secret) == ("https://idp.example.com", "oid", "s3cret")
    assert "s3cret" not in ana.get("/settings/sign-in").text
    ana.done("/settings/sign-in", claim="email")
    kept = federating.door_of(world.units, acme)
    assert kept is not None
    assert (kept.provider.claim, kept.secret) == ("email", "s3cret")
    assert "A client secret is needed" in ana.refused("/settings/sign-in", issuer="https://evil.example")
    ana.done("/settings/sign-in/remove")
    assert federating.door_of(world.units, acme) is None


@pytest.mark.parametrize("issuer", ["idp.example.com", "javascript:alert(1)", "https://a@b.test", "https://x.test?a"])
def test_what_is_no_issuer_is_refused(ana: Visitor, issuer: str) -> None:
    assert "is no issuer" in ana.refused("/settings/sign-in", issuer=issuer, client_id="seats", secret="s", claim="sub")


def test_an_admin_cannot_become_somebody_else_by_a_provider_of_their_own(
    world: World, acme: Tenant, okta: Connection
) -> None:
    okta.create_user("cleo@example.com")
    admin = visitors.person(world, acme, "cleo@example.com", "admin")
    typed = {"issuer": "https://evil.example", "client_id": "seats", "secret": "s", "claim": "email"}
    assert "beyond your own" in admin.refused("/settings/sign-in", **typed)
    assert federating.door_of(world.units, acme) is None


def test_who_may_not_change_settings_sees_none(world: World, acme: Tenant, ana: Visitor, okta: Connection) -> None:
    okta.create_user("ben@example.com")
    manager = visitors.person(world, acme, "ben@example.com", "manager")
    assert [manager.get(path).status_code for path in PAGES] == [403] * len(PAGES)
    assert "/settings" not in manager.get("/people").text
    authorising.grant_role(world.units, acme, CAUSE, "ben@example.com", "admin")
    assert manager.get("/settings").status_code == 200
    assert "/settings/tokens" not in manager.get("/settings").text, "an admin issues no tokens"


@pytest.mark.parametrize("path", ["domains", "mails", "tokens"])
def test_every_list_is_a_file_as_well(world: World, acme: Tenant, ana: Visitor, path: str) -> None:
    verifying.add_domain(world.units, acme, CAUSE, "example.com")
    answer = ana.get(f"/settings/{path}/export")
    assert answer.mimetype == "text/csv"
    assert answer.text.startswith("id,name" if path == "tokens" else "name,")


def test_forms_keep_what_was_typed(ana: Visitor) -> None:
    answer = ana.submit("/settings/domains", name="non sense")
    assert ("name", "non sense") in forms(answer)[-1].fields


TRY, SWITCH, CHANGE = range(3)
"""The forms of a webhook's page."""


def test_a_webhook_is_made_tried_changed_and_removed(world: World, acme: Tenant, ana: Visitor) -> None:
    made = ana.submit("/settings/webhooks", name="app", url="https://app.invalid/in", types="seat.* user.suspended")
    secret = re.search(r"whsec_[\w+/=]+", made.text)
    assert secret
    assert secret[0] not in ana.get("/settings/webhooks").text
    webhook = hooking.webhook(world.units, acme, "app")
    page = f"/settings/webhooks/{webhook.id}"
    assert webhook.types == ("seat.*", "user.suspended")
    assert "cannot be found" in ana.done(page, TRY)
    assert "webhook.test" in ana.see(page)
    ana.done(page, CHANGE, name="other", types="")
    ana.done(page, SWITCH)
    after = hooking.webhook(world.units, acme, "other")
    assert (after.types, after.stopped, after.url) == ((), "by_admin", "https://app.invalid/in")
    assert "switched off by an admin" in ana.see("/settings/webhooks")
    ana.done(page, SWITCH)
    rotated = ana.submit(f"{page}/secret")
    assert "whsec_" in rotated.text
    assert secret[0] not in rotated.text
    for wrong, said in (
        ("nonsense", "https://"),
        ("https://127.0.0.1/in", "not public"),
        ("http://x.test/", "https://"),
    ):
        assert said in ana.refused(page, CHANGE, url=wrong)
        assert said in ana.refused("/settings/webhooks", name="third", url=wrong, types="")
    ana.done(f"{page}/remove")
    assert hooking.webhooks(world.units, acme) == []


VERIFY, TEST, PAUSE, DISABLE, SAVE = range(5)
"""The forms of the page of a stream that is enabled and pushed."""


def test_a_stream_is_made_tried_changed_and_removed(world: World, acme: Tenant, ana: Visitor) -> None:
    wanted = {"name": "hr", "url": "https://hr.invalid/in", "authorization": "Bearer theirs", "delivery": "push"}
    assert "not public" in ana.refused("/settings/streams", **{**wanted, "url": "https://127.0.0.1/in"})
    ana.done("/settings/streams", **wanted, audience="https://hr.example.com", filter="")
    stream = streaming.stream(world.units, acme, "hr")
    page = f"/settings/streams/{stream.id}"
    assert (stream.audience, stream.authorized, stream.form) == (("https://hr.example.com",), True, "notice")
    assert "cannot be found" in ana.done(page, TEST)
    assert "stream.verification_requested" in ana.see(page)
    assert "will say that it works" in ana.done(page, VERIFY)
    ana.done(page, SAVE, name="other", told="full", events="urn:ietf:params:scim:event:prov:*", unauthorized="yes")
    ana.done(page, PAUSE)
    after = streaming.stream(world.units, acme, "other")
    assert (after.form, after.authorized, after.status) == ("full", False, "paused")
    assert after.requested == ("urn:ietf:params:scim:event:prov:*",)
    assert "paused" in ana.see("/settings/streams")
    assert "name,delivery" in ana.get("/settings/streams/export").text
    assert ana.refused(page, SAVE, filter="nonsense")
    ana.done(f"{page}/remove")
    assert streaming.streams(world.units, acme) == []


def test_the_token_of_a_stream_that_is_fetched_is_shown_once(world: World, acme: Tenant, ana: Visitor) -> None:
    made = ana.submit("/settings/streams", name="hr", delivery="poll", url="", authorization="", audience="")
    token = re.search(r"scimapi_\w+", made.text)
    assert token
    assert "/poll" in made.text
    stream = streaming.stream(world.units, acme, "hr")
    assert token[0] not in ana.get(f"/settings/streams/{stream.id}").text
    assert stream.owner == f"api:{token[0].split('_')[1]}"
