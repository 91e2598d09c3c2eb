"""Tables of figures, as text for a terminal and as Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the first column is text, the others are numbers, the last may be text. `notes` are sentences."""

    name: str
    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def text(self) -> str:
        widths = [max(len(row[place]) for row in (self.headings, *self.rows)) for place in range(len(self.headings))]
        lines = [self.title]
        for row in (self.headings, *self.rows):
            cells = (self._aligned(place, cell, widths[place]) for place, cell in enumerate(row))
            lines.append("  ".join(cells).rstrip())
        return "\n".join([*lines, *self.notes])

    def markdown(self) -> str:
        marks = ["---" if place == 0 or self._is_text(place) else "---:" for place in range(len(self.headings))]
        lines = [f"| {' | '.join(row)} |" for row in (self.headings, marks, *self.rows)]
        return "\n\n".join([f"### {self.title}", "\n".join(lines), *self.notes])

    def told(self) -> dict[str, Any]:
        """For JSON."""
        rows = [dict(zip(self.headings, row, strict=True)) for row in self.rows]
        return {"title": self.title, "rows": rows, "notes": list(self.notes)}

    def _aligned(self, place: int, cell: str, width: int) -> str:
        return cell.ljust(width) if place == 0 or self._is_text(place) else cell.rjust(width)

    def _is_text(self, place: int) -> bool:
        return self.headings[place] in TEXTS


GOAL = "goal"
TEXTS = frozenset({GOAL, "what came of it"})
"""Headings of columns of text."""


def number(value: float) -> str:
    """A number as it is read: no digits that mean nothing."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def grown(values: Mapping[int, float]) -> list[str]:
    """Values by size, in order, each but the first with its ratio to the first."""
    sizes = sorted(values)
    first = values[sizes[0]]
    return [
        number(values[size]) if size == sizes[0] else f"{number(values[size])} ({values[size] / first:.2f} ×)"
        for size in sizes
    ]


def joined(parts: Iterable[str]) -> str:
    return "; ".join(parts)
