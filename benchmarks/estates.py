"""A tenant for the console's benchmark: a directory with all that pages show, and a long provisioning log."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import psycopg

from benchmarks.loads import PRODUCT, Directory, load
from benchmarks.sinks import sink
from scim_server.services import operator_hooking, redelivering, ruling, spreading, templating, tenancy
from tests.console.addresses import SHOWN, addresses, is_operators
from tests.console.estates import Estate, furnish
from tests.worlds import CAUSE, Connection, World, build

SIZE = 60
"""Of all other things than people, groups and log rows there are so many: more than a page shows at once."""
DAYS = 30
"""That the log goes back."""
REFUSED = 20
"""One of so many requests of the log was refused."""
ASKED: Mapping[str, Sequence[str]] = {
    "list_people": (
        "text=ana00",
        "status=active",
        "status=waiting",
        f"product={PRODUCT}",
        "role=super_admin",
        "group={group}",
        "source=connection",
        'after=["{user}"]',
    ),
    "list_groups": ("text=group+9",),
    "list_requests": (
        "method=GET",
        "answer=refused",
        "type=User",
        "connection=okta",
        "below={request}",
        "about={user}",
    ),
    "list_entries": ("object=user", "actor=cli"),
}
"""What else lists are asked for, beside what they show first."""
_MULTIPLY = """
INSERT INTO provisioning_log ({names}, id, at, status)
SELECT {names}, uuidv7(-span)::text, to_char((now() - span) AT TIME ZONE 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    CASE WHEN number %% {refused} = 0 THEN 400 ELSE status END
FROM (
    SELECT number, make_interval(secs => number * {step}) AS span FROM generate_series(1, %s - {known}) AS number
) AS numbered
JOIN (
    SELECT *, row_number() OVER () - 1 AS place FROM provisioning_log WHERE tenant_id = %s
) AS kept ON kept.place = number %% {known}
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A page, and an address of it."""

    page: str
    address: str
    operators: bool


def prepare(url: str, people: int, groups: int, log: int, others: int = SIZE) -> Estate:
    """Fill an empty database, with so many `others` of all things than those."""
    directory = load(url, people, crowd=people // 2, groups=groups)
    world = build(url, public_url="http://127.0.0.1:8000")
    try:
        tenant = tenancy.tenant(world.units, directory.slug)
        client = Connection(world.app.test_client(), directory.slug, directory.token, "okta")
        estate = furnish(world, tenant, client, others, lambda text: f"estate {text}")
        _send(world, estate, others)
        _found(world, others)
        _template(world, estate)
        rule = ruling.rules(world.units, tenant)[0].id
    finally:
        world.installation.database.dispose()
    _multiply_log(url, tenant.id, log)
    with sink(url) as rows:
        rows.settle()
    return replace(estate, places=_with_the_largest(estate, directory, rule))


def _send(world: World, estate: Estate, times: int) -> None:
    """Have a long log in the webhook and the stream that are shown, of attempts at receivers that are not there."""
    installed, tenant = world.installation, estate.tenant
    for _ in range(times):
        (webhook,), (stream,) = estate.places["webhook"], estate.places["stream"]
        redelivering.try_webhook(world.units, installed.web, tenant, CAUSE, webhook)
        redelivering.try_stream(world.units, installed.web, installed.signer(), tenant, CAUSE, stream)


def _found(world: World, tenants: int) -> None:
    """So many other tenants, and as many webhooks of the operator as can be, which all tenants are set up for."""
    for number in range(tenants):
        world.tenant(f"estate-{number}")
    for number in range(operator_hooking.MOST - len(operator_hooking.operator_webhooks(world.units))):
        operator_hooking.create_operator_webhook(
            world.units, world.installation.web, CAUSE, f"estate {number}", "https://app.invalid/in"
        )
    deque(spreading.spread(world.units), maxlen=0)


def _template(world: World, estate: Estate) -> None:
    """Templates of the largest product, called as the estate's are of its own."""
    for name in estate.places["name"]:
        templating.set_template(world.units, estate.tenant, CAUSE, PRODUCT, name, {"theme": "dark"})


def asked(estate: Estate) -> Iterator[Asked]:
    """Every address of every page, and what else lists are asked."""
    known = {name: texts[-1] for name, texts in estate.places.items()}
    for page in SHOWN:
        operators = is_operators(page)
        found = list(addresses(page, estate))
        yield from (Asked(page.name, address, operators) for address in found)
        for question in ASKED.get(page.name, ()):
            yield Asked(page.name, f"{found[0]}?{question.format(**known)}", operators)


def _with_the_largest(estate: Estate, directory: Directory, rule: str) -> Mapping[str, Sequence[str]]:
    """Each of these as it usually is, and the one that half of the people or everybody has to do with."""
    largest = {"group": directory.crowd, "rule": rule, "product": PRODUCT}
    return {name: [*texts, largest[name]] if name in largest else texts for name, texts in estate.places.items()}


def _multiply_log(url: str, tenant_id: str, rows: int) -> None:
    """Have so many rows in the log, evenly spread over DAYS, like those that are there."""
    with psycopg.connect(url, autocommit=True) as connection:
        columns = connection.execute("SELECT * FROM provisioning_log LIMIT 0").description or ()
        names = ", ".join(f'"{each.name}"' for each in columns if each.name not in {"id", "at", "status"})
        counting = connection.execute("SELECT count(*) FROM provisioning_log WHERE tenant_id = %s", (tenant_id,))
        (known,) = counting.fetchone() or (1,)
        step = DAYS * 86_400 / rows
        statement = _MULTIPLY.format(names=names, refused=REFUSED, step=step, known=known)
        connection.execute(statement.encode(), (rows, tenant_id))
