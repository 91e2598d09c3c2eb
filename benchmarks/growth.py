"""What growth costs: how long each operation takes at directories of 1,000 to 1,000,000 people."""

from collections.abc import Mapping, Sequence

from benchmarks import directories
from benchmarks.clusters import Cluster
from benchmarks.figures import Figure
from benchmarks.operations import OPERATIONS, Operation
from benchmarks.rounds import Plan
from benchmarks.tables import GOAL, Table, grown

SIZES = (1_000, 10_000, 100_000, 1_000_000)
MOST = 1.5
"""Times the median duration at the smallest size that it may take at the largest."""
SHARE = 2
"""The large group has one in so many of the smallest directory, at every size, so that it is the same."""

BySize = Mapping[int, Mapping[str, Figure]]


def measure(cluster: Cluster, operations: Sequence[Operation], plan: Plan, sizes: Sequence[int]) -> BySize:
    """The figures by size, each directory in a database of its own."""
    crowd = min(sizes) // SHARE
    return {
        size: directories.measure(cluster, operations, plan, size, crowd, limits=False).figures
        for size in sorted(sizes)
    }


def table(found: BySize) -> Table:
    """The table: median milliseconds at each size, with their ratio to those at the smallest."""
    sizes = sorted(found)
    rows = []
    for name, operation in OPERATIONS.items():
        if name in found[sizes[0]]:
            durations = {size: found[size][name].p50 for size in sizes}
            reached = durations[sizes[-1]] <= MOST * durations[sizes[0]]
            verdict = f"at most {MOST:g} ×: {'reached' if reached else 'NOT REACHED'}"
            rows.append([operation.title, *grown(durations), verdict])
    title = f"Growth: p50 in ms, the large group of {sizes[0] // SHARE:,}, PostgreSQL"
    return Table("growth", title, ("operation", *(f"{size:,} people" for size in sizes), GOAL), rows)
