"""Where the standards leave a choice, or contradict each other: one named set of answers, and switches to vary it.

`tolerant` takes what every known client sends; `rfc` reads RFC 7643 and RFC 7644 strictly; `interop` and
`ipsie` follow draft-zollner-scim-interop-profile and draft-schreiber-ipsie-scim-profile. A tenant has a profile
and may set single switches otherwise. What clients write otherwise than the RFC says is no business of these
switches: a declared habit puts it right beforehand, and says itself in which profiles it does (see `dialects`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, Protocol, TypeVar

Named = TypeVar("Named")


class UnknownSwitch(ValueError):
    """There is no such switch, or it has no such position; the text says which there are."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The answers of one profile. `SWITCHES` says what each of them decides.

    `dialects` are the habits of clients that the tenant has switched itself: name and position.
    """

    name: str
    unknown_attributes: Literal["ignore", "reject"]
    unknown_members: Literal["skip", "reject"]
    unknown_references: Literal["keep", "reject"]
    unknown_entitlements: Literal["keep", "reject"]
    roles_above_max: Literal["keep", "reject"]
    put_clears_omitted: bool = False
    pathless_patch: bool = True
    complex_replace: Literal["merge", "overwrite"] = "merge"
    element_target: bool = True
    multi_match: bool = True
    group_patch_answers: bool = False
    unique_group_names: bool = True
    unique_external_ids: bool = False
    refuse_mixed_scripts: bool = False
    forbid_password: bool = False
    check_formats: bool = False
    require_if_match: bool = False
    list_seats: Literal["auto", "on", "off"] = "auto"
    canonical_values: Literal["open", "closed"] = "open"
    me: Literal["on", "off"] = "on"
    me_attributes: tuple[str, ...] = (
        "displayName",
        "nickName",
        "preferredLanguage",
        "locale",
        "timezone",
        "photos",
        "profileUrl",
        "phoneNumbers",
    )
    me_delete: bool = False
    default_paging: Literal["index", "cursor", "cursor_only"] = "index"
    sensitive_filters: Literal["allow", "refuse"] = "allow"
    dialects: "Switched" = ()


class Choice(Protocol):
    """What a tenant can set otherwise than its profile does: its positions as words, and what it decides."""

    @property
    def name(self) -> str: ...

    @property
    def positions(self) -> Mapping[str, Any]: ...

    @property
    def decides(self) -> str: ...

    def position(self, profile: Profile) -> str:
        """The word for what `profile` answers."""

    def value(self, position: str) -> Any:
        """What the word means. Raises UnknownSwitch."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A choice of the protocol or the resources; `field` is the field of Profile that holds it."""

    name: str
    field: str
    positions: Mapping[str, Any]
    decides: str

    def position(self, profile: Profile) -> str:
        """The word for what `profile` answers."""
        held = getattr(profile, self.field)
        return next(word for word, value in self.positions.items() if value == held)

    def value(self, position: str) -> Any:
        """What the word means. Raises UnknownSwitch."""
        return value_of(self, position)


class NamesSwitch(Switch):
    """A switch whose position is a list of names, separated by commas; it may be empty."""

    def position(self, profile: Profile) -> str:
        return ",".join(getattr(profile, self.field))

    def value(self, position: str) -> Any:
        return tuple(name for part in position.split(",") if (name := part.strip()))


ON = MappingProxyType({"on": True, "off": False})

DIALECT = "dialect."
"""What the names of switches begin with that turn a habit of clients on or off; `dialects` has their catalogue."""


def value_of(choice: Choice, position: str) -> Any:
    """What a position of `choice` means. Raises UnknownSwitch where it has none of that name."""
    if position not in choice.positions:
        raise UnknownSwitch(
            f"'{position}' is no position of {choice.name}: use {', '.join(choice.positions)}, or default."
        )
    return choice.positions[position]


def _words(*words: str) -> Mapping[str, str]:
    return MappingProxyType({word: word for word in words})


