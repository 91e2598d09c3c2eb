"""The connection doctor: looks into a connection when it is asked to, and tells what it found."""

from scim_server.console.answers import render
from scim_server.console.calls import Call
from scim_server.console.diagnoses import cure, said
from scim_server.console.views.connections import ONE, PERMISSION, connections
from scim_server.services import connecting, diagnosing


@connections.get(f"{ONE}/doctor", PERMISSION)
def ask_doctor(call: Call) -> str:
    """What the doctor does, before it does it."""
    connection = connecting.connection(call.units, call.tenant, call.path["connection"])
    return render("connections/doctor.html", connection=connection)


@connections.post(f"{ONE}/doctor", PERMISSION)
def diagnose_connection(call: Call) -> str:
    """What it found."""
    service = call.service
    found = diagnosing.diagnose(call.units, call.tenant, call.path["connection"], service.check_ups, service.terms)
    return render("connections/diagnosis.html", connection=found.connection, found=found, said=said, cure=cure)
