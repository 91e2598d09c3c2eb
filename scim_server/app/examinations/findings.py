"""A finding about an installation: how bad it is, what was found in a sentence, and what to do about it."""

from dataclasses import dataclass

from scim_server.services.findings import Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` names the kind for programs and stays the same; `cure` is empty where nothing is to be done."""

    code: str
    verdict: Verdict
    says: str
    cure: str = ""


def good(code: str, says: str) -> Finding:
    """What is as it should be."""
    return Finding(code, Verdict.GOOD, says)


def warning(code: str, says: str, cure: str) -> Finding:
    """What somebody should look at, and what works all the same."""
    return Finding(code, Verdict.WARNING, says, cure)


def bad(code: str, says: str, cure: str) -> Finding:
    """What is wrong."""
    return Finding(code, Verdict.BAD, says, cure)
