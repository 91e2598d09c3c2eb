"""A console to visit with a browser: a world behind an address of this machine, with people in it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from werkzeug.serving import make_server

from scim_server.domain.tenants import Tenant
from scim_server.services import visiting
from scim_server.services.addresses import link_address
from tests.worlds import Connection, World

NAMES = ("Ana Lima", "Ben Okoro", "Cleo Marsh", "Dev Patel", "Eva Novak", "Finn Adler", "Gia Costa", "Hugo Martin")


@dataclass(frozen=True)
class Site:
    """A world that is served, and its tenant with an Okta connection."""

    world: World
    url: str
    tenant: Tenant
    okta: Connection

    def link(self, user_name: str | None = None) -> str:
        """A sign-in link, for a person or for the operator."""
        if user_name is None:
            _, text = visiting.invite_operator(self.world.units)
        else:
            _, text = visiting.invite(self.world.units, self.tenant, user_name)
        return link_address(self.url, text)

    def address(self, path: str) -> str:
        """Of a page of the tenant, or of any that begins with /console."""
        return self.url + (path if path.startswith("/console") else f"/console/tenants/{self.tenant.slug}{path}")


@contextmanager
def served(world: World) -> Iterator[str]:
    """Serve the world at the address that its settings say is public."""
    port = int(world.installation.settings.public_url.rpartition(":")[2])
    server = make_server("127.0.0.1", port, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield world.installation.settings.public_url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def furnish(world: World, tenant: Tenant, okta: Connection) -> None:
    """People, groups, rules and seats: two wait for a webinar, one is suspended."""
    world.buy(tenant, "meeting", 5)
    world.buy(tenant, "webinar", 2)
    people = [
        okta.create_user(
            f"{name.split()[0].lower()}@example.com",
            displayName=name,
            name=dict(zip(("givenName", "familyName"), name.split(), strict=True)),
            emails=[{"value": f"{name.split()[0].lower()}@example.com", "type": "work", "primary": True}],
        )
        for name in NAMES
    ]
    ids = [person["id"] for person in people]
    okta.create_group("Sales", *ids[:4])
    okta.create_group("Support", *ids[4:7])
    world.rule(tenant, "Sales", "webinar")
    world.rule(tenant, "Support", "meeting")
    okta.patch(f"/Users/{ids[6]}", {"op": "replace", "path": "active", "value": False})
