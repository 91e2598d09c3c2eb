"""`python -m tests.crowds`: SCIM_TEST_CROWD operations (10,000) by 16 clients on each database; 1: a fault."""

import os
import sys
from collections.abc import Iterator

from tests import databases
from tests.crowds.runs import CLIENTS, PROCESSES, Report, run
from tests.worlds import build

OPERATIONS = int(os.environ.get("SCIM_TEST_CROWD", "10000"))


def main() -> int:
    """Run on SQLite, then on PostgreSQL; print what was answered."""
    faulty = False
    for kind, url in _databases():
        world = build(url)
        report = run(world, url, OPERATIONS)
        world.installation.database.dispose()
        sys.stdout.write("\n".join(lines(kind, report)) + "\n")
        sys.stdout.flush()
        faulty = faulty or bool(report.wrong or report.unexpected)
    return 1 if faulty else 0


def lines(kind: str, report: Report) -> Iterator[str]:
    """The report, for people."""
    total = report.answers.total()
    yield (
        f"{kind}: {total} operations by {CLIENTS} clients in {PROCESSES} processes, {report.seconds:.0f} s "
        f"({total / report.seconds:.0f}/s), {report.looks} looks at every subscription meanwhile"
    )
    yield f"  answers: {', '.join(f'{status} {times}' for status, times in report.by_status.items())}"
    done: dict[str, list[str]] = {}
    for (what, status), times in sorted(report.answers.items()):
        done.setdefault(what, []).append(f"{status} {times}")
    yield from (f"  {what}: {', '.join(answers)}" for what, answers in done.items())
    for (what, status), times in report.unexpected.items():
        yield f"  NOT EXPECTED: {what} answered {status}, {times} times"
    yield from (f"  WRONG: {each}" for each in report.wrong)
    if not report.wrong and not report.unexpected:
        yield "  never oversold, no seat leaked, the ledger in order, events and audit trail whole"


def _databases() -> Iterator[tuple[str, str]]:
    with databases.scratch_folder() as folder:
        yield "sqlite", databases.sqlite_databases(folder)()
    with databases.postgresql_databases() as fresh:
        yield "postgresql", fresh()


if __name__ == "__main__":
    sys.exit(main())
