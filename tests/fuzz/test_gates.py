"""Whatever bytes come, each gate takes them or refuses them in its own words; `make fuzz-guided` looks further."""

from random import Random

import pytest

from tests.fuzz import chances
from tests.fuzz.gates import GATES, try_gate

INPUTS = 300
LIKELY = (
    *(
        '{"a": [1, "x"]}',
        'userName eq "a" and emails[type eq "work"] pr',
        'emails[value eq "a"].type',
        "name.givenName",
    ),
    *("a@b.test", "scim_" + "a" * 22 + "_" + "b" * 49, "WyJhIiwxXQ", "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.AAAA"),
)


@pytest.mark.parametrize("name", GATES)
def test_a_gate_refuses_in_its_own_words(name: str) -> None:
    random = Random(name)
    for _ in range(INPUTS):
        raw = random.choice(LIKELY).encode()
        mutated = chances.mutated_bytes(random, raw) if chances.often(random, 0.5) else None
        try_gate(GATES[name], mutated or chances.text(random).encode("utf-8", "surrogatepass"))
