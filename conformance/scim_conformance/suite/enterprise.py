"""RFC 7643 sections 4.3 and 9: the enterprise extension, and passwords."""

from scim_conformance.checks import Section
from scim_conformance.fixtures import USER, Probe
from scim_conformance.servers import ENTERPRISE
from scim_conformance.verdicts import like, require

enterprise = Section("7643-4.3", "enterprise", needs="User enterprise.manager")
password = Section("7643-9", "password")


@enterprise.must("whole", "Every attribute of the extension is stored and answered.", "R-7643-3.3-01")
def enterprise_whole(scim: Probe) -> None:
    names = ("employeeNumber", "costCenter", "organization", "division", "department")
    data = {name: f"{name}-1" for name in names if not scim.server.lacks(f"enterprise.{name}")}
    made = scim.user(schemas=[USER, ENTERPRISE], **{ENTERPRISE: data})
    like(scim.read(made).get(ENTERPRISE), data, "the extension")


@enterprise.must("manager", "A manager is stored and answered as an object with the manager's id.", "R-7643-4.3-01")
def manager(scim: Probe) -> None:
    boss = scim.user(displayName="The Boss")
    made = scim.user(schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"manager": {"value": boss["id"]}}})
    came = scim.read(made).get(ENTERPRISE, {}).get("manager")
    like(came, {"value": boss["id"]}, "manager")
    require(came.get("displayName") in (None, "The Boss"), f"the manager's displayName is {came.get('displayName')!r}")
    require(came.get("$ref") in (None, boss["meta"]["location"]), f"the manager's $ref is {came.get('$ref')}")


@enterprise.must(
    "manager-replaced",
    "PATCH of manager.value replaces the manager.",
    "R-7643-4.3-01",
    needs="patch User enterprise.manager",
)
def manager_replaced(scim: Probe) -> None:
    first, second = scim.user(), scim.user()
    made = scim.user(schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"manager": {"value": first["id"]}}})
    change = {"op": "replace", "path": f"{ENTERPRISE}:manager.value", "value": second["id"]}
    scim.patch(made, change).expect(200, 204)
    like(scim.read(made)[ENTERPRISE].get("manager"), {"value": second["id"]}, "manager")


@enterprise.must(
    "manager-removed", "PATCH can remove the manager.", "R-7643-4.3-01", needs="patch User enterprise.manager"
)
def manager_removed(scim: Probe) -> None:
    boss = scim.user()
    made = scim.user(schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"manager": {"value": boss["id"]}}})
    scim.patch(made, {"op": "remove", "path": f"{ENTERPRISE}:manager"}).expect(200, 204)
    require(not scim.read(made).get(ENTERPRISE, {}).get("manager"), "the manager is still there")


@enterprise.must(
    "manager-name-read-only",
    "The manager's displayName is readOnly: 400 mutability.",
    "R-7643-4.3-01 R-7644-3.5.2-08",
    needs="patch User enterprise.manager.displayName",
)
def manager_name_read_only(scim: Probe) -> None:
    boss = scim.user()
    made = scim.user(schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"manager": {"value": boss["id"]}}})
    change = {"op": "replace", "path": f"{ENTERPRISE}:manager.displayName", "value": "x"}
    scim.patch(made, change).refused(400, types=("mutability",))


@enterprise.must(
    "manager-text",
    "A manager given as text is refused with 400, or answered as an object.",
    "R-7643-4.3-02",
    needs="patch User enterprise.manager",
)
def manager_text(scim: Probe) -> None:
    boss, made = scim.user(), scim.user()
    change = {"op": "add", "path": f"{ENTERPRISE}:manager", "value": boss["id"]}
    reply = scim.patch(made, change)
    if reply.status == 400:
        reply.refused(400, types=("invalidValue", "invalidSyntax"))
    else:
        like(scim.read(made).get(ENTERPRISE, {}).get("manager"), {"value": boss["id"]}, "manager")


@password.must(
    "patched", "A password set by PATCH is in no answer.", "R-7643-9-01 R-7643-2.2-06 C-36", needs="patch User"
)
def password_patched(scim: Probe) -> None:
    made, secret = scim.user(), scim.name("Corr3ct-Horse")
    reply = scim.patch(made, {"op": "replace", "path": "password", "value": secret})
    for each in (reply, scim.get(scim.path(made))):
        require(secret not in each.text, "the password is in an answer")
