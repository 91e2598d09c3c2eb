"""Where the standards leave a choice, or contradict each other: one named set of answers per tenant.

`tolerant` takes what every known client sends; `rfc` reads RFC 7643 and RFC 7644 strictly; `interop` and
`ipsie` follow draft-zollner-scim-interop-profile and draft-schreiber-ipsie-scim-profile.
"""

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Profile:
    """The switches of one profile. Each says what happens when the standard's text does not decide."""

    name: str
    unknown_attributes: Literal["ignore", "reject"]
    """Unknown attributes and schema URNs in a body (RFC 7644 section 3.3). A PATCH path or filter is always strict."""
    unknown_members: Literal["skip", "reject"]
    """Member ids that name nothing in the tenant."""
    unknown_entitlements: Literal["keep", "reject"]
    """Entitlement and role values the tenant does not know: echoed and granted nothing, or 400."""
    require_schemas: bool
    """`schemas` must be present in bodies and messages (RFC 7643 section 3)."""
    ignore_read_only: bool
    """A readOnly attribute inside a path-less PATCH value is dropped, not refused (RFC 7644 section 3.5.2)."""
    replace_creates: bool
    """`replace` through a value filter that matches nothing builds the element; else 400 noTarget."""
    replace_keeps_filter_terms: bool
    """A replaced element keeps the filter's `eq` terms that the new value does not give."""
    wrap_single_values: bool
    """A bare object where a list is due is wrapped."""
    empty_text_clears: bool
    """An empty text in PATCH unassigns the attribute, as null does (RFC 7643 section 2.5)."""
    bare_words: bool
    """An unquoted word in a filter is text."""
    put_clears_omitted: bool = False
    """A PUT unassigns every list it leaves out (RFC 7644 section 3.5.1). Otherwise `members` stay, and `entitlements`
    and `roles` do unless the connection manages them: an omission is not an instruction to take seats away."""
    pathless_patch: bool = True
    """`add` and `replace` without `path` are taken (RFC 7644 section 3.5.2.1)."""
    complex_replace: Literal["merge", "overwrite"] = "merge"
    """`replace` of a complex attribute keeps, or drops, the sub-attributes it does not name."""
    unique_group_names: bool = True
    """A second group with the same displayName is refused with 409."""


TOLERANT = Profile(
    name="tolerant",
    unknown_attributes="ignore",
    unknown_members="skip",
    unknown_entitlements="keep",
    require_schemas=False,
    ignore_read_only=True,
    replace_creates=True,
    replace_keeps_filter_terms=True,
    wrap_single_values=True,
    empty_text_clears=True,
    bare_words=True,
)

RFC = Profile(
    name="rfc",
    unknown_attributes="reject",
    unknown_members="reject",
    unknown_entitlements="reject",
    require_schemas=True,
    ignore_read_only=False,
    replace_creates=False,
    replace_keeps_filter_terms=False,
    wrap_single_values=False,
    empty_text_clears=False,
    bare_words=False,
    put_clears_omitted=True,
    unique_group_names=False,
)

INTEROP = replace(
    RFC,
    name="interop",
    put_clears_omitted=False,
    unique_group_names=True,
    pathless_patch=False,
    complex_replace="overwrite",
)

IPSIE = replace(INTEROP, name="ipsie")

PROFILES = {profile.name: profile for profile in (TOLERANT, RFC, INTEROP, IPSIE)}
