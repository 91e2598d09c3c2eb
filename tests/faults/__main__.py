"""`python -m tests.faults [--named] [--summary] [--jobs N] [NAME ...]`: which checks catch which fault, as a table.

Runs the whole suite of scim-conformance against the server with each fault in it, half a minute a fault; with
`--named` only the checks that must catch it. A NAME is a fault's or an area's. Exit code 1: a fault was not caught.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from scim_conformance.checks import all_checks

from tests import databases
from tests.faults.catalogue import Fault, all_faults
from tests.faults.laboratories import examine, laboratory, not_held

SHOWN = 3
"""Checks of a fault that the table names; it counts the others."""


@dataclass(frozen=True)
class Finding:
    """What became of a fault: the checks that tell of it, and those that must and do not."""

    fault: Fault
    caught_by: list[str]

    @property
    def missed(self) -> list[str]:
        return sorted({*self.fault.caught_by} - {*self.caught_by})


def main() -> int:
    """Run the command; its exit code."""
    options = _parser().parse_args()
    chosen = [fault for fault in all_faults() if not options.names or _named(fault, options.names)]
    findings = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for finding in pool.map(partial(find, named=options.named), [fault.name for fault in chosen]):
            findings.append(finding)
            print(f"{len(findings)}/{len(chosen)} {finding.fault.name}", file=sys.stderr)  # noqa: T201
    lines = summary(findings) if options.summary else table(findings)
    print("\n".join(lines))  # noqa: T201
    unsound = [finding for finding in findings if finding.missed]
    for finding in unsound:
        print(f"{finding.fault.name} is not caught by {', '.join(finding.missed)}", file=sys.stderr)  # noqa: T201
    return 1 if unsound else 0


def find(name: str, *, named: bool) -> Finding:
    """Plant the fault of that name in an installation of its own, and run the suite or the checks it names."""
    fault = next(each for each in all_faults() if each.name == name)
    checks = [check for check in all_checks() if not named or check.id in fault.caught_by]
    with _database(fault.databases[0]) as url, laboratory(url) as world:
        return Finding(fault, not_held(examine(world, checks, fault.profile, fault)))


def table(findings: Iterable[Finding]) -> Iterator[str]:
    """Markdown: a line per fault."""
    yield from ("| Fault | The server then | Caught by |", "|---|---|---|")
    for finding in findings:
        first = [*sorted(finding.fault.caught_by), *sorted({*finding.caught_by} - {*finding.fault.caught_by})]
        told = [check_id for check_id in first if check_id in finding.caught_by]
        more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
        yield f"| {finding.fault.name} | {finding.fault.says} | {', '.join(told[:SHOWN]) or '**nothing**'}{more} |"


def summary(findings: Iterable[Finding]) -> Iterator[str]:
    """Markdown: a line per area, with the number of faults, of those caught, and of the checks that told."""
    areas: dict[str, list[Finding]] = {}
    for finding in findings:
        areas.setdefault(finding.fault.name.partition(".")[0], []).append(finding)
    yield from ("| Area | Faults | Caught | By checks | For example |", "|---|---:|---:|---:|---|")
    everything = [finding for found in areas.values() for finding in found]
    for area, found in [*areas.items(), ("**all**", everything)]:
        caught = [finding for finding in found if finding.caught_by]
        told = {check_id for finding in found for check_id in finding.caught_by}
        example = "" if found is everything else found[0].fault.says
        yield f"| {area} | {len(found)} | {len(caught)} | {len(told)} | {example} |"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.faults", description="Which checks catch which fault.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="faults or areas; all of them without one")
    parser.add_argument("--named", action="store_true", help="run only the checks that must catch the fault")
    parser.add_argument("--summary", action="store_true", help="print a line per area, not per fault")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="faults at a time")
    return parser


def _named(fault: Fault, names: Iterable[str]) -> bool:
    return any(fault.name == name or fault.name.startswith(f"{name}.") for name in names)


@contextmanager
def _database(kind: str) -> Iterator[str]:
    with TemporaryDirectory() as folder:
        if kind == "sqlite":
            yield databases.sqlite_databases(Path(folder))()
            return
        with databases.postgresql_databases() as fresh:
            yield fresh()


if __name__ == "__main__":
    sys.exit(main())
