"""RFC 9967 section 2.5.1: changes that are answered 202 and carried out later, where the client prefers it."""

from scim_conformance.checks import Section
from scim_conformance.clients import PATCH_OP, Reply
from scim_conformance.fixtures import Probe, Resource
from scim_conformance.verdicts import CheckSkipped, require, same

asynchronous = Section("9967-2.5.1", "async", needs="async patch User.title")
discovered = Section("9967-4", "events", needs="events")

PREFER = {"Prefer": "respond-async"}
RESPONSE = "urn:ietf:params:scim:event:misc:asyncresp"
CHANGE: Resource = {"op": "replace", "path": "title", "value": "Later"}


def _accepted(reply: Reply) -> Reply:
    """A 202 as it must be; one that is answered as ever is as good, and nothing is to be checked of it."""
    if reply.status in (200, 204):
        raise CheckSkipped("the server carries out at once what it may carry out later")
    reply.expect(202)
    same(reply.text, "", "the body of a 202")
    return reply


@asynchronous.must(
    "headers",
    "A change with respond-async is answered as ever, or 202 without a body, with Set-Txn, Preference-Applied and "
    "Location.",
    "R-9967-2.5.1-01 R-9967-3-01",
)
def headers(scim: Probe) -> None:
    reply = _accepted(scim.patch(scim.user(), CHANGE, headers=PREFER))
    for name in ("Set-Txn", "Location"):
        require(reply.headers.get(name), f"the header {name} is missing")
    applied = reply.headers.get("Preference-Applied", "").lower()
    require("respond-async" in applied, "Preference-Applied does not name respond-async")


@asynchronous.must("distinct", "Each 202 has a Set-Txn of its own.", "R-9967-3-01")
def distinct(scim: Probe) -> None:
    made = scim.user()
    txns = [_accepted(scim.patch(made, CHANGE, headers=PREFER)).headers.get("Set-Txn") for _ in range(2)]
    require(txns[0] != txns[1], "two requests have the same Set-Txn")


@asynchronous.must("accept", "Accept is ignored for a 202.", "R-9967-2.5.1-04")
def accept(scim: Probe) -> None:
    _accepted(scim.patch(scim.user(), CHANGE, headers={**PREFER, "Accept": "text/html"}))


@asynchronous.must(
    "unauthorised", "A change with respond-async and without a credential is refused with 401.", "R-9967-2.5.1-08"
)
def unauthorised(scim: Probe) -> None:
    message = {"schemas": [PATCH_OP], "Operations": [CHANGE]}
    scim.client.send("PATCH", scim.path(scim.user()), message, headers=PREFER, anonymous=True).refused(401)


@asynchronous.may("syntax", "A body that is no JSON is refused at once, respond-async or not.", "R-9967-2.5.1-08")
def syntax(scim: Probe) -> None:
    path = scim.path(scim.user())
    scim.client.send("PATCH", path, content=b"{", headers={**PREFER, "Content-Type": "application/scim+json"}).refused(
        400
    )


@discovered.must("async-request", "asyncRequest is none, long or request, in any letter case.", "R-9967-4-01")
def async_request(scim: Probe) -> None:
    told = scim.get("/ServiceProviderConfig").resource["securityEvents"].get("asyncRequest")
    require(str(told).lower() in ("none", "long", "request"), f"asyncRequest is {told!r}")


@discovered.must("event-uris", "eventUris is a list of URIs.", "R-9967-4-01")
def event_uris(scim: Probe) -> None:
    told = scim.get("/ServiceProviderConfig").resource["securityEvents"].get("eventUris", [])
    require(isinstance(told, list) and all(":" in str(each) for each in told), f"eventUris is {told!r}")


@discovered.should(
    "async-response",
    "Where requests are carried out asynchronously, eventUris names the event that tells of it.",
    "R-9967-4-01",
    needs="async",
)
def async_response(scim: Probe) -> None:
    told = scim.get("/ServiceProviderConfig").resource["securityEvents"].get("eventUris") or []
    require(RESPONSE in told, f"eventUris does not name {RESPONSE}")
