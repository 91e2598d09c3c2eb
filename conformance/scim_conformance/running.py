"""Running checks: in order, each on its own, with what it made removed whatever happens."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from scim_conformance.checks import Check, Level
from scim_conformance.clients import Client, Exchange
from scim_conformance.fixtures import Probe, Remains
from scim_conformance.servers import Server
from scim_conformance.verdicts import CheckFailed, CheckSkipped


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Result:
    """What became of a check. `message` says why it failed or was skipped; `exchanges` are all that it had."""

    check: Check
    outcome: Outcome
    message: str = ""
    exchanges: tuple[Exchange, ...] = ()
    milliseconds: float = 0.0


@dataclass
class Report:
    """One run. `left_behind` tells what could not be removed; `interrupted` that checks are missing."""

    url: str
    strict: bool = False
    results: list[Result] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)
    interrupted: bool = False
    seconds: float = 0.0

    def count(self, outcome: Outcome, section: str | None = None) -> int:
        """How many checks, of one section or of all, ended so."""
        return sum(result.outcome is outcome and section in (None, result.check.section) for result in self.results)

    @property
    def sections(self) -> list[str]:
        """The sections that have results, in their order."""
        return list(dict.fromkeys(result.check.section for result in self.results))


OnResult = Callable[[Result], None]


def run_checks(
    checks: Sequence[Check],
    client: Client,
    server: Server,
    *,
    strict: bool = False,
    on_result: OnResult | None = None,
) -> Report:
    """Run checks one after another. An interruption (Ctrl-C) ends the run, not the cleaning up."""
    report = Report(url=str(client.http.base_url).rstrip("/"), strict=strict)
    remains = Remains(client)
    probe = Probe(client, server, remains)
    started = time.perf_counter()
    try:
        for check in checks:
            result = _run(check, probe, strict)
            report.results.append(result)
            if on_result:
                on_result(result)
            remains.remove()
    except KeyboardInterrupt:
        report.interrupted = True
    finally:
        with suppress(KeyboardInterrupt):
            remains.remove(everything=True)
        report.left_behind = remains.left
        report.seconds = time.perf_counter() - started
    return report


def why_skipped(check: Check, server: Server) -> str | None:
    """The first reason why a check does not apply to a server, or None if it does."""
    reasons: Iterable[str | None] = (server.lacks(need) for need in check.needs)
    return next((reason for reason in reasons if reason), None)


def _run(check: Check, probe: Probe, strict: bool) -> Result:
    reason = why_skipped(check, probe.server)
    if reason:
        return Result(check, Outcome.SKIPPED, reason)
    probe.client.exchanges.clear()
    started = time.perf_counter()
    outcome, message = _judge(check, probe, strict)
    took = (time.perf_counter() - started) * 1000
    return Result(check, outcome, message, tuple(probe.client.exchanges), took)


def _judge(check: Check, probe: Probe, strict: bool) -> tuple[Outcome, str]:
    """An answer that a check cannot even read (a missing member, another type) fails it as much as a wrong one."""
    try:
        check.run(probe)
    except CheckSkipped as skipped:
        return Outcome.SKIPPED, str(skipped)
    except CheckFailed as failure:
        return _failure(check, strict), str(failure)
    except Exception as error:
        return _failure(check, strict), f"the answer is not of the expected form: {type(error).__name__}: {error}"
    return Outcome.PASSED, ""


def _failure(check: Check, strict: bool) -> Outcome:
    counts = check.level is Level.MUST or (strict and check.level is Level.SHOULD)
    return Outcome.FAILED if counts else Outcome.WARNED
