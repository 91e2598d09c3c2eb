"""`scim-server doctor`: each thing that can be wrong is found, told with what to do, and makes the command fail."""

import ipaddress
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from scim_server.app.examinations import databases, files
from scim_server.app.examinations.settings import examine_settings
from scim_server.config import SmtpServer
from scim_server.delivery import certificates
from scim_server.delivery.egress import system_trust
from scim_server.services.findings import Verdict
from scim_server.store import vitals
from scim_server.store.databases import Database
from tests.cli.commands import PATIENCE, CommandLine, started
from tests.databases import drop
from tests.mailboxes import mail_server
from tests.webs import Authority
from tests.webs import serving as web
from tests.worlds import settings

KEY = "k" * 32
OF_TESTS = {"fsync_off", "full_page_writes_off", "synchronous_commit_off", "login_above"}
"""What the tests' own PostgreSQL has switched off for speed, and who they log in as."""


def examined(cli: CommandLine) -> dict[str, dict[str, Any]]:
    """The findings by code."""
    outcome = cli("doctor", "--json")
    assert outcome.err == ""
    assert outcome.code == (1 if outcome.json["verdict"] == "bad" else 0)
    assert all(each["cure"] for each in outcome.json["findings"] if each["verdict"] != "good")
    return {each["code"]: each for each in outcome.json["findings"]}


def amiss(cli: CommandLine) -> set[str]:
    """The codes of what is not good, those of the tests' own database apart."""
    return {code for code, each in examined(cli).items() if each["verdict"] != "good"} - OF_TESTS


@pytest.fixture
def is_sqlite(database_url: str) -> bool:
    return database_url.startswith("sqlite")


