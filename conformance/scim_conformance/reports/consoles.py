"""A run on the console: a line per check under its section, the exchange below a failure, a table at the end."""

import re
from collections.abc import Iterable, Sequence

from scim_conformance.checks import Check
from scim_conformance.clients import Exchange
from scim_conformance.running import Outcome, Report, Result
from scim_conformance.sections import SECTIONS, name_of

WORDS = {Outcome.PASSED: "pass", Outcome.FAILED: "FAIL", Outcome.WARNED: "warn", Outcome.SKIPPED: "skip"}
_LONGEST_BODY = 1_500
_UNPRINTABLE = re.compile(r"[^\t\u0020-\u007e\u00a0-\ud7ff\ue000-\U0010ffff]")


class Console:
    """Prints results as they come."""

    def __init__(self) -> None:
        self._section: str | None = None

    def show(self, result: Result) -> None:
        """One line; below it why the check was skipped, or what went wrong and in which exchange."""
        self.head(result.check)
        print(f"  {WORDS[result.outcome]:4} {result.check.id:44} {result.check.level:6} {result.check.requirement}")
        if result.outcome is Outcome.SKIPPED:
            print(f"         skipped: {result.message}")
        elif result.outcome is not Outcome.PASSED:
            print(f"         {printable(result.message)}")
            for line in described(result.exchanges[-1:]):
                print(f"         | {printable(line)}")

    def announce(self, check: Check, reason: str | None) -> None:
        """The line of a dry run."""
        self.head(check)
        print(f"  {'skip' if reason else 'run':4} {check.id:44} {check.level:6} {check.requirement}")
        if reason:
            print(f"         skipped: {reason}")

    def head(self, check: Check) -> None:
        """The heading of the check's section, unless it stands already."""
        if check.section != self._section:
            self._section = check.section
            print(f"\n{check.section}  {name_of(check.section)}")


def described(exchanges: Iterable[Exchange]) -> list[str]:
    """Exchanges as lines: request, answer, bodies cut."""
    lines: list[str] = []
    for exchange in exchanges:
        lines.append(f"{exchange.method} {_shortened(exchange.path)}")
        lines += [f"{name}: {value}" for name, value in exchange.headers.items()]
        lines += _body(exchange.body)
        if exchange.status is None:
            lines.append(f"-> {exchange.answer}")
            continue
        lines.append(f"-> {exchange.status} in {exchange.milliseconds:.0f} ms")
        shown = ("content-type", "location", "etag", "allow", "www-authenticate")
        lines += [f"   {name}: {value}" for name, value in exchange.answer_headers.items() if name.lower() in shown]
        lines += [f"   {line}" for line in _body(exchange.answer)]
    return lines


def printable(text: str) -> str:
    """A text that cannot steer a terminal, whatever a server answered: control characters are written out."""
    return _UNPRINTABLE.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def print_summary(report: Report) -> None:
    """A row per section, the totals, and what is left behind."""
    print(f"\n{'section':16}{'passed':>8}{'failed':>8}{'warned':>8}{'skipped':>9}  title")
    for section in report.sections:
        print(f"{section:16}{_counts(report, section)}  {SECTIONS[section]}")
    print(f"{'total':16}{_counts(report, None)}")
    print(f"{len(report.results)} checks in {report.seconds:.1f} s")
    for sentence in report.left_behind:
        print(f"left behind: {printable(sentence)}")
    if report.interrupted:
        print("interrupted: the checks that are missing did not run")


def print_checks(checks: Sequence[Check]) -> None:
    """The suite: id, level, requirement, what each check covers."""
    console = Console()
    for check in checks:
        console.head(check)
        print(f"  {check.id:44} {check.level:6} {check.requirement}")
        if check.covers:
            print(f"    covers {', '.join(check.covers)}")


def print_sections(checks: Sequence[Check]) -> None:
    """A table in Markdown: checks by section and level."""
    print("| Section | Title | Checks | must | should | may |")
    print("|---|---|---:|---:|---:|---:|")
    for section in dict.fromkeys(check.section for check in checks):
        print(f"| {section} | {SECTIONS[section]} | {_levels([c for c in checks if c.section == section])} |")
    print(f"| | **all** | {_levels(checks)} |")


def _levels(checks: Sequence[Check]) -> str:
    numbers = [sum(check.level == level for check in checks) for level in ("must", "should", "may")]
    return " | ".join(map(str, [len(checks), *numbers]))


def _counts(report: Report, section: str | None) -> str:
    columns = ((Outcome.PASSED, 8), (Outcome.FAILED, 8), (Outcome.WARNED, 8), (Outcome.SKIPPED, 9))
    return "".join(f"{report.count(outcome, section):>{width}}" for outcome, width in columns)


def _body(text: str) -> list[str]:
    return _shortened(text).splitlines()


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_BODY else f"{text[:_LONGEST_BODY]}..."
