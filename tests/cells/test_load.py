"""A tenant that moves under load loses nothing, and nobody is answered otherwise than ever."""

from scim_server.services import auditing, tenancy
from tests import worlds
from tests.cells.crowds import Client, at_work
from tests.cells.removals import lives_in, move, rows_of
from tests.worlds import Connection, World


def test_whatever_was_acknowledged_is_there_after_two_moves(world: World, home_url: str, west_url: str) -> None:
    other_process = worlds.build(home_url, cell_urls=(("west", west_url),))
    acme, other = world.tenant("acme"), world.tenant("other")
    okta, bystander = world.connect(acme), world.connect(other)
    groups = [okta.create_group(f"Group {number}")["id"] for number in range(3)]
    others_group = bystander.create_group("Others")["id"]

    def through(process: World, client: Connection) -> Connection:
        return Connection(process.app.test_client(), client.slug, client.token, client.name)

    def both(client: Connection) -> list[Connection]:
        return [through(world, client), through(other_process, client)]

    clients = [Client(f"c{number}", both(okta), group) for number, group in enumerate(groups)]
    clients.append(Client("other", both(bystander), others_group))
    with at_work(*clients):
        move(world, "acme", "west")
        there = lives_in(world, acme)
        world.advance(61)
        assert world.do_chore("remove-moved-tenants")
        move(world, "acme", "home")
    assert there == {"home": "west", "west": "west"}
    assert lives_in(world, acme) == {"home": "home", "west": "home"}
    for client in clients:
        found = {each["id"]: each["displayName"] for each in everybody(client)}
        assert found == client.people
        assert client.connections[0].member_ids(client.group_id) == client.members
    assert okta.get("/Users").json["totalResults"] == sum(len(client.people) for client in clients[:-1])
    found = auditing.check(world.units, tenancy.tenant(world.units, "acme"), world.installation.sealer.key())
    assert found.fault is None
    actions = [entry.action for entry in world.trail(acme)]
    assert actions.count("tenant.moved") == 2
    world.advance(61)
    world.do_chore("remove-moved-tenants")
    assert not any(rows_of(world, "west", acme).values())
    assert lives_in(world, acme) == {"home": "home", "west": None}
    other_process.installation.cells.dispose()


def everybody(client: Client) -> list[dict[str, str]]:
    """Whom the client's prefix begins."""
    return client.connections[1].find("/Users", f'userName sw "{client.name}-"')
