"""RFC 7644 section 3.10: attribute notation."""

import pytest

from scim_server.protocol.paths import AttributePath, UnknownAttribute, resolve
from scim_server.protocol.registry import standard_registry

USER = standard_registry().resource_type("User")
GROUP = standard_registry().resource_type("Group")
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("userName", ("userName",)),
        ("USERNAME", ("userName",)),
        ("name.FamilyName", ("name", "familyName")),
        ("meta.lastModified", ("meta", "lastModified")),
        ("schemas", ("schemas",)),
        (f"{CORE}:userName", ("userName",)),
        (f"{CORE.upper()}:name.familyName", ("name", "familyName")),
        (f"{ENTERPRISE}:department", (ENTERPRISE, "department")),
        (f"{ENTERPRISE.lower()}:manager.value", (ENTERPRISE, "manager", "value")),
        (f"{ENTERPRISE}:manager.$REF", (ENTERPRISE, "manager", "$ref")),
        (f"{ENTERPRISE}:employeenumber", (ENTERPRISE, "employeeNumber")),
        (ENTERPRISE, (ENTERPRISE,)),
    ],
)
def test_a_name_in_any_case_leads_to_the_keys_of_its_value(text: str, keys: tuple[str, ...]) -> None:
    assert resolve(text, USER).keys == keys


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "bogus",
            "name.bogus",
            "name.familyName.x",
            "name.",
            ".name",
            "userName.value",
            "members",
            "name givenName",
        ),
        *(
            CORE,
            f"{CORE}:",
            f"{CORE}:department",
            f"{CORE}:bogus",
            f"{ENTERPRISE}:userName",
            f"{ENTERPRISE}x:department",
        ),
        *("urn:ietf:params:scim:schemas:core:2.0:Group:displayName", "urn:", "__class__", "constructor"),
    ],
)
def test_what_names_no_attribute_is_unknown(text: str) -> None:
    with pytest.raises(UnknownAttribute):
        resolve(text, USER)


def test_the_leaf_is_the_innermost_attribute() -> None:
    assert resolve("name.givenName", USER).leaf.name == "givenName"
    assert resolve("name", USER).leaf.name == "name"


def test_an_extension_as_a_whole_has_no_leaf() -> None:
    with pytest.raises(UnknownAttribute, match="names an extension"):
        _ = resolve(ENTERPRISE, USER).leaf


@pytest.mark.parametrize("text", ["name.givenName", f"{ENTERPRISE}:manager.value", ENTERPRISE, "emails"])
def test_a_path_reads_back_as_it_is_written(text: str) -> None:
    assert str(resolve(text, USER)) == text
    assert resolve(str(resolve(text, USER)), USER) == resolve(text, USER)


def test_a_name_of_an_extension_needs_its_urn() -> None:
    """The short name is a habit of clients, which a dialect puts right."""
    with pytest.raises(UnknownAttribute, match="User"):
        resolve("manager", USER)
    assert resolve("displayName", GROUP) == AttributePath(None, GROUP.attribute("displayName"))
