"""Kinds of values on the command line, and options that belong together."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from scim_server.config import Bind, read_bind
from scim_server.domain.instants import Instant, instant

F = TypeVar("F", bound=Callable[..., Any])
UNITS = {"d": "days", "h": "hours", "m": "minutes"}
LIFE = re.compile(r"(\d{1,7})([dhm])")
LONGEST_LIFE = timedelta(days=3650)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def together(*parameters: Callable[[F], F]) -> Callable[[F], F]:
    """One decorator for several options and arguments, in that order."""

    def decorate(command: F) -> F:
        for parameter in reversed(parameters):
            command = parameter(command)
        return command

    return decorate


def bind(text: str) -> Bind:
    """HOST:PORT, an IPv6 address in brackets."""
    try:
        return read_bind(text)
    except ValueError:
        raise click.BadParameter(
            f"'{text}' is no address to listen at: write HOST:PORT, for example 127.0.0.1:8000."
        ) from None


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
