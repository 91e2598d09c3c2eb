"""How far long work is, at a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def progress_bar(doing: str, total: int | None, *, as_json: bool) -> Iterator[Callable[[int], None]]:
    """Takes how much is done, and draws it on standard error where that is a terminal."""
    console = Console(stderr=True)
    if as_json or not console.is_terminal:
        yield lambda _done: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as drawn:
        task = drawn.add_task(doing, total=total)
        yield lambda done: drawn.update(task, completed=done)
