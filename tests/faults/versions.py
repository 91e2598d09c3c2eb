"""Faults of versions and conditions (RFC 7644 section 3.14)."""

from dataclasses import replace
from typing import Any

from scim_server.domain.directory import User
from scim_server.http import views
from scim_server.protocol import versions
from scim_server.protocol.errors import ScimError
from scim_server.protocol.messages import Query
from scim_server.protocol.versions import Conditions, is_among
from scim_server.resources import representations, steps
from scim_server.resources.operations import Operations
from scim_server.resources.steps import Steps
from scim_server.services import provisioning
from tests.faults.catalogue import Area, Patch
from tests.faults.mutations import replace_function, wrap_method

area = Area("versions")


@area.fault(
    "stale-taken",
    "If-Match is ignored: a stale version is taken.",
    "etag.stale-put etag.stale-patch etag.stale-delete etag.old-version bulk.version",
)
def stale_taken(patch: Patch) -> None:
    patch.setattr(Conditions, "check", lambda conditions, version: None)


@area.fault("stale-deleted", "DELETE ignores If-Match.", "etag.stale-delete condition.unquoted")
def stale_deleted(patch: Patch) -> None:
    def deleted(original: Any, prepared: Any, kind: Any, resource_id: str, conditions: Any) -> Any:
        return original(prepared, kind, resource_id, Conditions())

    wrap_method(patch, Steps, "delete", deleted)


@area.fault(
    "no-header",
    "Answers have no ETag.",
    "common.version-header etag.on-every-answer etag.changes project.version-unchanged",
)
def no_header(patch: Patch) -> None:
    def untagged(*given: Any) -> Any:
        response = original(*given)
        response.headers.pop("ETag", None)
        return response

    original = views.resource_response
    patch.setattr(views, "resource_response", untagged)


@area.fault("two-forms", "meta.version has another form than the ETag.", "common.version-header etag.on-every-answer")
def two_forms(patch: Patch) -> None:
    patch.setattr(representations, "entity_tag", lambda version: f'"{version}"')


@area.fault(
    "none-match-ignored",
    "If-None-Match is ignored on reading.",
    "etag.none-match-same etag.none-match-list etag.none-match-star",
)
def none_match_ignored(patch: Patch) -> None:
    def read(original: Any, service: Any, *given: Any) -> Any:
        return original(service, *given[:-1], Conditions())

    wrap_method(patch, Operations, "read", read)


@area.fault("compared-strongly", "W/ makes a difference when versions are compared.", "etag.none-match-weak")
def compared_strongly(patch: Patch) -> None:
    def among(version: int, header: str) -> bool:
        tags = {tag.strip() for tag in header.split(",")}
        return bool(tags & {versions.ANY, versions.entity_tag(version)})

    replace_function(patch, is_among, among)


@area.fault("one-tag-only", "A condition may name one version alone.", "etag.match-list etag.none-match-list")
def one_tag_only(patch: Patch) -> None:
    replace_function(patch, is_among, lambda version, header: "," not in header and is_among(version, header))


@area.fault("star-unknown", "`*` is no version.", "etag.match-star etag.none-match-star etag.put-none-match-star")
def star_unknown(patch: Patch) -> None:
    replace_function(patch, is_among, lambda version, header: header != "*" and is_among(version, header))


@area.fault("one-version", "A change keeps the version.", "etag.changes etag.old-version etag.parallel")
def one_version(patch: Patch) -> None:
    wrap_method(patch, User, "revised", lambda original, user, now: replace(original(user, now), version=user.version))


@area.fault("members-uncounted", "A change of members alone keeps the group's version.", "etag.members")
def members_uncounted(patch: Patch) -> None:
    def written(original: Any, uow: Any, before: Any, wanted: Any, **members: Any) -> Any:
        after = original(uow, before, wanted, **members)
        if wanted != before:
            return after
        uow.groups.save(before)
        return before

    wrap_method(patch, provisioning, "_write_group", written)


@area.fault("leaving-uncounted", "The deletion of a member keeps the group's version.", "etag.member-deleted")
def leaving_uncounted(patch: Patch) -> None:
    def leave(uow: Any, member_id: str, kind: str) -> None:
        for group_id in uow.members.groups_of(member_id):
            uow.members.remove(group_id, [member_id])

    patch.setattr(provisioning, "_leave_groups", leave)


@area.fault(
    "refused-and-done",
    "A stale If-Match is refused with 412 after the change was made.",
    "etag.stale-patch etag.old-version",
)
def refused_and_done(patch: Patch) -> None:
    def patched(original: Any, service: Any, caller: Any, kind: Any, resource_id: str, *rest: Any) -> Any:
        *given, conditions = rest
        version = service.read(caller, kind, resource_id, Query(), Conditions()).version
        answer = original(service, caller, kind, resource_id, *given, Conditions())
        conditions.check(version)
        return answer

    wrap_method(patch, Operations, "patch", patched)


@area.fault("garbage-ignored", "A condition that is no entity tag is ignored.", "condition.unquoted")
def garbage_ignored(patch: Patch) -> None:
    replace_function(patch, is_among, lambda version, header: '"' not in header or is_among(version, header))


@area.fault("body-first", "The body is judged before the condition.", "condition.before-body")
def body_first(patch: Patch) -> None:
    def attempt(original: Any, prepared: Any, work: Any) -> None:
        original(prepared, work)
        if isinstance(prepared._refusal, ScimError):
            raise prepared._refusal

    wrap_method(patch, steps._Attempt, "__init__", attempt)


@area.fault("unlocked", "Two changes on one version at the same time both succeed.", "etag.parallel")
def unlocked(patch: Patch) -> None:
    seen: dict[Conditions, int] = {}

    def check(original: Any, conditions: Conditions, version: int) -> None:
        """As a server that compares with what it read before the other one wrote."""
        original(conditions, seen.setdefault(conditions, version))

    wrap_method(patch, Conditions, "check", check)
