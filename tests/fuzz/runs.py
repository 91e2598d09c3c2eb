"""Runs: pieces of inputs from one seed, each tried on a copy of the ground that no other piece has touched."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.fuzz.families import FAMILIES
from tests.fuzz.grounds import Ground, copied
from tests.fuzz.shrinking import shrunk
from tests.fuzz.verdicts import Fault, Judge
from tests.walls.requests import Request
from tests.walls.secrets import kept
from tests.walls.writes import ASIDE, SEALING, Writes
from tests.worlds import World, contents

PIECE = 2_000
"""Inputs of one piece."""
BATCH = 500
"""Inputs between two looks at every row."""
MOST_FAULTS = 10
"""Of one piece: what goes wrong everywhere need not be shown a thousand times."""


@dataclass(frozen=True)
class Order:
    """What is to be run: the families, one after the other, from a seed."""

    seed: int
    database: str
    families: Sequence[str] = tuple(FAMILIES)


@dataclass
class Report:
    """What became of one piece. `faults` are lines to read, with what repeats them."""

    piece: int
    inputs: int = 0
    seconds: float = 0.0
    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def requests(order: Order, piece: int, ground: Ground, inputs: int) -> Iterator[tuple[str, Request]]:
    """The inputs of a piece: whatever was tried before, they are the same."""
    random = Random(f"{order.seed} {piece}")
    for number in range(inputs):
        family = order.families[number % len(order.families)]
        yield family, FAMILIES[family](random, ground)


def run_piece(order: Order, piece: int, ground: Ground, inputs: int = PIECE) -> Report:
    """Try the inputs of one piece."""
    with copied(ground) as world:
        trial = _Trial(order, Report(piece), world, ground)
        trial.run(inputs)
    return trial.report


class _Trial:
    def __init__(self, order: Order, report: Report, world: World, ground: Ground) -> None:
        self.order, self.report, self.world = order, report, world
        self.others = ground.abroad.seeds.tenant if ground.abroad else None
        self.ground = ground
        self.judge = Judge(world.app, ground, Writes(world.installation.database.engine))

    def run(self, inputs: int) -> None:
        begun = time.perf_counter()
        whole = self._whole()
        theirs = self._theirs()
        for number, (family, request) in enumerate(requests(self.order, self.report.piece, self.ground, inputs), 1):
            self._try(number, family, request)
            if number % BATCH == 0 or number == inputs:
                whole = self._compare(number, whole)
        if self._theirs() != theirs:
            self._note(inputs, "?", None, Fault("crossed", "something of the other tenant's has changed"))
        self.report.seconds = time.perf_counter() - begun

    def _try(self, number: int, family: str, request: Request) -> None:
        answer, faults = self.judge.judge(request)
        if family == "walls" and answer is not None and (answer.status >= 400 or request.is_read):
            faults += self.judge.compare(request)
        self.report.inputs += 1
        self.report.answers[answer.status if answer else 0] += 1
        for fault in faults:
            self._note(number, family, request, fault)

    def _note(self, number: int, family: str, request: Request | None, fault: Fault) -> None:
        if len(self.report.faults) >= MOST_FAULTS:
            return
        where = f"seed {self.order.seed} piece {self.report.piece} input {number} ({family}, {self.order.database})"
        lines = [f"{fault.kind}: {fault.detail}", f"  {where}"]
        if request is not None:
            lines += [f"  {request.curl[:4000]}", f"  shortest: {shrunk(self.judge, request, fault).curl[:2000]}"]
        self.report.faults.append("\n".join(lines))

    def _compare(self, number: int, before: dict[str, list[str]]) -> dict[str, list[str]]:
        """Look at every row: no table has changed that no accepted request is known to have changed."""
        self.judge.writes.taken()
        self.world.installation.log.flush()
        later = self.judge.writes.taken()  # what is noted behind the answers, such as when a token was last used
        after, touched = self._whole(), self.judge.touched | later | ASIDE | SEALING | {"issues"}
        changed = {table for table in after if after[table] != before[table]} - touched
        if changed:
            self._note(
                number, "?", None, Fault("changed", f"{sorted(changed)} changed unseen since input {number - BATCH}")
            )
        self.judge.touched.clear()
        return after

    def _whole(self) -> dict[str, list[str]]:
        return contents(self.world)

    def _theirs(self) -> list[str]:
        """What the other tenant has, the log of its requests and what reports count apart."""
        return kept(self.world, self.others) if self.others else []
