"""The outbox of mails: sent after the transaction, tried again, forgotten when sent."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread

import pytest
import structlog

from scim_server.config import SmtpServer, load_settings
from scim_server.delivery.mails import deliver_mails
from scim_server.domain.invitations import Offer
from scim_server.domain.mails import MOST_ATTEMPTS
from scim_server.domain.tenants import Tenant
from scim_server.services import answering, inviting
from scim_server.services.inviting import Sent
from scim_server.telemetry import meters
from scim_server.telemetry.catalogue import MAILS
from tests.mailboxes import Mailbox, mail_server
from tests.worlds import CAUSE, Connection, World

SENDER = "seats@scim.test"
Server = tuple[Mailbox, SmtpServer]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with mail_server() as (box, url):
        monkeypatch.setenv("SCIM_SMTP_URL", url)
        settings = load_settings()
        assert settings.smtp_url is not None
        yield box, settings.smtp_url


@pytest.fixture
def globex(world: World) -> Tenant:
    return world.tenant("globex")


def invite(world: World, tenant: Tenant, address: str) -> Sent:
    return inviting.send(
        world.units, tenant, CAUSE, address, Offer(), None, public_url="https://scim.test", by_mail=True
    )


def deliver(world: World, server: Server) -> int:
    return deliver_mails(world.units, server[1], SENDER)


def test_a_mail_is_sent_once_and_its_text_forgotten(
    world: World, globex: Tenant, okta: Connection, server: Server
) -> None:
    okta.create_user("ana@x.test")
    sent = invite(world, globex, "ana@x.test")
    (waiting,) = world.rows("mails")
    assert sent.link in waiting["body"]
    assert (deliver(world, server), deliver(world, server)) == (1, 0)
    assert sent.link in server[0].message().get_content()
    (kept,) = world.rows("mails")
    assert (kept["body"], kept["sent"] is not None) == ("", True)


def test_the_chore_sends_from_an_address_of_the_server(build_world: Callable[..., World], server: Server) -> None:
    world = build_world(smtp_url=server[1])
    world.connect(world.tenant("acme")).create_user("ana@x.test")
    invite(world, world.tenant("globex"), "ana@x.test")
    assert world.do_chore("mails") == 1
    assert server[0].message()["From"] == "scim-server@seats.example.com"
    without = build_world()
    invite(without, without.tenant("third"), "ana@x.test")
    assert without.do_chore("mails") == 0


def test_a_mail_that_is_refused_waits_longer_each_time_and_holds_up_no_other(
    world: World, globex: Tenant, okta: Connection, server: Server
) -> None:
    for name in ("ana@x.test", "bob@x.test"):
        okta.create_user(name)
        invite(world, globex, name)
    box, _ = server
    box.refusing = {"ana@x.test"}
    assert deliver(world, server) == 1
    assert box.received[0].rcpt_tos == ["bob@x.test"]
    for pause in (60, 120, 240):
        world.advance(pause - 10)
        assert deliver(world, server) == 0
        made = [row["attempts"] for row in world.rows("mails") if row["sent"] is None]
        world.advance(20)
        assert deliver(world, server) == 0
        assert [row["attempts"] for row in world.rows("mails") if row["sent"] is None] == [made[0] + 1]
    box.refusing = set()
    world.advance(3600)
    assert deliver(world, server) == 1


def test_a_mail_is_not_tried_for_ever(world: World, globex: Tenant, okta: Connection, server: Server) -> None:
    okta.create_user("ana@x.test")
    invite(world, globex, "ana@x.test")
    server[0].refusing = {"ana@x.test"}
    for _ in range(MOST_ATTEMPTS + 3):
        deliver(world, server)
        world.advance(3700)
    assert [row["attempts"] for row in world.rows("mails")] == [MOST_ATTEMPTS]


def test_a_server_that_cannot_be_reached_is_asked_again_later_and_the_log_tells_no_address(
    build_world: Callable[..., World], server: Server
) -> None:
    world = build_world(log_level="warning")
    world.connect(world.tenant("acme")).create_user("ana@x.test")
    sent = invite(world, world.tenant("globex"), "ana@x.test")
    box, reachable = server
    with structlog.testing.capture_logs() as logged:
        assert deliver_mails(world.units, replace(reachable, port=1), SENDER) == 0
    assert [entry["event"] for entry in logged] == ["mail server unavailable"]
    assert "ana@x.test" not in str(logged)
    assert sent.link not in str(logged)
    assert deliver(world, server) == 0
    world.advance(61)
    assert deliver(world, server) == 1
    assert len(box.received) == 1


@pytest.mark.parametrize("ending", ["renewed", "declined", "expired"])
def test_a_mail_whose_link_leads_nowhere_any_more_is_not_sent(
    world: World, globex: Tenant, okta: Connection, server: Server, ending: str
) -> None:
    okta.create_user("ana@x.test")
    first = invite(world, globex, "ana@x.test")
    endings: dict[str, Callable[[], object]] = {
        "renewed": lambda: invite(world, globex, "ana@x.test"),
        "declined": lambda: answering.decline(world.units, CAUSE, first.link),
        "expired": lambda: (world.advance(8 * 24 * 3600), answering.expire_invitations(world.units)),
    }
    endings[ending]()
    assert deliver(world, server) == (1 if ending == "renewed" else 0)
    assert all(first.link.encode() not in (envelope.content or b"") for envelope in server[0].received)


def test_two_who_deliver_at_once_send_each_mail_once(
    world: World, globex: Tenant, okta: Connection, server: Server
) -> None:
    for number in range(5):
        okta.create_user(f"user{number}@x.test")
        invite(world, globex, f"user{number}@x.test")
    start, delivered = Barrier(2), []

    def run() -> None:
        start.wait(30)
        delivered.append(deliver(world, server))

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(delivered) == 5
    assert sorted(envelope.rcpt_tos[0] for envelope in server[0].received) == [f"user{n}@x.test" for n in range(5)]


def test_no_mail_goes_over_a_line_that_is_not_as_safe_as_it_must_be(
    world: World, globex: Tenant, okta: Connection, server: Server
) -> None:
    """The server in this test offers no TLS: where it is wanted, nothing is handed in without it."""
    okta.create_user("ana@x.test")
    invite(world, globex, "ana@x.test")
    box, plain = server
    assert plain.tls == "none"
    assert deliver_mails(world.units, replace(plain, tls="starttls"), SENDER) == 0
    world.advance(100)
    assert deliver_mails(world.units, replace(plain, tls="implicit"), SENDER) == 0
    assert box.received == []


def test_a_tenant_name_cannot_add_a_header(world: World, okta: Connection, server: Server) -> None:
    okta.create_user("ana@x.test")
    tenant = replace(world.tenant("evil"), name="Evil\r\nBcc: eve@x.test\r\n\r\nHello")
    with world.units.write(tenant, CAUSE) as uow:
        uow.save_tenant(tenant)
        uow.commit()
    invite(world, tenant, "ana@x.test")
    assert deliver(world, server) == 1
    message = server[0].message()
    assert message["Bcc"] is None
    assert message["Subject"].startswith("Evil Bcc: eve@x.test Hello invites you")
    assert server[0].received[0].rcpt_tos == ["ana@x.test"]


def test_what_came_of_attempts_is_counted(
    world: World, globex: Tenant, okta: Connection, server: Server, tmp_path: Path
) -> None:
    okta.create_user("ana@x.test")
    invite(world, globex, "ana@x.test")
    meters.begin(tmp_path)
    try:
        assert deliver_mails(world.units, replace(server[1], port=1), SENDER) == 0
        assert MAILS._children.keys() == {("unavailable",)}
        world.advance(3600)
        assert deliver(world, server) == 1
        assert MAILS._children.keys() == {("unavailable",), ("sent",)}
    finally:
        meters.end()
