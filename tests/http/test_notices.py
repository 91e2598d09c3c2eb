"""Notices: people are told by mail what a change has given them or taken, in its transaction, once (docs/mails.md)."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

from scim_server.config import VARIABLES
from scim_server.domain.errors import Invalid, Missing, Taken
from scim_server.domain.events import Cause
from scim_server.domain.facts import of_rule
from scim_server.domain.instants import instant
from scim_server.domain.invitations import Offer
from scim_server.domain.mails import MOST_ATTEMPTS
from scim_server.domain.particulars import Edit, Newcomer
from scim_server.domain.tenants import Tenant
from scim_server.services import (
    accepting,
    editing,
    forecasting,
    inviting,
    joining,
    leaving,
    rule_changes,
    ruling,
    seeing,
    welcoming,
    wording,
)
from tests.http.test_statements import counting
from tests.mailboxes import Mailbox
from tests.transfers import take_over
from tests.worlds import CAUSE, USER, Connection, World

QUIETLY = Cause("test", "test", "test", quiet=True)
DAY = 24 * 3600


@pytest.fixture
def world(build_world: Callable[..., World], mailbox: tuple[Mailbox, str]) -> World:
    """A world with a mail server."""
    built = build_world(smtp_url=VARIABLES["smtp_url"].read(mailbox[1]))
    built.sell("meeting", "webinar:meeting", "training:meeting")
    return built


@pytest.fixture
def acme(world: World) -> Tenant:
    """A tenant that sends everything, with seats of everything."""
    tenant = world.tenant("acme")
    for product in ("meeting", "webinar", "training"):
        world.buy(tenant, product, 20)
    return world.decide(tenant.slug, welcome_mails="yes", change_mails="yes")


Received = Callable[[], list[EmailMessage]]


def person(client: Connection, user_name: str, *products: str, **attributes: Any) -> str:
    """A new person with an address and products; answers the id."""
    emails = [{"value": f"{user_name}@x.test"}]
    return str(client.create_user(user_name, emails=emails, entitlements=list(products), **attributes)["id"])


def body(message: EmailMessage) -> str:
    """What is to be read."""
    return str(message.get_content()).replace("\r\n", "\n")


def told(message: EmailMessage) -> list[str]:
    """The lines that say what somebody has, has got, or has lost."""
    return [line for line in body(message).splitlines() if ": " in line]


def test_who_begins_is_welcomed_and_later_changes_are_told(
    world: World, acme: Tenant, okta: Connection, received: Received
) -> None:
    world.decide(acme.slug, app_url="https://app.example.com/start")
    ana = person(okta, "ana", "webinar", name={"givenName": "Ana", "familyName": "Lima"})
    (welcome,) = received()
    assert (welcome["To"], welcome["Subject"]) == ("ana@x.test", "Acme: your access is ready")
    assert welcome.get_content_type() == "text/plain"
    assert welcome.get_content_charset() == "utf-8"
    assert body(welcome).startswith("Hello Ana,\n")
    assert told(welcome) == ["Your products: Meeting, Webinar", "Start here: https://app.example.com/start"]
    okta.patch(f"/Users/{ana}", {"op": "add", "path": "entitlements", "value": [{"value": "training"}]})
    (change,) = received()
    assert change["Subject"] == "Acme: your access has changed"
    assert told(change)[0] == "New products: Training"
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "entitlements", "value": [{"value": "meeting"}]})
    (less,) = received()
    assert told(less)[0] == "Products that have ended: Training, Webinar"
    assert world.person(acme, "ana").welcome.sent == 1


def test_a_quiet_tenant_sends_nothing(world: World, okta: Connection, received: Received) -> None:
    quiet = world.tenant("quiet")
    world.buy(quiet, "meeting", 1)
    person(world.connect(quiet), "ana", "meeting")
    assert received() == []
    assert world.rows("mails") == []


@pytest.fixture
def deaf(build_world: Callable[..., World]) -> World:
    """A world without a mail server."""
    built = build_world()
    built.sell("meeting")
    return built


def test_without_a_mail_server_nothing_is_kept_for_later(deaf: World) -> None:
    tenant = deaf.tenant("acme")
    deaf.buy(tenant, "meeting", 1)
    deaf.decide("acme", welcome_mails="yes", change_mails="yes")
    person(deaf.connect(tenant), "ana", "meeting")
    assert deaf.rows("mails") == []
    with pytest.raises(Invalid, match="SCIM_SMTP_URL"):
        welcoming.welcome_person(deaf.units, tenant, CAUSE, "ana", by_mail=False)


def test_a_refused_change_sends_nothing(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 0, "reject")
    answer = okta.post("/Users", {"schemas": [USER], "userName": "ana@x.test", "entitlements": [{"value": "meeting"}]})
    assert answer.status_code == 403
    assert world.rows("mails") == []


def test_one_transaction_is_one_mail_whatever_it_changes(
    world: World, acme: Tenant, okta: Connection, received: Received
) -> None:
    ruling.create_rule(world.units, acme, CAUSE, {"group": "Sales", "products": ["training"], "role": "manager"})
    ruling.create_rule(world.units, acme, CAUSE, {"group": "Sales", "products": ["webinar"]})
    ana = person(okta, "ana")
    assert received() == []
    okta.create_group("Sales", ana)
    (welcome,) = received()
    assert told(welcome) == ["Your products: Meeting, Training, Webinar", "Your roles: Manager"]


def test_a_bundle_takes_away_nothing_that_it_includes(
    world: World, acme: Tenant, okta: Connection, received: Received
) -> None:
    ana = person(okta, "ana", "meeting")
    received()
    okta.patch(f"/Users/{ana}", {"op": "add", "path": "entitlements", "value": [{"value": "webinar"}]})
    (change,) = received()
    assert told(change)[0] == "New products: Webinar"
    assert "ended" not in change.get_content()


def test_who_waits_is_welcomed_with_the_seat(world: World, acme: Tenant, okta: Connection, received: Received) -> None:
    world.buy(acme, "meeting", 0)
    person(okta, "ana", "meeting")
    assert received() == []
    world.buy(acme, "meeting", 1)
    (welcome,) = received()
    assert (welcome["To"], told(welcome)) == ("ana@x.test", ["Your products: Meeting"])


def test_leavers_are_told_nothing_and_get_no_mail_that_waits(
    world: World, acme: Tenant, okta: Connection, received: Received
) -> None:
    ana, ben = person(okta, "ana", "meeting"), person(okta, "ben", "meeting")
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": False})
    okta.delete(f"/Users/{ben}")
    assert received() == []
    assert world.rows("mails") == []
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": True})
    (change,) = received()
    assert (change["To"], change["Subject"]) == ("ana@x.test", "Acme: your access has changed")


def test_every_path_is_covered(world: World, acme: Tenant, okta: Connection, received: Received) -> None:
    bulk = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            {
                "method": "POST",
                "path": "/Users",
                "bulkId": "1",
                "data": {"schemas": [USER], "userName": "bulk@x.test", "entitlements": [{"value": "meeting"}]},
            }
        ],
    }
    okta.post("/Bulk", bulk)
    joining.add_person(world.units, acme, CAUSE, Newcomer("hand@x.test", "Hanna", "Holm", ("meeting",)))
    joining.add_person(world.units, acme, CAUSE, Newcomer("role@x.test", "Rosa", "Reis", role="admin"))
    globex = world.tenant("globex")
    world.connect(globex, "entra").create_user("elsewhere@x.test")
    sent = inviting.send(
        world.units,
        acme,
        CAUSE,
        "elsewhere@x.test",
        Offer(("webinar",)),
        None,
        public_url="https://seats.example.com",
        by_mail=False,
    )
    accepting.accept(world.units, CAUSE, sent.link)
    joining.add_person(world.units, acme, CAUSE, Newcomer("gone@x.test", "Gina", "Gold", ("meeting",)))
    came = {message["To"]: told(message) for message in received()}
    assert came == {
        "bulk@x.test": ["Your products: Meeting"],
        "hand@x.test": ["Your products: Meeting"],
        "role@x.test": ["Your roles: Admin"],
        "elsewhere@x.test": ["Your products: Meeting, Webinar"],
        "gone@x.test": ["Your products: Meeting"],
    }
    leaving.delete_person(world.units, acme, CAUSE, "gone@x.test")
    leaving.restore_person(world.units, acme, CAUSE, "gone@x.test")
    assert [message["Subject"] for message in received()] == ["Acme: your access has changed"]
    take_over(world, acme, "gone@x.test", "new@x.test")
    (welcome,) = received()
    assert (welcome["To"], welcome["Subject"]) == ("new@x.test", "Acme: your access is ready")


def test_a_quiet_change_sends_nothing(world: World, acme: Tenant, okta: Connection, received: Received) -> None:
    okta.create_user("taken@x.test")
    joining.add_person(world.units, acme, QUIETLY, Newcomer("ana@x.test", "Ana", "Lima", ("meeting",)))
    editing.edit_person(world.units, acme, QUIETLY, "ana@x.test", Edit(), added=["training"])
    joining.add_person(world.units, acme, CAUSE, Newcomer("ben@x.test", "Ben", "Ode", ("meeting",), quiet=True))
    assert received() == []


def test_a_quiet_add_that_waits_for_its_address_is_carried_out_quietly(
    world: World, acme: Tenant, received: Received
) -> None:
    entra = world.connect(world.tenant("globex"), "entra")
    ana, ben = entra.create_user("ana@x.test")["id"], entra.create_user("ben@x.test")["id"]
    joining.add_person(world.units, acme, CAUSE, Newcomer("ana@x.test", "Ana", "Lima", ("meeting",), quiet=True))
    joining.add_person(world.units, acme, CAUSE, Newcomer("ben@x.test", "Ben", "Ode", ("meeting",)))
    entra.delete(f"/Users/{ana}")
    entra.delete(f"/Users/{ben}")
    assert world.do_chore("retry-adds") == 2
    assert [message["To"] for message in received()] == ["ben@x.test"]


def test_what_is_only_tried_out_sends_nothing(world: World, acme: Tenant, okta: Connection) -> None:
    ana = person(okta, "ana")
    okta.create_group("Sales", ana)
    forecasting.what_if(
        world.units, acme, CAUSE, lambda uow: rule_changes.add(uow, {"group": "Sales", "products": ["meeting"]})
    )
    assert world.rows("mails") == []


def test_who_was_seen_or_welcomed_before_is_not_welcomed(
    world: World, acme: Tenant, okta: Connection, received: Received
) -> None:
    ana = person(okta, "ana")
    seeing.report_seen(world.units, acme, [("ana", instant(world.units.clock()))])
    okta.patch(f"/Users/{ana}", {"op": "add", "path": "entitlements", "value": [{"value": "meeting"}]})
    assert [message["Subject"] for message in received()] == ["Acme: your access has changed"]


def test_the_rule_behind_the_best_claim_decides(
    world: World, acme: Tenant, okta: Connection, received: Received
) -> None:
    world.decide(acme.slug, welcome_mails="no", change_mails="no")
    wording.set_wording(world.units, acme, CAUSE, "sales", "en", "For {first_name}", "You can use {products}.")
    for group, product, mail in (
        ("Sales", "webinar", "sales"),
        ("Staff", "meeting", "welcome"),
        ("Quiet", "training", "none"),
    ):
        ruling.create_rule(world.units, acme, CAUSE, {"group": group, "products": [product], "mail": mail})
    ana, ben, cleo = (person(okta, name) for name in ("ana", "ben", "cleo"))
    dan = person(okta, "dan", "meeting")
    okta.create_group("Sales", ana, dan)
    okta.create_group("Staff", ben, ana)
    okta.create_group("Quiet", cleo, ben)
    came = {message["To"]: message for message in received()}
    assert came.keys() == {"ana@x.test", "ben@x.test", "dan@x.test"}
    assert came["ana@x.test"]["Subject"] == "For ana"
    assert body(came["ana@x.test"]) == "You can use Meeting, Webinar.\n"
    assert came["dan@x.test"]["Subject"] == "For dan"
    assert came["ben@x.test"]["Subject"] == "Acme: your access is ready"
    world.decide(acme.slug, welcome_mails="yes", change_mails="yes")
    for group in ("Quiet", "Staff"):
        (found,) = okta.find("/Groups", f'displayName eq "{group}"')
        okta.patch(f"/Groups/{found['id']}", {"op": "remove", "path": f'members[value eq "{ben}"]'})
    assert [(message["To"], told(message)[0]) for message in received()] == [
        ("ben@x.test", "Products that have ended: Meeting")
    ]


def test_of_several_claims_the_best_decides(world: World, acme: Tenant, okta: Connection, received: Received) -> None:
    wording.set_wording(world.units, acme, CAUSE, "first", "en", "First", "{access}")
    for title, mails in (("loud", ("first", "none")), ("quiet", ("none", "first"))):
        for product, mail in zip(("webinar", "training"), mails, strict=True):
            parts: Any = {"condition": f'title eq "{title}"', "products": [product], "mail": mail}
            ruling.create_rule(world.units, acme, CAUSE, parts)
    person(okta, "ana", title="loud")
    person(okta, "ben", title="quiet")
    person(okta, "cleo", "meeting", title="quiet")
    came = {message["To"]: (message["Subject"], told(message)) for message in received()}
    everything = ["Your products: Meeting, Training, Webinar"]
    assert came == {"ana@x.test": ("First", everything), "cleo@x.test": ("Acme: your access is ready", everything)}


def test_a_rule_that_welcomes_tells_others_of_a_change(
    world: World, acme: Tenant, okta: Connection, received: Received
) -> None:
    world.decide(acme.slug, welcome_mails="no", change_mails="no")
    parts: Any = {"group": "Sales", "products": ["training"], "mail": "welcome"}
    ruling.create_rule(world.units, acme, CAUSE, parts)
    okta.create_group("Sales", person(okta, "ana"), person(okta, "ben", "meeting"))
    came = {message["To"]: message["Subject"] for message in received()}
    assert came == {"ana@x.test": "Acme: your access is ready", "ben@x.test": "Acme: your access has changed"}


def test_a_rule_names_only_texts_there_are(world: World, acme: Tenant) -> None:
    parts: Any = {"group": "Sales", "products": ["meeting"], "mail": "sales"}
    with pytest.raises(Missing, match=r"no mail template 'sales'\. Known ones: welcome, change"):
        ruling.create_rule(world.units, acme, CAUSE, parts)
    wording.set_wording(world.units, acme, CAUSE, "sales", "fr", "Bonjour", "Bonjour {first_name}")
    rule = ruling.create_rule(world.units, acme, CAUSE, parts)
    assert of_rule(rule)["mail"] == "sales"
    with pytest.raises(Taken, match=f"in use.*{rule.id}"):
        wording.reset_wording(world.units, acme, CAUSE, "sales", "fr")
    assert ruling.edit_rule(world.units, acme, CAUSE, rule.id, {"mail": None}).mail is None
    assert wording.reset_wording(world.units, acme, CAUSE, "sales", "fr") is None


def test_each_is_written_in_their_own_language(
    world: World, acme: Tenant, okta: Connection, received: Received
) -> None:
    world.decide(acme.slug, mail_language="de")
    ruling.create_rule(world.units, acme, CAUSE, {"group": "Porto", "products": ["meeting"], "language": "pt-PT"})
    wording.set_wording(world.units, acme, CAUSE, "welcome", "es-MX", "Hola {name}", "Buenas, {first_name}. {access}")
    okta.create_group("Porto", person(okta, "rule", preferredLanguage="fr"))
    for name, attributes in {
        "preferred": {"preferredLanguage": "sv, fr-CA;q=0.9, en;q=0.5"},
        "locale": {"locale": "es_MX"},
        "spain": {"locale": "es-ES"},
        "unknown": {"preferredLanguage": "tlh"},
        "odd": {"preferredLanguage": "¿qué?"},
    }.items():
        person(okta, name, "meeting", **attributes)
    came = {message["To"].partition("@")[0]: message["Subject"] for message in received()}
    assert came == {
        "rule": "Acme: seu acesso está pronto",
        "preferred": "Acme : votre accès est prêt",
        "locale": "Hola locale",
        "spain": "Acme: su acceso está listo",
        "unknown": "Acme: Ihr Zugang ist bereit",
        "odd": "Acme: Ihr Zugang ist bereit",
    }


def test_nothing_in_a_name_reaches_the_headers(
    world: World, acme: Tenant, okta: Connection, mailbox: tuple[Mailbox, str], received: Received
) -> None:
    wording.set_wording(world.units, acme, CAUSE, "welcome", "en", "Hello {name}", "Dear {name}: {{first_name}}")
    person(okta, "eve", "meeting", displayName="Eve\r\nBcc: all@x.test\r\n\r\n{tenant} \u202e")
    world.do_chore("mails")
    (envelope,) = mailbox[0].received
    (message,) = received()
    assert envelope.rcpt_tos == ["eve@x.test"]
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello Eve Bcc: all@x.test {tenant}"
    assert body(message) == "Dear Eve Bcc: all@x.test {tenant}: {first_name}\n"


ODD = ("two..dots@x.test", "<b>@x.test", "a@b@c.test", "naïve@x.test", "@", "a,b@x.test")


def test_an_address_that_no_header_takes_stands_in_nobodys_way(
    world: World, acme: Tenant, okta: Connection, received: Received
) -> None:
    for number, address in enumerate(ODD):
        okta.create_user(f"odd{number}", emails=[{"value": address}], entitlements=["meeting"])
    person(okta, "ben", "meeting")
    assert "ben@x.test" in [message["To"] for message in received()]
    assert [row["attempts"] for row in world.rows("mails")] == [1] * (len(ODD) + 1)


def test_who_has_no_address_is_not_written_to(world: World, acme: Tenant, okta: Connection, received: Received) -> None:
    okta.create_user("nobody", entitlements=["meeting"])
    assert received() == []
    assert world.rows("welcomes") == []
    with pytest.raises(Invalid, match="no e-mail address"):
        welcoming.welcome_person(world.units, acme, CAUSE, "nobody", by_mail=True)


def test_a_welcome_is_sent_again_at_an_admins_word(
    world: World, acme: Tenant, okta: Connection, received: Received
) -> None:
    world.decide(acme.slug, welcome_mails="no", inactive_after="30")
    person(okta, "ana", "meeting")
    person(okta, "ben", "webinar")
    person(okta, "cleo")
    person(okta, "dan", "meeting", active=False)
    seeing.report_seen(world.units, acme, [("ben", instant(world.units.clock()))])
    (welcomed, _) = welcoming.welcome_person(world.units, acme, CAUSE, "ben", by_mail=True).people[0]
    assert welcomed.user_name == "ben"
    bulk = welcoming.welcome_never_seen(world.units, acme, CAUSE, by_mail=True)
    assert [(user.user_name, sent.sent) for user, sent in bulk.people] == [("ana", 1)]
    again = welcoming.welcome_never_seen(world.units, acme, CAUSE, by_mail=True)
    assert [sent.sent for _, sent in again.people] == [2]
    assert sorted(message["To"] for message in received()) == ["ana@x.test", "ana@x.test", "ben@x.test"]
    assert world.standing(acme, "ana") == ("invited", "never_seen")
    assert world.person(acme, "ana").welcome.sent == 2
    for name, reason in (("cleo", "no product and no role"), ("dan", "suspended")):
        with pytest.raises(Invalid, match=reason):
            welcoming.welcome_person(world.units, acme, CAUSE, name, by_mail=True)
    recorded = [entry.after for entry in world.trail(acme) if entry.action == "welcome.sent"]
    assert [facts and facts["sent"] for facts in recorded] == [1, 1, 2]


def test_what_is_over_is_forgotten_after_a_month(
    world: World, acme: Tenant, okta: Connection, mailbox: tuple[Mailbox, str], received: Received
) -> None:
    mailbox[0].refusing.add("ana@x.test")
    person(okta, "ana", "meeting")
    for _ in range(MOST_ATTEMPTS + 1):
        world.do_chore("mails")
        world.advance(3601)
    person(okta, "ben", "meeting")
    assert len(received()) == 1
    assert len(world.rows("mails")) == 2
    assert world.do_chore("forget-mails") == 0
    leaving.delete_person(world.units, acme, CAUSE, "ben")
    world.advance(31 * DAY)
    world.do_chore("forget-deleted")
    cleo = person(okta, "cleo", "meeting")
    assert world.do_chore("forget-mails") == 3
    assert [row["recipient"] for row in world.rows("mails")] == ["cleo@x.test"]
    assert sorted(row["user_id"] for row in world.rows("welcomes")) == [world.person(acme, "ana").user.id, cleo]


def costs(world: World, slug: str) -> list[int]:
    """The statements of requests about a person of a new tenant that is quiet."""
    tenant = world.tenant(slug)
    world.buy(tenant, "meeting", 9)
    ruling.create_rule(world.units, tenant, CAUSE, {"group": "Sales", "products": ["meeting"], "mail": "none"})
    client = world.connect(tenant)
    emails, counts = [{"value": f"ana@{slug}.test"}], []

    def counted(request: Callable[[], Any]) -> Any:
        with counting(world) as count:
            answer = request()
        counts.append(int(count))
        return answer

    body = {"schemas": [USER], "userName": "ana", "emails": emails, "roles": [{"value": "admin"}]}
    ana = counted(lambda: client.post("/Users", body)).json["id"]
    group = counted(lambda: client.create_group("Sales", ana))["id"]
    entitled = {"op": "add", "path": "entitlements", "value": [{"value": "meeting"}]}
    counted(lambda: client.patch(f"/Users/{ana}", entitled))
    counted(lambda: client.patch(f"/Groups/{group}", {"op": "remove", "path": "members"}))
    counted(lambda: client.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": False}))
    counted(lambda: client.delete(f"/Users/{ana}"))
    return counts


def test_a_quiet_tenant_costs_no_statement(world: World, build_world: Callable[..., World]) -> None:
    deaf = build_world()
    assert costs(world, "with") == costs(deaf, "without")


def test_however_many_people_the_statements_are_as_many(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 100)
    okta.create_group("Few", *(person(okta, f"few{number}") for number in range(2)))
    okta.create_group("Many", *(person(okta, f"many{number}") for number in range(40)))
    numbers = []
    for group in ("Few", "Many"):
        with counting(world) as count:
            world.rule(acme, group, "meeting")
        numbers.append(int(count))
    assert numbers[0] == numbers[1]
    assert len(world.rows("mails")) == len(world.rows("welcomes")) == 42
