"""Tables for people: whole in a pipe; at a terminal no wider than the screen, or else a block an object."""

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

UNBOUNDED = 10_000
"""Columns of an output that is no terminal: nothing is folded or cut."""
GAP = 3
"""Columns of the screen that a column of a table takes beside its text."""


def console() -> Console:
    """Standard output, with nothing in the text taken for markup."""
    out = Console(markup=False, highlight=False, emoji=False, soft_wrap=False)
    if not out.is_terminal:
        out.width = UNBOUNDED
    return out


def table(headings: Iterable[str], rows: Iterable[Iterable[str]], widths: Iterable[int | None] | None = None) -> Table:
    """A plain table; cells fold rather than lose text."""
    headings = list(headings)
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading, width in zip(headings, widths or [None] * len(headings), strict=True):
        drawn.add_column(heading, overflow="fold", width=width)
    for row in rows:
        drawn.add_row(*row)
    return drawn


def show(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print the rows. A terminal is spared the columns in which no row has anything."""
    out = console()
    if not out.is_terminal:
        out.print(table(headings, rows))
        return
    filled = [place for place in range(len(headings)) if any(row[place] for row in rows)]
    headings = [headings[place] for place in filled]
    rows = [[row[place] for place in filled] for row in rows]
    widths = _widths([headings, *rows], out.width - GAP * len(headings))
    if widths is None:
        for row in rows:
            out.print(_block(headings, row))
    else:
        out.print(table(headings, rows, widths))


def _widths(rows: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """How wide each column is so that no word is broken; what is left goes to the narrow ones first. None: no room."""
    columns = list(zip(*rows, strict=True))
    widths = [max(cell_len(word) for text in texts for word in text.split() or [""]) for texts in columns]
    wishes = [max(cell_len(line) for text in texts for line in text.splitlines() or [""]) for texts in columns]
    left = room - sum(widths)
    if left < 0:
        return None
    for place in sorted(range(len(widths)), key=wishes.__getitem__):
        more = min(wishes[place] - widths[place], left)
        widths[place] += more
        left -= more
    return widths


def _block(headings: Sequence[str], row: Sequence[str]) -> Table:
    """One object, a member a line."""
    drawn = Table.grid(padding=(0, 2, 0, 0))
    drawn.add_column(style="bold", no_wrap=True)
    drawn.add_column(overflow="fold")
    for heading, text in zip(headings, row, strict=True):
        if text:
            drawn.add_row(heading, text)
    drawn.add_row()
    return drawn
