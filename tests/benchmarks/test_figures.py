"""What figures are said to be worth."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import measures, pages
from benchmarks.figures import Figure, Goal
from benchmarks.operations import GOALS, HELLO, OPERATIONS, RAW
from benchmarks.tables import Table, grown, number


def figure(rate: float = 100, p50: float = 1, cpu: float = 1, longest: float = 9) -> Figure:
    return Figure(rate, p50, 5, longest, cpu, 0, 0)


def test_the_median_counts_and_the_longest_of_all() -> None:
    rounds = [figure(rate, longest=longest) for rate, longest in ((1, 3), (100, 20), (7, 4))]
    assert (Figure.median(rounds).rate, Figure.median(rounds).longest) == (7, 20)


@pytest.mark.parametrize(
    ("goal", "told"),
    [
        (Goal("rate", least=100), "at least 100/s: reached"),
        (Goal("rate", least=101), "at least 101/s: NOT REACHED"),
        (Goal("server_cpu", most=4.5, of="hello"), "CPU at most 4.5 × hello: reached (4.00)"),
        (Goal("p50", most=1.2, of="hello"), "p50 at most 1.2 × hello: NOT REACHED (2.00)"),
        (Goal("rate", least=0.3, of="raw"), "at least 0.3 × raw: not measured"),
    ],
)
def test_a_goal_is_told_with_its_verdict(goal: Goal, told: str) -> None:
    figures = {"get": figure(rate=100, p50=2, cpu=4), "hello": figure(p50=1, cpu=1)}
    assert goal.told("get", figures) == told


def test_goals_are_held_against_what_is_measured() -> None:
    against = {goal.of for goals in GOALS.values() for goal in goals if goal.of}
    assert against <= {*OPERATIONS, HELLO, RAW}


def test_cpu_and_memory_are_those_of_a_process_and_all_below_it() -> None:
    child = "x = bytearray(30_000_000); sum(range(8_000_000)); print('done', flush=True); input()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"done\n"
        assert len(list(measures.descendants(process.pid))) == 1
        assert measures.memory_megabytes(process.pid) > 30
        during = measures.cpu_seconds(process.pid)
        assert during > 0.05
        process.communicate(b"\n")


def test_tables_take_their_places_on_the_page(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("before\n<!-- growth -->\nold\n<!-- end -->\nbetween\n<!-- sync -->\nkept\n<!-- end -->\n")
    table = Table("growth", "Growth", ("operation", "1,000 people"), [["GET \\1", "2.0"]], ["A note."])
    pages.write([table], {"date": "2026-11-27", "Python": "3.11"}, page)
    pages.write([table], {"date": "2026-11-28", "Python": "3.11"}, page)
    assert page.read_text() == (
        "before\n<!-- growth -->\n\n### Growth\n\n| operation | 1,000 people |\n| --- | ---: |\n| GET \\1 | 2.0 |\n\n"
        "A note.\n\ndate 2026-11-28; Python 3.11.\n\n<!-- end -->\nbetween\n<!-- sync -->\nkept\n<!-- end -->\n"
    )


def test_every_table_has_a_place_on_the_page() -> None:
    text = pages.PAGE.read_text()
    assert all(f"<!-- {name} -->" in text for name in ("operations", "growth", "sync", "sqlite", "peers"))


def test_numbers_are_written_as_they_are_read() -> None:
    assert [number(value) for value in (12345.6, 99.94, 9.876)] == ["12,346", "99.9", "9.88"]
    assert grown({1000: 2.0, 10: 1.0}) == ["1.00", "2.00 (2.00 ×)"]
