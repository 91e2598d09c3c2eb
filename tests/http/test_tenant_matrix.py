"""RFC 7644 section 6: a token of one tenant tells nothing, and changes nothing, of another.

Each place where a request can name something is tried with what is another tenant's, and with what nobody has: the
two answers are the same, byte for byte.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from scim_server.services import authorising, person_tokens
from tests.http.conftest import SCHEMAS
from tests.http.tenant_probes import Documents, Matrix, plant
from tests.walls.matrices import Wall
from tests.walls.requests import Answer, Request
from tests.walls.secrets import MARK, Secrets, kept
from tests.walls.writes import Writes
from tests.worlds import CAUSE, Connection, World


@dataclass
class Mending:
    """Takes back what a probe was allowed to do to its own tenant."""

    client: Connection
    own: Documents

    def __call__(self, request: Request, answer: Answer) -> None:
        base = f"/scim/{self.client.slug}/v2"
        path = request.path.removeprefix(base)
        if request.method == "POST" and not path.endswith(".search"):
            made = [answer.headers.get("Location")] if path != "/Bulk" else _made(answer)
            for location in filter(None, made):
                self.client.delete(location.partition(base)[2])
        for document in self.own.values():
            if path == document["meta"]["location"].partition(base)[2]:
                answered = self.client.put(path, document)
                assert answered.status_code == 200, answered.text


def _made(answer: Answer) -> list[str]:
    return [each["location"] for each in answer.json["Operations"] if each["status"] == "201"]


@dataclass
class Neighbours:
    """Two tenants of one installation with the same in both, each with a client, and the wall between them."""

    world: World
    profile: str

    def __post_init__(self) -> None:
        self.here, self.there = (self.world.tenant(slug, self.profile) for slug in ("acme", f"{MARK}globex"))
        self.world.sell("meeting")
        name, permits = f"{MARK}Auditor", ["people.read"]
        authorising.create_role(self.world.units, self.there, CAUSE, name.lower(), name, MARK, permits)
        client, other = self.world.connect(self.here), self.world.connect(self.there, f"{MARK}okta")
        registry = self.world.installation.registries.of("acme")
        own = plant(client, registry, "mine")
        self.matrix = Matrix(client, other, registry, own, plant(other, registry, MARK))
        writes = Writes(self.world.installation.database.engine)
        self.wall = Wall(self.world.app, Secrets.of(self.world, self.there), writes, Mending(client, own))
        self._before = kept(self.world, self.there)

    def of_person(self) -> Matrix:
        """What can be named by a person with a token of their own."""
        who = self.matrix.own["User"]["id"]
        _, text = person_tokens.issue_token(self.world.units, self.here, CAUSE, who, timedelta(days=1))
        return replace(self.matrix, client=replace(self.matrix.client, token=text))

    def check(self, least: int) -> None:
        """Nothing was wrong with any of the probes, of which there were so many at least."""
        wrong = self.wall.wrong
        assert not wrong, f"{len(wrong)} of {self.wall.counted} probes\n" + "\n".join(wrong[:10])
        assert kept(self.world, self.there) == self._before
        assert self.wall.counted >= least


@pytest.fixture
def neighbours(build_world: Callable[..., World]) -> Callable[[str], Neighbours]:
    """Makes them, both of one profile."""
    return lambda profile: Neighbours(build_world(schemas_dir=SCHEMAS, email_scope="tenant"), profile)


def test_what_is_another_tenants_is_what_nobody_has(neighbours: Callable[[str], Neighbours]) -> None:
    found = neighbours("tolerant")
    found.wall.stand(found.matrix.probes())
    found.wall.stand(found.of_person().me())
    found.check(least=400)


def test_a_strict_profile_tells_no_more_of_another_tenant(neighbours: Callable[[str], Neighbours]) -> None:
    found = neighbours("rfc")
    found.wall.stand(found.matrix.writes())
    found.check(least=50)
