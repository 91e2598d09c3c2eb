"""What hostile requests cost before they are refused: `python -m benchmarks.refusals [MILLISECONDS]`.

CPU time of the whole application on SQLite, best of three, from the request to the answer; the exit status is 1
where one takes longer than MILLISECONDS (50 unless given).
"""

import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tests.databases import migrate
from tests.http.hostile_requests import REQUESTS, Hostile
from tests.worlds import Connection, build


def main() -> None:
    """Print one line per request, the dearest first."""
    most = float(sys.argv[1]) if len(sys.argv) > 1 else 50.0
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'scim.db'}"
        migrate(url)
        world = build(url, log_level="error")
        client = replace(world.connect(world.tenant()), http=world.app.test_client(use_cookies=False))
        ids = {"user": client.create_user("known")["id"], "group": client.create_group("Known")["id"]}
        costs = {name: _cost(hostile, client, ids) for name, hostile in REQUESTS.items()}
        world.installation.database.dispose()
    for name, cost in sorted(costs.items(), key=lambda each: -each[1]):
        print(f"{name:<60}{REQUESTS[name].status:>5}{cost:>9.2f} ms")
    sys.exit(max(costs.values()) > most)


def _cost(hostile: Hostile, client: Connection, ids: Mapping[str, str]) -> float:
    """CPU milliseconds of the request, best of three."""
    durations = []
    for _ in range(3):
        started = time.process_time()
        answer = hostile.send(client, ids)
        durations.append((time.process_time() - started) * 1e3)
        assert answer.status_code == hostile.status, answer.text
    return min(durations)


if __name__ == "__main__":
    main()
