"""Fixtures of the protocol tests: an installation per module and kind of database, a tenant of its own for each test.

A new installation per test costs more than most tests and proves nothing here; tenants are walls (design section 2).
One for all modules would cost more still: many tests look at all that is stored, of all tests before them as well.
Tests that count seats or break the database take `world` instead.
"""

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from itertools import count
from pathlib import Path

import pytest

from tests import databases
from tests.mailboxes import Mailbox, mail_server, message_of
from tests.worlds import Connection, World, build

Connect = Callable[[str], Connection]

_numbers = count(1)


@pytest.fixture(scope="module", params=databases.KINDS)
def house(request: pytest.FixtureRequest, emptied_databases: dict[str, list[str]]) -> Iterator[World]:
    """The installation that the protocol tests of a module share; its ledger must be in order at the end."""
    fresh: databases.Fresh = request.getfixturevalue(f"{request.param}_databases")
    with databases.lent(fresh, emptied_databases[request.param]) as url:
        built = build(url, email_scope="tenant", max_body_bytes=100_000)
        built.sell("meeting", "webinar:meeting")
        yield built
        built.check()
        built.installation.database.dispose()


SCHEMAS = Path(__file__).parents[1] / "data" / "schemas"


@pytest.fixture(scope="session", params=databases.KINDS)
def library(request: pytest.FixtureRequest) -> Iterator[World]:
    """An installation that serves the schemas under tests/data/schemas as well."""
    fresh: databases.Fresh = request.getfixturevalue(f"{request.param}_databases")
    url = fresh()
    built = build(url, email_scope="tenant", schemas_dir=SCHEMAS)
    yield built
    built.check()
    built.installation.database.dispose()
    databases.drop(url)


@pytest.fixture
def reader_as(library: World) -> Connect:
    """Makes a tenant of that profile with one connection, in the installation with further schemas."""
    return lambda profile: library.connect(library.tenant(f"tenant-{next(_numbers)}", profile))


@pytest.fixture
def reader(reader_as: Connect) -> Connection:
    """A connection of a new tenant of profile `tolerant`, in the installation with further schemas."""
    return reader_as("tolerant")


@pytest.fixture
def connect_as(house: World) -> Connect:
    """Makes a tenant of that profile with one connection."""
    return lambda profile: house.connect(house.tenant(f"tenant-{next(_numbers)}", profile))


@pytest.fixture
def client(connect_as: Connect) -> Connection:
    """A connection of a new tenant of profile `tolerant`."""
    return connect_as("tolerant")


@pytest.fixture
def strict(connect_as: Connect) -> Connection:
    """A connection of a new tenant of profile `rfc`."""
    return connect_as("rfc")


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    """A mail server, and its address."""
    with mail_server() as server:
        yield server


@pytest.fixture
def received(world: World, mailbox: tuple[Mailbox, str]) -> Callable[[], list[EmailMessage]]:
    """Sends what waits; answers the mails that came since it was last asked."""

    def receive() -> list[EmailMessage]:
        world.do_chore("mails")
        came = [message_of(envelope) for envelope in mailbox[0].received]
        mailbox[0].received.clear()
        return came

    return receive
