"""Schemathesis runs the OpenAPI document against the admin API: never a 5xx, never an answer unlike the document.

`make test` calls every operation as the operator on SQLite, with a call for each limit of its schema, and at random as
a tenant's token on PostgreSQL. `make schemathesis` does both as both on both, with many more calls at random.
"""

import os
from collections.abc import Callable

import pytest
from schemathesis.config import ChecksConfig

from tests.api import callers
from tests.api.probing import CHECKS, OFF, probe
from tests.api.seeds import seed
from tests.databases import KINDS
from tests.worlds import World

EXAMPLES = int(os.environ.get("SCIM_TEST_SCHEMATHESIS", "0"))
FEW = 3
BEARERS = ("operator", "tenant")
RUNS = [(kind, bearer) for kind in KINDS for bearer in BEARERS] if EXAMPLES else list(zip(KINDS, BEARERS, strict=True))
REACHED = 2 / 3
"""Of the operations that are not the operator's alone at least so many must succeed at least once: else nothing was
called but the gate."""
WITHIN = "/tenants/{tenant}/"
"""In the address of each of those."""


@pytest.mark.parametrize(("database_url", "bearer"), RUNS, indirect=["database_url"])
def test_every_answer_is_as_the_document_says(build_world: Callable[..., World], bearer: str) -> None:
    world = build_world()
    seeds = seed(world)
    who = callers.operator(world) if bearer == "operator" else callers.caller(world, seeds.tenant)
    found = probe(world, seeds, who, EXAMPLES or FEW, coverage=bool(EXAMPLES) or bearer == "operator")
    assert not found.wrong, "\n\n".join(f"{problem}\n{example}" for problem, example in found.wrong.items())
    operations = {label for label, _ in found.answers if bearer == "operator" or WITHIN in label}
    succeeded = {label for label, status in found.answers if status < 300} & operations
    assert len(succeeded) >= REACHED * len(operations), sorted(operations - succeeded)


def test_every_check_is_on_or_off_for_a_reason() -> None:
    known = {name for name in ChecksConfig.__slots__ if not name.startswith("_")}
    assert set(CHECKS) | OFF.keys() == known
    assert not set(CHECKS) & OFF.keys()
