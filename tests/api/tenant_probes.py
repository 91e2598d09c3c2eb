"""Every place of the admin API where something can be named, filled with what is another tenant's.

Made from the table of endpoints: places of addresses, members of bodies, parameters of queries, cursors, rows of
files. A new endpoint, or a new member of an old one, is probed by itself.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from marshmallow.fields import Field, List, Nested, String

from scim_server.api.blueprints import PLACE, PREFIX
from scim_server.api.endpoints import CSV, Endpoint
from scim_server.api.fields import Choice, Cursor, Moment, cursor
from tests.api.meant_calls import body_of, members, needed, path_of
from tests.api.probing import MEMBERS
from tests.api.seeds import Seeds
from tests.walls.matrices import Probe
from tests.walls.requests import Request
from tests.walls.secrets import Secrets

OWN_WORDS = frozenset(
    {
        *("name", "displayName", "userName", "firstName", "lastName", "title", "description", "code", "slug"),
        *("department", "division", "organization", "costCenter", "employeeNumber", "preferredLanguage"),
        *("profile", "switches", "settings", "values", "subject", "body", "directory", "issuer", "audience", "claims"),
    }
)
"""Members that name or describe what is one's own; tenants may choose the same words (see the test of names)."""
ADDRESSES = frozenset({"email", "address", "to"})
"""Members that hold an address: one in use elsewhere is refused (design section 6, 5), which no id is."""


@dataclass(frozen=True)
class Matrix:
    """The probes of a caller whose tenant has `own`; the other tenant has `others`."""

    token: str
    own: Seeds
    others: Seeds
    secrets: Secrets

    def probes(self, endpoint: Endpoint) -> Iterator[Probe]:
        """All of one endpoint."""
        yield from self._places(endpoint)
        yield from self._queries(endpoint)
        for position, body in self._bodies(endpoint.body, needed(endpoint.body, self.own)) if endpoint.body else ():
            yield self._probe(endpoint, f"{position} of the body", body=json.dumps(body).encode())
        if endpoint.takes == CSV:
            for name in self.others.places["user"]:
                file = f"email,first_name,last_name\n{name},A,B\n,{name},\n".encode()
                yield self._probe(endpoint, "row of the file", body=file)

    def _places(self, endpoint: Endpoint) -> Iterator[Probe]:
        names = PLACE.findall(endpoint.path)
        for name in names:
            for theirs in self._theirs(name):
                yield self._probe(endpoint, f"{{{name}}}", {name: quote(theirs, safe="")})
        if len(names) > 1:
            all_theirs = {name: quote(texts[0], safe="") for name, texts in self.others.places.items()}
            yield self._probe(endpoint, "every place", all_theirs)

    def _queries(self, endpoint: Endpoint) -> Iterator[Probe]:
        for name, member in members(endpoint.query).items():
            if isinstance(member, Cursor):
                yield from self._cursors(endpoint, name, member)
            elif _takes_texts(member):
                for theirs in self._values(name):
                    yield self._probe(endpoint, f"parameter {name}", asked={name: theirs})

    def _cursors(self, endpoint: Endpoint, name: str, member: Cursor) -> Iterator[Probe]:
        """Behind the other tenant's ids, in a list of one's own."""
        for theirs in (self.others.places[place][0] for place in ("user", "token")):
            key = tuple(theirs if kind is str else 1 for kind in member.kinds)
            nobodys = tuple(self.secrets.disguised(part) if isinstance(part, str) else part for part in key)
            probe = self._probe(endpoint, f"cursor {name}", asked={name: cursor(key)})
            yield replace(probe, twin=self._probe(endpoint, "", asked={name: cursor(nobodys)}).request)

    def _bodies(self, kind: Any, usual: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, member in members(kind).items():
            if name in OWN_WORDS:
                continue
            if isinstance(member, List) and isinstance(member.inner, Nested):
                inner = type(member.inner.schema)
                for position, each in self._bodies(inner, needed(inner, self.own)):
                    yield f"{name}.{position}", {**usual, name: [each]}
            elif isinstance(member, Nested):
                inner = type(member.schema)
                for position, each in self._bodies(inner, needed(inner, self.own)):
                    yield f"{name}.{position}", {**usual, name: each}
            elif _takes_texts(member):
                for theirs in self._values(name):
                    yield name, {**usual, name: [theirs] if isinstance(member, List) else theirs}

    def _values(self, name: str) -> list[str]:
        """What is the other tenant's and may stand there; an id of theirs where nothing is known to."""
        found = self._theirs(MEMBERS.get(name, "user"))
        return [each for each in found if "@" not in each] if name in ADDRESSES else found

    def _theirs(self, place: str) -> list[str]:
        """The first and the last, unless one's own tenant has the same: an id, and often a name."""
        texts = [each for each in self.others.places[place] if self.secrets.disguised(each) != each]
        return list(dict.fromkeys([*texts[:1], *texts[-1:]]))

    def _probe(
        self,
        endpoint: Endpoint,
        position: str,
        places: Mapping[str, str] | None = None,
        *,
        asked: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Probe:
        query = needed(endpoint.query, self.own) | dict(asked or {})
        sent = body if body is not None else body_of(endpoint, self.own)
        headers = [("Authorization", f"Bearer {self.token}")]
        if sent is not None:
            headers.append(("Content-Type", endpoint.takes))
        request = Request(
            endpoint.method,
            PREFIX + path_of(endpoint, self.own, places),
            "&".join(f"{name}={quote(str(value), safe='')}" for name, value in query.items()),
            tuple(headers),
            sent or b"",
        )
        return Probe(f"{endpoint.method} {endpoint.path}: {position}", request)


def _takes_texts(member: Field[Any]) -> bool:
    inner = member.inner if isinstance(member, List) else member
    return isinstance(inner, String) and not isinstance(inner, Choice | Moment | Cursor)
