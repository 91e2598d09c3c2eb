"""Clients that go on working while their tenant moves, and remember what was acknowledged."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.worlds import Connection

OPERATIONS = ("create", "rename", "join", "leave", "delete", "read")


@dataclass
class Client:
    """One client: its people, by id with their display names, and who of them is in the group."""

    name: str
    connections: Sequence[Connection]
    group_id: str
    people: dict[str, str] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    done: int = 0
    enough: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Each operation through the next connection, one after the other."""
        for number in count():
            if self.enough.is_set() or self.wrong:
                return
            operation = OPERATIONS[number % len(OPERATIONS)]
            getattr(self, operation)(self.connections[number % len(self.connections)], number)
            self.done += 1

    def create(self, client: Connection, number: int) -> None:
        name = f"{self.name}-{number}"
        answer = client.post("/Users", {"userName": f"{name}@acme.test", "displayName": name})
        if self.expect(answer, 201):
            self.people[answer.json["id"]] = name

    def rename(self, client: Connection, number: int) -> None:
        person = list(self.people)[-1]
        name = f"{self.name}-{number} renamed"
        if self.expect(client.patch(f"/Users/{person}", replace("displayName", name)), 200):
            self.people[person] = name

    def join(self, client: Connection, _number: int) -> None:
        joining = list(self.people)[-2:]
        operation = {"op": "add", "path": "members", "value": [{"value": each} for each in joining]}
        if self.expect(client.patch(f"/Groups/{self.group_id}", operation), 204):
            self.members |= set(joining)

    def leave(self, client: Connection, _number: int) -> None:
        if len(self.members) > 3:
            leaving = next(iter(self.members))
            operation = {"op": "remove", "path": f'members[value eq "{leaving}"]'}
            if self.expect(client.patch(f"/Groups/{self.group_id}", operation), 204):
                self.members.discard(leaving)

    def delete(self, client: Connection, _number: int) -> None:
        if len(self.people) > 5:
            person = next(iter(self.people))
            if self.expect(client.delete(f"/Users/{person}"), 204):
                del self.people[person]
                self.members.discard(person)

    def read(self, client: Connection, _number: int) -> None:
        """What was acknowledged is there, through whatever process."""
        person, name = list(self.people.items())[-1]
        answer = client.get(f"/Users/{person}")
        if self.expect(answer, 200) and answer.json["displayName"] != name:
            self.wrong.append(f"{person} is called {answer.json['displayName']}, not {name}")

    def expect(self, answer: Any, status: int) -> bool:
        """Whether it was answered as ever."""
        if answer.status_code != status:
            self.wrong.append(f"{answer.status_code} {answer.text}")
        return answer.status_code == status


@contextmanager
def at_work(*clients: Client) -> Iterator[None]:
    """They work until the block is left, and everything they did was answered as ever."""
    threads = [threading.Thread(target=client.run, name=client.name, daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for client in clients:
            client.enough.set()
        for thread in threads:
            thread.join(60)
    for client in clients:
        assert not client.wrong, (client.name, client.done, client.wrong)
        assert client.done > len(OPERATIONS), client.done


def replace(path: str, value: Any) -> dict[str, Any]:
    """An operation of a PATCH."""
    return {"op": "replace", "path": path, "value": value}
