"""Every metric there is: what processes count as they work, and what the database is asked for."""

from scim_server.telemetry.meters import Counter, Gauge, Histogram
from scim_server.telemetry.metrics import Kind, Metric

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter(
    "scim_http_requests_total",
    "Requests by route (the pattern, never the address), method, dialect of the connection (none for whoever is no "
    "connection) and status.",
    "route",
    "method",
    "dialect",
    "status",
)
REQUEST_SECONDS = Histogram(
    "scim_http_request_duration_seconds",
    "How long requests took, from when a thread took them up to when the answer was complete or began to be streamed.",
    "route",
    "method",
    buckets=SECONDS,
)
FAULTS = Counter(
    "scim_http_faults_total",
    "Requests that met a fault of the server, an operation of a bulk request as well: those that failed in the log.",
)
REFUSALS = Counter(
    "scim_refusals_total",
    "SCIM requests, and operations of bulk requests, that were refused, by scimType (none where the answer has none) "
    "and status.",
    "scim_type",
    "status",
)
TURNED_AWAY = Counter(
    "scim_authentication_refusals_total",
    "OAuth clients that were not let in, by the reason that the log gives as `refused`.",
    "reason",
)
LOG_ENTRIES = Counter(
    "scim_log_entries_total",
    "Entries of the provisioning log that wait in memory to be written: written, dropped as the buffer was full, or "
    "lost to a fault.",
    "outcome",
)
LOG_WAITING = Gauge(
    "scim_log_entries_waiting", "Entries of the provisioning log that the last writing left waiting in memory."
)
RETRIES = Counter(
    "scim_retries_total", "Times that a use case began again as it lost against another transaction.", "use_case"
)
GIVEN_UP = Counter(
    "scim_retries_exhausted_total", "Use cases that lost each time and were answered with 503.", "use_case"
)
CHORE_RUNS = Counter(
    "scim_chore_runs_total",
    "Runs of chores by these processes: done, failed, or broken_off as the process ended.",
    "chore",
    "outcome",
)
CHORE_SECONDS = Counter("scim_chore_seconds_total", "Time that runs of chores took, their rests included.", "chore")
CHORE_LAST = Gauge(
    "scim_chore_last_duration_seconds", "How long the last run of a chore took.", "chore", mode="mostrecent"
)
CHORE_SUCCESS = Gauge(
    "scim_chore_last_success_timestamp_seconds", "When a chore was last done by these processes.", "chore", mode="max"
)
EGRESS = Counter(
    "scim_egress_requests_total",
    "Requests that the server sent to others, by the class of the status (2xx, 4xx, ...), or unreachable.",
    "outcome",
)
EGRESS_SECONDS = Histogram(
    "scim_egress_request_duration_seconds",
    "How long others took to answer, or not to.",
    buckets=SECONDS,
)
MAILS = Counter(
    "scim_mails_total",
    "Attempts to hand in a mail: sent, refused, or unavailable where the mail server could not be reached.",
    "outcome",
)
DELIVERIES = Counter(
    "scim_deliveries_total",
    "Attempts to deliver an event, or a token of one that is pushed, trials included, by the protocol (webhook, push, "
    "or poll, where the receiver says so by itself) and by what the receiver made of it: accepted, refused (this "
    "event), rejected (it never takes it), failed (no answer, or that of one that does not work) or gone (it wants no "
    "more).",
    "protocol",
    "outcome",
)
DELIVERY_SECONDS = Histogram(
    "scim_delivery_duration_seconds", "How long receivers of events took to answer.", "protocol", buckets=SECONDS
)
REPLICA_QUESTIONS = Counter(
    "scim_replica_questions_total",
    "Lists and reports by replica: answered by it, or by the primary as it was behind or could not be asked (failed).",
    "replica",
    "outcome",
)
CONNECTIONS = Gauge(
    "scim_database_connections",
    "Connections that processes keep to the database of a cell: in_use or idle, as sampled every few seconds.",
    "cell",
    "state",
)
POOL_TIMEOUTS = Counter(
    "scim_database_pool_timeouts_total", "Times that a thread waited for a connection of its process in vain."
)
PROCESSES = Gauge("scim_processes", "Processes that are alive, by what they do.", "role")

AT_ZERO: tuple[tuple[Counter, tuple[str, ...]], ...] = (
    (LOG_ENTRIES, ("dropped",)),
    (LOG_ENTRIES, ("lost",)),
    (MAILS, ("refused",)),
    (MAILS, ("unavailable",)),
    (POOL_TIMEOUTS, ()),
    (FAULTS, ()),
    *((EGRESS, (outcome,)) for outcome in ("unreachable", "2xx", "4xx", "5xx")),
)
"""What is told before it has happened: Prometheus sees no increase in a series that is new, however high it begins.
So are `GIVEN_UP` by use case, and `CHORE_RUNS` that failed by chore."""

