"""Tenants with so many of everything that pages show, and what the places of their addresses may hold.

Two of one size have the same of everything, under other names: `mark` is in each name, address and code, `say` makes
the free texts.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import quote

from scim_server.domain.imports import Mode
from scim_server.domain.invitations import Offer
from scim_server.domain.particulars import Newcomer
from scim_server.domain.streams import Delivery
from scim_server.domain.tenants import IDPS, Tenant
from scim_server.services import (
    api_tokens,
    authorising,
    chosen_people,
    client_secrets,
    editing,
    federating,
    hooking,
    importing,
    inviting,
    joining,
    operator_hooking,
    redelivering,
    registering,
    reporting,
    ruling,
    streaming,
    templating,
    tenancy,
    trusting,
    verifying,
    wording,
)
from scim_server.services.chosen_people import Deed
from scim_server.services.csv_rows import csv_lines
from scim_server.services.streaming import NewStream
from tests.api.seeds import ids_of
from tests.schedules import load, session
from tests.worlds import CAUSE, ENTERPRISE, Connection, World

DAY = timedelta(days=1)
BRACES = str.maketrans("{}", "()")
"""What texts of mails have for placeholders alone."""
BOSS = "boss"
"""Whose address before the @ is this is a super admin."""


@dataclass(frozen=True)
class Estate:
    """A tenant, its super admin's user name, and what each place of an address may hold."""

    tenant: Tenant
    boss: str
    places: Mapping[str, Sequence[str]]


def estate(world: World, slug: str, size: int, say: Callable[[str], str] = str, mark: str = "") -> Estate:
    """A new tenant with `size` of everything, in a world whose other tenants are of other marks."""
    tenant = tenancy.create_tenant(world.units, CAUSE, slug, say(f"House-{slug}"), "tolerant")
    return furnish(world, tenant, world.connect(tenant, _name(say("main")), idp="entra"), size, say, mark)


def furnish(
    world: World, tenant: Tenant, client: Connection, size: int, say: Callable[[str], str] = str, mark: str = ""
) -> Estate:
    """Fill a tenant through its client, which must be one of Entra's."""
    _sell(world, size, say)
    world.decide(tenant.slug, guard_seats="0", guard_percent="0", receipts="yes")
    maker = _Maker(world, tenant, size, say, mark, client)
    ids = maker.people()
    maker.seats(ids)
    maker.rights(ids)
    maker.links()
    maker.outsiders()
    maker.settings()
    maker.files(ids)
    world.installation.log.flush()
    world.installation.sealer.flush()
    return Estate(tenant, maker.address(BOSS), maker.places())


def codes(size: int) -> list[str]:
    """Of the products that are sold."""
    return [f"product-{number}" for number in range(size)]


def _name(text: str) -> str:
    """What things can be called whose name may stand in an address."""
    return text.replace("/", "")


def _printable(text: str) -> str:
    return "".join(filter(str.isprintable, text))


def _ascii(text: str) -> str:
    return text.encode("ascii", "ignore").decode()


def _sell(world: World, size: int, say: Callable[[str], str]) -> None:
    known = {product.code for product in tenancy.products(world.units)}
    for code in {"scarce-0", "held-0", *codes(size)} - known:
        tenancy.create_product(world.units, code, f"{say('Product')} {code}", [])


