"""Checks of other people's conformance checkers that are known not to succeed, by name and with the reason.

The table is strict both ways: a check that is not listed must succeed, and a listed one that succeeds must be
struck from the list.
"""

from collections.abc import Collection, Mapping

Shortfalls = Mapping[str, str]
"""The exact name of a check, and why it does not succeed."""


def differences(checks: Collection[str], others: Mapping[str, str], listed: Shortfalls) -> list[str]:
    """One line for each check that went otherwise than listed.

    `checks` are all that ran; `others`, those that did not succeed, with what the checker had to say.
    """
    unlisted = [f"{name}: {outcome}" for name, outcome in others.items() if name not in listed]
    outlived = [f"{name}: is listed, but succeeds" for name in listed if name in checks and name not in others]
    unknown = [f"{name}: is listed, but there is no such check" for name in listed if name not in checks]
    return [*unlisted, *outlived, *unknown]