SWITCHES: Mapping[str, Switch] = {
    switch.name: switch
    for switch in (
        Switch(
            "unknown_attributes",
            "unknown_attributes",
            _words("ignore", "reject"),
            "Unknown attributes and schema URNs in a body (RFC 7644 section 3.3). Paths and filters are always strict.",
        ),
        Switch(
            "unknown_members",
            "unknown_members",
            _words("skip", "reject"),
            "Member ids that name nothing in the tenant.",
        ),
        Switch(
            "unknown_references",
            "unknown_references",
            _words("keep", "reject"),
            "A manager or another reference that names nothing in the tenant: kept as it is, or 400.",
        ),
        Switch(
            "unknown_entitlements",
            "unknown_entitlements",
            _words("keep", "reject"),
            "Entitlements and roles that the tenant does not know: echoed and granted nothing, or 400.",
        ),
        Switch(
            "roles_above_max",
            "roles_above_max",
            _words("keep", "reject"),
            "Roles above what the connection may grant: kept as written without the grant, or refused with 403.",
        ),
        Switch(
            "put.omitted",
            "put_clears_omitted",
            MappingProxyType({"clear": True, "keep": False}),
            "A PUT unassigns every list it leaves out (RFC 7644 section 3.5.1); under keep, `members` stay, and "
            "`entitlements` and `roles` do unless the connection manages them.",
        ),
        Switch(
            "patch.pathless",
            "pathless_patch",
            MappingProxyType({"allow": True, "reject": False}),
            "`add` and `replace` without `path` (RFC 7644 section 3.5.2.1).",
        ),
        Switch(
            "patch.complex_replace",
            "complex_replace",
            _words("merge", "overwrite"),
            "`replace` of a complex attribute keeps, or drops, the sub-attributes it does not name.",
        ),
        Switch(
            "patch.element_target",
            "element_target",
            MappingProxyType({"allow": True, "reject": False}),
            'A path may name whole elements, `emails[type eq "work"]`; else a sub-attribute must follow the bracket.',
        ),
        Switch(
            "patch.multi_match",
            "multi_match",
            MappingProxyType({"all": True, "reject": False}),
            "A value filter that matches several elements changes all of them, or is refused.",
        ),
        Switch(
            "patch.group_answer",
            "group_patch_answers",
            MappingProxyType({"204": False, "200": True}),
            "What a PATCH of a group answers where the client does not ask for attributes.",
        ),
        Switch("group.unique_names", "unique_group_names", ON, "A second group with the same displayName is refused."),
        Switch(
            "external_id_unique",
            "unique_external_ids",
            ON,
            "A second resource of one type with the same externalId is refused (RFC 7643 section 3.1 allows it).",
        ),
        Switch(
            "user.mixed_scripts",
            "refuse_mixed_scripts",
            MappingProxyType({"allow": False, "refuse": True}),
            "A userName with a word in letters of two scripts, which may be meant to look like another name.",
        ),
        Switch(
            "password",
            "forbid_password",
            MappingProxyType({"drop": False, "forbid": True}),
            "A password in a body is dropped unread, or the body is refused. None is ever kept.",
        ),
        Switch(
            "formats",
            "check_formats",
            MappingProxyType({"lenient": False, "strict": True}),
            "Whether the formats of RFC 7643 section 4.1 are checked: country, time zone, language, e-mail.",
        ),
        Switch("if_match_required", "require_if_match", ON, "A change without If-Match is answered 428 (RFC 6585)."),
        Switch(
            "canonical_values",
            "canonical_values",
            _words("open", "closed"),
            "Whether values beside an attribute's canonicalValues are taken (RFC 7643 section 7).",
        ),
        Switch(
            "discovery.seats",
            "list_seats",
            _words("auto", "on", "off"),
            "Roles, Entitlements and the seats extension are listed in discovery, and users are answered with their "
            "seats; auto: for connections of Okta.",
        ),
        Switch("me", "me", _words("on", "off"), "/Me for tokens of a person (RFC 7644 section 3.11); off: 501."),
        NamesSwitch(
            "me.attributes",
            "me_attributes",
            MappingProxyType({"NAME,NAME,...": ()}),
            "What a person may change at /Me; an attribute of an extension by URN:name.",
        ),
        Switch("me.delete", "me_delete", ON, "A person may delete themselves at /Me."),
        Switch(
            "paging",
            "default_paging",
            _words("index", "cursor", "cursor_only"),
            "How a list is paged that asks neither by startIndex nor by cursor (RFC 9865 section 2.3); under "
            "cursor_only a startIndex above 1 is refused.",
        ),
        Switch(
            "filter.sensitive",
            "sensitive_filters",
            _words("allow", "refuse"),
            "Filters on personal data of users in an address; refused ones can be sent to /.search (RFC 7644 "
            "section 7.5.2).",
        ),
    )
}
"""What a tenant can set otherwise than its profile does."""


TOLERANT = Profile(
    name="tolerant",
    unknown_attributes="ignore",
    unknown_members="skip",
    unknown_references="keep",
    unknown_entitlements="keep",
    roles_above_max="keep",
)

RFC = Profile(
    name="rfc",
    unknown_attributes="reject",
    unknown_members="reject",
    unknown_references="reject",
    unknown_entitlements="reject",
    roles_above_max="reject",
    put_clears_omitted=True,
    unique_group_names=False,
    refuse_mixed_scripts=True,
)

INTEROP = replace(
    RFC,
    name="interop",
    put_clears_omitted=False,
    unique_group_names=True,
    pathless_patch=False,
    complex_replace="overwrite",
    element_target=False,
    multi_match=False,
)

IPSIE = replace(INTEROP, name="ipsie", forbid_password=True)

PROFILES = {profile.name: profile for profile in (TOLERANT, RFC, INTEROP, IPSIE)}

Switched = tuple[tuple[str, str], ...]
"""Switches that a tenant has set, name and position, by name."""


@cache
def profile_of(name: str, switched: Switched) -> Profile:
    """The profile of that name with the tenant's own switches. Raises UnknownSwitch."""
    own = [(key, position) for key, position in switched if not key.startswith(DIALECT)]
    dialects = tuple((key.removeprefix(DIALECT), position) for key, position in switched if key.startswith(DIALECT))
    fields = {_known(key, SWITCHES).field: _known(key, SWITCHES).value(position) for key, position in own}
    return replace(PROFILES[name], **fields, dialects=dialects)


def is_conformant(profile: Profile) -> bool | None:
    """Whether a profile that follows the interop draft does so in every switch; None for one that does not."""
    return profile == PROFILES[profile.name] if profile.name in {INTEROP.name, IPSIE.name} else None


def read_switches(settings: Iterable[str], switches: Mapping[str, Choice] = SWITCHES) -> dict[str, str | None]:
    """`NAME=POSITION` texts as switch and position, None for `default`. Raises UnknownSwitch."""
    read: dict[str, str | None] = {}
    for text in settings:
        name, _, position = text.partition("=")
        if position == "default":
            read[_known(name, switches).name] = None
        else:
            _known(name, switches).value(position)
            read[name] = position
    return read


def _known(name: str, switches: Mapping[str, Named]) -> Named:
    if name not in switches:
        raise UnknownSwitch(f"There is no switch '{name}'. There are {', '.join(switches)}.")
    return switches[name]
