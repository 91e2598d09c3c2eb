"""What the README says of settings is what the server reads."""

import re
from pathlib import Path

from scim_server.config import VARIABLES, variable_name

README = Path(__file__).parents[2] / "README.md"
ROW = re.compile(r"^\| `(SCIM_[A-Z_]+)` \| (?:`([^`]*)`|none) \| (.*) \|$", re.MULTILINE)


def test_the_table_of_settings_is_complete_and_true() -> None:
    """Every variable with its default; secrets are marked."""
    rows = {name: (default or None, wants) for name, default, wants in ROW.findall(README.read_text())}
    stated = {name: (default, wants.endswith("secret")) for name, (default, wants) in rows.items()}
    read = {
        variable_name(field): (None if variable.default is None else str(variable.default), variable.secret)
        for field, variable in VARIABLES.items()
    }
    assert stated == read
