"""Hostile requests are refused at little cost and change nothing; `python -m benchmarks.refusals` has the figures."""

import time

from tests.http.hostile_requests import REQUESTS
from tests.http.refusals import unchanged
from tests.worlds import ERROR, World

DEAREST = 0.5
"""CPU seconds, ten times what the figures say, for a machine that is slow or busy."""


def test_hostile_requests_are_refused_at_little_cost(world: World) -> None:
    client = world.connect(world.tenant())
    ids = {"user": client.create_user("known")["id"], "group": client.create_group("Known")["id"]}
    with unchanged(world):
        for name, hostile in REQUESTS.items():
            start = time.process_time()
            answer = hostile.send(client, ids)
            assert time.process_time() - start < DEAREST, name
            assert answer.status_code == hostile.status, (name, answer.text)
            assert answer.json["schemas"] == [ERROR], name
