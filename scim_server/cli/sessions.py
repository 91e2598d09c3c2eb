"""`scim-server session`: meetings, webinars, trainings and recordings that people organise."""

from pathlib import Path
from typing import Any

import click
import orjson

from scim_server.api.items.sessions import LoadItem, SessionItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.failures import Refused
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import confirm, counted, json_option, listing, report, yes_option
from scim_server.domain.sessions import Kind
from scim_server.services import scheduling, tenancy

COLUMNS = {
    "Starts": "starts",
    "Kind": "kind",
    "Organiser": "organiser",
    "Title": "title",
    "Co-organisers": "coOrganisers",
    "Id": "id",
}


@click.group("session")
def sessions() -> None:
    """Sessions: what people organise, for transfers and for those who leave."""


@sessions.command("load")
@click.argument("tenant")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@json_option
def load(tenant: str, file: Path, as_json: bool) -> None:
    """Load sessions of TENANT from FILE (- for standard input), a JSON array or one JSON object a line.

    Each has id, kind (meeting, webinar, training, recording), organiser (user name or id), title, starts, and
    perhaps ends and coOrganisers. One with a known id replaces that session. All are loaded or none.
    """
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    with click.open_file(str(file), "rb") as source:
        values = _values(source.read(), file)
    loaded = scheduling.load_sessions(units, owner, cause(), values)
    report(
        dump(LoadItem, loaded),
        f"{counted(loaded.sessions, 'session is', 'sessions are')} loaded, {loaded.changed} of them new or changed.",
        as_json=as_json,
    )


@sessions.command("put")
@click.argument("tenant")
@click.argument("session_id", metavar="ID")
@click.option("--kind", type=click.Choice(list(map(str, Kind))), required=True, help="What it is.")
@click.option("--organiser", metavar="USERNAME", required=True, help="Whose it is, by user name or id.")
@click.option("--title", required=True, help="What it is called.")
@click.option("--starts", metavar="INSTANT", required=True, help="For example 2030-01-31T09:00:00Z.")
@click.option("--ends", metavar="INSTANT", help="When it ends.")
@click.option("--co-organiser", "others", multiple=True, metavar="USERNAME", help="Who else runs it; repeatable.")
@json_option
def put(
    tenant: str,
    session_id: str,
    kind: str,
    organiser: str,
    title: str,
    starts: str,
    ends: str | None,
    others: tuple[str, ...],
    as_json: bool,
) -> None:
    """Register one session of TENANT, past or to come, or replace the one of that ID."""
    units = migrated().units
    row = {
        "id": session_id,
        "kind": kind,
        "organiser": organiser,
        "title": title,
        "starts": starts,
        "ends": ends,
        "coOrganisers": list(others),
    }
    stored = scheduling.put_session(units, tenancy.tenant(units, tenant), cause(), row)
    (facts,) = dump_all(SessionItem, stored.listed)
    report(facts, "'{title}' ({kind}) of '{organiser}' is registered.".format(**facts), as_json=as_json)


@sessions.command("cancel")
@click.argument("tenant")
@click.argument("session_id", metavar="ID")
@click.option(
    "--recording-of",
    metavar="USERNAME",
    help="Take out a recording of that person, without saying whether there was one.",
)
@yes_option
@json_option
def cancel(tenant: str, session_id: str, recording_of: str | None, yes: bool, as_json: bool) -> None:
    """Take a meeting, webinar or training out of TENANT; with --recording-of a recording."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    confirm(f"'{session_id}' is forgotten. Cancel it?", yes=yes, as_json=as_json)
    if recording_of is not None:
        scheduling.remove_recording(units, owner, cause(), session_id, recording_of)
        sentence = f"'{recording_of}' has no recording '{session_id}' now."
    else:
        gone = scheduling.cancel_session(units, owner, cause(), session_id)
        sentence = f"'{gone.title}' is cancelled."
    report({"tenant": owner.slug, "id": session_id}, sentence, as_json=as_json)


@sessions.command("list")
@click.argument("tenant")
@click.option("--user", "user_name", metavar="USERNAME", help="Only what that person organises.")
@json_option
def list_(tenant: str, user_name: str | None, as_json: bool) -> None:
    """The meetings, webinars and trainings of TENANT by start. Recordings are their organiser's alone."""
    units = migrated().units
    programme = scheduling.programme(units, tenancy.tenant(units, tenant), user_name)
    found = dump_all(SessionItem, programme.listed)
    listing(found, COLUMNS, "There are no sessions: `scim-server session load` brings them in.", as_json=as_json)


def _values(body: bytes, file: Path) -> list[Any]:
    """The rows of a JSON array, or of one JSON object a line. Raises Refused."""
    try:
        if body.lstrip().startswith(b"["):
            return list(orjson.loads(body))
        return [_line(line, number) for number, line in enumerate(body.splitlines(), start=1) if line.strip()]
    except orjson.JSONDecodeError as error:
        raise Refused(f"{file} is no JSON array: {error}.") from error


def _line(line: bytes, number: int) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Refused(f"Line {number} is no JSON object: {error}.") from error
