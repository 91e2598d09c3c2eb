"""/tenants/{tenant}/differences: is the ledger what it must be, and if not, make it so."""

from collections.abc import Sequence

from scim_server.api.answers import Answered, Page
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.items.differences import LedgerDifferenceItem
from scim_server.services import reconciling

differences = Noun("differences", "The ledger held against what it must be, and repaired.")


@differences.get(f"{TENANT}/differences", "tenant.write", shows=LedgerDifferenceItem, lists=True)
def list_differences(call: Call) -> Answered:
    """List what in the ledger is not as it must be, all on one page. Reads all of it.

    Exact only while nothing changes.
    """
    return _page(call, reconciling.differences(call.units, call.tenant))


@differences.post(f"{TENANT}/differences/repair", "tenant.write", shows=LedgerDifferenceItem, lists=True)
def repair_differences(call: Call) -> Answered:
    """Make the ledger what it must be; answers what was wrong, all on one page.

    Assigned seats that have a claim stay; run again, it finds and changes nothing. Other changes wait meanwhile.
    """
    return _page(call, reconciling.repair(call.units, call.tenant, call.cause))


def _page(call: Call, found: Sequence[str]) -> Page:
    return Page([{"tenant": call.tenant.slug, "difference": each} for each in found], None)
