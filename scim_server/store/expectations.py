"""What is asked before anybody wants to know, so that it goes along with something else.

Who can tell what will be wanted says so by `Scope.expect`. Who wants it reads it by `Scope.expected` or `Scope.known`,
by the same statement with the same values, and need not care whether anybody did.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Executable

from scim_server.store.rows import Row

Answer = Callable[[], Sequence[Row]]
"""All rows that a statement is answered with, waited for by whoever calls."""
_Sets = Mapping[str, frozenset[str]]


class Expectations:
    """The last question by each statement, for as long as its answer is good."""

    def __init__(self) -> None:
        self._asked: dict[Executable, tuple[_Sets, Answer]] = {}

    def __contains__(self, statement: Executable) -> bool:
        return statement in self._asked

    def note(self, statement: Executable, values: Mapping[str, Any], answer: Answer) -> Answer:
        """Keep the answer that there is, or will be, in place of the last one."""
        self._asked[statement] = _sets(values), answer
        return answer

    def find(self, statement: Executable, values: Mapping[str, Any]) -> Answer | None:
        """The answer, if the question was about those values, be it among others."""
        if statement not in self._asked:
            return None
        asked, answer = self._asked[statement]
        return answer if all(asked[name] >= wanted for name, wanted in _sets(values).items()) else None

    def forget(self, statement: Executable) -> None:
        """What was asked by the statement may have changed, or is used."""
        self._asked.pop(statement, None)


def _sets(values: Mapping[str, Any]) -> _Sets:
    return {name: frozenset([value] if isinstance(value, str) else value) for name, value in values.items()}
