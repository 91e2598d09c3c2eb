"""The files under docs/operations, which are not built here: what they must have, and that no secret is in them."""

import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from scim_server.cli.serving import GRACE
from scim_server.config import VARIABLES, variable_name

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "operations"
GUIDE = ROOT / "docs" / "operations.md"
KNOWN = {
    name
    for field, each in VARIABLES.items()
    for name in (variable_name(field), *([f"{variable_name(field)}_FILE"] if each.secret else []))
}
PINNED = re.compile(r"[\w./-]+:\d+\.\d+(\.\d+)?[\w.-]*")
SECRET = re.compile(r"(?i)(password|secret|token|key)\w*[ \t]*[=:][ \t]*['\"]?[A-Za-z0-9+_-]{12,}")


def instructions() -> list[tuple[str, str]]:
    """Those of the Dockerfile with what they say, continued lines joined."""
    lines = re.sub(r"\\\n", " ", (FOLDER / "Dockerfile").read_text()).splitlines()
    found = (line.partition(" ") for line in lines if line.strip() and not line.startswith("#"))
    return [(name, said.strip()) for name, _, said in found]


def compose() -> dict[str, Any]:
    return yaml.safe_load((FOLDER / "compose.yaml").read_text())


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    """Sections of a unit, each option with all its values."""
    sections: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in (FOLDER / name).read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            option, _, value = line.partition("=")
            sections.setdefault(section, {}).setdefault(option, []).append(value)
    return sections


def test_every_file_is_told_of_and_holds_no_secret() -> None:
    for file in FOLDER.iterdir():
        assert f"operations/{file.name}" in GUIDE.read_text() or file.name == "scim-server-backup.service", file.name
        assert not SECRET.search(file.read_text()), file.name
        assert set(re.findall(r"SCIM_[A-Z_]+", file.read_text())) - KNOWN - {"SCIM_HOST"} == set(), file.name


def test_the_image_stands_on_pinned_ones_and_runs_as_nobody_in_particular() -> None:
    found = instructions()
    bases = [said.split()[0] for name, said in found if name == "FROM"]
    assert bases
    assert all(PINNED.fullmatch(base) for base in bases)
    last = found[max(index for index, (name, _) in enumerate(found) if name == "FROM") :]
    named = dict(last)
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", named["USER"]), (
        "a number, so that a cluster sees that it is not root"
    )
    order = [name for name, _ in last]
    assert order.index("USER") < order.index("ENTRYPOINT")
    assert "/readyz" in named["HEALTHCHECK"]
    assert named["STOPSIGNAL"] == "SIGTERM"
    for name in ("ENTRYPOINT", "CMD", "VOLUME"):
        assert yaml.safe_load(named[name]), f"{name} is a list: signals reach the server, not a shell"
    assert not {"ADD", "MAINTAINER", "ARG"} & set(order)
    for name, said in found:
        assert name != "RUN" or ("sudo" not in said and "apt-get upgrade" not in said)
        assert "pip install" not in said or "--no-cache-dir" in said


def test_what_is_built_of_has_no_secrets_and_no_database_in_it() -> None:
    """Compose keeps secrets beside the sources, the demo its database."""
    lines = [each for each in (FOLDER / "Dockerfile.dockerignore").read_text().splitlines() if each[:1] not in "#"]
    assert lines[0] == "*"
    taken = {each.removeprefix("!") for each in lines if each.startswith("!")}
    assert all((ROOT / each).exists() for each in taken)
    assert {"scim_server", "schemas", "setup.cfg", "pyproject.toml"} <= taken
    assert not taken & {"secrets", "var", ".git", ".venv", "docs"}
    kept = {Path(each["file"]).parts[-2] for each in compose()["secrets"].values()}
    assert {f"{folder}/" for folder in kept} <= set((ROOT / ".gitignore").read_text().split())


def test_the_server_can_read_the_settings_that_the_guide_has_made() -> None:
    """It reads the file itself at each reload, and root's belong to the group of root."""
    (file,) = unit("scim-server.service")["Service"]["EnvironmentFile"]
    group = unit("scim-server.service")["Service"]["Group"][0]
    assert f"# chgrp {group} {file} && chmod 640 {file}" in GUIDE.read_text()


@pytest.mark.parametrize("name", ["database", "upgrade", "server", "proxy"])
def test_every_service_is_pinned_confined_and_logs_so_much(name: str) -> None:
    service = compose()["services"][name]
    assert PINNED.fullmatch(service["image"]) or "build" in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"]["max-size"]
    assert "healthcheck" in service or name == "server", "the server's is in its image"
    assert service["restart"] in {"unless-stopped", "no"}
    assert not service.get("privileged")
    environment = service.get("environment", {})
    assert [key for key in environment if re.search("PASSWORD|SECRET|KEY|URL", key) and not key.endswith("_FILE")] in (
        [],
        ["SCIM_PUBLIC_URL"],
    )


def test_the_services_come_in_order_and_go_in_time() -> None:
    told = compose()
    services = told["services"]
    assert services["server"]["depends_on"] == {"upgrade": {"condition": "service_completed_successfully"}}
    assert services["upgrade"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert int(services["server"]["stop_grace_period"].rstrip("s")) > GRACE
    assert services["server"]["read_only"]
    assert services["server"]["cap_drop"] == ["ALL"]
    assert [name for name, each in services.items() if each.get("ports")] == ["proxy"]
    for service in services.values():
        assert set(service.get("secrets", [])) <= told["secrets"].keys()
        assert set(service["networks"]) <= told["networks"].keys()
    assert "-Forwarded" in told["configs"]["proxy"]["content"], "what a client says of itself is not passed on"
    (subnet,) = told["networks"]["inside"]["ipam"]["config"]
    assert services["server"]["environment"]["SCIM_TRUSTED_PROXIES"] == subnet["subnet"]


def test_the_unit_stops_gracefully_reloads_and_is_confined() -> None:
    service = unit("scim-server.service")["Service"]
    assert service["KillMode"] == ["mixed"], "workers are stopped by the server"
    assert int(service["TimeoutStopSec"][0]) > GRACE
    assert service["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    assert service["User"] == ["scim-server"]
    assert service["Restart"] == ["always"]
    for option in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices"):
        assert service[option] == ["yes"]
    assert service["ProtectSystem"] == ["strict"]
    (start,) = service["ExecStart"]
    assert start.endswith(f"--env-file {service['EnvironmentFile'][0]}")


@pytest.mark.parametrize("name", ["scim-server.service", "scim-server-backup.service", "scim-server-backup.timer"])
def test_units_are_what_systemd_reads(name: str, tmp_path: Path) -> None:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(FOLDER / name)
    assert parser.sections()
    if shutil.which("systemd-analyze") is None:
        return
    shutil.copytree(FOLDER, tmp_path / "units")
    for file in (tmp_path / "units").glob("*.service"):
        file.write_text(re.sub(r"/opt/scim-server/bin/scim-server", "/bin/true", file.read_text()))
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / "units" / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in told.stderr.splitlines() if str(tmp_path) in line or name in line]
    assert ours == [], told.stderr
