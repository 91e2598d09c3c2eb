"""Traffic files: the exchanges of one client's flow as data. The format is described in the README."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from scim_conformance.expectations import Expectation


class UnsoundFlowError(ValueError):
    """A traffic file that cannot be read or does not have the form the README describes."""


@dataclass(frozen=True)
class Request:
    """What a client sends: `path` is relative to the SCIM base address, `body` None where there is none."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class Step:
    """One exchange: what is sent, what is expected, where the client is documented to behave so.

    `habits` are numbers of the table in the README. `settled` is a query whose first hit shows that the step
    has been played before. `capture` maps a variable to a path in the answer. `seats` maps a product to its
    seat counts after the step and concerns servers that allot seats.
    """

    title: str
    source: str
    request: Request
    response: Expectation
    habits: tuple[int, ...] = ()
    settled: str | None = None
    capture: Mapping[str, str] = field(default_factory=dict)
    seats: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Flow:
    """A traffic file: the steps one client takes, in order. `headers` go with every request of it."""

    name: str
    client: str
    flow: str
    title: str
    about: str
    profile: str
    headers: Mapping[str, str]
    variables: Mapping[str, Any]
    steps: tuple[Step, ...]

    @property
    def habits(self) -> tuple[int, ...]:
        """The rows of the quirk table that some step of the flow exercises."""
        return tuple(sorted({habit for step in self.steps for habit in step.habits}))


def available() -> list[str]:
    """The names of the flows that come with this package, such as `okta/catalog-lifecycle`, in order."""
    return sorted(
        _name(folder.name, file.name)
        for folder in _traffic().iterdir()
        if folder.is_dir()
        for file in folder.iterdir()
        if file.name.endswith(".json")
    )


def load(source: str | Path) -> Flow:
    """The flow of that name (see `available`), or the one in a file of that path.

    :raises UnsoundFlowError: if there is none, or the file is not a traffic file.
    """
    if isinstance(source, Path):
        return _parse(_name(source.parent.name, source.name), _read(source))
    if source not in available():
        raise UnsoundFlowError(f"there is no flow {source!r}; there are {', '.join(available())}")
    folder, _, flow = source.partition("/")
    return _parse(source, _read(_traffic() / folder / f"{flow.replace('-', '_')}.json"))


def load_client(client: str) -> list[Flow]:
    """Every flow in a client's folder (`okta`, `entra`, `demo`).

    :raises UnsoundFlowError: if there is no such folder.
    """
    names = [name for name in available() if name.startswith(f"{client}/")]
    if not names:
        clients = sorted({name.partition("/")[0] for name in available()})
        raise UnsoundFlowError(f"there is no client {client!r}; there are {', '.join(clients)}")
    return [load(name) for name in names]


def _traffic() -> Traversable:
    return files("scim_conformance") / "traffic"


def _name(folder: str, file: str) -> str:
    return f"{folder}/{file.removesuffix('.json').replace('_', '-')}"


def _read(file: Traversable | Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnsoundFlowError(f"{file} cannot be read as JSON: {error}") from error


def _parse(name: str, data: Any) -> Flow:
    members = _members(
        data,
        name,
        required={"client": str, "flow": str, "title": str, "about": str, "profile": str, "steps": list},
        optional={"headers": dict, "variables": dict},
    )
    numbered = enumerate(members.pop("steps"), 1)
    steps = tuple(_step(step, f"{name}, step {number}") for number, step in numbered)
    return Flow(
        name=name,
        headers=members.pop("headers", {}),
        variables=members.pop("variables", {}),
        steps=steps,
        **members,
    )


def _step(data: Any, place: str) -> Step:
    members = _members(
        data,
        place,
        required={"title": str, "source": str, "request": dict, "response": dict},
        optional={"habits": list, "settled": str, "capture": dict, "seats": dict},
    )
    request = _members(
        members.pop("request"),
        f"{place}, request",
        required={"method": str, "path": str},
        optional={"headers": dict, "body": object},
    )
    response = _members(
        members.pop("response"),
        f"{place}, response",
        required={"status": list},
        optional={"headers": dict, "body": object, "absent": list},
    )
    expectation = Expectation(
        status=tuple(response.pop("status")), absent=tuple(response.pop("absent", ())), **response
    )
    return Step(request=Request(**request), response=expectation, habits=tuple(members.pop("habits", ())), **members)


def _members(data: Any, place: str, required: Mapping[str, type], optional: Mapping[str, type]) -> dict[str, Any]:
    """An object's members, checked: a member that no one reads is more likely misspelt than meant."""
    if not isinstance(data, dict):
        raise UnsoundFlowError(f"{place}: an object is expected")
    for name in required:
        if name not in data:
            raise UnsoundFlowError(f"{place}: {name} is missing")
    kinds = {**required, **optional}
    for name, value in data.items():
        if name not in kinds:
            raise UnsoundFlowError(f"{place}: {name} is not a member of a traffic file")
        if not isinstance(value, kinds[name]):
            raise UnsoundFlowError(f"{place}: {name} must be of type {kinds[name].__name__}")
    return dict(data)
