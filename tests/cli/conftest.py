"""The command line over the test's database, in this process or as one of its own."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.cli.commands import CommandLine
from tests.mailboxes import Mailbox, mail_server


@pytest.fixture
def bare_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """`scim-server` in this process, in an empty directory and without any setting."""
    for name in [name for name in os.environ if name.startswith("SCIM_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return CommandLine(capsys)


@pytest.fixture
def cli(bare_cli: CommandLine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The same over a migrated database."""
    monkeypatch.setenv("SCIM_DATABASE_URL", database_url)
    return bare_cli


@pytest.fixture
def acme_cli(cli: CommandLine) -> CommandLine:
    """The same, with a tenant acme, its connection okta, and the products meeting and webinar."""
    cli.done("tenant", "create", "acme", "--name", "Acme")
    cli.done("connection", "create", "acme", "okta", "--idp", "okta")
    cli.done("product", "create", "meeting", "--name", "Meeting")
    cli.done("product", "create", "webinar", "--name", "Webinar", "--includes", "meeting")
    return cli


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server that the command line is told of."""
    with mail_server() as (box, url):
        monkeypatch.setenv("SCIM_SMTP_URL", f"{url}?from=seats@scim.test")
        yield box


@pytest.fixture
def unmigrate(database_url: str) -> Callable[[], None]:
    """Empties the test's database of everything, its schema included."""

    def empty() -> None:
        if database_url.startswith("sqlite"):
            Path(database_url.removeprefix("sqlite:///")).unlink()
        else:
            with psycopg.connect(database_url, autocommit=True) as connection:
                connection.execute("DROP SCHEMA public CASCADE")
                connection.execute("CREATE SCHEMA public")

    return empty
