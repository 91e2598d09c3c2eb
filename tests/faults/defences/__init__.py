"""Faults of defences, each with the tests of docs/security.md that must fail.

`tests/security/test_defence_faults.py` plants each and runs the tests that it names. A module is part of the list by
being imported here.
"""

from tests.faults.defences import answers, credentials, doors, limits, signed_tokens, walls
from tests.faults.defences.registers import DEFENCES, Defence

__all__ = ["DEFENCES", "Defence", "answers", "credentials", "doors", "limits", "signed_tokens", "walls"]
