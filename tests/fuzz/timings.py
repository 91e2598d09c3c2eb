"""`python -m tests.fuzz.timings`: does the time of an answer tell what is another tenant's, or which tokens there are?

Two kinds of request are sent in turn, in random order, and timed on the process's CPU clock. Whether they can be told
apart is asked of the Mann-Whitney U test (which of two is slower, whatever the distribution), for secrets of Welch's t
test as well. 1: some pair can be told apart.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import erfc, sqrt
from random import Random

from scim_server.services.credentials import SECRET_LENGTH, with_checksum
from tests import databases
from tests.fuzz.grounds import Ground, copied, laid_out
from tests.walls.requests import Application, Request, quoted, send

SAMPLES = 20_000
"""Of each kind."""
LEAST_P = 0.01
MOST_T = 4.5
PATCH = b'{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"title"}]}'


@dataclass(frozen=True)
class Pair:
    """Two requests that must take the same time, and what they are."""

    name: str
    one: Request
    other: Request


def pairs(ground: Ground) -> list[Pair]:
    """Ids that nobody has against those of another tenant, tokens that nobody has against those with a wrong secret."""
    assert ground.abroad is not None, "a ground has a tenant abroad"
    theirs = ground.abroad.resources["User"]
    nobodys = {name: ground.secrets.disguised(str(theirs[name])) for name in ("id", "userName")}
    asked = [(theirs["id"], theirs["userName"]), (nobodys["id"], nobodys["userName"])]
    made = [
        ("GET by id", *(_own(ground, "GET", f"/Users/{user_id}") for user_id, _ in asked)),
        ("PATCH by id", *(_own(ground, "PATCH", f"/Users/{user_id}", body=PATCH) for user_id, _ in asked)),
        ("filter by userName", *(_own(ground, "GET", "/Users", f'userName eq "{name}"') for _, name in asked)),
        ("filter by id", *(_own(ground, "GET", "/Users", f'id eq "{user_id}"') for user_id, _ in asked)),
        ("SCIM token: wrong secret, unknown id", *_tokens(ground, ground.scim, "/scim/acme/v2/Users")),
        ("admin token: wrong secret, unknown id", *_tokens(ground, ground.api, "/api/v1/tenants/acme")),
        ("operator's token: wrong secret, unknown id", *_tokens(ground, ground.operator, "/api/v1/tenants/acme")),
        ("person's token: wrong secret, unknown id", *_tokens(ground, ground.person, "/scim/acme/v2/Me")),
        ("client: wrong secret, unknown id", *_clients(ground)),
    ]
    return [Pair(*each) for each in made]


def _own(ground: Ground, method: str, path: str, asked: str | None = None, body: bytes = b"") -> Request:
    query = "" if asked is None else f"filter={quoted(asked)}"
    headers = (("Authorization", f"Bearer {ground.scim}"), ("Content-Type", "application/scim+json"))
    return Request(method, ground.base + path, query, headers[: 2 if body else 1], body)


def _tokens(ground: Ground, text: str, path: str) -> tuple[Request, Request]:
    """With the public id of a live token and of none, both with a secret that is none's."""
    prefix, public_id, _ = text.split("_")
    unknown = public_id[:-2] + ("AA" if public_id[-2:] != "AA" else "BB")
    texts = (with_checksum(f"{prefix}_{each}_{'0' * SECRET_LENGTH}") for each in (public_id, unknown))
    one, other = (Request("GET", path, "", (("Authorization", f"Bearer {each}"),)) for each in texts)
    return one, other


def _clients(ground: Ground) -> tuple[Request, Request]:
    client, secret = ground.client
    wrong = with_checksum(f"{secret.rpartition('_')[0]}_{'0' * SECRET_LENGTH}")
    unknown = client[:-2] + ("AA" if client[-2:] != "AA" else "BB")
    forms = (f"grant_type=client_credentials&client_id={each}&client_secret={wrong}" for each in (client, unknown))
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    one, other = (Request("POST", f"/oauth/{ground.slug}/token", "", form, each.encode()) for each in forms)
    return one, other


def measure(app: Application, pair: Pair, samples: int, random: Random) -> tuple[list[float], list[float]]:
    """The times of both, in microseconds."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(samples):
        order = [0, 1] if random.random() < 0.5 else [1, 0]
        for which in order:
            request = replace(pair.other if which else pair.one)
            begun = time.process_time_ns()
            send(app, request)
            times[which].append((time.process_time_ns() - begun) / 1000)
    return times


def mann_whitney(one: Sequence[float], other: Sequence[float]) -> float:
    """The p-value of the two-sided U test, by its normal approximation with ties."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    sum_of_one, ties, rank = 0.0, 0, 1
    for _, group in groupby(ranked, key=lambda each: each[0]):
        members = list(group)
        sum_of_one += (rank + (len(members) - 1) / 2) * sum(1 for _, which in members if which == 0)
        ties += len(members) ** 3 - len(members)
        rank += len(members)
    n, m = len(one), len(other)
    total = n + m
    deviation = sqrt(n * m / 12 * (total + 1 - ties / (total * (total - 1))))
    u = sum_of_one - n * (n + 1) / 2
    return erfc(abs(u - n * m / 2) / deviation / sqrt(2)) if deviation else 1.0


def welch(one: Sequence[float], other: Sequence[float]) -> float:
    """Welch's t, of the times below the slowest hundredth, which is the machine's."""
    kept = [sorted(times)[: len(times) * 99 // 100] for times in (one, other)]
    errors = sum(statistics.variance(each) / len(each) for each in kept)
    return abs(statistics.fmean(kept[0]) - statistics.fmean(kept[1])) / sqrt(errors)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.timings")
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--database", choices=databases.KINDS, default="sqlite")
    parser.add_argument("--only", default="", help="pairs with this in their name")
    options = parser.parse_args(arguments)
    told_apart = False
    write: Callable[[str], int] = sys.stdout.write
    write(f"{options.database}, {options.samples:,} samples of each\n")
    write(f"{'':44} {'median µs':>17} {'U test p':>9} {'t':>6}\n")
    with laid_out(options.database) as ground, copied(ground) as world:
        for pair in (pair for pair in pairs(ground) if options.only in pair.name):
            measure(world.app, pair, 100, Random(0))
            one, other = measure(world.app, pair, options.samples, Random(1))
            world.installation.log.flush()
            p, t = mann_whitney(one, other), welch(one, other)
            apart = p < LEAST_P and t > MOST_T
            told_apart = told_apart or apart
            medians = f"{statistics.median(one):8.1f} {statistics.median(other):8.1f}"
            write(f"{pair.name:44} {medians} {p:9.3f} {t:6.1f}{'  TOLD APART' if apart else ''}\n")
            sys.stdout.flush()
    return 1 if told_apart else 0


if __name__ == "__main__":
    sys.exit(main())
