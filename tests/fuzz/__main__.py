"""`python -m tests.fuzz`: so many inputs through the whole application; 1: a fault. See README.md beside this file."""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests import databases
from tests.fuzz.families import FAMILIES
from tests.fuzz.grounds import laid_out
from tests.fuzz.journals import Journal
from tests.fuzz.runs import PIECE, Order, run_piece

USUAL = int(os.environ.get("SCIM_TEST_FUZZ", "20000"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the pieces that the journal does not have yet, and print what came of all of them."""
    options = _options().parse_args(arguments)
    families = tuple(options.only.split(",")) if options.only else tuple(FAMILIES)
    if unknown := set(families) - set(FAMILIES):
        sys.stderr.write(f"There is no family {', '.join(sorted(unknown))}; there are {', '.join(FAMILIES)}.\n")
        return 2
    order = Order(options.seed, options.database, families)
    journal = Journal(order, options.journal)
    if options.processes > 1:
        _share_out(options, journal)
    else:
        _run(order, journal, _pieces(options))
    report = journal.report()
    sys.stdout.write("\n".join(report.lines()) + "\n")
    return 1 if report.faults else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=USUAL, help="how many; SCIM_TEST_FUZZ (20,000) if left out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=databases.KINDS, default="sqlite")
    parser.add_argument("--only", help=f"families, with commas: {', '.join(FAMILIES)}")
    parser.add_argument("--piece", type=int, help="only this piece, as a fault names it")
    parser.add_argument("--journal", type=Path, help="a file with what was done: run again, it goes on from there")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--share", default="0/1", help=argparse.SUPPRESS)
    return parser


def _pieces(options: argparse.Namespace) -> list[tuple[int, int]]:
    """The numbers of the pieces to be run, each with how many inputs it has."""
    number, of = map(int, options.share.split("/"))
    if options.piece is not None:
        return [(options.piece, PIECE)]
    starts = range(0, options.inputs, PIECE)
    return [(piece, min(PIECE, options.inputs - start)) for piece, start in enumerate(starts)][number::of]


def _run(order: Order, journal: Journal, pieces: Sequence[tuple[int, int]]) -> None:
    left = [(piece, inputs) for piece, inputs in pieces if piece not in journal]
    if not left:
        return
    with laid_out(order.database) as ground:
        for piece, inputs in left:
            journal.add(run_piece(order, piece, ground, inputs))


def _share_out(options: argparse.Namespace, journal: Journal) -> None:
    """The same in several processes, over one cluster where it is PostgreSQL; they share the journal."""
    given = ["--inputs", str(options.inputs), "--seed", str(options.seed), "--database", options.database]
    given += ["--journal", str(journal.path), *(["--only", options.only] if options.only else [])]
    shares = [f"{number}/{options.processes}" for number in range(options.processes)]
    with databases.shared_cluster(options.database) as environment:
        for process in [_started([*given, "--share", share], environment) for share in shares]:
            process.wait()


def _started(arguments: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.fuzz", *arguments]
    return subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
