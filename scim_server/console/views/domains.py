"""Domains that a tenant says are its own: added, proved, removed."""

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render
from scim_server.console.calls import Call
from scim_server.console.views.settings import PAGES, PERMISSION, settings
from scim_server.services import verifying
from scim_server.services.csv_rows import csv_lines

DOMAINS = f"{PAGES}/domains"
ONE = f"{DOMAINS}/<domain>"
COLUMNS = ("name", "state", "record", "text", "created", "verified", "checked")


@settings.get(DOMAINS, PERMISSION)
def list_domains(call: Call) -> str:
    """Every domain with its state, and the form to add one."""
    return render("settings/domains.html", found=verifying.domains(call.units, call.tenant))


@settings.post(DOMAINS, PERMISSION)
def add_domain(call: Call) -> Response:
    """Note a domain; its page says what is to be published."""
    new = verifying.add_domain(call.units, call.tenant, call.cause, call.form.get("name", "").strip())
    return go(call.url("show_domain", domain=new.name), gettext("The domain is added: now prove that it is yours."))


@settings.get(f"{DOMAINS}/export", PERMISSION)
def export_domains(call: Call) -> Response:
    """The same as a file."""
    found = verifying.domains(call.units, call.tenant)
    rows = ([getattr(each, name) for name in COLUMNS] for each in found)
    return file_of(csv_lines(COLUMNS, rows), f"{call.tenant.slug}-domains.csv")


@settings.get(ONE, PERMISSION)
def show_domain(call: Call) -> str:
    """What proves the domain."""
    return render("settings/domain.html", shown=verifying.domain(call.units, call.tenant, call.path["domain"]))


@settings.post(ONE, PERMISSION)
def verify_domain(call: Call) -> Response:
    """Look for the proof."""
    found = verifying.verify_domain(call.units, call.tenant, call.cause, call.path["domain"], call.service.proofs)
    return go(call.url("show_domain", domain=found.name), gettext("The proof was found: the domain is verified."))


@settings.get(f"{ONE}/remove", PERMISSION)
def remove_domain(call: Call) -> str:
    """What it means to take it out."""
    domain = verifying.domain(call.units, call.tenant, call.path["domain"])
    verified = [each.name for each in verifying.domains(call.units, call.tenant) if each.verified is not None]
    back = call.url("list_domains")
    return render("settings/remove_domain.html", shown=domain, last=verified == [domain.name], back=back)


@settings.post(f"{ONE}/remove", PERMISSION)
def drop_domain(call: Call) -> Response:
    """Take it out."""
    verifying.remove_domain(call.units, call.tenant, call.cause, call.path["domain"])
    return go(call.url("list_domains"), gettext("The domain is removed."))
