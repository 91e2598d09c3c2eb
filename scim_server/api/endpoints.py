"""The table of endpoints: what each takes, shows and demands, and the function behind it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import Any

from scim_server.api.answers import Answered
from scim_server.api.calls import Call
from scim_server.api.shapes import Body, Item, Query

TENANT = "/tenants/{tenant}"
OWN = "me"
"""The scope of what a person sees of themselves, with a token of their own."""
JSON = "application/json"
CSV = "text/csv"

Run = Callable[[Call], Answered]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method at one address. `path` is a template below /api/v1.

    `scope` is what the caller's token must permit. `shows` is the item that is answered, in a list with a cursor where
    it `lists`; `defers` is what is shown instead where the answer is only Accepted (202). `takes` is the media type of
    the body, `gives` what may be answered besides JSON. `hides` is the member of the answer that is shown once and kept
    nowhere. A body that cannot be taken is answered as `refuses` has it, which is made of the error, where the endpoint
    belongs to a protocol that says how. What a POST answers is kept for its `Idempotency-Key` but where it is not
    `keyed`.
    """

    method: str
    path: str
    noun: str
    scope: str
    run: Run
    shows: type[Item] | None = None
    lists: bool = False
    body: type[Body] | None = None
    query: type[Query] = Query
    status: int = 200
    takes: str = JSON
    gives: str | None = None
    hides: str | None = None
    defers: type[Item] | None = None
    refuses: type[Item] | None = None
    keyed: bool = True

    @property
    def name(self) -> str:
        """The name of its function, which no other endpoint has."""
        return self.run.__name__

    @property
    def summary(self) -> str:
        return cleandoc(self.run.__doc__ or "").partition("\n")[0].rstrip(".")

    @property
    def description(self) -> str:
        return cleandoc(self.run.__doc__ or "").partition("\n")[2].strip()


@dataclass
class Noun:
    """The endpoints of one noun, in the order they are declared."""

    name: str
    about: str
    endpoints: list[Endpoint] = field(default_factory=list)

    def get(self, path: str, scope: str, **declared: Any) -> Callable[[Run], Run]:
        return self._declares("GET", path, scope, declared)

    def post(self, path: str, scope: str, **declared: Any) -> Callable[[Run], Run]:
        return self._declares("POST", path, scope, declared)

    def put(self, path: str, scope: str, **declared: Any) -> Callable[[Run], Run]:
        return self._declares("PUT", path, scope, declared)

    def patch(self, path: str, scope: str, **declared: Any) -> Callable[[Run], Run]:
        return self._declares("PATCH", path, scope, declared)

    def delete(self, path: str, scope: str, **declared: Any) -> Callable[[Run], Run]:
        return self._declares("DELETE", path, scope, declared)

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self.endpoints)

    def _declares(self, method: str, path: str, scope: str, declared: Mapping[str, Any]) -> Callable[[Run], Run]:
        def declare(run: Run) -> Run:
            self.endpoints.append(Endpoint(method, path, self.name, scope, run, **declared))
            return run

        return declare
