"""Settings, read once from SCIM_* variables. An unknown or bad one is refused by name."""

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from environs import EnvValidationError, FileAwareEnv
from werkzeug.urls import iri_to_uri

OF_OTHERS = ("SCIM_TEST_", "SCIM_BENCH_", "SCIM_CLI_")
"""Prefixes that belong to the tests, the benchmarks and the command line."""

_RATE = re.compile(r"([1-9][0-9]{0,6})/(second|minute|hour)")
SECONDS = {"second": 1, "minute": 60, "hour": 3600}
LEAST_RATE = 25
"""Requests a second that identity providers want to be able to send (Microsoft Entra's requirements of its gallery)."""

_MAILBOX = re.compile(r"[^@\s<>]+@[^@\s<>]+")
SMTP_PORTS = {"smtp": 587, "smtps": 465}

Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]

_BIND = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]:/\s]+)):(\d{1,5})")
_CELL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_HOST = re.compile(r"[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]+\]")

MOST_WORKERS, MOST_THREADS = 256, 64
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("json", "console")
MOST_TENANTS_TOLD = 500
"""Tenants that metrics may tell apart: each is a handful of series for everybody who stores them."""
EMAIL_SCOPES = ("global", "tenant")


class BadSettings(Exception):
    """A variable is unknown or its value cannot be used; the message names it and what it wants."""


