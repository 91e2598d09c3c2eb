"""Settings come from SCIM_* variables; an unknown or bad one stops the start by name."""

import os
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path

import pytest

from scim_server.config import VARIABLES, BadSettings, Bind, Settings, SmtpServer, load_settings, variable_name

SECRET = "0123456789abcdef0123456789abcdef"
Load = Callable[..., Settings]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Settings from those variables and no others."""

    def from_variables(**variables: str) -> Settings:
        for name in [name for name in os.environ if name.startswith("SCIM_")]:
            monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return load_settings()

    return from_variables


def test_every_setting_has_a_default_but_the_secret(load: Load) -> None:
    settings = load()
    assert settings.database_url == "sqlite:///var/scim.db"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert (settings.secret_key, settings.log_level, settings.email_scope) == (None, "info", "global")
    assert (settings.schemas_dir, settings.rate_limit, settings.tenant_rate_limit) == (None, None, None)
    assert settings.bulk_max_operations == settings.patch_max_operations == 1000
    assert settings.patch_max_members == 10_000
    assert settings.cursor_timeout == 3600
    assert settings.smtp_url is None
    assert settings.import_max_bytes == 64_000_000
    assert settings.trusted_proxies == settings.allowed_hosts == settings.egress_networks == settings.dns_servers == ()
    assert settings.cell_urls == ()
    assert (settings.certificate_header, settings.max_header_bytes) == ("Client-Cert", 32_768)
    assert (settings.search_seconds, settings.search_max_rows) == (5, 1_000_000)
    assert (settings.workers, settings.threads, settings.database_pool) == (None, None, None)
    assert (settings.max_body_bytes, settings.log_retention_days) == (10_000_000, 30)


GOOD = {
    "SCIM_DATABASE_URL": ("postgresql://scim@db/scim", "postgresql://scim@db/scim"),
    "SCIM_PUBLIC_URL": ("https://seats.example.com/base/", "https://seats.example.com/base"),
    "SCIM_SECRET_KEY": (f"{SECRET}, {SECRET[::-1]}", (SECRET, SECRET[::-1])),
    "SCIM_LOG_LEVEL": ("WARNING", "warning"),
    "SCIM_LOG_FORMAT": ("Console", "console"),
    "SCIM_EMAIL_SCOPE": ("tenant", "tenant"),
    "SCIM_MAX_BODY_BYTES": ("5000000", 5_000_000),
    "SCIM_BULK_MAX_OPERATIONS": ("50", 50),
    "SCIM_PATCH_MAX_OPERATIONS": ("60", 60),
    "SCIM_PATCH_MAX_MEMBERS": ("70", 70),
    "SCIM_WORKERS": ("16", 16),
    "SCIM_THREADS": ("8", 8),
    "SCIM_DATABASE_POOL": ("20", 20),
    "SCIM_EVENTS_BIND": ("[::1]:8001", Bind("::1", 8001)),
    "SCIM_SCHEMAS_DIR": ("tests/data", Path("tests/data")),
    "SCIM_CREDENTIAL_CACHE": ("0", 0),
    "SCIM_CURSOR_TIMEOUT": ("600", 600),
    "SCIM_RATE_LIMIT": ("50/second", "50/second"),
    "SCIM_TENANT_RATE_LIMIT": ("none", None),
    "SCIM_LOG_RETENTION_DAYS": ("7", 7),
    "SCIM_EVENT_RETENTION_DAYS": ("90", 90),
    "SCIM_WORKER": ("Off", "off"),
    "SCIM_SMTP_URL": (
        "smtp://us%40r:p%3Aw@mail.test:2525/?from=seats@scim.test",
        SmtpServer("mail.test", 2525, "starttls", "us@r", "p:w", "seats@scim.test"),
    ),
    "SCIM_IMPORT_MAX_BYTES": ("1000000", 1_000_000),
    "SCIM_TRUSTED_PROXIES": ("10.0.0.0/8, ::1", (ip_network("10.0.0.0/8"), ip_network("::1/128"))),
    "SCIM_ALLOWED_HOSTS": ("Seats.Internal, 10.1.2.3", ("seats.internal", "10.1.2.3")),
    "SCIM_CERTIFICATE_HEADER": ("None", None),
    "SCIM_MAX_HEADER_BYTES": ("16384", 16_384),
    "SCIM_EGRESS_NETWORKS": ("192.168.0.0/16", (ip_network("192.168.0.0/16"),)),
    "SCIM_DNS_SERVERS": ("127.0.0.1#5353,::1", ("127.0.0.1#5353", "::1")),
    "SCIM_SEARCH_SECONDS": ("30", 30),
    "SCIM_SEARCH_MAX_ROWS": ("200000", 200_000),
    "SCIM_OIDC_ISSUER": ("https://idp.example.com/acme", "https://idp.example.com/acme"),
    "SCIM_OIDC_CLIENT_ID": ("seats", "seats"),
    "SCIM_OIDC_CLIENT_SECRET": ("s3cret", "s3cret"),
    "SCIM_OIDC_OPERATORS": ("ana@example.com, ben@example.com", ("ana@example.com", "ben@example.com")),
    "SCIM_METRICS_BIND": ("[::1]:9464", Bind("::1", 9464)),
    "SCIM_METRICS_TOKEN": (SECRET, SECRET),
    "SCIM_METRICS_DIR": ("tests/data", Path("tests/data")),
    "SCIM_METRICS_TENANTS": ("20", 20),
    "SCIM_CELL_URLS": (
        "west=postgresql://db1/scim; east=postgresql://db2/scim;",
        (("west", "postgresql://db1/scim"), ("east", "postgresql://db2/scim")),
    ),
    "SCIM_REPLICA_URLS": (
        "postgresql://r1/scim?sslmode=require; postgresql://r2/scim; west=postgresql://r3/scim",
        (
            ("", "postgresql://r1/scim?sslmode=require"),
            ("", "postgresql://r2/scim"),
            ("west", "postgresql://r3/scim"),
        ),
    ),
}


OIDC = {
    "SCIM_OIDC_ISSUER": "https://idp.example.com",
    "SCIM_OIDC_CLIENT_ID": "seats",
    "SCIM_OIDC_CLIENT_SECRET": "s3cret",
    "SCIM_OIDC_OPERATORS": "ana@example.com",
}


@pytest.mark.parametrize(("name", "text", "value"), [(name, *rest) for name, rest in GOOD.items()], ids=GOOD.keys())
def test_a_variable_sets_its_setting(load: Load, name: str, text: str, value: object) -> None:
    beside = OIDC if name in OIDC else {}
    assert getattr(load(**{**beside, name: text}), name.removeprefix("SCIM_").lower()) == value


def test_every_setting_is_tried_here() -> None:
    assert set(GOOD) == {variable_name(field) for field in VARIABLES}


def test_metrics_that_others_reach_want_a_token(load: Load) -> None:
    with pytest.raises(BadSettings, match="SCIM_METRICS_TOKEN"):
        load(SCIM_METRICS_BIND="0.0.0.0:9464")
    assert load(SCIM_METRICS_BIND="0.0.0.0:9464", SCIM_METRICS_TOKEN=SECRET).metrics_bind == Bind("0.0.0.0", 9464)
    assert load(SCIM_METRICS_BIND="localhost:9464").tells_metrics
    assert not load().tells_metrics


BAD = {
    "SCIM_LOG_FORMAT": ["xml", ""],
    "SCIM_METRICS_BIND": ["9464", "localhost", "localhost:0", "::1:9464", "localhost:99999", ""],
    "SCIM_METRICS_TOKEN": ["short", SECRET[:31], f"{SECRET}\u00e9", ""],
    "SCIM_METRICS_DIR": ["tests/no-such-folder", ""],
    "SCIM_METRICS_TENANTS": ["-1", "501", "all", ""],
    "SCIM_DATABASE_URL": [
        "mysql://db/x",
        "sqlite://",
        "/var/scim.db",
        "postgresql://scim:p@ss@db/scim",
        "postgresql://scim:p/ss@db/scim",
        "postgresql://scim:p?ss@db/scim",
        "postgresql://db:0/scim",
        "",
    ],
    "SCIM_PUBLIC_URL": [
        "seats.example.com",
        "http://seats.example.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://10.0.0.1",
        "ftp://127.0.0.1",
        "https://",
        "https://x.test?a=b",
        "https://x.test#a",
        "http://[::1",
        "",
    ],
    "SCIM_SECRET_KEY": ["short", SECRET[:31], f"{SECRET},short", f"{SECRET},"],
    "SCIM_LOG_LEVEL": ["loud", ""],
    "SCIM_EMAIL_SCOPE": ["nowhere"],
    "SCIM_MAX_BODY_BYTES": ["999", "1000000001", "-1", "1e6", "10 MB", "٣٣٣٣"],
    "SCIM_BULK_MAX_OPERATIONS": ["0", "100001", "many"],
    "SCIM_PATCH_MAX_OPERATIONS": ["0", "100001", "-1"],
    "SCIM_PATCH_MAX_MEMBERS": ["0", "1000001", "1e3"],
    "SCIM_WORKERS": ["0", "257", "auto"],
    "SCIM_THREADS": ["0", "65", "-1"],
    "SCIM_DATABASE_POOL": ["0", "101", "five"],
    "SCIM_EVENTS_BIND": ["8001", "127.0.0.1:0", "127.0.0.1:65536", "::1:8001", ""],
    "SCIM_CREDENTIAL_CACHE": ["-1", "6", "5s"],
    "SCIM_CURSOR_TIMEOUT": ["59", "86401", "1h"],
    "SCIM_RATE_LIMIT": ["50", "0/second", "50/fortnight", "24/second", "1499/minute", "89999/hour", "25 / second"],
    "SCIM_TENANT_RATE_LIMIT": ["lots", "", "1/second", "24/second", "1499/minute", "89999/hour", "-50/second"],
    "SCIM_SMTP_URL": [
        "mail.test:25",
        "http://mail.test",
        "smtp://",
        "smtp://mail.test:99999",
        "smtp://mail.test/inbox",
        "smtp://mail.test?starttls=maybe",
        "smtp://mail.test?from=nobody",
        "smtp://mail.test?from=a@b%0D%0ABcc:c@d",
        "smtp://mail.test?tls=no",
        "",
    ],
    "SCIM_IMPORT_MAX_BYTES": ["999", "1000000001", "64MB"],
    "SCIM_TRUSTED_PROXIES": ["10.0.0.1/8", "proxy.test", "10.0.0.0/33"],
    "SCIM_ALLOWED_HOSTS": ["a b", "https://seats.example.com", "seats.example.com:8443", "*"],
    "SCIM_CERTIFICATE_HEADER": ["Client Cert", "X:Y", ""],
    "SCIM_MAX_HEADER_BYTES": ["8191", "1000001", "32K"],
    "SCIM_EGRESS_NETWORKS": ["localhost", "10.0.0.0-10.0.0.9"],
    "SCIM_CELL_URLS": [
        "west",
        "west=sqlite:///x",
        "We st=postgresql://a/b",
        "a=postgresql://a/b;b=postgresql://a/b",
        "a=postgresql://a/b;a=postgresql://a/c",
    ],
    "SCIM_REPLICA_URLS": [
        "west",
        "west=sqlite:///x",
        "sqlite:///x",
        "We st=postgresql://a/b",
        "postgresql://a/b;west=postgresql://a/b",
    ],
    "SCIM_OIDC_ISSUER": ["idp.example.com", "https://idp.example.com?a", "https://a@idp.example.com", "ftp://x.test"],
    "SCIM_OIDC_CLIENT_ID": ["", "é"],
    "SCIM_OIDC_CLIENT_SECRET": ["", "é"],
    "SCIM_OIDC_OPERATORS": ["ana", "ana@example.com ben@example.com"],
    "SCIM_DNS_SERVERS": ["dns.test", "127.0.0.1#0", "127.0.0.1#dns"],
    "SCIM_SEARCH_SECONDS": ["0", "601", "5s"],
    "SCIM_SEARCH_MAX_ROWS": ["999", "1000000001", "all"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in BAD.items() for text in texts])
def test_a_bad_value_is_refused_by_name(load: Load, name: str, text: str) -> None:
    """The message says which variable and what it wants, and keeps a secret's value to itself."""
    with pytest.raises(BadSettings) as refused:
        load(**{name: text})
    message = str(refused.value)
    assert name in message
    assert VARIABLES[name.removeprefix("SCIM_").lower()].wants in message
    if text and name == "SCIM_SECRET_KEY":
        assert text not in message


