"""RFC 7644 section 3.4.2.1: one query over types that differ in what they have."""

import pytest

from scim_server.protocol.errors import InvalidFilter, InvalidValue
from scim_server.protocol.filters import And, Comparison, Never, Not
from scim_server.protocol.matching import matches
from scim_server.protocol.registry import COMMON_URN, build
from scim_server.protocol.unions import filters_of, sort_paths_of


def kind(name: str, *attributes: dict) -> dict:
    return {"id": f"urn:x:{name}", "name": name, "attributes": list(attributes)}


REGISTRY = build(
    schemas=[
        {"id": COMMON_URN, "name": "Common", "attributes": [{"name": "id"}]},
        kind("Shirt", {"name": "size"}, {"name": "name", "type": "complex", "subAttributes": [{"name": "short"}]}),
        kind("Shoe", {"name": "size", "type": "integer"}, {"name": "name"}, {"name": "lace", "type": "boolean"}),
    ],
    messages=[],
    resource_types=[{"name": name, "endpoint": f"/{name}s", "schema": f"urn:x:{name}"} for name in ("Shirt", "Shoe")],
)
KINDS = list(REGISTRY.resource_types.values())
SHIRTS = [{"id": "l", "size": "l"}, {"id": "n", "name": {"short": "n"}}]
SHOES = [{"id": "9", "size": 9}, {"id": "t", "name": "n", "lace": True}, {"id": "f", "lace": False}]


@pytest.mark.covers("R-7644-3.4.2.1-02", "C-76")
@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("lace eq true", "t"),
        ("lace ne true", "ln9f"),
        ("lace pr", "tf"),
        ("not (lace pr)", "ln9"),
        ("lace eq null", "ln9"),
        ("lace ne null", "tf"),
        ('size eq "l"', "l"),
        ("size eq 9", "9"),
        ('size eq "l" or size eq 9', "l9"),
        ('size ne "l"', "n9tf"),
        ("size ne 9", "lntf"),
        ('name eq "n"', "t"),
        ('name.short eq "n"', "n"),
        ('name[short eq "n"]', "n"),
        ('not (name[short eq "n"])', "l9tf"),
        ("name pr", "nt"),
        ('lace eq true and size eq "l"', ""),
        ('urn:x:Shoe:name pr or id eq "l"', "lt"),
    ],
)
def test_what_a_type_lacks_is_unset_there(text: str, ids: str) -> None:
    """Having it with another type or shape is lacking it too: no value of that kind can be there."""
    shirts, shoes = filters_of(text, KINDS)
    assert shirts is not None
    assert shoes is not None
    found = [each["id"] for each in SHIRTS if matches(shirts, each)] + [
        each["id"] for each in SHOES if matches(shoes, each)
    ]
    assert "".join(found) == ids


@pytest.mark.parametrize("text", ["sole pr", 'lace eq "x"', "size eq true", 'name.short[x eq "y"]', "lace", "size gt"])
def test_what_no_type_can_read_is_refused(text: str) -> None:
    with pytest.raises(InvalidFilter):
        filters_of(text, KINDS)


def test_one_type_alone_is_read_as_ever() -> None:
    with pytest.raises(InvalidFilter, match="lace"):
        filters_of("lace pr", KINDS[:1])
    assert filters_of(None, KINDS) == [None, None]


def test_terms_fold_to_what_holds_nowhere() -> None:
    shirts, shoes = filters_of('lace eq true and id eq "t"', KINDS)
    assert isinstance(shirts, And)
    assert isinstance(shirts.terms[0], Never)
    assert isinstance(shoes, And)
    assert isinstance(shoes.terms[0], Comparison)
    assert filters_of("lace eq null", KINDS)[0] == Not(Never())


def test_a_list_is_sorted_by_what_any_type_has() -> None:
    assert [str(path) for path in sort_paths_of("LACE", KINDS)] == ["None", "lace"]
    assert sort_paths_of(None, KINDS) == [None, None]
    with pytest.raises(InvalidValue, match="sole"):
        sort_paths_of("sole", KINDS)
