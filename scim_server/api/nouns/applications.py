"""What the application asks and reports of people when they sign in."""

from scim_server.api.answers import Answered
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Many, Moment, Text
from scim_server.api.items.accesses import AccessItem
from scim_server.api.items.sightings import SeenItem
from scim_server.api.shapes import Body
from scim_server.services import accessing, seeing

applications = Noun("applications", "What the application asks and reports of people when they sign in.")


class Sighting(Body):
    """Somebody was seen."""

    user = Text(required=True, about="User name or id.")
    at = Moment(load_default=None, about="When; now, if left out.")


class Sightings(Body):
    """Who was seen."""

    sightings = Many(Sighting, required=True, most=seeing.MOST_SEEN)


@applications.get(f"{TENANT}/users/{{user}}/access", "people.read", shows=AccessItem)
def show_access(call: Call) -> Answered:
    """Show a person's products, roles, settings and language, by user name or id."""
    return accessing.access(call.units, call.tenant, call.path["user"])


@applications.post(f"{TENANT}/sightings", "sessions.write", shows=SeenItem, body=Sightings)
def report_seen(call: Call) -> Answered:
    """Report sign-ins, one or thousands. What is known never goes back; entries that name nobody are listed."""
    seen = [(each["user"], each["at"]) for each in call.body["sightings"]]
    return seeing.report_batch(call.units, call.tenant, seen)
