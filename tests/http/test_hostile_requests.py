"""Hostile requests are refused and change nothing; `python -m benchmarks.refusals` has what they cost."""

import pytest

from tests.http.hostile_requests import REQUESTS
from tests.http.refusals import unchanged
from tests.worlds import ERROR, World


@pytest.mark.covers("R-7644-3.1-02", "R-7644-3.4.2.2-13")
def test_hostile_requests_are_refused_and_change_nothing(world: World) -> None:
    client = world.connect(world.tenant())
    ids = {"user": client.create_user("known")["id"], "group": client.create_group("Known")["id"]}
    with unchanged(world):
        for name, hostile in REQUESTS.items():
            answer = hostile.send(client, ids)
            assert answer.status_code == hostile.status, (name, answer.text)
            assert answer.json["schemas"] == [ERROR], name
