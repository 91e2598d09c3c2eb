"""Playing a traffic file against a server: send, capture, compare only what the file states."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import httpx

from scim_conformance.documents import find
from scim_conformance.expectations import Answer, mismatches
from scim_conformance.flows import Flow, Step, UnsoundFlowError, available, load, load_client
from scim_conformance.templates import UnknownVariableError, fill, fill_path

__all__ = ["Exchange", "Flow", "UnsoundFlowError", "available", "load", "load_client", "replay"]


@dataclass(frozen=True)
class Exchange:
    """What happened at one step.

    `status` is None where nothing was sent: the step was found settled (`skipped`), or it needs a value that
    an earlier answer failed to give (a mismatch says which). `answer` is decoded JSON, else text, else None.
    """

    step: Step
    method: str
    path: str
    body: Any = None
    status: int | None = None
    answer: Any = None
    milliseconds: float = 0.0
    mismatches: tuple[str, ...] = ()
    skipped: bool = False

    @property
    def ok(self) -> bool:
        return not self.mismatches


def replay(
    flow: Flow,
    http: httpx.Client,
    variables: Mapping[str, Any] = MappingProxyType({}),
    on_exchange: Callable[[Exchange], None] | None = None,
) -> list[Exchange]:
    """Play a flow from its first step to its last, whatever the answers, and report each exchange.

    :param http: has the SCIM base address as `base_url` and carries the credentials.
    :param variables: win over the file's own. Where the file has null for it, `run` is made up afresh, and
        `token` is the one that `http` carries.
    :param on_exchange: is called with each exchange as it ends.
    :raises httpx.HTTPError: when the server cannot be reached or does not answer in time.
    """
    player = _Player(flow, http, _starting_values(flow, http, variables))
    exchanges = []
    for step in flow.steps:
        exchange = player.play(step)
        exchanges.append(exchange)
        if on_exchange:
            on_exchange(exchange)
    return exchanges


def _starting_values(flow: Flow, http: httpx.Client, variables: Mapping[str, Any]) -> dict[str, Any]:
    values = {**flow.variables, **variables}
    if values.get("run", "") is None:
        values["run"] = f"-{secrets.token_hex(4)}"
    if values.get("token", "") is None:
        values["token"] = http.headers.get("Authorization", "").rpartition(" ")[2]
    return values


class _Player:
    def __init__(self, flow: Flow, http: httpx.Client, values: dict[str, Any]) -> None:
        self.flow = flow
        self.http = http
        self.values = values

    def play(self, step: Step) -> Exchange:
        exchange = Exchange(step, step.request.method, step.request.path)
        try:
            path = fill_path(step.request.path, self.values)
            body = fill(step.request.body, self.values)
            exchange = replace(exchange, path=path, body=body)
            settled = self._settled(step)
            if settled is not None:
                return replace(exchange, skipped=True, mismatches=tuple(self._capture(step, settled)))
            return self._exchange(exchange)
        except UnknownVariableError as error:
            return replace(exchange, mismatches=(str(error),))

    def _settled(self, step: Step) -> Any:
        """The resource that shows the step to be done already, or None."""
        if step.settled is None:
            return None
        answer, _ = self._send("GET", fill_path(step.settled, self.values), {}, None)
        hits = find(answer.body, "Resources.0")
        return hits[0] if answer.status == 200 and hits else None

    def _exchange(self, exchange: Exchange) -> Exchange:
        step = exchange.step
        headers = fill(step.request.headers, self.values)
        answer, milliseconds = self._send(exchange.method, exchange.path, headers, exchange.body)
        missing = self._capture(step, answer.body) if answer.status in step.response.status else []
        expected = replace(
            step.response,
            headers=fill(step.response.headers, self.values),
            body=fill(step.response.body, self.values),
        )
        return replace(
            exchange,
            status=answer.status,
            answer=answer.body,
            milliseconds=milliseconds,
            mismatches=(*mismatches(expected, answer), *missing),
        )

    def _send(self, method: str, path: str, headers: Mapping[str, str], body: Any) -> tuple[Answer, float]:
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        # Joined as text, as clients do: one that writes two slashes sends two, where httpx would merge them.
        address = f"{str(self.http.base_url).rstrip('/')}{path}"
        started = time.perf_counter()
        response = self.http.request(method, address, headers={**self.flow.headers, **headers}, content=content)
        milliseconds = (time.perf_counter() - started) * 1000
        return Answer(response.status_code, response.headers, _decoded(response)), milliseconds

    def _capture(self, step: Step, body: Any) -> list[str]:
        """Keep what the step captures; a sentence for each value that the answer does not hold."""
        missing = []
        for variable, path in step.capture.items():
            values = find(body, path)
            if values and values[0] is not None:
                self.values[variable] = values[0]
            else:
                self.values.pop(variable, None)
                missing.append(f"{path}: missing, it was to become {{{{{variable}}}}}")
        return missing


def _decoded(response: httpx.Response) -> Any:
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        return response.text
