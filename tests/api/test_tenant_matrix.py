"""A token of one tenant tells nothing, and changes nothing, of another.

Each place where a call can name something is tried with what is another tenant's, and with what nobody has: the two
answers are the same, byte for byte.
"""

from collections.abc import Callable
from urllib.parse import quote

from scim_server.api.nouns import ENDPOINTS
from scim_server.services.credentials import SECRET_LENGTH, TENANT_ID_LENGTH, TOKEN_ID_LENGTH, Prefix, with_checksum
from tests.api import callers
from tests.api.seeds import seed, seed_tenant
from tests.api.tenant_probes import Matrix
from tests.schedules import SOON
from tests.walls.matrices import Probe, Wall
from tests.walls.requests import Request, send
from tests.walls.secrets import MARK, Secrets, kept
from tests.walls.writes import Writes
from tests.worlds import World


def test_what_is_another_tenants_is_what_nobody_has(build_world: Callable[..., World]) -> None:
    world = build_world()
    own, others = seed(world), seed_tenant(world, f"{MARK}globex", MARK)
    secrets = Secrets.of(world, others.tenant)
    wall = Wall(world.app, secrets, Writes(world.installation.database.engine))
    matrix = Matrix(callers.caller(world, own.tenant).token, own, others, secrets)
    world.installation.sealer.flush()
    before = kept(world, others.tenant)
    for endpoint in sorted(ENDPOINTS, key=lambda endpoint: endpoint.method):  # GET before what changes one's own
        wall.stand(matrix.probes(endpoint))
    assert not wall.wrong, f"{len(wall.wrong)} of {wall.counted} probes\n" + "\n".join(wall.wrong)
    assert kept(world, others.tenant) == before
    assert wall.counted > 3 * len(ENDPOINTS)


def test_tenants_may_choose_the_same_names(build_world: Callable[..., World]) -> None:
    world = build_world()
    own, others = seed(world), seed_tenant(world, f"{MARK}globex", MARK)
    api = callers.caller(world, own.tenant)
    named = {place: others.places[place][-1] for place in ("connection", "role", "name", "session", "group")}
    before = kept(world, others.tenant)
    api.done("POST", "~/connections", {"name": named["connection"], "idp": "okta"})
    api.done("POST", "~/groups", {"displayName": named["group"]})
    api.done("PUT", f"~/templates/webinar/{named['name']}", {"values": {"a": "b"}})
    api.done("POST", "~/roles", {"code": named["role"], "name": named["role"], "permissions": ["people.read"]})
    session = {"kind": "meeting", "organiser": own.places["user"][-1], "title": "x", "starts": SOON}
    api.done("PUT", f"~/sessions/{named['session']}", session)
    assert kept(world, others.tenant) == before


def test_the_page_of_an_invitation_knows_nothing_but_its_token(
    build_world: Callable[..., World],
) -> None:
    world = build_world()
    world.sell("meeting", "webinar:meeting", "training:meeting")
    others = seed_tenant(world, f"{MARK}globex", MARK)
    secrets = Secrets.of(world, others.tenant)
    wall = Wall(world.app, secrets, Writes(world.installation.database.engine))
    ids = [each for texts in others.places.values() for each in texts if secrets.disguised(each) != each]
    wall.stand(
        Probe(f"{method} invitation", Request(method, f"/invitations/{quote(text, safe='')}", body=b"answer=accept"))
        for text in ids
        for method in ("GET", "POST")
    )
    assert not wall.wrong, "\n".join(wall.wrong)
    assert wall.counted > 50
    for method in ("GET", "POST"):
        answers = {
            send(world.app, Request(method, f"/invitations/{_token(tenant_id)}", body=b"answer=accept")).body
            for tenant_id in (others.tenant.id, "0" * TENANT_ID_LENGTH)
        }
        assert len(answers) == 1


def _token(tenant_id: str) -> str:
    """The text of an invitation of that tenant with a secret that none has."""
    public_id = tenant_id.ljust(TOKEN_ID_LENGTH, "0")
    return with_checksum(f"{Prefix.INVITATION}_{public_id}_{'0' * SECRET_LENGTH}")
