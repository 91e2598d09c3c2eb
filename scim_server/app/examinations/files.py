"""The file of a SQLite database: who may read it, what it lies on, and how much room is left."""

import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from scim_server.app.examinations.findings import Finding, bad, good, warning
from scim_server.app.examinations.settings import OTHERS_MAY_READ

OF_NETWORKS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs"})
"""File systems on which locks of several machines are not to be relied on, and a write-ahead log is not allowed."""
IN_MEMORY = frozenset({"tmpfs", "ramfs"})
ENDINGS = ("", "-wal", "-shm", ".lock")
LEAST_ROOM = 200_000_000
"""Bytes."""
LEAST_SHARE = 0.1
AHEAD = 5.0


def examine_file(path: Path) -> Iterator[Finding]:
    """A database that is there."""
    yield from _permissions(path)
    yield from _kind(path)
    yield from examine_room(path.parent, path.stat().st_size)
    ahead = max(0.0, path.stat().st_mtime - time.time())
    if ahead > AHEAD:
        yield bad(
            "clock_set_back",
            f"{path} was written {ahead:.0f} s later than it is by this machine's clock.",
            "Set the clock, and have the machine follow a time server.",
        )


def examine_room(folder: Path, size: int) -> Iterator[Finding]:
    """The disk under a database of so many bytes, which a backup beside it would want again."""
    usage = shutil.disk_usage(folder)
    free, whole, taken = map(_megabytes, (usage.free, usage.total, size))
    told = f"{free} of {whole} are free under {folder}, where the database takes {taken}"
    if usage.free < LEAST_ROOM:
        yield bad("disk_full", f"{told}.", "Make room: a full disk ends every write.")
    elif usage.free < max(size, int(LEAST_SHARE * usage.total)):
        yield warning("disk_filling", f"{told}.", "Make room, or have it watched.")
    else:
        yield good("disk", f"{told}.")


def _permissions(path: Path) -> Iterator[Finding]:
    files = [path.with_name(path.name + ending) for ending in ENDINGS]
    there = [file for file in files if file.exists()]
    opened = [file for file in there if file.stat().st_mode & OTHERS_MAY_READ]
    if opened:
        yield bad(
            "file_open",
            f"Others than its owner may read or write {', '.join(map(str, opened))}.",
            f"Run `chmod 600 {' '.join(map(str, opened))}`.",
        )
    elif path.parent.stat().st_mode & stat.S_IWOTH and not path.parent.stat().st_mode & stat.S_ISVTX:
        yield bad("folder_open", f"Anybody may replace files in {path.parent}.", f"Run `chmod 700 {path.parent}`.")
    else:
        yield good("file", f"{path} is its owner's alone.")
    foreign = [file for file in there if not os.access(file, os.R_OK | os.W_OK)]
    if foreign:
        yield bad(
            "file_closed",
            f"This user may not read and write {', '.join(map(str, foreign))}.",
            "Run the doctor, and every other command, as the user that serves.",
        )


def _kind(path: Path) -> Iterator[Finding]:
    kind = _file_system(path)
    if kind in OF_NETWORKS:
        yield bad(
            "file_on_network",
            f"{path} lies on a network file system ({kind}), where SQLite cannot keep it whole.",
            "Move it to a local disk, or change to PostgreSQL.",
        )
    elif kind in IN_MEMORY:
        yield warning(
            "file_in_memory", f"{path} lies in memory ({kind}) and is gone with the power.", "Move it to a disk."
        )


def _file_system(path: Path) -> str | None:
    """The kind of what is mounted there; None where the system does not tell."""
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return None
    named = [line.split()[1:3] for line in mounts.read_text().splitlines()]
    resolved = path.resolve()
    over = [(len(point), kind) for point, kind in named if resolved.is_relative_to(point.replace("\\040", " "))]
    return max(over, default=(0, None))[1]


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"