@pytest.mark.parametrize("name", OIDC)
def test_operators_sign_in_with_a_provider_by_all_four_settings_or_none(load: Load, name: str) -> None:
    with pytest.raises(BadSettings, match=f"{name} is not set"):
        load(**{other: text for other, text in OIDC.items() if other != name})


@pytest.mark.parametrize("name", ["SCIM_RATE_LIMIT", "SCIM_TENANT_RATE_LIMIT"])
@pytest.mark.parametrize("rate", ["25/second", "1500/minute", "90000/hour"])
def test_25_requests_a_second_are_the_least_that_can_be_allowed(load: Load, name: str, rate: str) -> None:
    """However the rate is written; identity providers rely on it."""
    assert getattr(load(**{name: rate}), name.removeprefix("SCIM_").lower()) == rate


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://mail.test", 587, "starttls"),
        ("smtp://mail.test?starttls=no", 587, "none"),
        ("smtps://mail.test", 465, "implicit"),
        ("smtp://127.0.0.1:25", 25, "none"),
        ("smtp://localhost?starttls=yes", 587, "starttls"),
    ],
)
def test_mails_go_over_tls_unless_they_stay_on_this_machine(load: Load, url: str, port: int, tls: str) -> None:
    server = load(SCIM_SMTP_URL=url).smtp_url
    assert server is not None
    assert (server.port, server.tls, server.user) == (port, tls, None)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.0.1:8000", "[::1]:8000"])
