"""What is remembered of a token is forgotten in time."""

from datetime import timedelta

from scim_server.domain.instants import Instant
from scim_server.oauth.memories import Memory
from scim_server.services.credentials import Credential, Prefix

CREDENTIAL = Credential(Prefix.CONNECTION, "tenant", "id", "digest")
NOW = "2026-11-27T05:00:00.000000Z"


def _after(seconds: int) -> Instant:
    return f"2026-11-27T05:00:0{seconds}.000000Z"


def test_a_token_is_not_remembered_longer_than_it_lives() -> None:
    memory: Memory[str] = Memory(timedelta(seconds=5), {"brief": _after(3), "lasting": _after(9)}.get)
    memory.keep(CREDENTIAL, "brief", NOW, 0)
    assert (memory.get(CREDENTIAL, _after(2)), memory.get(CREDENTIAL, _after(3))) == ("brief", None)
    memory.keep(CREDENTIAL, "lasting", NOW, 0)
    assert (memory.get(CREDENTIAL, _after(4)), memory.get(CREDENTIAL, _after(5))) == ("lasting", None)


def test_who_is_not_to_be_remembered_is_not() -> None:
    memory: Memory[str] = Memory(timedelta(seconds=5), lambda _: None)
    memory.keep(CREDENTIAL, "person", NOW, 0)
    assert memory.get(CREDENTIAL, NOW) is None


def test_a_change_of_what_bearers_are_made_of_empties_it_and_no_other() -> None:
    memory: Memory[str] = Memory(timedelta(seconds=5), lambda _: _after(9))
    memory.keep(CREDENTIAL, "ana", NOW, 0)
    memory.changed({"user", "seat"})
    assert memory.get(CREDENTIAL, NOW) == "ana"
    memory.changed({"user", "token"})
    assert memory.get(CREDENTIAL, NOW) is None


def test_what_was_looked_up_before_a_change_is_not_remembered_after_it() -> None:
    memory: Memory[str] = Memory(timedelta(seconds=5), lambda _: _after(9))
    turn = memory.turn
    memory.changed({"token"})
    memory.keep(CREDENTIAL, "revoked meanwhile", NOW, turn)
    assert memory.get(CREDENTIAL, NOW) is None
    memory.keep(CREDENTIAL, "ana", NOW, memory.turn)
    assert memory.get(CREDENTIAL, NOW) == "ana"
