"""Are advisories known against what is installed? pip-audit asks; this says what its answer means.

A known vulnerability is exit code 1. Where the advisory service is out of reach, or knows a package not at all, that is
a warning: no build fails because somebody else's service does.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

COMMAND = (sys.executable, "-m", "pip_audit", "--local", "--skip-editable", "--progress-spinner", "off", "-f", "json")
PATIENCE = 300
BY_VENV = frozenset({"pip", "setuptools"})
"""What `python -m venv` puts into every environment; nothing that runs imports it."""


def main() -> int:
    """Ask and print; the exit code."""
    try:
        asked = subprocess.run(COMMAND, capture_output=True, text=True, timeout=PATIENCE)  # noqa: S603 our own command
    except subprocess.TimeoutExpired:
        return told(*unreachable(f"no answer within {PATIENCE} s"))
    return told(*verdict(asked.stdout, asked.stderr))


def verdict(answer: str, complaint: str) -> tuple[int, list[str]]:
    """The exit code and the lines for what pip-audit printed on standard output and standard error."""
    try:
        installed: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError):
        return unreachable((complaint.strip().splitlines() or ["no answer"])[-1])
    packages = [package for package in installed if package["name"] not in BY_VENV]
    found = list(_vulnerable(packages))
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    checked = len(packages) - len(unknown)
    lines = [*found, f"{checked} of {len(packages)} packages checked, {len(found)} advisories."]
    if unknown:
        lines.append(f"WARNING: the advisory service does not know {', '.join(unknown[:3])} (of {len(unknown)}).")
    return (1 if found else 0), lines


def unreachable(reason: str) -> tuple[int, list[str]]:
    """Nobody could be asked."""
    return 0, [f"WARNING: no package was checked, the advisory service is out of reach: {reason[:200]}"]


def told(code: int, lines: list[str]) -> int:
    """Print the lines; the code."""
    sys.stdout.write("\n".join(lines) + "\n")
    return code


def _vulnerable(packages: list[dict[str, Any]]) -> Iterator[str]:
    for package in packages:
        for advisory in package.get("vulns", ()):
            mended = ", ".join(advisory["fix_versions"]) or "none yet"
            yield f"{package['name']} {package['version']}: {advisory['id']}, mended in {mended}"


if __name__ == "__main__":
    sys.exit(main())
