"""Five people and a group of known data, made once per run, whom read-only checks query."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scim_conformance.fixtures import USER, Probe, Resource
from scim_conformance.servers import ENTERPRISE

ORDER = ("carol", "erin", "alice", "dave", "bob")
"""They are created in this order, which is that of no attribute: a list that is not sorted shows."""


@dataclass(frozen=True)
class People:
    """Users by nickname: alice, bob, carol, dave, erin. Each userName begins with `token`, and no other one does.

    Somebody else, outside, bears the token elsewhere: whoever is found beside the five was not filtered out.

    alice has everything, bob is inactive and without title, carol has two work addresses and no home one,
    dave has no address and no given name, erin has a userName and nothing else.
    """

    token: str
    users: Mapping[str, Resource]

    def fill(self, expression: str) -> str:
        """An expression with `{t}` as the token, `{alice.id}` as her id, schema URNs for `{user}` and the like."""
        values = {
            "t": self.token,
            "T": self.token.upper(),
            "user": USER,
            "USER": USER.upper(),
            "enterprise": ENTERPRISE,
        }
        values |= {f"{nickname}.id": user["id"] for nickname, user in self.users.items()}
        for name, value in values.items():
            expression = expression.replace(f"{{{name}}}", value)
        return expression

    def within(self, expression: str) -> str:
        """The expression, for these people alone."""
        return f'userName sw "{self.token}" and ({self.fill(expression)})'

    def nicknames(self, resources: list[Resource]) -> list[str]:
        """Who is in a list, in its order; a stranger by its id."""
        known = {user["id"]: nickname for nickname, user in self.users.items()}
        return [known.get(each.get("id"), str(each.get("id"))) for each in resources]


@dataclass(frozen=True)
class Crowd:
    """A group of alice and bob, beside the people."""

    people: People
    group: Resource


def people(scim: Probe) -> People:
    """Make them."""
    token = f"zq{secrets.token_hex(5)}"
    scim.user(userName=f"outside-{token}", displayName=f"Outside {token}")
    made = {}
    for nickname, attributes in sorted(_attributes(token).items(), key=lambda each: ORDER.index(each[0])):
        supported = {name: value for name, value in attributes.items() if _is_known(scim, name)}
        schemas = [USER, *([ENTERPRISE] if ENTERPRISE in supported else [])]
        made[nickname] = scim.user(schemas=schemas, **supported)
    return People(token, {nickname: made[nickname] for nickname in sorted(made)})


def crowd(scim: Probe) -> Crowd:
    """Make the group."""
    known = scim.shared(people)
    scim.group(known.users["dave"], displayName=f"Other {known.token}")
    members = (known.users["alice"], known.users["bob"])
    return Crowd(known, scim.group(*members, displayName=f"Crowd {known.token}"))


def _is_known(scim: Probe, name: str) -> bool:
    return not scim.server.lacks("enterprise" if name == ENTERPRISE else f"User.{name}") or name == "externalId"


def _attributes(token: str) -> dict[str, dict[str, Any]]:
    work, home = f"work.{token}.example.com", f"home.{token}.example.org"
    return {
        "alice": {
            "userName": f"{token}-alice",
            "externalId": f"Ext-{token}-A",
            "displayName": f"Alice {token}",
            "name": {"givenName": "Alice", "familyName": "Or"},
            "nickName": f"a_b{token}",
            "title": "Engineer",
            "userType": "Employee",
            "preferredLanguage": "en-US",
            "active": True,
            "emails": [
                {"value": f"alice@{work}", "type": "work", "primary": True},
                {"value": f"zoe@{home}", "type": "home"},
            ],
            ENTERPRISE: {"department": "Sales", "employeeNumber": "7"},
        },
        "bob": {
            "userName": f"{token}-bob",
            "externalId": f"ext-{token}-b",
            "displayName": f'He said "hi" \\ {token}',
            "name": {"givenName": "Bob", "familyName": "Stone"},
            "nickName": f"axb{token}",
            "active": False,
            "emails": [{"value": f"bob@{home}", "type": "home"}],
        },
        "carol": {
            "userName": f"{token}-Carol",
            "displayName": f"Café {token}",
            "name": {"givenName": "Carol", "familyName": "Stone"},
            "nickName": f"50%{token}",
            "title": "Manager",
            "active": True,
            "emails": [
                {"value": f"carol@{work}", "type": "work"},
                {"value": f"aaron@{work}", "type": "work", "primary": True},
            ],
            ENTERPRISE: {"department": "Engineering"},
        },
        "dave": {
            "userName": f"{token}-dave",
            "displayName": f"Dave * {token}",
            "name": {"familyName": "O'Neil"},
            "nickName": f"505{token}",
            "title": "engineer",
            "userType": "Contractor",
            "active": True,
        },
        "erin": {"userName": f"{token}-erin", "active": True},
    }
