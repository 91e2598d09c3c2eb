"""What the README says of settings is what the server reads."""

import re
from pathlib import Path

from scim_conformance.checks import all_checks
from scim_conformance.replay import available, load

from scim_server.config import VARIABLES, variable_name
from scim_server.domain.settings import SETTINGS
from tests.conformances import DOCUMENTS, checks_by_document

README = Path(__file__).parents[2] / "README.md"
ROW = re.compile(r"^\| `(SCIM_[A-Z_]+)` \| (?:`([^`]*)`|none) \| (.*) \|$", re.MULTILINE)


def test_the_table_of_settings_is_complete_and_true() -> None:
    """Every variable with its default; secrets are marked."""
    rows = {name: (default or None, wants) for name, default, wants in ROW.findall(README.read_text())}
    stated = {name: (default, wants.endswith("secret")) for name, (default, wants) in rows.items()}
    read = {
        variable_name(field): (None if variable.default in (None, ()) else str(variable.default), variable.secret)
        for field, variable in VARIABLES.items()
    }
    assert stated == read


def test_the_table_of_conformance_counts_the_checks_there_are() -> None:
    text = README.read_text(encoding="utf-8")
    rows = {title: int(number) for title, number in re.findall(r"^\| ([^|]+) \| (\d+) \|(?: \d+ \|){6}$", text, re.M)}
    counted = {DOCUMENTS[key]: number for key, number in checks_by_document().items()}
    assert rows == {**counted, "all": len(all_checks())}
    assert f"{len(all_checks())} checks" in text


def test_the_table_of_clients_counts_the_exchanges_there_are() -> None:
    rows = re.findall(r"^\| ([a-z-]+) \| (\d+) \| (\d+) \| (\d+) \|$", README.read_text(encoding="utf-8"), re.M)
    flows = [load(name) for name in available() if not name.startswith("demo/")]
    for client, files, exchanges, good in rows:
        played = [flow for flow in flows if client in {"all", flow.name.partition("/")[0]}]
        steps = sum(len(flow.steps) for flow in played)
        assert (client, int(files), int(exchanges), int(good)) == (client, len(played), steps, steps)
    assert {row[0] for row in rows} == {"all", *(flow.name.partition("/")[0] for flow in flows)}


def test_the_table_of_tenant_settings_is_complete_and_true() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| `(.+)` \| (.+) \| .+ \|$", README.read_text(), re.MULTILINE)
    assert rows == [(name, setting.default, setting.wants) for name, setting in SETTINGS.items()]
