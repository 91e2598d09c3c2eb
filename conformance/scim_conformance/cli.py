"""The command `scim-conformance`.

Exit code 0: everything is as stated; 1: something is not; 2: it could not run, and standard error says why.
"""

import argparse
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from scim_conformance import checking
from scim_conformance.checks import all_checks
from scim_conformance.replay import Exchange, Flow, UnsoundFlowError, available, load, load_client, replay
from scim_conformance.reports.consoles import print_checks, print_sections
from scim_conformance.selections import NothingSelectedError, select
from scim_conformance.servers import Unreachable

LIST, REPLAY = "list", "replay"

_UNABLE = (UnsoundFlowError, NothingSelectedError, Unreachable)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    options = _parse(sys.argv[1:] if arguments is None else arguments)
    try:
        code: int = options.run(options)
    except (*_UNABLE, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        print(f"scim-conformance: {_reason(error)}", file=sys.stderr)
        return 2
    return code


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """`scim-conformance URL ...` has no command word; its options may stand between its other words."""
    first = arguments[0] if arguments else "--help"
    if first in (LIST, REPLAY, "-h", "--help"):
        return _parser().parse_args(arguments or [first])
    return checking.parser().parse_intermixed_args(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scim-conformance",
        usage="%(prog)s URL --token T [SELECTION ...] [OPTIONS]  (URL --help tells more)\n       %(prog)s COMMAND ...",
        description="Evidence about a SCIM server: without a command word, checks of the standards are run.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    listing = commands.add_parser(LIST, help="list the client flows that can be replayed, or the checks")
    listing.add_argument("what", nargs="?", choices=["flows", "checks"], default="flows")
    listing.add_argument("selection", nargs="*", metavar="SELECTION", help="sections, check ids or requirements")
    listing.add_argument("--summary", action="store_true", help="checks: a table of sections with their numbers")
    listing.set_defaults(run=_list)

    playing = commands.add_parser(REPLAY, help="play recorded client traffic against a server")
    playing.add_argument("url", metavar="URL", help="SCIM base address, the part before /Users")
    playing.add_argument("--token", help="sent as 'Authorization: Bearer TOKEN'")
    playing.add_argument("--timeout", type=float, default=60.0, metavar="S", help="seconds per request (60)")
    traffic = playing.add_mutually_exclusive_group(required=True)
    traffic.add_argument("--client", help="whose traffic, for example okta or entra (see list)")
    traffic.add_argument("--file", type=Path, help="a traffic file of your own")
    playing.add_argument("--flow", metavar="NAME", help="only this flow of the client")
    playing.add_argument("--var", action="append", default=[], type=_assignment, metavar="NAME=VALUE")
    playing.add_argument("--json", type=Path, metavar="F", help="also write every exchange to this file")
    playing.set_defaults(run=_replay)
    return parser


def _list(options: argparse.Namespace) -> int:
    if options.what == "checks":
        (print_sections if options.summary else print_checks)(select(all_checks(), options.selection))
        return 0
    for name in available():
        flow = load(name)
        print(f"{name:40} {len(flow.steps):3} steps  {flow.title}")
    return 0


def _replay(options: argparse.Namespace) -> int:
    flows = _flows(options)
    headers = {"Authorization": f"Bearer {options.token}"} if options.token else {}
    exchanges: dict[str, list[Exchange]] = {}
    with httpx.Client(base_url=options.url, headers=headers, timeout=options.timeout) as http:
        for flow in flows:
            print(f"{flow.name}: {flow.title}")
            exchanges[flow.name] = replay(flow, http, dict(options.var), _show)
    if options.json:
        report = json.dumps(_report(exchanges), indent=1, ensure_ascii=False)
        options.json.write_text(f"{report}\n", encoding="utf-8")
    return _conclude([exchange for group in exchanges.values() for exchange in group])


def _flows(options: argparse.Namespace) -> list[Flow]:
    if options.file and options.flow:
        raise UnsoundFlowError("--flow picks one of a client's flows and has no meaning beside --file")
    if options.file:
        return [load(options.file)]
    if options.flow:
        return [load(f"{options.client}/{options.flow}")]
    return load_client(options.client)


def _show(exchange: Exchange) -> None:
    verdict = "FAIL" if exchange.mismatches else "skip" if exchange.skipped else "ok"
    answered = f"{exchange.status} in {exchange.milliseconds:.0f} ms" if exchange.status else "not sent"
    outcome = "done before" if exchange.skipped else answered
    path = exchange.path if len(exchange.path) <= 60 else exchange.path[:57] + "..."
    print(f"  {verdict:4} {exchange.step.title}: {exchange.method} {path} -> {outcome}")
    for mismatch in exchange.mismatches:
        print(f"         {mismatch}")


def _conclude(exchanges: list[Exchange]) -> int:
    failed = sum(not exchange.ok for exchange in exchanges)
    skipped = sum(exchange.skipped and exchange.ok for exchange in exchanges)
    as_stated = len(exchanges) - failed - skipped
    print(f"{len(exchanges)} steps: {as_stated} as stated, {failed} not, {skipped} done before")
    return 1 if failed else 0


def _report(exchanges: dict[str, list[Exchange]]) -> list[dict[str, Any]]:
    return [
        {
            "flow": flow,
            "step": exchange.step.title,
            "source": exchange.step.source,
            "request": {"method": exchange.method, "path": exchange.path, "body": exchange.body},
            "response": {"status": exchange.status, "body": exchange.answer},
            "milliseconds": round(exchange.milliseconds, 1),
            "skipped": exchange.skipped,
            "mismatches": list(exchange.mismatches),
        }
        for flow, group in exchanges.items()
        for exchange in group
    ]


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.RequestError):
        return f"{error.request.method} {error.request.url} did not succeed: {error or type(error).__name__}"
    return str(error)
