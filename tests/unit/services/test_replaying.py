"""What the trail says and what is stored, compared."""

from scim_server.domain.employments import CORE
from scim_server.services.replaying import differences

ANA = ("user", "ana")


def test_an_older_entry_says_nothing_of_the_schemas_that_everybody_has() -> None:
    stored = {ANA: {"userName": "ana", "profile": {"schemas": [CORE], "title": "Buyer"}}}
    assert differences({ANA: {"userName": "ana", "profile": {"title": "Buyer"}}}, stored) == []
    (found,) = differences({ANA: {"userName": "ana", "profile": {"title": "Seller"}}}, stored)
    assert found.endswith("profile")
    (found,) = differences({ANA: {"userName": "ana", "profile": {"schemas": ["x"], "title": "Buyer"}}}, stored)
    assert found.endswith("profile")
