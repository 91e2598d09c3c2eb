"""Whoever keeps everything in a SQLite file need not have the driver of PostgreSQL."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
sys.modules["psycopg"] = None
from scim_server.cli import run
for command in ("db upgrade", "product create meeting --name M", "tenant create acme --name A", "user list acme"):
    assert run(command.split()) == 0, command
from wsgi import application
for path in ("/readyz", "/scim/acme/v2/ServiceProviderConfig"):
    assert application.test_client().get(path).status_code in {200, 401}, path
"""


def test_an_installation_over_sqlite_runs_without_it(tmp_path: Path) -> None:
    environment = {**os.environ, "SCIM_DATABASE_URL": f"sqlite:///{tmp_path}/scim.db"}
    program = [sys.executable, "-c", PROGRAM]
    ended = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
