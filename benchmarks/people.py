"""Whom the directories are made of: person number N, as an identity provider would describe them."""

from typing import Any

from tests.worlds import ENTERPRISE, USER

KIND = "Employee"
"""The userType of everybody, on which the rule looks that gives each of them a seat."""


def digits(number: int) -> str:
    """How a person's number is written wherever it occurs, so that it can be found and replaced."""
    return f"{number:07d}"


def user_name(number: int) -> str:
    return f"person{digits(number)}@example.com"


def person(number: int) -> dict[str, Any]:
    """The person's document."""
    written = digits(number)
    return {
        "schemas": [USER, ENTERPRISE],
        "externalId": f"00u{written}",
        "userName": user_name(number),
        "name": {
            "givenName": f"Ana{written}",
            "familyName": f"Lima{written}",
            "formatted": f"Ana{written} Lima{written}",
        },
        "displayName": f"Ana{written} Lima{written}",
        "title": "Engineer",
        "userType": KIND,
        "preferredLanguage": "en-US",
        "active": True,
        "emails": [{"value": user_name(number), "type": "work", "primary": True}],
        "phoneNumbers": [{"value": f"+1 555 {written}", "type": "work"}],
        ENTERPRISE: {"employeeNumber": written, "department": "Research", "costCenter": "4130"},
    }
