"""The quickstart's story as it happens: each exchange, what it does to people's seats, and the seat table."""

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import httpx
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text
from scim_conformance.replay import Exchange, load, replay

from scim_server.cli.failures import Refused
from scim_server.cli.outputs import printable
from scim_server.cli.tables import table
from scim_server.domain.seats import SeatState
from scim_server.domain.tenants import Tenant
from scim_server.services import people, subscribing
from scim_server.services.ports import Units
from scim_server.services.subscribing import Seating

TIMEOUT = 30.0
"""Seconds per request."""
MOST_NAMES = 4
HEADINGS = ("Product", "Seats", "Assigned", "Free", "Waiting", "Who has one", "Who waits")
SENTENCES: Mapping[tuple[SeatState | None, SeatState | None], str] = {
    (SeatState.ASSIGNED, None): "{name} gives {product} back",
    (SeatState.WAITING, None): "{name} no longer waits for {product}",
    (SeatState.WAITING, SeatState.ASSIGNED): "{name} is promoted and has {product} now",
    (None, SeatState.ASSIGNED): "{name} gets {product}",
    (None, SeatState.WAITING): "{name} waits for {product}: no seat is left",
}
"""What a change of a seat's state means, in the order in which it is told."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Who is where at one moment: seats by product, states by person and product."""

    seatings: list[Seating]
    places: Mapping[tuple[str, str], SeatState]

    def names(self, product: str, *states: SeatState) -> str:
        """Who has a seat of `product` in one of the states, the first few by name."""
        found = sorted(name for (name, of), state in self.places.items() if of == product and state in states)
        more = f" and {len(found) - MOST_NAMES} more" if len(found) > MOST_NAMES else ""
        return ", ".join(found[:MOST_NAMES]) + more

    def table(self) -> Table:
        """The seat table."""
        return table(HEADINGS, [self._row(seating) for seating in self.seatings])

    def _row(self, seating: Seating) -> list[str]:
        numbers = (seating.seats, seating.assigned, seating.free, seating.waiting)
        having = self.names(seating.product, SeatState.ASSIGNED, SeatState.HELD)
        return [seating.product, *map(str, numbers), having, self.names(seating.product, SeatState.WAITING)]


@dataclass
class Story:
    """Plays the demo flows, each over its own connection, and tells what happens.

    At a terminal the seat table stays below the growing list of exchanges; elsewhere there are plain lines.
    """

    units: Units
    tenant: Tenant
    out: Console
    pause: float
    played: int = 0
    skipped: int = 0
    failures: int = 0
    picture: Picture = field(init=False)

    def play(self, base_address: str, tokens: Mapping[str, str]) -> None:
        """Play the flow of each connection at that SCIM base address; raises Refused where the server goes away."""
        self.picture = self._look()
        with self._stage() as stage:
            for connection, token in tokens.items():
                flow = load(f"demo/{connection}")
                self._tell(flow.title, "bold")
                try:
                    with self._client(base_address, token) as http:
                        replay(flow, http, on_exchange=lambda exchange: self._on_exchange(exchange, stage))
                except httpx.HTTPError as error:
                    raise Refused(f"The server did not answer during the story: {error}.") from error
        if not self.out.is_terminal:
            self.out.print(self.picture.table())
        self._conclude()

    def _stage(self) -> AbstractContextManager[Any]:
        if not self.out.is_terminal:
            return nullcontext()
        return Live(self.picture.table(), console=self.out, auto_refresh=False)

    def _client(self, base_address: str, token: str) -> httpx.Client:
        """The server runs on this machine: no proxy of the environment stands between."""
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=base_address, headers=headers, timeout=TIMEOUT, trust_env=False)

    def _on_exchange(self, exchange: Exchange, stage: Live | None) -> None:
        if exchange.ok and exchange.skipped:
            self.skipped += 1
            return
        self.played += 1
        self._tell(_line(exchange), aside=exchange.path)
        if not exchange.ok:
            self.failures += 1
            for mismatch in exchange.mismatches:
                self._tell(f"       {mismatch}", "red")
        before, self.picture = self.picture, self._look()
        for sentence in news(before, self.picture):
            self._tell(f"       -> {sentence}", "green")
        if stage is not None:
            stage.update(self.picture.table(), refresh=True)
        time.sleep(self.pause)

    def _look(self) -> Picture:
        places = {
            (portrait.user.display_name or portrait.user.user_name, seat.product): seat.state
            for portrait in people.people(self.units, self.tenant)
            for seat in portrait.seats
        }
        return Picture(subscribing.subscriptions(self.units, self.tenant), places)

    def _tell(self, text: str, style: str = "", aside: str = "") -> None:
        """One line; at a terminal what does not fit is cut, and nothing needed stands at its end."""
        line = Text(printable(text), style)
        if aside:
            line.append(f"  {printable(aside)}", "dim")
        self.out.print(line, no_wrap=True, overflow="ellipsis")

    def _conclude(self) -> None:
        if not self.played:
            self._tell("The story was played before: nothing was missing, the data is as you left it.")
        else:
            before = f", {self.skipped} had been played before" if self.skipped else ""
            wrong = f", {self.failures} NOT answered as they should be" if self.failures else ""
            self._tell(f"{self.played} exchanges were played{before}{wrong}.")


def news(before: Picture, after: Picture) -> Iterator[str]:
    """A sentence for each seat that changed: given back first, then promotions, new seats, new waiting."""
    keys = sorted(before.places.keys() | after.places.keys())
    for (old, new), sentence in SENTENCES.items():
        for key in keys:
            if (before.places.get(key), after.places.get(key)) == (old, new):
                yield sentence.format(name=key[0], product=key[1])


def _line(exchange: Exchange) -> str:
    status = exchange.status or "---"
    return f"{exchange.method:6} {status} {exchange.milliseconds:4.0f} ms  {exchange.step.title}"
