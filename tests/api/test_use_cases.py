"""Every use case of the ledger is driven over the admin API and from the command line, to the same end and answer."""

import importlib
import inspect
import json
import pkgutil
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from string import Template
from types import CodeType, FrameType
from typing import Any
from urllib.parse import urlsplit

import pytest

from scim_server import services
from scim_server.api.nouns import ENDPOINTS
from scim_server.config import SmtpServer
from scim_server.services import receipt_lists, removing, tenancy, verifying
from tests.api import callers
from tests.api.callers import Caller
from tests.api.stories import ELSEWHERE, STORY, Step
from tests.cli.commands import CommandLine
from tests.mailboxes import mail_server
from tests.nameservers import name_server
from tests.worlds import World

BY_NAME = {endpoint.name: endpoint for endpoint in ENDPOINTS}
UNLIKE = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "MOMENT"),
    (re.compile(r'(?<="id": ")[0-9A-Za-z]{12,22}(?=")'), "ID"),
    (re.compile(r'(?<="replaces": ")[0-9A-Za-z]{22}(?=")'), "ID"),
    (re.compile(r'(?<="clientId": ")[0-9A-Za-z]{22}(?=")'), "ID"),
    (re.compile(r'(?<="actor": ")[^"]*'), "WHO"),
    (re.compile(r'(?<="owner": ")[^"]*'), "WHO"),
    (re.compile(r"scim-server-domain=[\w-]+"), "PROOF"),
    (re.compile(r"(scim[a-z]*_|inv[a-z]*_|whsec_)[\w+/=-]+"), "SECRET"),
)
LOOKED_UP = {"removing.approve", "removing.restore", "receipting.acknowledge", "undoing.undo"}
"""Before these, ids are looked up that no answer tells."""
LISTS = (
    "~/users", "~/deleted-users", "~/pending-adds", "~/groups", "~/seats", "~/rules", "~/templates", "~/roles",
    "~/subscriptions", "~/invitations", "~/removals", "~/issues", "~/connections", "~/sessions", "~/api-tokens",
    "~/issuers",
    "~/domains",
    "~/webhooks",
    "~/streams",
    "~/receipts",
)  # fmt: skip


