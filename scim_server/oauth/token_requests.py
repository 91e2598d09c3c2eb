"""A request to an endpoint of one issuer, in the shape that Authlib looks at."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload, OAuth2Request

from scim_server.domain.oauth_clients import OAuthClient
from scim_server.oauth.presented import Presented

REPEATABLE = frozenset({"resource"})
"""Parameters that may come more than once (RFC 8707 section 2)."""


class Form(OAuth2Payload):  # type: ignore[misc]
    """The parameters in the body, never those in the address. One without a value is as if it were not there."""

    def __init__(self, parameters: Mapping[str, Sequence[str]]) -> None:
        self.parameters = {name: [value for value in values if value] for name, values in parameters.items()}

    @cached_property
    def data(self) -> dict[str, str]:
        return {name: values[0] for name, values in self.parameters.items() if values}

    @cached_property
    def datalist(self) -> defaultdict[str, list[str]]:
        return defaultdict(list, self.parameters)

    def check_single(self) -> None:
        """RFC 6749 section 3.2: parameters must not come more than once. Raises InvalidRequestError."""
        if any(len(values) > 1 for name, values in self.parameters.items() if name not in REPEATABLE):
            raise InvalidRequestError("A parameter comes more than once.")


class IssuerRequest(OAuth2Request):  # type: ignore[misc]
    """What came to the issuer of the tenant with that slug, under the id of the request."""

    def __init__(
        self, slug: str, presented: Presented, parameters: Mapping[str, Sequence[str]], request_id: str = ""
    ) -> None:
        super().__init__(presented.method, presented.url)
        self.slug, self.presented, self.request_id = slug, presented, request_id
        self.payload = Form(parameters)
        self.client: Any = None
        """The client, once it has proved who it is."""
        self.claimed: OAuthClient | None = None
        """The client that it says it is, as soon as the tenant is known to have it."""

    @property
    def form(self) -> Any:
        return self.payload.data

    @property
    def resources(self) -> list[str]:
        """RFC 8707: what tokens are to be for."""
        found: list[str] = self.payload.datalist["resource"]
        return found
