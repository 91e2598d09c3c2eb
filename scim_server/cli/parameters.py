"""Kinds of values on the command line."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click

from scim_server.config import BIND
from scim_server.domain.instants import Instant, instant

UNITS = {"d": "days", "h": "hours", "m": "minutes"}
LIFE = re.compile(r"(\d{1,7})([dhm])")
LONGEST_LIFE = timedelta(days=3650)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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

    @staticmethod
    def _bracketed(host: str) -> str:
        return f"[{host}]" if ":" in host else host


def bind(text: str) -> Bind:
    """HOST:PORT, an IPv6 address in brackets."""
    found = BIND.fullmatch(text)
    if not found or not 0 < int(found[3]) < 65536:
        raise click.BadParameter(f"'{text}' is no address to listen at: write HOST:PORT, for example 127.0.0.1:8000.")
    return Bind(found[1] or found[2], int(found[3]))


def life(text: str) -> timedelta:
    """A number of days, hours or minutes: 365d, 12h, 30m."""
    found = LIFE.fullmatch(text)
    span = timedelta(**{UNITS[found[2]]: int(found[1])}) if found else timedelta(0)
    if not timedelta(0) < span <= LONGEST_LIFE:
        raise click.BadParameter(f"'{text}' is no life of a token: write 365d, 12h or 30m, at most 3650d.")
    return span


def moment(text: str) -> Instant:
    """A date, a date and time (UTC where no zone is named), or so long ago: 2026-11-30, 2026-11-30T08:15, 7d, 12h."""
    found = LIFE.fullmatch(text)
    try:
        if found:
            chosen = datetime.now(UTC) - timedelta(**{UNITS[found[2]]: int(found[1])})
        else:
            named = datetime.fromisoformat(text)
            chosen = named if named.tzinfo else named.replace(tzinfo=UTC)
        return instant(max(chosen, EPOCH))
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(
            f"'{text}' is no moment: write 2026-11-30, 2026-11-30T08:15, 7d, 12h or 30m."
        ) from error


def tenant(text: str) -> str:
    """TENANT: a slug, with nothing behind it."""
    if not text or "/" in text:
        raise click.BadParameter(f"'{text}' names no tenant: with --user or --api write TENANT alone, say acme.")
    return text


def address(text: str) -> tuple[str, str]:
    """TENANT/CONNECTION: the slug of a tenant and the name of one of its connections."""
    tenant, _, connection = text.partition("/")
    if not tenant or not connection:
        raise click.BadParameter(f"'{text}' names no connection: write TENANT/CONNECTION, for example acme/okta.")
    return tenant, connection
