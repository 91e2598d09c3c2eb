"""Plays a client's check-up against the SCIM service, as the service answers everybody, within the process."""

import secrets
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from string import Template
from typing import Any
from urllib.parse import quote

from werkzeug.test import Client, TestResponse

from scim_server.dialects.check_ups import CHECK_UPS, Step
from scim_server.domain.tenants import Connection, Tenant
from scim_server.http.stages import Stage
from scim_server.oauth.bearers import Bearer
from scim_server.services.log_entries import LogEntry
from scim_server.services.ports import CheckUps, Played

MARK = 8
"""Bytes of what nobody else has."""


class _Nowhere:
    """A log that keeps nothing."""

    def keep_now(self, entry: LogEntry) -> None: ...

    def keep_soon(self, entry: LogEntry) -> None: ...


@dataclass(frozen=True, slots=True)
class PlayedCheckUps(CheckUps):
    """Plays them on the stage."""

    stage: Stage

    def play(self, tenant: Tenant, connection: Connection, scopes: Collection[str], domain: str) -> list[Played]:
        mark = secrets.token_hex(MARK)
        known = {"mark": f"check-up-{mark}", "address": f"check-up-{mark}@{domain}"}
        check_up, base_url = CHECK_UPS[connection.idp], self.stage.service.base_url(tenant.slug)
        bearer = Bearer(tenant, connection, scopes=frozenset(scopes))
        with self.stage.open(tenant, bearer, _Nowhere()) as (_, application):
            line = _Line(Client(application, TestResponse), base_url, check_up.headers, known)
            return [line.send(step) for step in check_up.steps]


@dataclass(frozen=True, slots=True)
class _Line:
    """Sends steps one after the other; `known` is what stands for words with a `$` in them."""

    client: Client
    base_url: str
    headers: Mapping[str, str]
    known: dict[str, str]

    def send(self, step: Step) -> Played:
        try:
            path, body = Template(step.path).substitute(self.known), _filled(step.body, self.known)
        except KeyError:
            return Played(step.does, step.method, step.path, None, 0, "skipped")
        begun = time.perf_counter()
        answer = self._open(step.method, path, body)
        took = round((time.perf_counter() - begun) * 1000)
        content = answer.get_json(silent=True) or {}
        wrong = _wrong(step, answer.status_code, content, self.known)
        if step.keeps is not None and wrong is None:
            self.known[step.keeps] = content["id"]
        return Played(
            step.does,
            step.method,
            path,
            answer.status_code,
            took,
            wrong,
            content.get("scimType"),
            content.get("detail") if answer.status_code >= 400 else None,
        )

    def _open(self, method: str, path: str, body: Any) -> TestResponse:
        address, _, query = path.partition("?")
        sent = query if "%" in query else quote(query, safe="&=$")
        more = {} if body is None else {"json": body}
        return self.client.open(
            f"{self.base_url}{address}", method=method, query_string=sent, headers=dict(self.headers), **more
        )


def _filled(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {_filled(name, known): _filled(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, known) for each in value]
    return Template(value).substitute(known) if isinstance(value, str) else value


def _wrong(step: Step, status: int, content: Mapping[str, Any], known: Mapping[str, str]) -> str | None:
    if status not in step.expects:
        return "status"
    if step.total is not None and content.get("totalResults") != step.total:
        return "total"
    shown = all(content.get(name) == value for name, value in _filled(step.shows, known).items())
    if not shown or (step.keeps is not None and "id" not in content):
        return "content"
    return None
