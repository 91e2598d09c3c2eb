"""What would become of the rows of a list of people, and why: one judgement for the dry run and for the run itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scim_server.domain.directory import ADDRESS, User
from scim_server.domain.errors import ForeignDomain, Invalid
from scim_server.domain.imports import (
    BETWEEN,
    EMAIL,
    FIRST,
    GROUPS,
    LANGUAGE,
    LAST,
    PRODUCTS,
    ROLE,
    ImportRow,
    Remark,
    Verdict,
)
from scim_server.domain.particulars import Edit, Listed, Newcomer
from scim_server.domain.seat_forecasts import SeatForecast
from scim_server.services.admitting import foreign_address
from scim_server.services.enrolling import Enrolment
from scim_server.services.import_facts import Known

NAMES = {FIRST: ("first", "givenName"), LAST: ("last", "familyName")}
"""The columns of names: what `Edit` calls each, and what a document does."""


class Conflict(Exception):
    """A row cannot be carried out; the message names column and cure."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its verdict, and what is to be done: somebody enrolled, or an add kept until its address is free."""

    row: ImportRow
    enrolment: Enrolment | None = None
    pending: Newcomer | None = None


@dataclass
class Judge:
    """Judges rows in their order; seats are shared out in `forecast` meanwhile."""

    known: Known
    forecast: SeatForecast
    max_role: str
    lines: dict[str, int] = field(default_factory=dict)
    """The line that named each person: by id, or by the user name as it is compared of who is new."""

    def judge(self, rows: Sequence[ImportRow]) -> list[Judged]:
        """The verdicts on rows that are all among those `known` was asked about."""
        return [self._judged(row) for row in rows]

    def _judged(self, row: ImportRow) -> Judged:
        try:
            return self._planned(row)
        except Conflict as conflict:
            return Judged(replace(row, verdict=Verdict.CONFLICT, reason=str(conflict), waits=(), user_id=None))

    def _planned(self, row: ImportRow) -> Judged:
        self._check_alone(row)
        enrolment = Enrolment(
            row.number, products=self._products(row), roles=self._roles(row), groups=self._groups(row)
        )
        address = row.cell(EMAIL)
        present = self.known.people.get(address)
        if present is not None:
            return self._updating(row, replace(enrolment, present=present))
        if address in self.known.elsewhere:
            return self._pending(row, enrolment)
        tombstone = self.known.tombstones.get(address)
        if tombstone is not None and tombstone.successor is None:
            return self._restoring(row, replace(enrolment, tombstone=tombstone))
        return self._creating(row, enrolment)

    def _check_alone(self, row: ImportRow) -> None:
        if row.problem is not None:
            raise Conflict(row.problem)
        first_line = self.known.first_lines.get(row.number)
        if first_line is not None:
            raise Conflict(f"{EMAIL}: line {first_line} has the same address. Keep one of the two.")

    def _check_domain(self, user: User) -> None:
        foreign = foreign_address(user, self.known.domains)
        if foreign is not None:
            raise Conflict(ForeignDomain(EMAIL, foreign[1], sorted(self.known.domains)).detail)

    def _check_alone_as(self, person: str, row: ImportRow) -> None:
        earlier = self.lines.setdefault(person, row.line)
        if earlier != row.line:
            raise Conflict(f"{EMAIL}: line {earlier} means the same person. Keep one of the two.")

    def _products(self, row: ImportRow) -> tuple[str, ...]:
        catalogue = self.known.catalogue
        for name in row.several(PRODUCTS):
            if catalogue.find(name) is None:
                raise Conflict(f"{PRODUCTS}: {catalogue.unknown(name).detail}. Correct the cell.")
        return tuple(catalogue.named(row.several(PRODUCTS)))

    def _roles(self, row: ImportRow) -> tuple[str, ...]:
        roles, found = self.known.roles, []
        for name in row.several(ROLE):
            code = roles.find(name)
            if code is None:
                raise Conflict(f"{ROLE}: there is no role '{name}'. Known roles: {', '.join(roles.by_code)}.")
            if roles.is_above(code, self.max_role):
                raise Conflict(
                    f"{ROLE}: '{code}' permits more than '{self.max_role}', the highest role that may be granted here. "
                    "Leave it out, or have somebody import the list who may grant it."
                )
            found.append(code)
        return tuple(dict.fromkeys(found))

    def _groups(self, row: ImportRow) -> tuple[str, ...]:
        """The ids of the groups; of several of a name the oldest."""
        for name in row.several(GROUPS):
            if name not in self.known.groups:
                raise Conflict(f"{GROUPS}: there is no group '{name}'. Make it first, or correct the cell.")
        return tuple(dict.fromkeys(self.known.groups[name][0].id for name in row.several(GROUPS)))

    def _updating(self, row: ImportRow, wanted: Enrolment) -> Judged:
        user = wanted.present
        assert user is not None, "somebody who is here is updated"
        self._check_alone_as(user.id, row)
        held = self.known.held_by(user.id)
        wanted = replace(
            wanted,
            edit=self._edit(row, user),
            products=tuple(code for code in wanted.products if code not in held.claimed),
            roles=tuple(code for code in wanted.roles if code not in held.roles),
            groups=tuple(
                self.known.groups[name][0].id
                for name in row.several(GROUPS)
                if held.groups.isdisjoint(group.id for group in self.known.groups[name])
            ),
        )
        if wanted.roles and not user.may_hold:
            raise Conflict(
                f"{ROLE}: who is suspended has no roles. Reactivate the person first, or leave the role out."
            )
        notes = self.known.notes_on(user, row)
        changed = wanted.edit.of(user) != user or wanted.products or wanted.roles or wanted.groups
        if not changed:
            return Judged(_with(row, Verdict.UNCHANGED, notes, user_id=user.id))
        waits = self._waits(wanted, user)
        return Judged(_with(row, Verdict.UPDATE, notes, waits, user.id), wanted)

    def _restoring(self, row: ImportRow, wanted: Enrolment) -> Judged:
        assert wanted.tombstone is not None, "somebody who was deleted is restored"
        user = wanted.tombstone.user
        self._check_domain(user)
        holder = self.known.people.get(user.user_name)
        if holder is not None:
            raise Conflict(
                f"{EMAIL}: the person was deleted and cannot be restored, as user '{holder.user_name}' has their name. "
                "Change or delete that one first, or use another address."
            )
        if wanted.roles and not user.may_hold:
            raise Conflict(f"{ROLE}: who is suspended has no roles. Leave the role out.")
        claimed = {product for product, _ in wanted.tombstone.claims}
        wanted = replace(
            wanted,
            edit=self._edit(row, user),
            products=tuple(code for code in wanted.products if code not in claimed),
        )
        waits = self._waits(wanted, user)
        return Judged(_with(row, Verdict.RESTORE, self.known.notes_on(user, row), waits, user.id), wanted)

    def _creating(self, row: ImportRow, wanted: Enrolment) -> Judged:
        newcomer = self._newcomer(row, wanted).user()
        self._check_domain(newcomer)
        name_key = self.known.name_key(newcomer.user_name)
        if name_key is None:
            raise Conflict(f"{EMAIL}: '{newcomer.user_name}' cannot be a user name. Use another address.")
        self._check_alone_as(name_key, row)
        waits = self._waits(wanted, newcomer)
        notes = self.known.notes_on(newcomer, row)
        return Judged(_with(row, Verdict.CREATE, notes, waits), replace(wanted, newcomer=newcomer))

    def _pending(self, row: ImportRow, wanted: Enrolment) -> Judged:
        note = Remark(
            "the address is in use outside the tenant: the add is kept, and carried out by itself once the address is "
            "free"
        )
        self._check_rules(wanted.groups)
        newcomer = self._newcomer(row, wanted)
        self._check_domain(newcomer.user())
        return Judged(_with(row, Verdict.PENDING, [note]), pending=newcomer)

    def _newcomer(self, row: ImportRow, wanted: Enrolment) -> Newcomer:
        address = row.cell(EMAIL)
        if not ADDRESS.fullmatch(address):
            raise Conflict(
                f"{EMAIL}: '{address[:100]}' is no e-mail address, and nobody's user name. Write NAME@DOMAIN."
            )
        self._edit(row, User("", address, ""))
        names, language = (row.cell(FIRST), row.cell(LAST)), row.cell(LANGUAGE) or None
        listed = Listed(wanted.roles, wanted.groups)
        try:
            return Newcomer(address, *names, wanted.products, language=language, listed=listed)
        except Invalid as refused:
            raise Conflict(f"{EMAIL}: {refused.detail}") from refused

    def _edit(self, row: ImportRow, user: User) -> Edit:
        """What the row changes of who somebody is: nothing of whom an identity provider manages."""
        if self.known.manager_of(user) is not None:
            return Edit()
        wanted: dict[str, Any] = {}
        for column, (part, attribute) in NAMES.items():
            text = row.cell(column)
            if text and text != str(user.profile.get("name", {}).get(attribute, "")).strip():
                wanted[part] = _checked(column, part, text)
        language = row.cell(LANGUAGE)
        if language and language != user.profile.get("preferredLanguage"):
            wanted["language"] = _checked(LANGUAGE, "language", language)
        return Edit(**wanted)

    def _check_rules(self, groups: Sequence[str]) -> None:
        for rule in self.known.rules_for(groups):
            if rule.role is not None and self.known.roles.is_above(rule.role, self.max_role):
                raise Conflict(
                    f"{GROUPS}: rule {rule.priority} gives whoever joins '{rule.group_name}' the role '{rule.role}', "
                    f"which permits more than '{self.max_role}', the highest that may be granted here. Leave the group "
                    "out, or have somebody import the list who may grant it."
                )

    def _waits(self, wanted: Enrolment, user: User) -> tuple[str, ...]:
        """The products that no seat would be free of; raises Conflict where a subscription refuses people then."""
        self._check_rules(wanted.groups)
        if not user.may_hold:
            return ()
        held = self.known.held_by(user.id)
        brought = self.known.given_by_groups(wanted.groups)
        if wanted.tombstone is not None:
            brought |= {product for product, _ in wanted.tombstone.claims}
        new = (brought | set(wanted.products)) - held.waiting
        refusing = self.forecast.refusing(new, held.seated)
        if refusing is not None and refusing in wanted.products:
            raise Conflict(
                f"{PRODUCTS}: no seat of '{refusing}' is free, and its subscription refuses people then. Buy seats, or "
                "take the product out of the cell."
            )
        return tuple(self.forecast.take(new, held.seated))


def _checked(column: str, part: str, text: str) -> str:
    try:
        Edit(**{part: text})  # type: ignore[arg-type]
    except Invalid as refused:
        raise Conflict(f"{column}: {refused.detail}") from refused
    return text


def _with(
    row: ImportRow, verdict: Verdict, notes: Sequence[Remark], waits: tuple[str, ...] = (), user_id: str | None = None
) -> ImportRow:
    told = [*notes, *(Remark(f"no seat of '{product}' is free: the person waits for one") for product in waits)]
    return replace(row, verdict=verdict, reason=BETWEEN.join(told) or None, waits=waits, user_id=user_id)
