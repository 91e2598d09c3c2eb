"""The members of a group as JSON text: written batch by batch, kept for as long as version and stamp stay the same.

A group of 100,000 members is 20 MB of text, which is never in memory as a whole: what is longer than `LONGEST_PLAIN` is
deflated as it is written and inflated as it is sent. It is complete before an answer begins, so that whoever reads
slowly keeps no connection of the database, and what goes wrong is answered as any error is.
"""

import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import orjson

from scim_server.resources.ports import Member

BATCH = 10_000
"""Members that are read at once."""
WRITTEN = 500
"""Members whose elements are in memory at once."""
LONGEST_PLAIN = 3_000_000
"""Bytes of text that are kept and sent as they are."""
BUDGET = 16_000_000
"""Bytes that a process keeps."""
OVERHEAD = 1_000
"""Bytes that a rendering takes beside its text."""
TURNS = 16
"""Locks that subjects share."""
PORTION = 262_144
"""Bytes that are inflated at once."""

Batches = Callable[[str], Sequence[Member]]
"""The members after an id, `BATCH` of them or the last ones; the first ones after an empty text."""
Element = Callable[[Member], dict[str, Any]]
"""A member as it is answered."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """The elements of a JSON array, commas between them: `length` bytes of text, in `parts` that may be deflated."""

    parts: tuple[bytes, ...]
    length: int
    is_deflated: bool = False

    @property
    def size(self) -> int:
        """Bytes in memory, with what it takes to keep one."""
        return OVERHEAD + sum(map(len, self.parts))

    def text(self) -> Iterator[bytes]:
        """The text, a portion at a time."""
        if not self.is_deflated:
            yield from self.parts
            return
        inflating = zlib.decompressobj()
        for part in self.parts:
            while part:
                yield inflating.decompress(part, PORTION)
                part = inflating.unconsumed_tail
        yield inflating.flush()


def render(batches: Batches, element: Element) -> Rendering:
    """The text of all members."""
    text = _Text()
    batch = batches("")
    while batch:
        for first in range(0, len(batch), WRITTEN):
            some = batch[first : first + WRITTEN]
            text.write(orjson.dumps([element(member) for member in some])[1:-1])
        batch = batches(batch[-1].id) if len(batch) == BATCH else ()
    return text.end()


class _Text:
    """Text that is being written; deflated from where it grows too long."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0
        self._deflating: Any = None

    def write(self, elements: bytes) -> None:
        self._add(b"," + elements if self._length else elements)

    def end(self) -> Rendering:
        if self._deflating is not None:
            self._parts.append(self._deflating.flush())
        return Rendering(tuple(self._parts), self._length, self._deflating is not None)

    def _add(self, text: bytes) -> None:
        self._length += len(text)
        if self._deflating is None and self._length > LONGEST_PLAIN:
            self._deflating = zlib.compressobj(1)
            self._parts = [self._deflating.compress(part) for part in self._parts]
        self._parts.append(text if self._deflating is None else self._deflating.compress(text))


Subject = tuple[object, ...]
"""What is rendered: a group, under which address, with which parts of its members."""
State = tuple[object, ...]
"""What of the store the text depends on; a state that has passed never comes back."""


@dataclass
class Renderings:
    """The renderings that were asked for last, up to `budget` bytes of them; one alone takes half of it at most.

    Each is given out for a state that was just read from the store, and for no other. None may be put in that was read
    in a transaction which can still be rolled back.
    """

    budget: int = BUDGET
    _kept: OrderedDict[Subject, tuple[State, Rendering]] = field(default_factory=OrderedDict)
    _size: int = 0
    _lock: Lock = field(default_factory=Lock)
    _turns: Sequence[Lock] = field(default_factory=lambda: tuple(Lock() for _ in range(TURNS)))

    def get(self, subject: Subject, state: State) -> Rendering | None:
        """The rendering of that subject as it is in that state."""
        with self._lock:
            known, rendering = self._kept.get(subject, (None, None))
            if known != state:
                return None
            self._kept.move_to_end(subject)
            return rendering

    def turn(self, subject: Subject) -> Lock:
        """Held by whoever renders a subject, so that all who ask for it meanwhile find it done."""
        return self._turns[hash(subject) % TURNS]

    def put(self, subject: Subject, state: State, rendering: Rendering) -> None:
        """Keep a rendering in place of the one before, and of those that were not asked for the longest."""
        if rendering.size > self.budget // 2:
            return
        with self._lock:
            self._drop(subject)
            self._kept[subject] = state, rendering
            self._size += rendering.size
            while self._size > self.budget:
                self._drop(next(iter(self._kept)))

    def _drop(self, subject: Subject) -> None:
        if subject in self._kept:
            self._size -= self._kept.pop(subject)[1].size
