"""Backups and the doctor where tenants live in several cells: each cell is backed up, and looked at, by itself."""

from pathlib import Path

import pytest

from scim_server.app import backups
from scim_server.app.examinations.everything import examine
from scim_server.domain.errors import Invalid
from tests.cells.removals import move
from tests.worlds import World


def test_a_cell_comes_back_by_itself(world: World, tmp_path: Path) -> None:
    acme, other = world.tenant("acme"), world.tenant("other")
    okta, others = world.connect(acme), world.connect(other)
    okta.create_user("ana@acme.test")
    others.create_user("bob@other.test")
    move(world, "acme", "west")
    world.installation.sealer.flush()
    file = tmp_path / "west.zip"
    made = backups.create(world.installation, "west", file)
    assert made.cell == "west"
    okta.create_user("late@acme.test")
    others.create_user("late@other.test")
    with pytest.raises(Invalid, match="not of 'home'"):
        backups.restore(world.installation, "home", file, overwrite=True)
    done = backups.restore(world.installation, "west", file, overwrite=True)
    assert (done.trails, done.faults) == (1, ())
    assert [len(okta.find("/Users", f'userName eq "{name}@acme.test"')) for name in ("ana", "late")] == [1, 0]
    assert len(others.find("/Users", 'userName eq "late@other.test"')) == 1


def test_the_doctor_looks_at_every_cell(world: World) -> None:
    world.tenant("acme")
    said = [each.says for each in examine(world.installation, {})]
    for which in ("The database is at the newest revision", "The database of cell west is at the newest revision"):
        assert any(each.startswith(which) for each in said)
    assert "No token or client secret in cell west expires within 30 days." in said
