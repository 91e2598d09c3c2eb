"""What became of each piece of a run, a JSON line each, so that a long run can be stopped and gone on with."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.runs import Order, Report


@dataclass
class Total:
    """All pieces of a run together."""

    order: Order
    pieces: int = 0
    inputs: int = 0
    seconds: float = 0.0
    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """For people."""
        families = ",".join(self.order.families)
        rate = self.inputs / max(self.seconds, 0.001)
        yield (
            f"{self.order.database}, seed {self.order.seed}, {families}: {self.inputs:,} inputs in {self.pieces} "
            f"pieces, {self.seconds:.0f} s of one process ({rate:.0f}/s)"
        )
        yield "  answers: " + ", ".join(f"{status} {times:,}" for status, times in sorted(self.answers.items()))
        yield from self.faults
        yield (
            f"  {len(self.faults)} faults"
            if self.faults
            else ("  no 5xx, none slower than 1 s, nothing changed by a refusal, no byte of another tenant")
        )


class Journal:
    """Of one order, in a file; in one of its own where none is named."""

    def __init__(self, order: Order, path: Path | None = None) -> None:
        self.order = order
        self.path = path or Path(tempfile.mkdtemp(prefix="scim-fuzz-")) / "journal"

    def add(self, report: Report) -> None:
        """Keep what became of a piece. Lines of several processes do not mix."""
        line = json.dumps({"order": asdict(self.order), **vars(report)})
        with self.path.open("a") as file:
            file.write(line + "\n")

    def __contains__(self, piece: int) -> bool:
        return any(entry["piece"] == piece for entry in self._entries())

    def report(self) -> Total:
        """All that is there of this order."""
        total = Total(self.order)
        for entry in self._entries():
            total.pieces += 1
            total.inputs += entry["inputs"]
            total.seconds += entry["seconds"]
            total.answers.update({int(status): times for status, times in entry["answers"].items()})
            total.faults += entry["faults"]
        return total

    def _entries(self) -> Iterator[dict[str, Any]]:
        if self.path.exists():
            wanted = json.loads(json.dumps(asdict(self.order)))
            entries = map(json.loads, self.path.read_text().splitlines())
            yield from (entry for entry in entries if entry["order"] == wanted)
