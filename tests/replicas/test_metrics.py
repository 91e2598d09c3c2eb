"""Metrics of replicas: who answered, who is behind, who is away; never who signs in there."""

from pathlib import Path

import pytest

from scim_server.services.surveying import replica_name, survey
from scim_server.telemetry import catalogue, meters
from tests.replicas.following import Following, names


def told(following: Following) -> dict[str, tuple[str, float]]:
    """What is told of the only replica, with its name."""
    found = survey(following.world.units, following.world.installation.cells, 0)
    wanted = {catalogue.REPLICA_UP.name, catalogue.REPLICA_LAG.name}
    return {each.metric: (each.labels[1], each.value) for each in found if each.metric in wanted}


def test_a_replica_is_told_by_its_host_alone(following: Following, tmp_path: Path) -> None:
    okta = following.world.connect(following.world.tenant())
    okta.create_user("ana")
    following.catch_up()
    meters.begin(tmp_path)
    try:
        assert names(okta) == ["ana"]
        ((name, outcome),) = catalogue.REPLICA_QUESTIONS._children
    finally:
        meters.end()
    assert outcome == "answered"
    assert name == replica_name(following.replica().where) != ""
    assert told(following) == {catalogue.REPLICA_UP.name: (name, 1), catalogue.REPLICA_LAG.name: (name, 0)}
    with following.standby.stopped():
        assert told(following) == {catalogue.REPLICA_UP.name: (name, 0)}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql+psycopg://scim:***@replica.internal:5433/scim?sslmode=require", "replica.internal:5433"),
        ("postgresql+psycopg://replica/scim", "replica"),
        ("postgresql+psycopg://scim:***@/scim?host=/run/postgresql&port=5433", "/run/postgresql:5433"),
    ],
)
def test_a_name_has_no_login(url: str, name: str) -> None:
    assert replica_name(url) == name