@dataclass(frozen=True, slots=True)
class Bind:
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self._bracketed(self.host)}:{self.port}"

    @property
    def local_url(self) -> str:
        """Where this machine reaches it; a server on all addresses is reached through the loopback one."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 compared, not bound
        return f"http://{self._bracketed(host)}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but this machine reaches it."""
        return _is_loopback(self.host)

    @staticmethod
    def _bracketed(host: str) -> str:
        return f"[{host}]" if ":" in host else host


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mails are handed in. `tls` is `implicit` (smtps), `starttls` or `none`; None as sender: by the address."""

    host: str
    port: int
    tls: str
    user: str | None = None
    password: str | None = None
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator decides. Each field is read from SCIM_ and its name in upper case."""

    database_url: str
    public_url: str
    secret_key: tuple[str, ...] | None
    log_level: str
    log_format: str
    email_scope: str
    max_body_bytes: int
    bulk_max_operations: int
    patch_max_operations: int
    patch_max_members: int
    workers: int | None
    threads: int | None
    worker: str
    database_pool: int | None
    events_bind: Bind | None
    schemas_dir: Path | None
    credential_cache: int
    cursor_timeout: int
    rate_limit: str | None
    tenant_rate_limit: str | None
    log_retention_days: int
    event_retention_days: int
    smtp_url: SmtpServer | None
    import_max_bytes: int
    trusted_proxies: Networks
    allowed_hosts: tuple[str, ...]
    certificate_header: str | None
    max_header_bytes: int
    egress_networks: Networks
    dns_servers: tuple[str, ...]
    search_seconds: int
    search_max_rows: int
    cell_urls: tuple[tuple[str, str], ...]
    replica_urls: tuple[tuple[str, str], ...]
    oidc_issuer: str | None
    oidc_client_id: str | None
    oidc_client_secret: str | None
    oidc_operators: tuple[str, ...]
    metrics_bind: Bind | None
    metrics_token: str | None
    metrics_dir: Path | None
    metrics_tenants: int

    @property
    def tells_metrics(self) -> bool:
        """Whether there is anywhere to read them."""
        return self.metrics_bind is not None or self.metrics_token is not None

    @property
    def passes_certificates(self) -> bool:
        """Whether there is a proxy that may pass certificates of clients on."""
        return bool(self.trusted_proxies) and self.certificate_header is not None


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: its default, what it wants in words, how it is read. A secret may come from a file."""

    default: Any
    wants: str
    read: Callable[[str], Any]
    secret: bool = False


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ValueError
        return int(text)

    return read


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError
        return text.lower()

    return read


def read_bind(text: str) -> Bind:
    """HOST:PORT, an IPv6 address in brackets. Raises ValueError."""
    found = _BIND.fullmatch(text)
    if not found or not 0 < int(found[3]) < 65_536:
        raise ValueError
    return Bind(found[1] or found[2], int(found[3]))


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    plain = parts.scheme == "http" and _is_loopback(parts.hostname or "")
    is_more = parts.query or parts.fragment or "@" in parts.netloc
    if not parts.hostname or parts.port == 0 or is_more or not (plain or parts.scheme == "https"):
        raise ValueError
    return iri_to_uri(text.rstrip("/"))  # as it stands in headers


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _database_url(text: str) -> str:
    """A password that is not encoded is refused: part of it would pass for a host or a port, which are no secrets."""
    if text.startswith("sqlite:///"):
        return text
    parts = urlsplit(text)
    if parts.scheme not in {"postgresql", "postgresql+psycopg"} or "@" in parts.netloc.partition("@")[2]:
        raise ValueError
    if parts.port == 0:
        raise ValueError
    return text


def _cell_urls(text: str) -> tuple[tuple[str, str], ...]:
    """Names with their URLs; two cells can be neither called nor kept alike."""
    pairs = [part.strip().partition("=") for part in text.split(";") if part.strip()]
    cells = {name.strip(): _database_url(url.strip()) for name, _, url in pairs}
    named = all(_CELL.fullmatch(name) and url.startswith("postgresql") for name, url in cells.items())
    if not named or not len(pairs) == len(cells) == len(set(cells.values())):
        raise ValueError
    return tuple(cells.items())


def _replica_urls(text: str) -> tuple[tuple[str, str], ...]:
    """URLs, each with the name of the cell that it follows; the first database has none."""
    replicas = []
    for part in (part.strip() for part in text.split(";") if part.strip()):
        cell, _, url = ("", "=", part) if part.startswith("postgresql") else part.partition("=")
        replicas.append((cell.strip(), _database_url(url.strip())))
    named = all((not cell or _CELL.fullmatch(cell)) and url.startswith("postgresql") for cell, url in replicas)
    if not named or len({url for _, url in replicas}) < len(replicas):
        raise ValueError
    return tuple(replicas)


def _secret_key(text: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(","))
    if any(len(key) < 32 for key in keys):
        raise ValueError
    return keys


def _smtp_server(text: str) -> SmtpServer:
    parts = urlsplit(text)
    options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    starttls = options.pop("starttls", "no" if _is_loopback(parts.hostname or "") else "yes")
    sender = options.pop("from", None)
    if parts.scheme not in SMTP_PORTS or not parts.hostname or parts.path not in {"", "/"} or parts.fragment:
        raise ValueError
    if options or starttls not in {"yes", "no"} or (sender is not None and not _MAILBOX.fullmatch(sender)):
        raise ValueError
    tls = "implicit" if parts.scheme == "smtps" else "starttls" if starttls == "yes" else "none"
    port = SMTP_PORTS[parts.scheme] if parts.port is None else parts.port
    user, password = (None if part is None else unquote(part) for part in (parts.username, parts.password))
    return SmtpServer(parts.hostname, port, tls, user, password, sender)


def _folder(text: str) -> Path:
    folder = Path(text)
    if not text or not folder.is_dir():
        raise ValueError
    return folder


def _networks(text: str) -> Networks:
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def _hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    if not all(_HOST.fullmatch(host) for host in hosts):
        raise ValueError
    return hosts


def _header_name(text: str) -> str | None:
    if text.lower() == "none":
        return None
    if not _HEADER_NAME.fullmatch(text):
        raise ValueError
    return text


def _issuer(text: str) -> str:
    parts = urlsplit(text)
    if (
        parts.scheme not in {"https", "http"}
        or not parts.hostname
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
    ):
        raise ValueError
    return text


def _credential(text: str) -> str:
    if not text or not text.isascii() or not text.isprintable():
        raise ValueError
    return text


def _long_credential(text: str) -> str:
    if len(text) < 32:
        raise ValueError
    return _credential(text)


def _mailboxes(text: str) -> tuple[str, ...]:
    mailboxes = tuple(part.strip() for part in text.split(",") if part.strip())
    if not all(_MAILBOX.fullmatch(mailbox) for mailbox in mailboxes):
        raise ValueError
    return mailboxes


def _dns_servers(text: str) -> tuple[str, ...]:
    servers = tuple(part.strip() for part in text.split(",") if part.strip())
    for server in servers:
        address, _, port = server.partition("#")
        ipaddress.ip_address(address)
        if port and not 0 < int(port) < 65_536:
            raise ValueError
    return servers


def _rate(text: str) -> str | None:
    if text.lower() == "none":
        return None
    found = _RATE.fullmatch(text)
    if found is None or int(found[1]) < LEAST_RATE * SECONDS[found[2]]:
        raise ValueError
    return text


_RATE_WANTED = (
    f"none, or a number of requests such as 50/second or 3000/minute, at least {LEAST_RATE} a second, "
    "counted in each process"
)

VARIABLES: Mapping[str, Variable] = {
    "database_url": Variable(
        "sqlite:///var/scim.db",
        "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME, the password percent-encoded; behind a pooler with "
        "?pooler=transaction, prepared or session at its end",
        _database_url,
        secret=True,
    ),
    "public_url": Variable(
        "http://127.0.0.1:8000",
        "the address clients use, https://HOST[/PATH]; plain http only for a loopback host",
        _public_url,
    ),
    "secret_key": Variable(
        None,
        "at least 32 characters that nobody can guess, the same in every process; while it is replaced, the new "
        "and the old one separated by a comma",
        _secret_key,
        secret=True,
    ),
    "log_level": Variable("info", f"one of {', '.join(LOG_LEVELS)}", _one_of(LOG_LEVELS)),
    "log_format": Variable(
        "json",
        "json (an object a line) or console (a line for people: moment, level, event, facts)",
        _one_of(LOG_FORMATS),
    ),
    "email_scope": Variable(
        "global",
        "global (an address belongs to one tenant) or tenant (each tenant has its own)",
        _one_of(EMAIL_SCOPES),
    ),
    "max_body_bytes": Variable(
        10_000_000, "a whole number of bytes from 1000 to 1000000000", _whole(1_000, 1_000_000_000)
    ),
    "bulk_max_operations": Variable(
        1000, "a whole number of operations in one bulk from 1 to 100000", _whole(1, 100_000)
    ),
    "patch_max_operations": Variable(
        1000, "a whole number of operations in one PATCH from 1 to 100000", _whole(1, 100_000)
    ),
    "patch_max_members": Variable(
        10_000, "a whole number of members named in one PATCH from 1 to 1000000", _whole(1, 1_000_000)
    ),
    "workers": Variable(
        None,
        f"a whole number of processes from 1 to {MOST_WORKERS} that `serve` begins; without it one for each core "
        "that it may use, 8 at most, and one on SQLite",
        _whole(1, MOST_WORKERS),
    ),
    "threads": Variable(
        None,
        f"a whole number of requests from 1 to {MOST_THREADS} that each process handles at once; without it 4",
        _whole(1, MOST_THREADS),
    ),
    "worker": Variable(
        "on",
        "on, so that `serve` sends events by itself, or off, where `scim-server worker` does",
        _one_of(("on", "off")),
    ),
    "database_pool": Variable(
        None,
        "a whole number of connections per process from 1 to 100; without it one for each thread and 3 beside them",
        _whole(1, 100),
    ),
    "events_bind": Variable(
        None,
        "HOST:PORT, where `serve` begins a process for those who wait for events; without it none",
        read_bind,
    ),
    "schemas_dir": Variable(None, "a folder with schema and resource type documents", _folder),
    "credential_cache": Variable(5, "a whole number of seconds from 0 to 5", _whole(0, 5)),
    "cursor_timeout": Variable(3600, "a whole number of seconds from 60 to 86400", _whole(60, 86_400)),
    "rate_limit": Variable(None, f"what one connection, or OAuth client, may send: {_RATE_WANTED}", _rate),
    "tenant_rate_limit": Variable(None, f"what all of a tenant may send: {_RATE_WANTED}", _rate),
    "log_retention_days": Variable(
        30, "a whole number of days from 1 to 3650 that the provisioning log keeps a request", _whole(1, 3650)
    ),
    "event_retention_days": Variable(
        30, "a whole number of days from 1 to 3650 that events are kept for whoever reads them", _whole(1, 3650)
    ),
    "smtp_url": Variable(
        None,
        "smtp://USER:PASSWORD@HOST[:PORT][?from=ADDRESS&starttls=yes|no], or smtps:// for TLS from the first byte",
        _smtp_server,
        secret=True,
    ),
    "import_max_bytes": Variable(
        64_000_000,
        "a whole number of bytes from 1000 to 1000000000 that a file of people may have",
        _whole(1_000, 1_000_000_000),
    ),
    "trusted_proxies": Variable(
        (),
        "networks of the proxies in front of the server, such as 10.0.0.0/8,fd00::/8; what others forward is "
        "nobody's word",
        _networks,
    ),
    "allowed_hosts": Variable(
        (), "host names that requests may be sent to beside the public address's own, separated by commas", _hosts
    ),
    "certificate_header": Variable(
        "Client-Cert",
        "the header in which trusted proxies pass the client's certificate on as RFC 9440 has it, or none",
        _header_name,
    ),
    "max_header_bytes": Variable(
        32_768,
        "a whole number of bytes from 8192 to 1000000 that all headers of a request may have",
        _whole(8_192, 1_000_000),
    ),
    "egress_networks": Variable(
        (),
        "private networks, such as 10.20.0.0/16,fd12::/16, that the server may connect to itself for keys, proofs and "
        "webhooks",
        _networks,
    ),
    "dns_servers": Variable(
        (), "addresses of name servers, each ADDRESS or ADDRESS#PORT; without any, those of the machine", _dns_servers
    ),
    "search_seconds": Variable(5, "a whole number of seconds from 1 to 600 that a search may take", _whole(1, 600)),
    "search_max_rows": Variable(
        1_000_000,
        "a whole number from 1000 to 1000000000 of resources that a filter may read which no index serves",
        _whole(1_000, 1_000_000_000),
    ),
    "cell_urls": Variable(
        (),
        "NAME=postgresql://USER:PASSWORD@HOST/NAME with semicolons between, each another database that tenants can "
        "live in beside that of SCIM_DATABASE_URL, which is PostgreSQL then and called home",
        _cell_urls,
        secret=True,
    ),
    "replica_urls": Variable(
        (),
        "postgresql://USER:PASSWORD@HOST/NAME with semicolons between, each a replica of the database of "
        "SCIM_DATABASE_URL, or CELL=postgresql://... of one of SCIM_CELL_URLS",
        _replica_urls,
        secret=True,
    ),
    "oidc_issuer": Variable(
        None,
        "the issuer of the OpenID Connect provider that operators sign in to the console with, https://HOST[/PATH] as "
        "its metadata have it",
        _issuer,
    ),
    "oidc_client_id": Variable(None, "what that provider calls this server, in printable ASCII", _credential),
    "oidc_client_secret": Variable(
        None, "what this server proves itself to that provider with, in printable ASCII", _credential, secret=True
    ),
    "oidc_operators": Variable(
        (), "e-mail addresses, separated by commas, whose owners are operators where that provider vouches", _mailboxes
    ),
    "metrics_bind": Variable(
        None,
        "HOST:PORT at which metrics are read, apart from everything else; another host than this machine only together "
        "with SCIM_METRICS_TOKEN",
        read_bind,
    ),
    "metrics_token": Variable(
        None,
        "at least 32 characters in printable ASCII that whoever reads metrics shows as a bearer token; with it they "
        "are at /metrics of the public address as well",
        _long_credential,
        secret=True,
    ),
    "metrics_dir": Variable(
        None,
        "a folder of this server alone in which its processes keep their metrics; without one `serve` makes its own",
        _folder,
    ),
    "metrics_tenants": Variable(
        0,
        f"a whole number from 0 to {MOST_TENANTS_TOLD} of tenants, those with the most seats, that metrics tell apart",
        _whole(0, MOST_TENANTS_TOLD),
    ),
}
TOGETHER = ("oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_operators")
"""All of them are set, or none."""


def load_settings() -> Settings:
    """The settings of this process. Raises BadSettings naming the first variable that cannot be used."""
    _refuse_unknown(os.environ)
    env = FileAwareEnv(strip_whitespace=True)
    values = {field.name: _value(env, field.name) for field in fields(Settings)}
    missing = [variable_name(name) for name in TOGETHER if not values[name]]
    if 0 < len(missing) < len(TOGETHER):
        raise BadSettings(f"{missing[0]} is not set: operators sign in with a provider where all four SCIM_OIDC_* are.")
    bind = values["metrics_bind"]
    if bind is not None and not bind.is_loopback and values["metrics_token"] is None:
        raise BadSettings(
            f"SCIM_METRICS_BIND is {bind}, which others than this machine reach: set SCIM_METRICS_TOKEN as well."
        )
    return Settings(**values)


def variable_name(field: str) -> str:
    """The environment's name of a setting."""
    return f"SCIM_{field.upper()}"


def _value(env: FileAwareEnv, field: str) -> Any:
    variable = VARIABLES[field]
    name = variable_name(field)
    file = f"{name}_FILE"
    if name in os.environ and file in os.environ:
        raise BadSettings(f"{name} and {file} are both set. Keep one of them.")
    try:
        text = env.str(name, default=None)
    except (ValueError, EnvValidationError) as error:
        raise BadSettings(f"{file} must be the path of a file that can be read as text.") from error
    try:
        return variable.default if text is None else variable.read(text)
    except ValueError as error:
        raise BadSettings(f"{name} cannot be used: it wants {variable.wants}.") from error


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {variable_name(field) for field in VARIABLES}
    known |= {f"{variable_name(field)}_FILE" for field, variable in VARIABLES.items() if variable.secret}
    for name in sorted(environ):
        if name.startswith("SCIM_") and name not in known and not name.startswith(OF_OTHERS):
            raise BadSettings(f"{name} is not a setting of this server. Known settings: {', '.join(sorted(known))}.")
