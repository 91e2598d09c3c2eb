"""Of the processes that serve on one machine one sends events; when it ends, another does."""

import multiprocessing
import os
import signal
import time
from multiprocessing.connection import Connection

from scim_server.delivery.event_threads import Election

PATIENCE = 20


def stand(election: Election, told: Connection) -> None:
    """Until it has won, and then for as long as it lives."""
    while not election.won():
        time.sleep(0.01)
    told.send(os.getpid())
    signal.pause()


def test_one_process_wins_and_when_it_is_killed_another() -> None:
    election = Election()
    here, there = multiprocessing.Pipe()
    forking = multiprocessing.get_context("fork")
    candidates = {forking.Process(target=stand, args=(election, there)) for _ in range(3)}
    for each in candidates:
        each.start()
    winners = set()
    try:
        for _ in candidates:
            assert here.poll(PATIENCE)
            winner = here.recv()
            assert not here.poll(0.1), "nobody else wins meanwhile"
            winners.add(winner)
            os.kill(winner, signal.SIGKILL)
    finally:
        for each in candidates:
            each.kill()
            each.join()
    assert len(winners) == len(candidates)
