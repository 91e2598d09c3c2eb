"""Every rule that docs/security.md states is shown by tests that exist and run on both databases."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
IDS = [
    f"{letter}{number}" for letter, most in zip("ABCDEF", (13, 10, 6, 13, 8, 6), strict=True)
    for number in range(1, most + 1)
]  # fmt: skip
BOTH = "params=databases.KINDS"
ONE_IS_ENOUGH = {
    "test_nothing_opens_without_a_credential": "no request gets as far as a database",
}
"""Tests on one database, and why the other one could say nothing else."""

lines = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines if re.match(r"\| [A-F]\d+ \|", line)]


@cache
def functions_of(path: Path) -> dict[str, ast.FunctionDef]:
    """The functions of a file by name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


@cache
def fixtures() -> dict[str, list[ast.FunctionDef]]:
    """Every fixture that a conftest defines; of one name there may be several."""
    found: dict[str, list[ast.FunctionDef]] = {}
    for conftest in sorted((ROOT / "tests").rglob("conftest.py")):
        for name, function in functions_of(conftest).items():
            found.setdefault(name, []).append(function)
    return found


def needs(function: ast.FunctionDef, module: Path, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The names of all fixtures that a function asks for, and the decorators of each."""
    yield from (ast.unparse(decorator) for decorator in function.decorator_list)
    for name in {argument.arg for argument in function.args.args} - seen:
        yield name
        own = functions_of(module).get(name)
        for each in [own] if own is not None else fixtures().get(name, []):
            yield from needs(each, module, seen | {name})


def databases_of(path: str, name: str) -> str:
    """`both`, `one` or `none`: what the test of that name runs on."""
    module = ROOT / path
    asked = list(needs(functions_of(module)[name], module))
    if any(re.search(r"""['"](?:house|library|database_url)['"], \[""", each) for each in asked):
        return "one"
    return "both" if any(BOTH in each or each == "databases" for each in asked) else "none"


def test_every_row_is_there_once() -> None:
    assert [row[0] for row in rows] == IDS


@pytest.mark.parametrize("row", rows, ids=lambda row: row[0])
def test_every_row_names_tests_that_exist_and_run_on_both_databases(row: list[str]) -> None:
    """A test that needs no database may stand beside one that does."""
    _, sources, rule, where, shown = row
    assert all((sources, rule, where))
    named = [(found, TEST.fullmatch(found)) for found in shown.split("<br>")]
    kinds = []
    for text, match in named:
        assert match, f"'{text}' names no test"
        path, name = match.groups()
        assert name in functions_of(ROOT / path), f"{path} has no {name}"
        kinds.append("both" if name in ONE_IS_ENOUGH else databases_of(path, name))
    assert "one" not in kinds
    assert "both" in kinds
    assert len({text for text, _ in named}) == len(named)


@pytest.mark.parametrize("row", rows, ids=lambda row: row[0])
def test_every_row_says_where_the_rule_is_enforced(row: list[str]) -> None:
    for module in re.findall(r"`([\w/]+(?:\.py)?)`", row[3]):
        place = ROOT / "scim_server" / module
        assert place.exists() or place.with_suffix(".py").exists(), module


def test_the_checklist_names_tests_that_exist() -> None:
    page = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
    for path, name in re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", page):
        assert name in functions_of(ROOT / path), f"{path} has no {name}"
    for path in re.findall(r"`(tests/[\w/]+\.py)`", page):
        assert (ROOT / path).exists(), path


def test_the_checklist_counts_what_is_not_met() -> None:
    """Every section with something missing is in the list at the end."""
    page = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
    table, _, end = page.partition("## What is not met")
    states = [[cell.strip() for cell in line[1:-1].split("|")] for line in table.splitlines() if line.startswith("| V")]
    assert {row[2].partition(" ")[0].strip(",") for row in states} <= {"met", "n/a", "not", "operator", "offered"}
    missing = {row[0] for row in states if row[2].startswith(("not met", "met in part", "met but", "met for"))}
    assert missing <= set(re.findall(r"V\d+\.\d+", end))
