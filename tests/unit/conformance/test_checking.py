"""The command `scim-conformance URL`: what it sends, prints, writes, and how it exits."""

import json
import re
from pathlib import Path

import httpx
import pytest
from scim_conformance import checking, cli
from scim_conformance.checks import Check, Level
from scim_conformance.fixtures import Probe
from scim_conformance.verdicts import CheckFailed

from .conftest import BASE, TOKEN, Stub, made


def fail(scim: Probe) -> None:
    scim.user()
    raise CheckFailed("it is not so")


def interrupt(scim: Probe) -> None:
    scim.user()
    raise KeyboardInterrupt


GOOD = made(lambda scim: scim.user(), id="good.one", covers=("R-7644-3.3-01",))
BAD = made(fail, id="bad.one", section="7644-3.6")
DOUBTFUL = made(fail, id="doubtful.one", level=Level.SHOULD)
ELSEWHERE = made(fail, id="elsewhere.one", needs=("bulk",))
STOPPED = made(interrupt, id="stopped.one")


@pytest.fixture(autouse=True)
def _connected(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command reaches the stub instead of the network, and runs the checks of this module."""
    connect = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **options: connect(transport=httpx.WSGITransport(app=stub), **options))


@pytest.fixture
def suite(monkeypatch: pytest.MonkeyPatch) -> list[Check]:
    checks = [GOOD, ELSEWHERE]
    monkeypatch.setattr(checking, "all_checks", lambda: checks)
    return checks


def command(*more: str) -> int:
    return cli.main([BASE, "--token", TOKEN, *more])


def test_a_url_alone_means_check(suite: list[Check], stub: Stub, capsys: pytest.CaptureFixture[str]) -> None:
    assert command() == 0
    out = capsys.readouterr().out
    assert re.search(r"pass good\.one", out)
    assert "skipped: ServiceProviderConfig does not advertise bulk" in out
    assert stub.resources == {}


@pytest.mark.parametrize(
    ("added", "options", "code"),
    [
        (BAD, [], 1),
        (DOUBTFUL, [], 0),
        (DOUBTFUL, ["--strict"], 1),
        (STOPPED, [], 2),
        (BAD, ["good"], 0),
        (BAD, ["7644-3.6"], 1),
        (BAD, ["R-7644-3.3-01"], 0),
    ],
)
def test_the_exit_code_tells_how_it_went(
    suite: list[Check], stub: Stub, added: Check, options: list[str], code: int
) -> None:
    suite.append(added)
    assert command(*options) == code
    assert stub.resources == {}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([BASE, "no-such-check"], "'no-such-check' is no section"),
        ([BASE, "--token", "wrong"], "does not accept this token"),
    ],
)
def test_what_cannot_run_exits_2_and_says_why(
    suite: list[Check], arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    assert reason in capsys.readouterr().err


def test_a_dry_run_writes_nothing(suite: list[Check], stub: Stub, capsys: pytest.CaptureFixture[str]) -> None:
    suite.append(BAD)
    assert command("--dry-run") == 0
    assert {method for method, _ in stub.received} == {"GET"}
    out = capsys.readouterr().out
    assert re.search(r"run +good\.one", out)
    assert re.search(r"skip +elsewhere\.one", out)
    assert "2 checks would run, 1 would be skipped" in out


def test_reports_are_written_and_the_token_is_nowhere(
    suite: list[Check], stub: Stub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stub.answers["GET /Users/1"] = (200, {"echo": TOKEN})
    suite.append(made(lambda scim: scim.get("/Users/1").refused(404), id="echo.one"))
    files = {kind: tmp_path / f"report.{kind}" for kind in ("junit", "json", "html")}
    assert command(*(word for kind, file in files.items() for word in (f"--{kind}", str(file)))) == 1
    printed = capsys.readouterr()
    texts = [file.read_text(encoding="utf-8") for file in files.values()]
    assert all("echo.one" in text for text in [printed.out, *texts])
    assert not any(TOKEN in text for text in [printed.out, printed.err, *texts])
    assert json.loads(texts[1])["totals"]["failed"] == 1


def test_checks_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "checks", "create.duplicate"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"create\.duplicate +must +A second user", out)
    assert "covers R-7644-3.3-02" in out


def test_flows_are_listed_by_name_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "flows"]) == 0
    assert "okta/catalog-lifecycle" in capsys.readouterr().out
