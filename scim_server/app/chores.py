"""What is done every so often for all tenants."""

from datetime import timedelta
from functools import partial

from scim_server.app.outside import deliver_mails
from scim_server.config import Settings
from scim_server.services import (
    access_tokens,
    answering,
    audit_sealers,
    completing,
    deduplicating,
    handing_over,
    importing,
    joining,
    leaving,
    mailing,
    moving,
    orphaned_streams,
    receipt_clocks,
    receipt_forgetting,
    redelivering,
    relaying,
    removing,
    reporting,
    reprocessing,
    signing,
    spreading,
    tenancy,
    tidying,
    visiting,
)
from scim_server.services.audit_sealers import AuditSealer
from scim_server.services.chores import Chore
from scim_server.services.ports import Cells


def chores(settings: Settings, sealer: AuditSealer, cells: Cells) -> tuple[Chore, ...]:
    """All of them, in the order of a round."""
    minute, hour, day = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
    return (
        Chore(audit_sealers.CHORE, minute, "Seals what a process left out of the audit trail.", sealer.seal_left),
        Chore(removing.CHORE, minute, "Releases held seats whose time has run out.", removing.release_due),
        Chore(
            joining.CHORE,
            minute,
            "Adds people whose addresses have become free outside the tenant.",
            joining.retry_waiting_adds,
        ),
        Chore(
            importing.CHORE,
            timedelta(seconds=15),
            "Goes on with imports that are to run and that nobody is at work on.",
            importing.take_up,
        ),
        Chore(
            receipt_clocks.CHORE,
            minute,
            "Reports receipts of leavers that are overdue, and escalates them.",
            partial(receipt_clocks.watch_receipts, by_mail=settings.smtp_url is not None),
        ),
        Chore(answering.CHORE, minute, "Ends invitations whose time is up.", answering.expire_invitations),
        Chore(
            "mails", minute, "Sends the mails whose turn has come.", partial(deliver_mails, settings, all_of_them=True)
        ),
        Chore(
            tidying.CHORE, hour, "Opens and closes issues of subscriptions, rules, groups and tokens.", tidying.tidy_all
        ),
        Chore(reporting.CHORE, hour, "Writes down how subscriptions are used today.", reporting.note_seat_uses),
        Chore(
            deduplicating.CHORE,
            day,
            "Forgets requests with keys that nobody sends again.",
            deduplicating.forget_old,
            at_home=True,
        ),
        Chore(leaving.CHORE, day, "Forgets who was deleted too long ago to come back.", leaving.forget_tombstones),
        Chore(
            receipt_forgetting.CHORE,
            day,
            "Forgets receipts of leavers that were closed longer ago than their tenant keeps them.",
            receipt_forgetting.forget_receipts,
        ),
        Chore(importing.FORGET, day, "Forgets imports that are over for 30 days.", importing.forget_imports),
        Chore(
            relaying.CHORE,
            day,
            "Forgets events that are older than they are kept.",
            partial(relaying.forget_events, timedelta(days=settings.event_retention_days)),
        ),
        Chore(
            redelivering.CHORE,
            day,
            "Forgets what was sent to webhooks a week ago, and dead letters with their events.",
            partial(redelivering.forget_deliveries, timedelta(days=settings.event_retention_days)),
        ),
        Chore(
            spreading.CHORE,
            timedelta(minutes=10),
            "Sets up tenants and cells for the operator's webhooks where that has not come to them.",
            spreading.spread,
            at_home=True,
        ),
        Chore(
            orphaned_streams.CHORE,
            timedelta(minutes=10),
            "Pauses streams whose owner is let in no more.",
            orphaned_streams.pause_orphans,
            at_home=True,
        ),
        Chore(
            handing_over.CHORE,
            timedelta(minutes=10),
            "Hands over what is left of connections that were removed.",
            handing_over.hand_over_rest,
        ),
        Chore(
            completing.CHORE,
            day,
            "Forgets what came of asynchronous requests a week ago.",
            completing.forget_finished,
        ),
        Chore(mailing.CHORE, day, "Forgets mails that were sent or given up a month ago.", mailing.forget_mails),
        Chore(
            signing.CHORE,
            hour,
            "Publishes and ends the keys that access tokens are signed with.",
            signing.rotate_due,
            at_home=True,
        ),
        Chore(
            access_tokens.CHORE,
            hour,
            "Forgets what the authorization server issued and has expired.",
            access_tokens.forget_grants,
        ),
        Chore(visiting.CHORE, hour, "Forgets visits of the console that are over.", visiting.forget_visits),
        Chore(reprocessing.CHORE, day, "Works out anew what everybody should have.", reprocessing.reprocess),
        *(_between(cells) if settings.cell_urls else ()),
    )


def _between(cells: Cells) -> tuple[Chore, ...]:
    """Those that there are where tenants live in several cells."""
    return (
        Chore(
            moving.CHORE,
            timedelta(minutes=1),
            "Removes what tenants left in a cell when they moved away.",
            partial(moving.remove_left, cells),
            at_home=True,
        ),
        Chore(
            tenancy.SHARE,
            timedelta(hours=1),
            "Has every cell know the products of home.",
            tenancy.share_products,
            at_home=True,
        ),
    )
