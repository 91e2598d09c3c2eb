"""The wizard that links an identity provider: its name and terms, what to paste where, and its first request."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import go, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.pasting import addresses, typed_days
from scim_server.console.terms_of_connections import typed_terms
from scim_server.console.views.connections import CONNECTIONS, ONE, PERMISSION, connections
from scim_server.domain.errors import Invalid, Missing
from scim_server.domain.oauth_clients import SCIM, ClientMethod
from scim_server.domain.tenants import Connection
from scim_server.services import client_secrets, connecting, provisioning_logs, registering, tenancy, trusting
from scim_server.services.guides import CLIENT_ID, GUIDES, SECRET, TOKEN, Guide, Way
from scim_server.services.log_entries import LoggedRequest, Sought

LOGS = "logs.read"
"""What it takes to see what came."""
SHOWN = 20
"""Requests on the page that waits for the first one."""
REFUSED = 400
PASTING = {Way.TOKEN: "paste_token", Way.CLIENT: "paste_client", Way.ISSUER: "paste_issuer"}
"""The page of each way to prove oneself."""


@connections.get(f"{CONNECTIONS}/new", PERMISSION)
def choose_provider(call: Call) -> str:
    """Which identity provider it is."""
    del call
    return render("connections/choose.html", guides=GUIDES)


@connections.get(f"{CONNECTIONS}/new/<idp>", PERMISSION)
def new_connection(call: Call) -> str:
    """The form with the terms of a new connection."""
    idp = call.path["idp"]
    return render("connections/new.html", idp=idp, guide=_guide(idp))


@connections.post(f"{CONNECTIONS}/new/<idp>", PERMISSION)
def create_connection(call: Call) -> Response:
    """Make the connection, and go on to what it proves itself by."""
    terms = typed_terms(call.form) | {"idp": call.path["idp"]}
    way = _way(_guide(call.path["idp"]), call.form.get("way"))
    made = tenancy.create_connection(call.units, call.tenant, call.cause, terms.pop("name"), **terms)
    return go(call.url(PASTING[way], connection=made.id), gettext("The connection is there."))


@connections.get(f"{ONE}/token", PERMISSION)
def paste_token(call: Call) -> str:
    """What goes where, before there is a token."""
    return _boxes(call, Way.TOKEN)


@connections.post(f"{ONE}/token", PERMISSION)
def issue_token(call: Call) -> str:
    """A new token, which is shown this once in the box that it goes into."""
    scopes, name = call.form.getlist("scope"), call.path["connection"]
    life = timedelta(days=typed_days(call.form, "days"))
    _, text = tenancy.issue_token(call.units, call.tenant, call.cause, name, life, scopes)
    return _boxes(call, Way.TOKEN, {TOKEN: text})


@connections.get(f"{ONE}/client", PERMISSION)
def paste_client(call: Call) -> str:
    """What goes where, before there is a client."""
    return _boxes(call, Way.CLIENT)


@connections.post(f"{ONE}/client", PERMISSION)
def register_client(call: Call) -> str:
    """A new client of the authorization server, whose secret is shown this once."""
    connection, guide = _connection(call)
    life = timedelta(days=typed_days(call.form, "days"))
    new = registering.register_client(
        call.units,
        call.tenant,
        call.cause,
        call.form.get("name", "").strip(),
        scopes=[SCIM],
        connection=connection.id,
        method=ClientMethod.POST if "in_body" in call.form else ClientMethod.BASIC,
        redirect_uris=call.form.get("redirect_uris", "").split(),
        token_seconds=guide.token_seconds,
    )
    secret = client_secrets.issue_secret(call.units, call.tenant, call.cause, new.client.id, life)
    return _boxes(call, Way.CLIENT, {CLIENT_ID: new.client.id, SECRET: secret.text or ""}, client=new.client)


@connections.get(f"{ONE}/issuer", PERMISSION)
def paste_issuer(call: Call) -> str:
    """Whose tokens are to stand for the connection."""
    return _boxes(call, Way.ISSUER)


@connections.post(f"{ONE}/issuer", PERMISSION)
def trust_issuer(call: Call) -> Response:
    """Take those tokens from now on, and wait for the first."""
    connection, _ = _connection(call)
    typed = {name: call.form.get(name, "").strip() for name in ("name", "directory", "issuer", "audience", "subject")}
    if typed["directory"]:
        terms = trusting.entra_terms(typed["directory"])
    else:
        terms = trusting.Terms(typed["issuer"], typed["audience"], typed["subject"] or None)
    trusting.trust_issuer(call.units, call.tenant, call.cause, connection.id, typed["name"], terms)
    if call.may(LOGS):
        behind = call.url("await_request", connection=connection.id, since=call.units.now())
    else:
        behind = call.url("show_connection", connection=connection.id)
    return go(behind, gettext("The issuer is trusted from now on."))


@connections.get(f"{ONE}/waiting", LOGS)
def await_request(call: Call) -> str:
    """What the connection sent since that moment; asked again and again until something came and was answered."""
    connection, guide = _connection(call)
    since = call.query.get("since") or call.units.now()
    _check_moment(since)
    sought = Sought(SHOWN, since=since)
    came = provisioning_logs.requests(call.units, call.tenant, sought, connection.name)
    template = "connections/arrivals.html" if wants_part() else "connections/waiting.html"
    return render(template, connection=connection, guide=guide, since=since, came=came[::-1], state=_state(came))


def _boxes(call: Call, way: Way, known: dict[str, str] | None = None, **more: object) -> str:
    connection, guide = _connection(call)
    boxes = guide.boxes(_way(guide, way), addresses(call.service.public_url, call.tenant.slug) | (known or {}))
    return render(
        f"connections/{PASTING[way]}.html",
        connection=connection,
        guide=guide,
        way=way,
        boxes=boxes,
        issued=known is not None,
        now=call.units.now(),
        is_open=call.service.public_url.startswith("http://"),
        **more,
    )


def _connection(call: Call) -> tuple[Connection, Guide]:
    found = connecting.connection(call.units, call.tenant, call.path["connection"])
    return found, GUIDES[found.idp]


def _guide(idp: str) -> Guide:
    if idp not in GUIDES:
        raise Missing(gettext("There is no identity provider '%(idp)s'.", idp=idp))
    return GUIDES[idp]


def _way(guide: Guide, text: str | None) -> Way:
    if text is None or text not in guide.ways:
        raise Missing(gettext("%(title)s cannot be connected that way.", title=guide.title))
    return Way(text)


def _check_moment(text: str) -> None:
    try:
        fits = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        fits = False
    if not fits:
        raise Invalid(gettext("The address of this page is damaged. Go back to the connection."))


def _state(came: Sequence[LoggedRequest]) -> str:
    """How it stands: waiting, refused, or arrived where something was carried out."""
    if any(each.entry.status < REFUSED for each in came):
        return "arrived"
    return "refused" if came else "waiting"
