"""Every effect that docs/effects.md states is shown by a test that exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEST = re.compile(r"`(tests/(?:api|http|cli|property)/test_\w+\.py)::(test_\w+)`")
"""Of the folders whose tests run on both databases."""
FRAME = {"Shown by", "---"}

lines = (ROOT / "docs" / "effects.md").read_text(encoding="utf-8").splitlines()
rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines if line.startswith("|")]
effects = [row for row in rows if row[-1] not in FRAME]


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of the functions of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_the_page_has_effects() -> None:
    assert effects


@pytest.mark.parametrize("row", effects, ids=lambda row: row[0])
def test_every_row_names_tests_that_exist(row: list[str]) -> None:
    _, effect, shown = row
    assert effect
    named = shown.split("<br>")
    for each in named:
        found = TEST.fullmatch(each)
        assert found, f"'{each}' names no test"
        assert found[2] in names_in(found[1]), f"{found[1]} has no {found[2]}"
    assert len(set(named)) == len(named)
