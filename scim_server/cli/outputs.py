"""What commands print: JSON for programs, sentences and tables for people."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click
import orjson

from scim_server.cli.tables import show

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
quiet_option = click.option("--quiet", is_flag=True, help="Tell the person nothing of it by mail.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask, at a terminal.")

FRACTION = re.compile(r"(?<=T\d\d:\d\d:\d\d)\.\d+(?=Z$)")
"""What people are spared of an instant."""


def print_json(value: Any) -> None:
    """One JSON document in UTF-8, whatever the locale."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def print_json_line(value: Any) -> None:
    """One JSON document on a line of its own, for a stream of them."""
    click.echo(orjson.dumps(value))


def facts_table(facts: Mapping[str, Any]) -> None:
    """One object, a member a line; what it does not have is left out."""
    rows = [(name, _cell(value)) for name, value in facts.items() if value not in (None, [], "")]
    show(("Member", "Value"), rows)


def report(facts: Mapping[str, Any], sentence: str, *, as_json: bool) -> None:
    """What a command did: the object it made, or a sentence about it."""
    if as_json:
        print_json(facts)
    else:
        click.echo(printable(sentence))


def listing(objects: Sequence[Mapping[str, Any]], columns: Mapping[str, str], empty: str, *, as_json: bool) -> None:
    """A JSON array of the objects, or a table of the columns (heading to member), or the sentence `empty`."""
    if as_json:
        print_json(objects)
    elif not objects:
        click.echo(empty)
    else:
        show(list(columns), [[_cell(entry[member]) for member in columns.values()] for entry in objects])


def asks(*, yes: bool, as_json: bool) -> bool:
    """Whether the command asks before it does what cannot be taken back: at a terminal, unless told not to."""
    return not yes and not as_json and sys.stdin.isatty() and sys.stdout.isatty()


def counted(number: int, one: str, several: str | None = None) -> str:
    """So many of something; `several` where that is not `one` with an s."""
    return f"{number} {one if number == 1 else several or f'{one}s'}"


def tried(detail: str | None, milliseconds: int) -> str:
    """What a receiver made of a trial; `detail` is a sentence that says why it did not take it."""
    if detail is None:
        return f"The receiver took it ({milliseconds} ms)."
    return f"The receiver did not take it ({milliseconds} ms): {detail}"


def to_the_second(instant: str) -> str:
    """An instant as people read it."""
    return FRACTION.sub("", instant)


def printable(text: str) -> str:
    """The text with control characters written out: names come from other people's directories."""
    return "".join(map(_printable, text))


def _printable(character: str) -> str:
    if character.isprintable() or character == "\n":
        return character
    return character.encode("unicode_escape").decode("ascii")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_cell, value))
    return printable(to_the_second(str(value)))


@contextmanager
def sink_to(output: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that is there once it is whole."""
    if output is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        return
    unfinished = output.with_name(f"{output.name}.part")
    try:
        with unfinished.open("wb") as sink:
            yield sink
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)
