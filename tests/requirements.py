"""Which requirement of the standards is shown to hold by which test or conformance check.

`python -m tests.requirements` prints the table: id, level (M must, S should, O optional, P policy, C corner case),
what covers it, or why nothing does. A test names what it covers by `@pytest.mark.covers(...)` or in its docstring, a
conformance check by its `covers`. `--missing` prints the uncovered alone, `--summary` counts.
"""

import argparse
import ast
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent
REQUIREMENTS = TESTS / "data" / "requirements.json"
NOT_COVERED = TESTS / "data" / "not_covered.json"
ID = re.compile(r"\b(?:R-(?:[A-Z]+|\d+)-[\d.]+-\d{2}|C-\d{2,3})\b")
SHORT = re.compile(r"(\bR-[\w.-]+-)\d{2}(?:(?:,| and) (\d{2}))+")
"""`R-7644-3.14-03 and 04` in a docstring names two."""
BINDING = ("M", "S")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row of the standards, in our words."""

    id: str
    level: str
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement with what covers it, or why nothing does ("" where nobody said)."""

    requirement: Requirement
    covered_by: tuple[str, ...]
    reason: str

    @property
    def is_open(self) -> bool:
        """Whether the requirement is neither covered nor explained."""
        return not self.covered_by and not self.reason


def table() -> list[Row]:
    """Every requirement in the order of the standards."""
    reasons: Mapping[str, str] = json.loads(NOT_COVERED.read_text(encoding="utf-8"))
    covers: dict[str, list[str]] = {}
    for place, identifier in (*_by_tests(), *_by_checks()):
        covers.setdefault(identifier, []).append(place)
    return [
        Row(each, tuple(dict.fromkeys(covers.get(each.id, ()))), reasons.get(each.id, "")) for each in requirements()
    ]


def requirements() -> list[Requirement]:
    """Every requirement, in order."""
    return [Requirement(**row) for row in json.loads(REQUIREMENTS.read_text(encoding="utf-8"))]


def named() -> set[str]:
    """Every id that a test or check names."""
    return {identifier for _, identifier in (*_by_tests(), *_by_checks())}


@cache
def _by_tests() -> list[tuple[str, str]]:
    return list(_covers())


def _covers() -> Iterator[tuple[str, str]]:
    for path in sorted(TESTS.rglob("test_*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                place = f"{path.relative_to(TESTS.parent)}::{node.name}"
                yield from ((place, identifier) for identifier in _ids_of(node))


def _ids_of(test: ast.FunctionDef) -> list[str]:
    marks = [node for node in test.decorator_list if isinstance(node, ast.Call) and "covers" in ast.unparse(node.func)]
    texts = [str(each.value) for mark in marks for each in ast.walk(mark) if isinstance(each, ast.Constant)]
    docstring = ast.get_docstring(test) or ""
    texts += [docstring, *(found[1] + number for found in SHORT.finditer(docstring) for number in _numbers(found[0]))]
    return [identifier for text in texts for identifier in ID.findall(text)]


def _numbers(text: str) -> list[str]:
    return re.findall(r"(?:,| and) (\d{2})", text)


def _by_checks() -> Iterator[tuple[str, str]]:
    from scim_conformance.checks import all_checks

    for check in all_checks():
        yield from ((f"scim-conformance {check.id}", identifier) for identifier in check.covers)


def _line(row: Row) -> str:
    start = f"{row.requirement.id:20} {row.requirement.level}  "
    if not row.covered_by:
        return f"{start}not covered: {row.reason or 'nobody says why'}"
    first, *others = row.covered_by
    return f"{start}{first}{f' (+{len(others)})' if others else ''}"


def _summary(rows: list[Row]) -> Iterator[str]:
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        counts[row.requirement.level, "covered" if row.covered_by else "explained" if row.reason else "open"] += 1
    yield f"{'level':8}{'covered':>9}{'explained':>11}{'open':>6}"
    for level in dict.fromkeys(row.requirement.level for row in rows):
        yield f"{level:8}" + "".join(
            f"{counts[level, kind]:{width}}" for kind, width in (("covered", 9), ("explained", 11), ("open", 6))
        )


def main(arguments: list[str]) -> int:
    """Print the table; 1 where a must or should is neither covered nor explained."""
    parser = argparse.ArgumentParser(prog="python -m tests.requirements", description=__doc__)
    parser.add_argument("--missing", action="store_true", help="only what nothing covers")
    parser.add_argument("--summary", action="store_true", help="only the counts")
    options: Any = parser.parse_args(arguments)
    rows = table()
    shown = [row for row in rows if not options.missing or not row.covered_by]
    lines = [] if options.summary else [_line(row) for row in shown]
    sys.stdout.write("\n".join([*lines, *_summary(rows)]) + "\n")
    return 1 if any(row.is_open and row.requirement.level in BINDING for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