@dataclass(frozen=True)
class _Maker:
    world: World
    tenant: Tenant
    size: int
    say: Callable[[str], str]
    mark: str
    okta: Connection
    made: dict[str, list[str]] = field(default_factory=dict)

    @property
    def numbers(self) -> range:
        return range(self.size)

    def address(self, name: str) -> str:
        return f"{self.mark}{name}@{self.tenant.slug}.test"

    def people(self) -> list[str]:
        """Whoever works here, in as many groups as there are people, of which the first has everybody; ids."""
        ids = [self._person(f"p{number}") for number in self.numbers]
        self._person(BOSS)
        self._person(
            "odd",
            _ascii(self.say("odd")).replace(" ", ""),
            entitlements=[self.say("entitlement")],
            roles=[{"value": self.say("role")}],
        )
        authorising.grant_role(self.world.units, self.tenant, CAUSE, self.address(BOSS), "super_admin")
        self.made["group"] = [
            self.okta.create_group(self.say(f"Group {number}"), *(ids if number == 0 else ids[:1]))["id"]
            for number in self.numbers
        ]
        for number in self.numbers:
            gone = self._person(f"gone{number}")
            self.okta.delete(f"/Users/{gone}")
        for number in self.numbers:
            off = self._person(f"off{number}")
            self.okta.patch(f"/Users/{off}", {"op": "replace", "path": "active", "value": False})
        return ids

    def _person(self, name: str, user_name: str | None = None, **attributes: Any) -> str:
        address = self.address(name)
        made = self.okta.create_user(
            user_name or address,
            **attributes,
            displayName=self.say(name),
            name={part: self.say(part) for part in ("givenName", "familyName", "formatted")},
            emails=[{"value": address, "type": "work", "primary": True}],
            preferredLanguage="fr",
            externalId=self.say(name),
            **{each: self.say(each) for each in ("title", "nickName", "userType")},
            **{ENTERPRISE: {each: self.say(each) for each in ("department", "division", "organization", "costCenter")}},
        )
        return str(made["id"])

    def seats(self, ids: Sequence[str]) -> None:
        """The first has a seat of each product, one other is kept out of one; many wait, many seats are held."""
        for code in codes(self.size):
            self.world.buy(self.tenant, code, self.size)
        self.world.buy(self.tenant, "scarce-0", 1)
        self.world.buy(self.tenant, "held-0", 2 * self.size)
        act = chosen_people.carry_out
        for code in codes(self.size):
            act(self.world.units, self.tenant, CAUSE, Deed.GIVE, ids[:1], code)
        act(self.world.units, self.tenant, CAUSE, Deed.GIVE, ids, "scarce-0")
        holding = self.okta.create_group(self.say("Holding"), *ids)["id"]
        ruling.create_rule(self.world.units, self.tenant, CAUSE, {"group": holding, "products": ["held-0"]})
        self.okta.patch(f"/Groups/{holding}", {"op": "remove", "path": "members"})
        for number in self.numbers:
            ruling.create_rule(
                self.world.units,
                self.tenant,
                CAUSE,
                {
                    "condition": f"nickName eq {json.dumps(self.say(f'nick {number}'))} and active eq false",
                    "products": codes(1),
                    "language": "fr",
                },
            )
        ruling.create_rule(
            self.world.units, self.tenant, CAUSE, {"group": self.made["group"][0], "products": codes(self.size)[-1:]}
        )
        act(self.world.units, self.tenant, CAUSE, Deed.TAKE, ids[-1:], codes(self.size)[-1])
        load(
            self.world,
            self.tenant,
            *(session(f"{self.mark}s{n}", self.address("p0"), title=self.say("Title")) for n in self.numbers),
        )

    def rights(self, ids: Sequence[str]) -> None:
        """Custom roles, the first of which everybody has, and templates."""
        units, tenant = self.world.units, self.tenant
        self.made["role"] = [f"{self.mark}role-{number}" for number in self.numbers]
        for code in self.made["role"]:
            authorising.create_role(units, tenant, CAUSE, code, self.say(code), self.say("text"), ["people.read"])
        for number in self.numbers:
            authorising.grant_role(units, tenant, CAUSE, self.address(f"p{number}"), self.made["role"][0])
        self.made["name"] = [f"{self.mark}template-{number}" for number in self.numbers]
        for name in self.made["name"]:
            templating.set_template(
                units, tenant, CAUSE, codes(self.size)[-1], name, {self.say("key"): self.say("value")}
            )
        change = f"change-of-{self.mark}{tenant.slug}"
        self._person("late")
        editing.suspend_person(units, tenant, replace(CAUSE, request_id=change), self.address("late"))
        self.made.update(change=[change], user=list(ids[-1:]), product=codes(self.size)[-1:])

    def links(self) -> None:
        """Connections, and tokens, programs with secrets and trusted issuers of the first."""
        units, tenant, name = self.world.units, self.tenant, self.okta.name
        for number in self.numbers:
            self.world.connect(tenant, _name(self.say(f"link {number}")))
        self.made["connection"] = [name]
        self.made["token"] = [tenancy.issue_token(units, tenant, CAUSE, name, DAY)[0].id]
        self.made["client"] = [
            registering.register_client(
                units, tenant, CAUSE, self.say(f"program {number}"), connection=name, scopes=["scim"]
            ).client.id
            for number in self.numbers
        ]
        first = self.made["client"][0]
        self.made["secret"] = [
            client_secrets.issue_secret(units, tenant, CAUSE, first, DAY).secret.id for _ in range(2)
        ]
        terms = trusting.Terms("https://idp.example.com", "seats", self.say("me"))
        self.made["issuer"] = [
            trusting.trust_issuer(units, tenant, CAUSE, name, _name(self.say(f"issuer {number}")), terms).issuer.id
            for number in self.numbers
        ]

    def outsiders(self) -> None:
        """People of another tenant: invited, and added in vain."""
        other = self.world.connect(self.world.tenant(f"{self.tenant.slug}-elsewhere"), "okta")
        first, last = _printable(self.say("First")), _printable(self.say("Last"))
        offer = Offer(("scarce-0",), None, first, last)
        for number in self.numbers:
            for kind in ("invited", "added"):
                address = self.address(f"{kind}{number}")
                other.create_user(address, emails=[{"value": address, "primary": True}])
            inviting.send(
                self.world.units, self.tenant, CAUSE, self.address(f"invited{number}"), offer, None,
                public_url="https://seats.example.com", by_mail=False,
            )  # fmt: skip
            newcomer = Newcomer(self.address(f"added{number}"), first, last, ("scarce-0",))
            joining.add_person(self.world.units, self.tenant, CAUSE, newcomer)

    def files(self, ids: Sequence[str]) -> None:
        """Imports that wait, the first of so many rows, and requests that were refused."""
        rows = [(self.address(f"row{number}"), self.say("First"), self.say("Last")) for number in self.numbers]
        for name in ["rows.csv", *(f"{number}.csv" for number in self.numbers)]:
            rows.append((self.say("nobody"), name, ""))
            file = b"".join(csv_lines(("email", "first_name", "last_name"), rows))
            source = importing.Source(BytesIO(file), self.say(name), len(file))
            importing.read(self.world.units, self.tenant, CAUSE, source, Mode.BEST_EFFORT)
            rows = rows[:1]
        for _ in self.numbers:
            self.okta.get(f"/Users/{ids[0]}", User_Agent=_ascii(self.say("client")))
            self.okta.get(f"/Users?filter={quote(self.say('filter'))}")
            self.okta.patch(f"/Users/{ids[0]}", {"op": "replace", "path": self.say("path"), "value": self.say("value")})
        self.world.decide(self.tenant.slug, async_requests="request")
        self.okta.post("/Users", {"userName": self.address("later")}, Prefer="respond-async")

    def settings(self) -> None:
        """Tokens of the admin API, domains that wait for their proof, and texts of mails."""
        units, tenant = self.world.units, self.tenant
        for number in self.numbers:
            subject, body = (_printable(self.say(each)).translate(BRACES) for each in ("Subject", "Body"))
            wording.set_wording(units, tenant, CAUSE, f"{self.mark}mail-{number}", "fr", subject, body)
        federating.set_provider(units, tenant, CAUSE, "https://idp.example.com", self.say("me"), "secret", "email")
        names = [f"{self.mark}{tenant.slug}{number}.test" for number in self.numbers]
        self.made["domain"] = [verifying.add_domain(units, tenant, CAUSE, name).name for name in names]
        hooks = [self.say(f"hook {number}")[:100].strip() for number in self.numbers[: hooking.MOST]]
        self.made["webhook"] = [self._webhook(name) for name in hooks]
        self.made["stream"] = [self._stream(number) for number in self.numbers[: streaming.MOST]]
        self.made["operator_webhook"] = [self._webhook_of_operator()]
        self.made["settings/tokens/<token>"] = [
            api_tokens.issue_token(units, tenant, CAUSE, self.say(f"token {number}"), ["people.read"], DAY)[0].id
            for number in self.numbers
        ]

    def _webhook(self, name: str) -> str:
        """One that was tried, at an address that nothing may connect to."""
        made = hooking.create_webhook(
            self.world.units,
            self.world.installation.web,
            self.tenant,
            CAUSE,
            _printable(name),
            "https://app.invalid/in",
        )
        redelivering.try_webhook(self.world.units, self.world.installation.web, self.tenant, CAUSE, made.id)
        return made.id

    def _stream(self, number: int) -> str:
        """One whose receiver fetches, or that was tried, at an address where nobody is."""
        name, about = (_printable(self.say(f"{each} {number}"))[:100].strip() for each in ("stream", "about"))
        delivery, url = (Delivery.POLL, None) if number % 2 else (Delivery.PUSH, "https://hr.invalid/in")
        new = NewStream(name, delivery, url, filter='userType eq "Employee"', description=about)
        installed = self.world.installation
        made = streaming.create_stream(self.world.units, installed.web, self.tenant, CAUSE, new)
        if url:
            redelivering.try_stream(self.world.units, installed.web, installed.signer(), self.tenant, CAUSE, made.id)
        return made.id

    def _webhook_of_operator(self) -> str:
        name = _printable(self.say(self.tenant.slug))[:100].strip()
        return operator_hooking.create_operator_webhook(
            self.world.units, self.world.installation.web, CAUSE, name, "https://app.invalid/in"
        ).id

    def places(self) -> Mapping[str, Sequence[str]]:
        """What is there by now; of many the first or the last, whichever has the most to show."""
        found = {
            **self.made,
            "tenant": [self.tenant.slug],
            "gone": self._ids("tombstones"),
            "receipt": self._ids("receipts"),
            "add": self._ids("pending_adds"),
            "issue": self._ids("issues"),
            "rule": self._ids("rules"),
            "import": self._ids("imports"),
            "entry": self._ids("audit"),
            "request": self._ids("provisioning_log")[-1:],
            "report": [*reporting.REPORTS],
            "idp": IDPS,
            "chore": [self.world.installation.chores[0].name],
            "mails/<name>": [f"{self.mark}mail-0"],
            "language": ["fr"],
            "held": ids_of(self.world, "seats", self.tenant, state="held"),
            "<product>/held": ["held-0"],
            "<product>/waiting": ["scarce-0"],
        }
        return {name: texts if name in EVERY else texts[:1] for name, texts in found.items()}

    def _ids(self, table: str) -> list[str]:
        self.world.installation.log.flush()
        return ids_of(self.world, table, self.tenant)


EVERY = frozenset({"report", "idp"})
"""Places that are filled with each of what they may hold, as each has a page of its own kind."""
