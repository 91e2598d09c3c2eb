"""`python -m tests.fuzz.guided GATE`: atheris looks for bytes that reach new code in one of the gates (gates.py).

What a gate does not declare to raise, and whatever takes longer than a second, is a fault; libFuzzer prints it with its
input. Options of libFuzzer pass through, such as `-max_total_time=600`, and folders where it keeps what it found: run
again with the same, it goes on from there. It needs the extra `fuzz`.
"""

import sys
from collections.abc import Sequence

import atheris

with atheris.instrument_imports(include=["scim_server"]):
    from tests.fuzz.gates import GATES, try_gate

SEEDS: dict[str, tuple[bytes, ...]] = {
    "json": (b'{"schemas": ["urn:x"], "a": [1, 2.5, null, true, {"b": "\\u00e9"}]}',),
    "filters": (b'userName eq "a" and not (emails[type eq "work" and value co "@x"] or meta.created gt "2026-01-01")',),
    "paths": (b'emails[type eq "work"].value', b"name.givenName"),
    "attributes": (b"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",),
    "addresses": (b"a@x.test", "ana@bücher.example".encode()),
    "credentials": (b"scim_" + b"a" * 22 + b"_" + b"b" * 49,),
    "cursors": (b"WyJhIiwxXQ",),
    "sealed": (b"A" * 64,),
    "tokens": (b"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.AAAA",),
}
"""Something of each kind to begin with."""


def main(arguments: Sequence[str]) -> int:
    """Run until libFuzzer ends, or for ever."""
    name = next((each for each in arguments[1:] if not each.startswith("-")), "")
    if name not in GATES:
        sys.stderr.write(f"Name one of the gates: {', '.join(GATES)}.\n")
        return 2
    for seed in SEEDS[name]:
        try_gate(GATES[name], seed)
    options = [each for each in arguments if each != name]
    atheris.Setup([*options, "-timeout=1", "-max_len=4096"], lambda raw: try_gate(GATES[name], raw))
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
