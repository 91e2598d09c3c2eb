"""What the grammars of SCIM have in common: whose request it is, and which resource it names."""

from random import Random

from scim_server.protocol.schemas import ResourceType
from tests.fuzz import chances
from tests.fuzz.chances import often
from tests.fuzz.grounds import Ground
from tests.walls.requests import Request, quoted

USUAL = ("User", "User", "Group", "Group")


def scim(random: Random, ground: Ground, method: str, path: str, body: bytes = b"", query: str = "") -> Request:
    """A request below the base address, with a credential that opens it as a rule."""
    headers = [("Authorization", f"Bearer {ground.person if often(random, 0.03) else ground.scim}")]
    if body:
        headers.append(("Content-Type", "application/scim+json"))
    return Request(method, ground.base + path, query, tuple(headers), body)


def any_kind(random: Random, ground: Ground) -> ResourceType:
    """A type of resource, people and groups more often than others."""
    if often(random, 0.7):
        return ground.registry.resource_type(random.choice(USUAL))
    return random.choice(list(ground.registry.resource_types.values()))


def any_id(random: Random, ground: Ground, kind: ResourceType) -> str:
    """An id that there is of that type as a rule, of another one, or nothing of the kind."""
    known = [*ground.seeds.places["user"], *ground.seeds.places["group"]]
    if kind.name in ground.resources:
        known += [ground.resources[kind.name]["id"]] * len(known)
    return chances.text(random) if often(random, 0.1) else random.choice(known)


def any_path(random: Random, ground: Ground, kind: ResourceType) -> str:
    """The address of a resource."""
    return f"{kind.endpoint}/{quoted(any_id(random, ground, kind))}"
