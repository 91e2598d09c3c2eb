"""Where figures come from: the machine, the versions, the day."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.drivers import find_wrk

PACKAGES = ("scim-server", "flask", "granian", "sqlalchemy", "psycopg", "orjson")


def machine() -> dict[str, str]:
    """The machine, in words."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return {
        "processor": f"{os.cpu_count()} × {_processor()}",
        "memory": f"{memory:.0f} GiB",
        "system": f"{_distribution()}, Linux {platform.release()}",
        "load before": f"{os.getloadavg()[0]:.2f}",
    }


def versions() -> dict[str, str]:
    """What ran."""
    return {
        "Python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "load by": _generator(),
    }


def _generator() -> str:
    wrk = find_wrk()
    if wrk is None:
        return "threads of Python, as wrk was not there"
    told = subprocess.run([wrk, "--version"], capture_output=True, text=True, check=False).stdout.split()
    return f"wrk {told[1] if len(told) > 1 else '?'}"


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _distribution() -> str:
    return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