@pytest.fixture
def healthy(acme_cli: CommandLine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """An installation that has nothing wrong but that it is not public."""
    if database_url.startswith("sqlite"):
        path = Path(database_url.removeprefix("sqlite:///"))
        for file in path.parent.glob(f"{path.name}*"):
            file.chmod(0o600)
    monkeypatch.setenv("SCIM_SECRET_KEY", KEY)
    acme_cli.done("secrets", "reseal")
    acme_cli.done("chores", "run")
    return acme_cli


LOCAL = {"public_url_local", "file_in_memory"}
"""What is said of any server that is tried out, and of a file in the memory that tests are in."""


def test_a_healthy_installation_has_nothing_wrong(healthy: CommandLine, is_sqlite: bool) -> None:
    found = examined(healthy)
    assert {code for code, each in found.items() if each["verdict"] != "good"} - OF_TESTS <= LOCAL
    expected = {"migrations", "seals", "credentials", "trails", "chores"}
    assert expected | ({"durability", "file"} if is_sqlite else {"clock", "walls"}) <= found.keys()


def test_it_is_told_in_sentences_and_quietly(healthy: CommandLine) -> None:
    told = healthy("doctor").out
    assert "ok   Every chore was run when it was due." in told
    assert "look Clients are told that this server is at http://127.0.0.1:8000" in told
    assert "     Set SCIM_PUBLIC_URL" in told
    assert told.endswith("to look at.\n")
    assert "\nok " not in "\n" + healthy("doctor", "--quiet").out


@pytest.mark.parametrize(
    ("changes", "code", "verdict"),
    [
        ({}, "secret_key_missing", Verdict.BAD),
        ({"public_url": "http://127.0.0.1:8000"}, "secret_key_missing", Verdict.WARNING),
        ({"secret_key": (KEY, "o" * 32)}, "secret_key_old", Verdict.WARNING),
        ({"public_url": "http://127.0.0.1:8000"}, "public_url_local", Verdict.WARNING),
        ({}, "proxies_unknown", Verdict.WARNING),
        ({"trusted_proxies": (ipaddress.ip_network("0.0.0.0/0"),)}, "proxies_everybody", Verdict.BAD),
        ({"certificate_header": "X-Cert"}, "certificate_header_unused", Verdict.WARNING),
        ({"egress_networks": (ipaddress.ip_network("::/0"),)}, "egress_everywhere", Verdict.BAD),
        ({"egress_networks": (ipaddress.ip_network("127.0.0.0/8"),)}, "egress_local", Verdict.WARNING),
        ({"egress_networks": (ipaddress.ip_network("169.254.169.254/32"),)}, "egress_local", Verdict.WARNING),
        ({"workers": 4}, "sqlite_workers", Verdict.WARNING),
        ({"database_pool": 3}, "pool_small", Verdict.WARNING),
        ({"rate_limit": "100/second", "tenant_rate_limit": "50/second"}, "rates_crossed", Verdict.WARNING),
        ({"smtp_url": SmtpServer("mail.example.com", 587, "none")}, "mail_in_clear", Verdict.WARNING),
        ({"oidc_issuer": "http://id.example.com"}, "issuer_in_clear", Verdict.BAD),
        ({"log_level": "debug"}, "log_debug", Verdict.WARNING),
        ({"database_url": "sqlite:///var/scim.db"}, "database_relative", Verdict.WARNING),
    ],
)
def test_settings_that_are_risky_or_contradict_each_other(changes: dict[str, Any], code: str, verdict: Verdict) -> None:
    chosen = settings(**{"database_url": "sqlite:////srv/scim.db", **changes})
    found = {each.code: each for each in examine_settings(chosen, {})}
    assert found[code].verdict is verdict
    assert found[code].cure


def test_settings_in_order_are_good() -> None:
    chosen = settings(
        "postgresql://db/scim",
        secret_key=(KEY,),
        trusted_proxies=(ipaddress.ip_network("10.0.0.0/8"),),
        egress_networks=(ipaddress.ip_network("10.20.0.0/16"),),
        database_pool=None,
        rate_limit="50/second",
        tenant_rate_limit="6000/minute",
        smtp_url=SmtpServer("mail.example.com", 587, "starttls"),
    )
    assert [(each.code, each.verdict) for each in examine_settings(chosen, {})] == [("settings", Verdict.GOOD)]


def test_a_secret_that_others_may_read(bare_cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    file.write_text(KEY)
    file.chmod(0o644)
    monkeypatch.setenv("SCIM_SECRET_KEY_FILE", str(file))
    assert f"chmod 600 {file}" in examined(bare_cli)["secret_file_open"]["cure"]
    file.chmod(0o600)
    assert "secret_file_open" not in examined(bare_cli)


def test_a_database_that_is_not_there_or_not_migrated(
    cli: CommandLine, unmigrate: Callable[[], None], is_sqlite: bool
) -> None:
    unmigrate()
    found = examined(cli)["database_missing" if is_sqlite else "migrations_missing"]
    assert (found["verdict"], found["cure"]) == ("bad", "Run `scim-server db upgrade`.")
    cli.done("db", "upgrade")
    assert "migrations" in examined(cli)


def test_a_database_of_a_later_version(cli: CommandLine, database_url: str) -> None:
    database = Database(database_url)
    with database.exclusive() as connection:
        before = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    found = examined(cli)
    assert found["migrations_ahead"]["verdict"] == "bad"
    assert not {"chores", "chores_never", "credentials"} & found.keys()
    with database.exclusive() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{before}'")
        connection.commit()
    database.dispose()


def test_a_database_that_cannot_be_reached(bare_cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIM_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/scim")
    assert examined(bare_cli)["database_unreachable"]["verdict"] == "bad"


@contextmanager
def owner(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize(
    ("broken", "mended", "code"),
    [
        (
            "ALTER TABLE users NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE users FORCE ROW LEVEL SECURITY",
            "walls_down",
        ),
        ("CREATE POLICY door ON seats USING (true)", "DROP POLICY door ON seats", "walls_down"),
        ("REVOKE DELETE ON claims FROM scim_app", "GRANT DELETE ON claims TO scim_app", "tables_closed"),
    ],
)
def test_walls_with_a_gap(
    cli: CommandLine, database_url: str, is_sqlite: bool, broken: str, mended: str, code: str
) -> None:
    if is_sqlite:
        assert "walls" not in examined(cli)
        return
    assert "walls" in examined(cli)
    with owner(database_url) as connection:
        connection.execute(broken.encode())
        try:
            found = examined(cli)[code]
        finally:
            connection.execute(mended.encode())
    assert found["verdict"] == "bad"
    assert (
        broken.split(" FROM ")[0].split(" USING ")[0].split(" ON ")[-1].removeprefix("ALTER TABLE ").split()[0]
        in found["says"]
    )


def test_postgresql_that_does_not_wait_for_the_disk(cli: CommandLine, is_sqlite: bool) -> None:
    found = examined(cli)
    assert ("durability" in found) == is_sqlite
    assert ({"fsync_off", "full_page_writes_off", "synchronous_commit_off"} <= found.keys()) != is_sqlite


def test_a_file_that_others_may_read(healthy: CommandLine, database_url: str, is_sqlite: bool) -> None:
    if is_sqlite:
        path = Path(database_url.removeprefix("sqlite:///"))
        path.chmod(0o640)
        assert str(path) in examined(healthy)["file_open"]["says"]


def test_a_file_from_the_future(healthy: CommandLine, database_url: str, is_sqlite: bool) -> None:
    if is_sqlite:
        os.utime(database_url.removeprefix("sqlite:///"), (time.time() + 600,) * 2)
        assert examined(healthy)["clock_set_back"]["verdict"] == "bad"


def test_clocks_that_differ(
    cli: CommandLine, database_url: str, is_sqlite: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_sqlite:
        return
    database = Database(database_url)
    clock = vitals.clock(database, lambda: time.time() - 100)
    database.dispose()
    assert clock.ahead == pytest.approx(100, abs=1)

    class Late:
        time = staticmethod(lambda: time.time() - 5)

    monkeypatch.setattr(databases, "time", Late)
    assert examined(cli)["clock_apart"]["verdict"] == "warning"


def test_replicas(
    cli: CommandLine, is_sqlite: bool, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """One that is there, and one that is not; that it is behind is told by the seconds."""
    if is_sqlite:
        return
    there = request.getfixturevalue("postgresql_databases")()
    monkeypatch.setenv("SCIM_REPLICA_URLS", f"{there};postgresql://nobody@127.0.0.1:1/none")
    found = examined(cli)
    drop(there)
    assert (found["replica"]["verdict"], found["replica_unreachable"]["verdict"]) == ("good", "warning")


def test_a_disk_that_fills(tmp_path: Path) -> None:
    assert next(files.examine_room(tmp_path, 0)).code in {"disk", "disk_filling"}
    assert next(files.examine_room(tmp_path, 10**18)).verdict is not Verdict.GOOD


def test_secrets_in_clear_under_an_old_key_and_under_none_that_is_known(
    healthy: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "seals" in examined(healthy)
    monkeypatch.setenv("SCIM_SECRET_KEY", f"{'n' * 32},{KEY}")
    assert {"seals_stale", "secret_key_old"} <= amiss(healthy)
    monkeypatch.setenv("SCIM_SECRET_KEY", "n" * 32)
    assert examined(healthy)["secret_key_wrong"]["verdict"] == "bad"


def test_credentials_that_end_soon(healthy: CommandLine) -> None:
    assert "credentials" in examined(healthy)
    healthy.done("token", "issue", "acme/okta", "--expires", "90d")
    healthy.done("oauth", "client", "create", "acme", "robot", "--connection", "okta", "--scope", "scim")
    healthy.done("oauth", "secret", "issue", "acme", "robot")
    database = Database(os.environ["SCIM_DATABASE_URL"])
    soon = "2000-01-01T00:00:00.000000Z", time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(time.time() + 86_000))
    with database.exclusive() as connection:
        for table in ("tokens", "client_secrets"):
            connection.exec_driver_sql(f"UPDATE {table} SET created = '{soon[0]}', expires = '{soon[1]}'")
        connection.commit()
    database.dispose()
    said = [
        each["says"] for each in healthy("doctor", "--json").json["findings"] if each["code"] == "credential_expires"
    ]
    assert all("of tenant 'acme' expires within 1 day" in each for each in said)
    assert {each.split()[1] for each in said} == {"token", "client"}


def test_a_trail_that_was_tampered_with(healthy: CommandLine) -> None:
    healthy.done("audit", "verify", "acme")
    assert "trails" in examined(healthy)
    database = Database(os.environ["SCIM_DATABASE_URL"])
    with database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE audit SET action = 'tenant.loved' WHERE sequence = 1")
        connection.commit()
    database.dispose()
    healthy.failed(1, "audit", "verify", "acme")
    assert "The audit trail of 'acme' was found broken" in examined(healthy)["trail_broken"]["says"]


def test_chores_that_nobody_runs(cli: CommandLine) -> None:
    assert examined(cli)["chores_never"]["verdict"] == "warning"
    cli.done("chores", "run")
    assert "chores" in examined(cli)
    database = Database(os.environ["SCIM_DATABASE_URL"])
    with database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE chore_leases SET until = '2026-01-01T00:00:00.000000Z' WHERE name = 'mails'")
        connection.commit()
    database.dispose()
    assert "mails (due since 2026-01-01T00:00Z)" in examined(cli)["chores_late"]["says"]


def test_chores_and_events_that_a_worker_does_are_done(healthy: CommandLine) -> None:
    """Whoever it was: the leases and what is left of the events say so, not the process that is asked."""
    database = Database(os.environ["SCIM_DATABASE_URL"])

    def execute(statement: str) -> None:
        with database.exclusive() as connection:
            connection.exec_driver_sql(statement)
            connection.commit()

    healthy.done("user", "add", "acme", "ana@x.test", "--first", "Ana", "--last", "Silva")
    execute("UPDATE outbox SET at = '2026-01-01T00:00:00.000000Z'")
    execute("UPDATE chore_leases SET until = '2026-01-01T00:00:00.000000Z'")
    assert {"events_wait", "chores_late"} <= amiss(healthy)
    healthy.done("webhook", "create", "acme", "app", "https://app.invalid/in")
    execute("UPDATE webhook_cursors SET due = '2026-01-01T00:00:00.000000Z'")
    assert "webhooks_wait" in amiss(healthy)
    execute("DELETE FROM webhook_cursors")
    with started("worker", stderr=subprocess.DEVNULL):
        deadline = time.monotonic() + PATIENCE
        while {"events_wait", "chores_late"} & amiss(healthy):
            assert time.monotonic() < deadline
    database.dispose()


def test_the_mail_server(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as (_, url):
        monkeypatch.setenv("SCIM_SMTP_URL", url)
        assert "mail" in examined(cli)
    assert examined(cli)["mail_unreachable"]["verdict"] == "bad"


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """One whose certificates this process takes."""
    made = Authority(tmp_path)
    monkeypatch.setattr(certificates, "system_trust", made.trust)
    return made


def test_the_end_of_a_certificate(authority: Authority) -> None:
    with web(b"", authority.for_host("127.0.0.1")) as server:
        end = certificates.certificate_end("127.0.0.1", server.port)
    assert end.timestamp() - time.time() == pytest.approx(timedelta(days=1).total_seconds(), abs=60)


@pytest.mark.parametrize(("host", "days", "why"), [("localhost", -1, "expired"), ("other.test", 1, "mismatch")])
def test_certificates_that_clients_refuse(
    cli: CommandLine,
    authority: Authority,
    host: str,
    days: int,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with web(b"", authority.for_host(host, days=days)) as server:
        monkeypatch.setenv("SCIM_PUBLIC_URL", f"https://localhost:{server.port}")
        found = examined(cli)["certificate_bad"]
    assert found["verdict"] == "bad"
    assert why in found["says"]


def test_a_certificate_that_ends_soon(cli: CommandLine, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with web(b"", authority.for_host("localhost")) as server:
        monkeypatch.setenv("SCIM_PUBLIC_URL", f"https://localhost:{server.port}")
        assert "ends in 0 days" in examined(cli)["certificate_expires"]["says"]


def test_nobody_waits_for_a_server_that_says_nothing(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "SECONDS", 0.2)
    assert system_trust is not authority.trust
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(Exception, match="gave no answer in time"):
            certificates.certificate_end("127.0.0.1", port)


def test_what_it_says_as_json_is_one_document(cli: CommandLine) -> None:
    assert set(json.loads(cli("doctor", "--json").out)) == {"verdict", "findings"}
