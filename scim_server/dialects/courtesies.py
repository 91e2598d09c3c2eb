"""Habits that no rewriting of a message can put right, and what serves them: the server for everybody, a switch, or an
option of the connection.

They are listed beside the others. Those that always hold have two requests as their sample, which are answered alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scim_server.dialects.samples import patch

ALWAYS = "always"
ACCEPT_RAW = "--accept-raw"
"""The option of `connection edit` by which a connection takes tokens without the word Bearer."""


@dataclass(frozen=True, slots=True)
class Courtesy:
    """One such habit. `rule` is `always`, an option of the connection, or the name of the tenant's switch that decides.

    Where it always holds, `before` and `after` are requests: a path and headers.
    """

    name: str
    summary: str
    clients: tuple[str, ...]
    quirks: tuple[int, ...]
    source: str
    rule: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    def served(self, mark: str = "") -> str:
        """When it is served, in words; names stand within `mark`."""
        if self.rule in {ALWAYS, ACCEPT_RAW}:
            return self.rule if self.rule == ALWAYS else f"connection option {mark}{self.rule}{mark}"
        return f"switch {mark}{self.rule}{mark}"


def _get(path: str, **headers: str) -> Mapping[str, Any]:
    return {"method": "GET", "path": path, "headers": {name.replace("_", "-"): text for name, text in headers.items()}}


COURTESIES = (
    Courtesy(
        name="slashes",
        summary="trailing and double slashes in addresses, served without a redirect",
        clients=("postman", "keycloak"),
        quirks=(36,),
        source="https://github.com/AzureAD/SCIMReferenceCode/blob/master/PostmanCollection.json",
        rule=ALWAYS,
        before=_get("//Users/"),
        after=_get("/Users"),
    ),
    Courtesy(
        name="query-noise",
        summary="a dangling ? or &, and + for a blank",
        clients=("onelogin",),
        quirks=(37,),
        source="https://github.com/goauthentik/authentik/issues/11249",
        rule=ALWAYS,
        before=_get("/Users?filter=userName+eq+%22anna%22&"),
        after=_get("/Users?filter=userName%20eq%20%22anna%22"),
    ),
    Courtesy(
        name="unknown-parameters",
        summary="query parameters that nobody knows, such as the flag that chooses a dialect",
        clients=("entra",),
        quirks=(38,),
        source="https://learn.microsoft.com/en-us/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility",
        rule=ALWAYS,
        before=_get("/Users?aadOptscim062020"),
        after=_get("/Users"),
    ),
    Courtesy(
        name="content-types",
        summary="bodies as application/json, with parameters, and a Content-Type where there is no body",
        clients=("okta", "onelogin", "keycloak"),
        quirks=(34,),
        source="https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20/",
        rule=ALWAYS,
        before=_get("/Users", Content_Type="application/scim+json; charset=utf-8"),
        after=_get("/Users"),
    ),
    Courtesy(
        name="json-answers",
        summary="answers typed application/json, for clients that name it and not scim+json",
        clients=("onelogin", "aws"),
        quirks=(35,),
        source="https://developers.onelogin.com/scim/implement-scim-api",
        rule=ALWAYS,
        before=_get("/Users", Accept="application/json"),
        after=_get("/Users", Accept="application/scim+json"),
    ),
    Courtesy(
        name="scheme-case",
        summary="the word Bearer in other letter case",
        clients=("okta", "ping"),
        quirks=(66,),
        source="https://docs.pingidentity.com/integrations/scim/setup/pf_scim_connector_scim_connector_settings_reference.html",
        rule=ALWAYS,
        before=_get("/Users", Authorization="bearer TOKEN"),
        after=_get("/Users", Authorization="Bearer TOKEN"),
    ),
    Courtesy(
        name="raw-tokens",
        summary="a token without the word Bearer",
        clients=("okta",),
        quirks=(66,),
        source="https://developer.okta.com/docs/guides/scim-provisioning-integration-prepare/main/",
        rule=ACCEPT_RAW,
        before=_get("/Users", Authorization="TOKEN"),
        after=_get("/Users", Authorization="Bearer TOKEN"),
    ),
    Courtesy(
        name="unknown-members",
        summary="members whose id names nobody here",
        clients=("okta",),
        quirks=(50,),
        source="https://github.com/fleetdm/fleet/issues/52600",
        rule="unknown_members",
        before=patch({"op": "add", "path": "members", "value": [{"value": "u1"}, {"value": "nobody"}]}),
        after=patch({"op": "add", "path": "members", "value": [{"value": "u1"}]}),
    ),
    Courtesy(
        name="repeated-group-names",
        summary="a second group of the same name, which clients ask to be refused",
        clients=("entra-validator",),
        quirks=(57,),
        source="https://learn.microsoft.com/en-us/entra/identity/app-provisioning/scim-validator-tutorial",
        rule="group.unique_names",
        before={"displayName": "Sales"},
        after={"displayName": "Sales"},
    ),
    Courtesy(
        name="group-answers",
        summary="204 for a PATCH of a group, or 200 with the group",
        clients=("entra", "okta"),
        quirks=(76,),
        source="https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups",
        rule="patch.group_answer",
        before=patch({"op": "replace", "path": "displayName", "value": "Sales"}),
        after=patch({"op": "replace", "path": "displayName", "value": "Sales"}),
    ),
)
