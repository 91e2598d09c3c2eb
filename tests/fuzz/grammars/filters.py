"""RFC 7644 section 3.4.2.2, figure 1: filters, in addresses and in the bodies of searches."""

import json
from random import Random

from scim_server.protocol.grammar import OPERATORS
from scim_server.protocol.schemas import ResourceType
from tests.fuzz import chances
from tests.fuzz.chances import often
from tests.fuzz.grammars.sending import any_kind, scim
from tests.fuzz.grounds import Ground
from tests.walls.requests import Request, quoted
from tests.walls.resources import leaves
from tests.worlds import SEARCH


def filters(random: Random, ground: Ground) -> Request:
    """A list that is asked for with a filter."""
    kind = any_kind(random, ground)
    endpoint = "" if often(random, 0.05) else kind.endpoint
    asked = expression(random, ground, kind)
    if often(random, 0.3):
        asked = chances.mutated(random, asked)
    if often(random, 0.3):
        search = {"schemas": [SEARCH], "filter": asked, **_rest(random, ground, kind)}
        return scim(random, ground, "POST", f"{endpoint}/.search", chances.written(random, search))
    query = "&".join(f"{name}={quoted(str(text))}" for name, text in _rest(random, ground, kind).items())
    return scim(random, ground, "GET", endpoint, query=f"filter={quoted(asked)}&{query}")


def expression(random: Random, ground: Ground, kind: ResourceType, depth: int = 3) -> str:
    """FILTER = attrExp / logExp / valuePath / *1"not" "(" FILTER ")"."""
    choice = random.randint(0, 9)
    if depth == 0 or choice < 5:
        return term(random, ground, kind)
    if choice < 7:
        inner = [expression(random, ground, kind, depth - 1) for _ in range(random.randint(2, 3))]
        return random.choice((" and ", " or ", " AND ", "  or  ")).join(inner)
    if choice < 8:
        return f"{random.choice(('', 'not ', 'NOT', 'not'))}({expression(random, ground, kind, depth - 1)})"
    if choice < 9:
        return f"{path(random, kind)}[{expression(random, ground, kind, 0)}]{random.choice(('', '.value', '.x'))}"
    return term(random, ground, kind) * random.choice((1, 2)) + random.choice(("", " or", " and ", ")" * 60))


def term(random: Random, ground: Ground, kind: ResourceType) -> str:
    """attrExp = (attrPath SP "pr") / (attrPath SP compareOp SP compValue)."""
    if often(random, 0.5) and kind.name in ground.resources:
        name, held = random.choice(_held(ground, kind))
        return f"{name} {random.choice(OPERATORS)} {json.dumps(held)}"
    operator = random.choice(OPERATORS)
    return f"{path(random, kind)} {operator}" + ("" if operator == "pr" else f" {literal(random)}")


def path(random: Random, kind: ResourceType) -> str:
    """attrPath = [URI ":"] ATTRNAME *1subAttr."""
    urn, attribute = random.choice(list(kind.attributes()))
    name = attribute.name
    if attribute.sub_attributes and often(random, 0.6):
        name += f".{random.choice(attribute.sub_attributes).name}"
    if urn is not None or often(random, 0.1):
        name = f"{urn or kind.schema.urn}:{name}"
    return chances.mutated(random, name) if often(random, 0.1) else name


def literal(random: Random) -> str:
    """compValue = false / null / true / number / string."""
    return chances.one_of(
        random,
        lambda chosen: json.dumps(chances.text(chosen)),
        lambda chosen: f'"{chances.text(chosen)}"',
        lambda chosen: str(chosen.choice(chances.NUMBERS)),
        lambda chosen: chosen.choice(("true", "false", "null", "True", "work", '"2026-01-31T09:00:00+25:00"')),
    )


def _held(ground: Ground, kind: ResourceType) -> list[tuple[str, str]]:
    return list(leaves(kind, ground.resources[kind.name]))


def _rest(random: Random, ground: Ground, kind: ResourceType) -> dict[str, object]:
    """What a list may be asked for besides."""
    numbers = (0, 1, 2, -1, 10**9, "x", "1.5", "", "９", 10**30)
    choices = {
        "sortBy": lambda: path(random, kind),
        "sortOrder": lambda: random.choice(("ascending", "descending", "up", "")),
        "startIndex": lambda: random.choice(numbers),
        "count": lambda: random.choice(numbers),
        "cursor": lambda: random.choice((*ground.cursors, "", "x", chances.text(random))),
        "attributes": lambda: ",".join(path(random, kind) for _ in range(random.randint(0, 3))),
        "excludedAttributes": lambda: ",".join(path(random, kind) for _ in range(random.randint(0, 3))),
    }
    return {name: make() for name, make in choices.items() if often(random, 0.15)}