COUNTED = tuple(
    meter.metric
    for meter in (
        REQUESTS,
        REQUEST_SECONDS,
        FAULTS,
        REFUSALS,
        TURNED_AWAY,
        LOG_ENTRIES,
        LOG_WAITING,
        RETRIES,
        GIVEN_UP,
        CHORE_RUNS,
        CHORE_SECONDS,
        CHORE_LAST,
        CHORE_SUCCESS,
        EGRESS,
        EGRESS_SECONDS,
        MAILS,
        DELIVERIES,
        DELIVERY_SECONDS,
        REPLICA_QUESTIONS,
        CONNECTIONS,
        POOL_TIMEOUTS,
        PROCESSES,
    )
)
"""What processes count."""


def _asked(name: str, help_: str, *labels: str) -> Metric:
    return Metric(name, Kind.GAUGE, help_, ("cell", *labels))


SEATS = _asked(
    "scim_seats",
    "Seats by product over all tenants: assigned, held (release pending), reserved for invitations, free, waiting.",
    "product",
    "state",
)
BOUGHT = _asked("scim_seats_bought", "Seats bought by product over all tenants.", "product")
TENANT_SEATS = _asked(
    "scim_tenant_seats",
    "The same for the tenants with the most seats, as many as SCIM_METRICS_TENANTS says: taken, free, waiting.",
    "tenant",
    "product",
    "state",
)
TENANTS = _asked("scim_tenants", "Tenants that live in the cell.")
RESOURCES = _asked("scim_resources", "People, groups and other resources by type over all tenants.", "type")
OUTBOX_AGE = _asked(
    "scim_outbox_oldest_age_seconds", "Age of the oldest event that is not yet on its way; 0 where all are."
)
OUTBOX_WAITING = _asked("scim_outbox_waiting_events", "Events that are not yet on their way, 10000 at most.")
WEBHOOKS = _asked(
    "scim_webhooks",
    "Webhooks and streams of tenants, and webhooks of the operator, by how they do: working, failing, or off.",
    "owner",
    "state",
)
WEBHOOK_BEHIND = _asked(
    "scim_webhook_events_behind",
    "Events that come after what the webhooks and streams have dealt with that are not off, summed over all of them; "
    "what is filtered out counts until it was passed over, and what receivers fetch themselves (poll) until they do.",
    "owner",
    "protocol",
)
WEBHOOK_AGE = _asked(
    "scim_webhook_oldest_due_age_seconds",
    "For how long the webhook or stream that is due the longest has waited for a process that sends; 0 where none "
    "waits.",
)
KEPT_BACK = _asked(
    "scim_deliveries_kept_back",
    "Events that receivers refused: parked, to be sent again, and dead letters that nobody sends again by itself; "
    "10000 of each at most.",
    "state",
)
ASYNC_WAITING = _asked("scim_async_requests_waiting", "Asynchronous requests that wait; 10000 where more do.")
ASYNC_AGE = _asked(
    "scim_async_requests_oldest_age_seconds", "Age of the oldest asynchronous request that waits; 0 where none does."
)
CREDENTIALS = _asked(
    "scim_credentials",
    "Connections, programs, OAuth clients and programs of the operator by when the last credential of each expires: "
    "later, 30d, 7d (within so many days), or expired within the last 30 days.",
    "kind",
    "expires",
)
UNSEALED = _asked("scim_audit_unsealed_entries", "Entries of audit trails that are not sealed yet, 10000 at most.")
UNSEALED_AGE = _asked(
    "scim_audit_oldest_unsealed_age_seconds", "Age of the oldest of them; 0 where all entries are sealed."
)
CHORE_DUE = _asked(
    "scim_chore_next_run_timestamp_seconds", "When a chore is due again, whichever process does it.", "chore"
)
VISITS = _asked("scim_console_visits", "Sessions of the console that are open, by who visits.", "visitor")
REPLICA_LAG = _asked("scim_replica_lag_seconds", "By how much a replica is behind.", "replica")
REPLICA_UP = _asked("scim_replica_up", "Whether a replica can be reached.", "replica")
DATABASE_UP = _asked("scim_database_up", "Whether the database of a cell could be asked for all of this.")
FIGURES_AGE = Metric(
    "scim_figures_age_seconds", Kind.GAUGE, "Age of what the database was asked for; older than 300 it is left out."
)
BUILD = Metric("scim_build_info", Kind.GAUGE, "Always 1; says which version answers.", ("version",))

ASKED = (
    SEATS,
    BOUGHT,
    TENANT_SEATS,
    TENANTS,
    RESOURCES,
    OUTBOX_AGE,
    OUTBOX_WAITING,
    WEBHOOKS,
    WEBHOOK_BEHIND,
    WEBHOOK_AGE,
    KEPT_BACK,
    ASYNC_WAITING,
    ASYNC_AGE,
    CREDENTIALS,
    UNSEALED,
    UNSEALED_AGE,
    CHORE_DUE,
    VISITS,
    REPLICA_LAG,
    REPLICA_UP,
    DATABASE_UP,
)
"""What the database is asked for."""
ALL = (*COUNTED, *ASKED, FIGURES_AGE, BUILD)


def table() -> str:
    """The table of docs/observability.md."""
    rows = (f"| `{each.name}` | {each.kind} | {_labels(each)} | {each.help} |" for each in ALL)
    return "\n".join(("| Metric | Kind | Labels | Says |", "|---|---|---|---|", *rows))


def _labels(metric: Metric) -> str:
    return ", ".join(f"`{label}`" for label in metric.labels) or "none"