def test_plain_http_is_for_loopback(load: Load, host: str) -> None:
    assert load(SCIM_PUBLIC_URL=f"http://{host}").public_url == f"http://{host}"


@pytest.mark.parametrize(
    "url", ["https://me:secret@example.com", "https://example.com:web", "https://example.com:0", "https://a.test?b=c"]
)
def test_the_public_address_names_a_server_and_nothing_else(load: Load, url: str) -> None:
    """What stands in it is told to everybody, in each resource."""
    with pytest.raises(BadSettings, match="SCIM_PUBLIC_URL"):
        load(SCIM_PUBLIC_URL=url)


def test_the_public_address_is_told_as_headers_have_it(load: Load) -> None:
    assert load(SCIM_PUBLIC_URL="https://bücher.example/ä/").public_url == "https://xn--bcher-kva.example/%C3%A4"


@pytest.mark.parametrize("name", ["SCIM_DATABSE_URL", "SCIM_", "SCIM_LOG_LEVEL_FILE", "SCIM_PORT", "SCIM_TESTS"])
def test_an_unknown_variable_is_refused_by_name(load: Load, name: str) -> None:
    """A typo must not pass for a default; the message lists what there is."""
    with pytest.raises(BadSettings) as refused:
        load(**{name: "x"})
    message = str(refused.value)
    assert message.startswith(f"{name} is not a setting")
    assert all(known in message for known in GOOD)


