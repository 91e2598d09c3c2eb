"""What processes cost, by /proc: CPU time of a process and all below it, and its share of memory."""

import os
from collections.abc import Iterator
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")
_PARENT = 1
_TIMES = slice(11, 15)
"""Places in /proc/PID/stat behind the command's name: of the parent; of utime, stime, cutime and cstime (proc(5))."""


def cpu_seconds(pid: int) -> float:
    """CPU time so far of the process and of all its descendants, those included that have ended."""
    ticks = 0
    for each in (pid, *descendants(pid)):
        ticks += sum(map(int, _stat(each)[_TIMES]))
    return ticks * _TICK


def memory_megabytes(pid: int) -> float:
    """Proportional set size of the process and of all its descendants: shared pages count once among them."""
    return sum(_pss(each) for each in (pid, *descendants(pid))) / 1024


def descendants(pid: int) -> Iterator[int]:
    """The processes below one, at any depth."""
    parents = dict(_parents())
    known = {pid}
    while found := [child for child, parent in parents.items() if parent in known and child not in known]:
        yield from found
        known.update(found)


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat(int(entry.name))):
            yield int(entry.name), int(stat[_PARENT])


def _stat(pid: int) -> list[str]:
    """What follows the command's name, which may hold anything; nothing where the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()


def _pss(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
