"""The report of leavers: what the application has acknowledged of each, and what it still owes."""

from scim_server.domain.receipts import Part
from scim_server.services.ports import UnitOfWork
from scim_server.services.receipt_lists import ListedReceipt, listed
from scim_server.services.receipt_queries import Sought
from scim_server.services.reports import FROM, TO, Narrowing, Page, Position, Report, Row, cut, moment, text, texts

COLUMNS_OF_PARTS = {Part.SESSIONS: "sessionsEnded", Part.KEYS: "keysEnded", Part.DATA_ACCESS: "dataAccessEnded"}


def _leavers(uow: UnitOfWork, wanted: Narrowing, after: Position | None, most: int) -> Page:
    (beyond,) = after or ("",)
    sought = Sought(since=wanted.since, until=wanted.until)
    found = uow.receipts.find(sought, str(beyond), most, uow.now)
    return cut([_row(each) for each in listed(uow, found)], [(each.id,) for each in found], most)


def _row(each: ListedReceipt) -> Row:
    receipt = each.receipt
    ended = {part: when.at for part, when in each.acknowledged}
    return {
        "userName": each.user_name,
        "left": receipt.ended.value,
        "receipt": each.state.value,
        "since": receipt.since,
        "due": receipt.due,
        "missing": [part.value for part in receipt.missing],
        **{name: ended.get(part) for part, name in COLUMNS_OF_PARTS.items()},
        "escalated": receipt.escalated,
        "closed": receipt.closed,
        "userId": receipt.user_id,
        "receiptId": receipt.id,
    }


LEAVER_RECEIPTS = Report(
    "leaver-receipts",
    "Leaver receipts",
    "Who was suspended or deleted, and what the application has acknowledged to have ended; oldest first.",
    (FROM, TO),
    (
        text("userName", "Who left; missing where a deleted person is forgotten."),
        text("left", "suspended or deleted."),
        text("receipt", "open, overdue, confirmed or void."),
        moment("since", "When they left."),
        moment("due", "By when the application was to acknowledge."),
        texts("missing", "What it has not acknowledged: sessions, keys, data_access."),
        moment("sessionsEnded", "When it acknowledged that sessions have ended."),
        moment("keysEnded", "When it acknowledged that keys are revoked."),
        moment("dataAccessEnded", "When it acknowledged that access to data has ended."),
        moment("escalated", "When admins were told by mail."),
        moment("closed", "When all was acknowledged, or the person was back."),
        text("userId", "The person's id."),
        text("receiptId", "The receipt's id."),
    ),
    (str,),
    _leavers,
)
