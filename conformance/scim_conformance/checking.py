"""The command `scim-conformance URL`: discover, select, run, report."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import httpx

from scim_conformance.checks import Check, all_checks
from scim_conformance.clients import Client
from scim_conformance.reports.consoles import Console, print_summary
from scim_conformance.reports.junit import junit_xml
from scim_conformance.reports.pages import html_page
from scim_conformance.reports.records import json_document
from scim_conformance.running import Outcome, Report, run_checks, why_skipped
from scim_conformance.selections import select
from scim_conformance.servers import Server, discover

TIMEOUT = 20.0

_WRITERS: dict[str, Callable[[Report], str]] = {"junit": junit_xml, "json": json_document, "html": html_page}


def parser() -> argparse.ArgumentParser:
    """What `scim-conformance URL` takes."""
    parser = argparse.ArgumentParser(prog="scim-conformance", description="Run checks against a SCIM server.")
    parser.add_argument("url", metavar="URL", help="SCIM base address, the part before /Users")
    parser.add_argument("selection", nargs="*", metavar="SELECTION", help="sections, check ids or requirements")
    parser.add_argument("--token", help="sent as 'Authorization: Bearer TOKEN'")
    parser.add_argument("--timeout", type=float, default=TIMEOUT, metavar="S", help="seconds per request (20)")
    parser.add_argument("--strict", action="store_true", help="a failed 'should' counts as a failure")
    parser.add_argument("--dry-run", action="store_true", help="read discovery, print what would run, write nothing")
    for kind in _WRITERS:
        parser.add_argument(
            f"--{kind}", type=Path, metavar="F", help=f"also write a report in {kind.upper()} to this file"
        )
    parser.set_defaults(run=run)
    return parser


def run(options: argparse.Namespace) -> int:
    """Run the selected checks: 0 if all hold, 1 if one does not, 2 if the run was interrupted.

    :raises NothingSelectedError: for a selection that names nothing.
    :raises Unreachable: if the server cannot be reached or refuses the token.
    """
    checks = select(all_checks(), options.selection)
    headers = {"Authorization": f"Bearer {options.token}"} if options.token else {}
    with httpx.Client(base_url=options.url, headers=headers, timeout=options.timeout) as http:
        client = Client(http)
        server = discover(client)
        if options.dry_run:
            return _announce(checks, server)
        report = run_checks(checks, client, server, strict=options.strict, on_result=Console().show)
    print_summary(report)
    for kind, write in _WRITERS.items():
        if file := getattr(options, kind):
            file.write_text(write(report), encoding="utf-8", errors="backslashreplace")
    if report.interrupted:
        print("scim-conformance: interrupted", file=sys.stderr)
        return 2
    return 1 if report.count(Outcome.FAILED) else 0


def _announce(checks: list[Check], server: Server) -> int:
    console = Console()
    reasons = [why_skipped(check, server) for check in checks]
    for check, reason in zip(checks, reasons, strict=True):
        console.announce(check, reason)
    skipped = sum(reason is not None for reason in reasons)
    print(f"\n{len(checks) - skipped} checks would run, {skipped} would be skipped; nothing was written")
    return 0
