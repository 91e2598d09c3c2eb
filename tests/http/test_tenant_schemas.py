"""R-7644-6-06: schemas that one tenant has and the others do not see."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from scim_server.services import reconciling
from tests.http.refusals import check_refusal
from tests.worlds import CAUSE, USER, Connection, World

SHOES = "urn:example:params:scim:schemas:extension:shoes:2.0:User"
LAMP = "urn:example:params:scim:schemas:core:2.0:Lamp"


@pytest.fixture
def both(build_world: Callable[..., World], tmp_path: Path) -> tuple[Connection, Connection]:
    """A connection of acme, which has an extension and a resource type of its own, and one of globex."""
    own = tmp_path / "tenants" / "acme"
    own.mkdir(parents=True)
    files = {
        "shoes.json": {"id": SHOES, "attributes": [{"name": "size", "type": "integer", "uniqueness": "server"}]},
        "user.json": {"name": "User", "schemaExtensions": [{"schema": SHOES}]},
        "lamp.json": {"id": LAMP, "attributes": [{"name": "colour", "required": True}]},
        "lamps.json": {"name": "Lamp", "endpoint": "/Lamps", "schema": LAMP},
    }
    for name, content in files.items():
        (own / name).write_text(json.dumps(content))
    world = build_world(schemas_dir=tmp_path)
    return world.connect(world.tenant("acme")), world.connect(world.tenant("globex", "rfc"))


@pytest.mark.covers("R-7644-6-06", "R-7644-6-02")
def test_a_tenant_alone_has_its_schemas(both: tuple[Connection, Connection]) -> None:
    acme, globex = both
    made = acme.create_user("ana", **{SHOES: {"size": 42}})
    assert made[SHOES] == {"size": 42}
    assert acme.find("/Users", f"{SHOES}:size eq 42") == [made]
    check_refusal(acme.post("/Users", {"schemas": [USER], "userName": "b", SHOES: {"size": 42}}), 409, "uniqueness")
    lamp = acme.post("/Lamps", {"schemas": [LAMP], "colour": "red"})
    assert lamp.status_code == 201
    assert acme.get(f"/Lamps/{lamp.json['id']}").json == lamp.json
    assert SHOES in acme.get("/Schemas").text

    assert SHOES not in globex.get("/Schemas").text
    assert "Lamp" not in globex.get("/ResourceTypes").text
    check_refusal(globex.get(f"/Schemas/{SHOES}"), 404)
    check_refusal(globex.get(f"/Lamps/{lamp.json['id']}"), 404)
    check_refusal(globex.post("/Users", {"schemas": [USER], "userName": "c", SHOES: {"size": 1}}), 400, "invalidSyntax")
    check_refusal(globex.get("/Users?filter=" + quote(f"{SHOES}:size eq 42")), 400, "invalidFilter")
    assert globex.post("/Users", {"schemas": [USER], "userName": "ana"}).status_code == 201


@pytest.mark.covers("R-7643-3-03", "R-7643-3-06")
def test_what_a_file_described_is_hidden_while_the_file_is_away(
    build_world: Callable[..., World], tmp_path: Path
) -> None:
    (tmp_path / "shoes.json").write_text(json.dumps({"id": SHOES, "attributes": [{"name": "size"}]}))
    (tmp_path / "user.json").write_text(json.dumps({"name": "User", "schemaExtensions": [{"schema": SHOES}]}))
    first = build_world(schemas_dir=tmp_path)
    acme = first.tenant("acme")
    made = first.connect(acme).create_user("ana", **{SHOES: {"size": "42"}})
    address = f"/Users/{made['id']}"

    without = build_world().connect(acme, "plain")
    seen = without.get(address).json
    assert (seen["schemas"], SHOES in seen) == ([USER], False)
    assert without.get("/Users").json["Resources"] == [seen]
    patched = without.patch(address, {"op": "replace", "path": "title", "value": "x"}).json
    assert (patched["schemas"], patched["title"]) == ([USER], "x")

    again = build_world(schemas_dir=tmp_path)
    seen = again.connect(acme, "again").get(address).json
    assert (seen["title"], seen[SHOES]) == ("x", {"size": "42"})
    assert reconciling.repair(again.units, acme, CAUSE) == [f"columns that are not the document: {made['id']}"]