@cache
def use_cases() -> dict[str, CodeType]:
    """The public functions of services that write in somebody's name, by module and name."""
    found = {}
    for module in pkgutil.iter_modules(services.__path__):
        loaded = importlib.import_module(f"{services.__name__}.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            own = inspect.unwrap(function)
            first, *others = [*inspect.signature(own).parameters, ""]
            if own.__module__ == loaded.__name__ and not name.startswith("_") and first == "units":
                found[f"{module.name}.{name}"] = (own.__code__, "cause" in others)
    return {name: code for name, (code, writes) in found.items() if writes or name in _driven()}


def _driven() -> set[str]:
    return {name for step in STORY for name in (step.use_case, step.command_runs) if name is not None}


def test_every_use_case_is_in_the_story() -> None:
    known = use_cases()
    assert _driven() <= known.keys()
    assert ELSEWHERE.keys() <= known.keys()
    assert known.keys() - _driven() - ELSEWHERE.keys() == set()
    assert _driven() & ELSEWHERE.keys() == set()


@contextmanager
def running(names: set[str]) -> Iterator[set[str]]:
    """Notes which of the use cases run meanwhile."""
    watched = {code: name for name, code in use_cases().items() if name in names}
    ran: set[str] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code in watched:
            ran.add(watched[frame.f_code])

    sys.setprofile(note)
    try:
        yield ran
    finally:
        sys.setprofile(None)


def alike(value: Any, slug: str) -> Any:
    """What is left of an answer without ids, moments, secrets and the tenant's name."""
    text = json.dumps(value, sort_keys=True).replace(slug, "SLUG")
    for pattern, word in UNLIKE:
        text = pattern.sub(word, text)
    return json.loads(text)


def filled(value: Any, known: dict[str, str]) -> Any:
    """The value with every word that has a `$` filled in."""
    if isinstance(value, dict):
        return {filled(name, known): filled(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, known) for each in value]
    return Template(value).substitute(known) if isinstance(value, str) else value


class Teller:
    """Tells the story for one tenant, to the admin API or to the command line."""

    def __init__(self, world: World, slug: str, ask: Callable[[Step, dict[str, str]], Any], folder: Path) -> None:
        self.world, self.slug, self.ask = world, slug, ask
        files = {"file": str(folder / "mail.txt"), "header": str(folder / "header.txt")}
        self.known = {"slug": slug, **files, "sessions": str(folder / f"{slug}.jsonl")}
        self.folder = folder
        self.answers: list[Any] = []

    def tell(self) -> None:
        outside = self.world.connect(self.world.tenant(f"out-{self.slug}"))
        gone = outside.create_user(f"pia@{self.slug}.test")["id"]
        outside.create_user(f"inge@{self.slug}.test")
        (self.folder / "mail.txt").write_text("Welcome.")
        (self.folder / "header.txt").write_text("Bearer theirs\n")
        for step in STORY:
            if step.use_case in LOOKED_UP:
                self._look_up()
            answer = self.ask(step, self.known)
            if step.keep is not None:
                self.known[step.keep] = answer["id"]
            self.answers.append(alike(answer, self.slug) if step.same else None)
            if step.keep == "pending":
                outside.delete(f"/Users/{gone}")
            if step.keep == "ana":
                self._write_sessions(answer["id"])

    def _write_sessions(self, ana: str) -> None:
        row = {"id": "s1", "kind": "meeting", "organiser": ana, "title": "One", "starts": "2100-01-31T09:00:00Z"}
        Path(self.known["sessions"]).write_text(json.dumps(row))

    def _look_up(self) -> None:
        """Ids that no answer tells: of the first held seat and receipt, and of the change that is to be undone."""
        tenant = tenancy.tenant(self.world.units, self.slug)
        for seat in removing.held(self.world.units, tenant)[:1]:
            self.known["removal"] = seat.id
        for listed in receipt_lists.receipts(self.world.units, tenant)[:1]:
            self.known["receipt"] = listed.receipt.id
        changed = [entry.id for entry in self.world.trail(tenant) if entry.object_type == "template"]
        self.known["entry"] = changed[-1]


def over_the_api(api: Caller) -> Callable[[Step, dict[str, str]], Any]:
    def ask(step: Step, known: dict[str, str]) -> Any:
        with running({step.use_case}) as ran:
            answer = api.done(BY_NAME[step.endpoint].method, filled(step.path, known), filled(step.body, known))
        assert ran == {step.use_case}, step
        listed = answer is not None and answer.keys() == {"items", "next"}
        return answer["items"] if listed else answer

    return ask


def from_the_command_line(cli: CommandLine) -> Callable[[Step, dict[str, str]], Any]:
    def ask(step: Step, known: dict[str, str]) -> Any:
        runs = step.command_runs or step.use_case
        with running({runs}) as ran:
            answer = cli.json(*(filled(word, known) for word in shlex.split(step.command)))
        assert ran == {runs}, step
        return answer

    return ask


@pytest.fixture
def mailing(build_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world with a mail server and a name server, which the command line is told of as well."""
    worlds: list[World] = []
    with mail_server() as (_, url), name_server(lambda name: _proofs(worlds[0], name)) as dns_server:
        monkeypatch.setenv("SCIM_SMTP_URL", url)
        monkeypatch.setenv("SCIM_DNS_SERVERS", dns_server)
        monkeypatch.setenv("SCIM_PUBLIC_URL", "https://seats.example.com")
        port = urlsplit(url).port
        assert port is not None
        worlds.append(build_world(smtp_url=SmtpServer("127.0.0.1", port, "none"), dns_servers=(dns_server,)))
        yield worlds[0]


def _proofs(world: World, record: str) -> list[str]:
    """Every tenant's proofs are published at once."""
    known = [each for tenant in tenancy.tenants(world.units) for each in verifying.domains(world.units, tenant)]
    return [each.text for each in known if each.record == record]


def test_the_api_and_the_command_line_come_to_the_same(cli: CommandLine, mailing: World, tmp_path: Path) -> None:
    world, operator = mailing, callers.operator(mailing)
    by_api = Teller(world, "tango", over_the_api(Caller(operator.http, operator.token, "tango")), tmp_path)
    by_cli = Teller(world, "bolero", from_the_command_line(cli), tmp_path)
    by_api.tell()
    by_cli.tell()
    told = zip(STORY, by_api.answers, by_cli.answers, strict=True)
    assert [(step.endpoint, one, two) for step, one, two in told if one != two] == []
    for path in LISTS:
        ends = [
            alike(callers.Caller(operator.http, operator.token, slug).items(path), slug) for slug in ("tango", "bolero")
        ]
        assert ends[0] == ends[1], path
    assert alike(tallies(world, "tango"), "tango") == alike(tallies(world, "bolero"), "bolero")


def tallies(world: World, slug: str) -> list[str]:
    """What the audit trail says was done, in order."""
    tenant = tenancy.tenant(world.units, slug)
    return [f"{entry.object_type} {entry.action}" for entry in world.trail(tenant)]
