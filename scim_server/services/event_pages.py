"""docs/events.md, from the catalogue."""

from scim_server.services.event_types import EVENT_TYPES, EventType

_HEAD = """# Events

Every change that was accepted is told as events, written in the transaction of the change: none is lost, and none is
told of what was not done. This page is written by `scim-server event page`; `scim-server event types --json` and `GET
/api/v1/event-types` have the same as JSON schemas.

## What an event is

```json
{
  "id": "0193a2c4-7e01-7c3a-9c52-3a4b5c6d7e8f",
  "type": "seat.assigned",
  "version": 1,
  "tenant": "acme",
  "subject": {"type": "user", "id": "0193a2c4-7d11-7a00-8000-0a1b2c3d4e5f"},
  "number": 2,
  "position": 4711,
  "at": "2026-11-30T08:15:00.000000Z",
  "requestId": "0193a2c4-7d00-7b00-8000-0a1b2c3d4e5f",
  "data": {"product": "meeting", "was": null}
}
```

- `id` is the event's own. Every way of delivery is at least once: whoever gets an event twice knows it by its id.
- `subject` is whom or what it is about: a `user` by id (with `userName` in the events of type `user.*`), a `group` by
  id, a `product` by code, or the `tenant` itself by slug. `number` counts the events of one subject, 1, 2, 3, ...
  without a gap: whoever misses a number misses an event.
- `position` counts the events of the tenant, without a gap, in an order in which those of one subject keep theirs. It
  never changes, so it is what a reader remembers.
- `requestId` is what the provisioning log and the audit trail have it under.
- `data` may get more members in time; read past those that you do not know. Where one goes or comes to mean something
  else, the type's `version` is raised.
- In the events of somebody who was erased since, `data` is empty and `userName` is missing.
- An event names ids and no more than 100 of them beside how many there are; the resource itself is at
  `/scim/{tenant}/v2/Users/{id}` and `/api/v1/tenants/{tenant}/users/{id}`.

"""

_PULL = """## Reading them

    curl -H "Authorization: Bearer $TOKEN" "$URL/api/v1/tenants/acme/events?after=4711&limit=500"

answers the events behind that position, oldest first, as `items`; `next` is what to send as `after` the next time,
also where `types` left some out or there is nothing yet, and `last` is the newest position of all. Without `after` it
begins with the oldest that is kept. A token wants the scope `events.read`.

- `types=seat.assigned,seat.released` leaves the others out; `user.*` is every type that begins so.
- `wait=30` waits so many seconds, 60 at most, for the first event where there is none yet. That is for the process
  `scim-server events`: the server that SCIM clients talk to never lets a request wait, and answers at once whatever
  `wait` says.
- Events are kept for 30 days (`SCIM_EVENT_RETENTION_DAYS`). An `after` from before is refused with 410 and says where
  to go on, so that nobody misses any without knowing.
- `scim-server event list TENANT` and `scim-server event follow TENANT` show the same at the command line.

### The process for those who wait

`scim-server events --bind 127.0.0.1:8001` serves these addresses alone, with the credentials, guards and answers of the
server itself. It holds 200 waiting requests at once (`--threads`), looks into the database once for all of them, five
times a second, and any number of it may run. Whom it has no room for it answers at once. On one machine `serve` starts
it where `SCIM_EVENTS_BIND` (or `--events-bind`) names an address. The proxy in front sends it what ends in `/events`,
and where receivers fetch from [streams](streams.md#poll):

```nginx
location ~ ^/api/v1/tenants/[^/]+/(events|streams/[^/]+/poll)$ {
    proxy_pass http://127.0.0.1:8001;
    proxy_read_timeout 90s;
}
```

"""


def page() -> str:
    """The page, without a final line break."""
    return (_HEAD + _PULL + "## Types\n" + "".join(map(_section, EVENT_TYPES))).rstrip("\n")


def _section(name: str) -> str:
    kind = EVENT_TYPES[name]
    about = " or ".join(f"a {each}" for each in kind.subjects).replace("a tenant", "the tenant")
    return f"\n### `{name}`\n\n{kind.means} About {about}.\n{_facts(kind)}"


def _facts(kind: EventType) -> str:
    rows = (
        f"| `{member}` | {fact.about}{'' if fact.always else ' May be left out.'} |\n"
        for member, fact in kind.facts.items()
    )
    return "\n| Member of `data` | Says |\n|---|---|\n" + "".join(rows) if kind.facts else ""
