"""Settings that are risky, or contradict each other. Those that cannot be used at all are refused as they are read."""

import ipaddress
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from scim_server.app.capacities import BACKGROUND, threads, workers
from scim_server.app.examinations.findings import Finding, bad, good, warning
from scim_server.config import SECONDS, VARIABLES, Settings

OTHERS_MAY_READ = stat.S_IRWXG | stat.S_IRWXO
RESEAL = "Run `scim-server secrets reseal` while all servers have both keys, then leave the old one out."
OWN = tuple(map(ipaddress.ip_network, ("127.0.0.0/8", "::1/128", "169.254.0.0/16", "fe80::/10")))
"""Loopback, and link-local, where clouds hand out the credentials of a machine to whoever asks from it."""


def examine_settings(settings: Settings, secret_files: Mapping[str, Path]) -> Iterator[Finding]:
    """`secret_files` are those that variables ending in _FILE name, by variable."""
    found = [finding for look in _LOOKS for finding in look(settings)]
    found += [finding for name, path in secret_files.items() for finding in _file(name, path)]
    yield from found or [good("settings", "No setting is risky or contradicts another.")]


def is_exposed(settings: Settings) -> bool:
    """Whether the server is meant for others than this machine."""
    return settings.public_url.startswith("https://")


def _secret_key(settings: Settings) -> Iterator[Finding]:
    if settings.secret_key is None:
        tell = bad if is_exposed(settings) else warning
        yield tell(
            "secret_key_missing",
            "SCIM_SECRET_KEY is not set: signing keys, keys of people and links in mails lie in the database in clear.",
            "Set it to at least 32 characters that nobody can guess, and run `scim-server secrets reseal`.",
        )
    elif len(settings.secret_key) > 1:
        yield warning("secret_key_old", "SCIM_SECRET_KEY still has an old key beside the new one.", RESEAL)


def _public_url(settings: Settings) -> Iterator[Finding]:
    if not is_exposed(settings):
        yield warning(
            "public_url_local",
            f"Clients are told that this server is at {settings.public_url}, which only this machine reaches.",
            "Set SCIM_PUBLIC_URL to the https address of the proxy in front, unless this is a trial.",
        )


def _proxies(settings: Settings) -> Iterator[Finding]:
    if any(network.prefixlen == 0 for network in settings.trusted_proxies):
        yield bad(
            "proxies_everybody",
            "SCIM_TRUSTED_PROXIES trusts every address: any client may write where it comes from and who it is.",
            "Name the networks of the proxies in front alone.",
        )
    if is_exposed(settings) and not settings.trusted_proxies:
        yield warning(
            "proxies_unknown",
            "SCIM_TRUSTED_PROXIES is empty, though TLS ends in front of this server: the log and the networks that "
            "connections are held to see the proxy's address in place of the client's.",
            "Name the networks of the proxies in front.",
        )
    header = settings.certificate_header
    if header not in {None, VARIABLES["certificate_header"].default} and not settings.trusted_proxies:
        yield warning(
            "certificate_header_unused",
            f"SCIM_CERTIFICATE_HEADER is {header}, but no proxy is trusted to pass certificates on.",
            "Set SCIM_TRUSTED_PROXIES, or leave the header out.",
        )


def _egress(settings: Settings) -> Iterator[Finding]:
    wide = [str(each) for each in settings.egress_networks if each.prefixlen == 0]
    if wide:
        yield bad(
            "egress_everywhere",
            f"SCIM_EGRESS_NETWORKS allows {', '.join(wide)}: whoever names an address makes this server ask it, "
            "inside your network as well.",
            "Name the few networks that keys and receivers are in.",
        )
    risky = [str(each) for each in settings.egress_networks if each.prefixlen and _reaches_this_machine(each)]
    if risky:
        yield warning(
            "egress_local",
            f"SCIM_EGRESS_NETWORKS allows {', '.join(risky)}: services of this machine and, in a cloud, its "
            "credentials can be asked through this server.",
            "Leave it out unless a trial needs it.",
        )


def _reaches_this_machine(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    own = (of for of in OWN if of.version == network.version)
    return any(of.network_address in network or network.network_address in of for of in own)


def _processes(settings: Settings) -> Iterator[Finding]:
    if settings.database_url.startswith("sqlite") and workers(settings) > 1:
        yield warning(
            "sqlite_workers",
            f"SCIM_WORKERS is {workers(settings)} over SQLite, whose writers take turns: more processes write less.",
            "Leave it out, or change to PostgreSQL.",
        )
    wanted = threads(settings) + BACKGROUND
    if settings.database_pool is not None and settings.database_pool < wanted:
        yield warning(
            "pool_small",
            f"SCIM_DATABASE_POOL is {settings.database_pool}, but a process works in {wanted} threads at once: "
            "in a moment of need it opens more and closes them again.",
            f"Leave it out, or set it to {wanted}.",
        )


def _rates(settings: Settings) -> Iterator[Finding]:
    one, all_of_them = map(_a_second, (settings.rate_limit, settings.tenant_rate_limit))
    if one and all_of_them and one > all_of_them:
        yield warning(
            "rates_crossed",
            f"SCIM_RATE_LIMIT ({settings.rate_limit}) lets one connection send more than SCIM_TENANT_RATE_LIMIT "
            f"({settings.tenant_rate_limit}) lets all of its tenant.",
            "Make the limit of the tenant the larger one.",
        )


def _a_second(rate: str | None) -> float | None:
    count, _, unit = (rate or "").partition("/")
    return int(count) / SECONDS[unit] if rate else None


def _mail(settings: Settings) -> Iterator[Finding]:
    server = settings.smtp_url
    if server is not None and server.tls == "none" and not _is_here(server.host):
        yield warning(
            "mail_in_clear",
            f"Mails go to {server.host} without TLS, with the links and the password that are in them.",
            "Leave starttls=no out of SCIM_SMTP_URL, or use smtps://.",
        )


def _operators(settings: Settings) -> Iterator[Finding]:
    issuer = urlsplit(settings.oidc_issuer or "")
    if issuer.scheme == "http" and not _is_here(issuer.hostname or ""):
        yield bad(
            "issuer_in_clear",
            f"SCIM_OIDC_ISSUER is {settings.oidc_issuer}: whoever is on the way can vouch for an operator.",
            "Use the https address of the provider.",
        )


def _log_level(settings: Settings) -> Iterator[Finding]:
    if settings.log_level == "debug" and is_exposed(settings):
        yield warning("log_debug", "SCIM_LOG_LEVEL is debug, which fills disks.", "Set it to info.")


def _database_path(settings: Settings) -> Iterator[Finding]:
    path = settings.database_url.partition("sqlite:///")[2]
    if path and not Path(path).is_absolute() and is_exposed(settings):
        yield warning(
            "database_relative",
            f"SCIM_DATABASE_URL names the file {path} by where a process begins: one begun elsewhere has another.",
            f"Name it in full: sqlite:///{Path(path.partition('?')[0]).absolute()}",
        )


def _file(variable: str, path: Path) -> Iterator[Finding]:
    mode = path.stat().st_mode
    if mode & OTHERS_MAY_READ:
        yield warning(
            "secret_file_open",
            f"{path}, which {variable} names, can be read or written by others ({stat.filemode(mode)}).",
            f"Run `chmod 600 {path}`.",
        )


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_LOOKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _secret_key,
    _public_url,
    _proxies,
    _egress,
    _processes,
    _rates,
    _mail,
    _operators,
    _log_level,
    _database_path,
)