@pytest.mark.parametrize("name", ["SCIM_TEST_POSTGRES_URL", "SCIM_BENCH_USERS", "SCIM_CLI_COLOUR", "MY_SCIM_X", "HOME"])
def test_variables_of_others_are_left_alone(load: Load, name: str) -> None:
    assert load(**{name: "whatever"}) == load()


def test_a_secret_can_come_from_a_file(load: Load, tmp_path: Path) -> None:
    """With the line break that editors leave."""
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    assert load(SCIM_SECRET_KEY_FILE=str(file)).secret_key == (SECRET,)
    file.write_text("postgresql://scim:secret@db/scim\n")
    assert load(SCIM_DATABASE_URL_FILE=str(file)).database_url == "postgresql://scim:secret@db/scim"


def test_a_bad_secret_in_a_file_is_refused(load: Load, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("short\n")
    with pytest.raises(BadSettings, match="SCIM_SECRET_KEY"):
        load(SCIM_SECRET_KEY_FILE=str(file))


def test_a_file_that_is_not_there_is_refused(load: Load, tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe" * 32)
    for path in (tmp_path / "nothing", tmp_path, binary):
        with pytest.raises(BadSettings, match="SCIM_SECRET_KEY_FILE must be the path"):
            load(SCIM_SECRET_KEY_FILE=str(path))


def test_a_secret_given_twice_is_refused(load: Load, tmp_path: Path) -> None:
    """Nobody should have to know which of the two counts."""
    file = tmp_path / "secret"
    file.write_text(SECRET)
    with pytest.raises(BadSettings, match="SCIM_SECRET_KEY_FILE"):
        load(SCIM_SECRET_KEY=SECRET, SCIM_SECRET_KEY_FILE=str(file))
