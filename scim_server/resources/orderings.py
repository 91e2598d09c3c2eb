"""RFC 7644 sections 3.7.1 and 3.7.2: in which order operations run that need each other."""

from collections.abc import Collection, Iterator, Sequence
from heapq import heapify, heappop, heappush


def arranged(needs: Sequence[Collection[int]]) -> list[list[int]]:
    """The numbers 0 to n-1 in groups: those that need each other in a circle together, others alone.

    `needs[i]` are the numbers that i needs. A group comes after the groups it needs, and among those that are
    ready the one with the smallest number is first, so that nothing moves that has no reason to.
    """
    circles = sorted(map(sorted, _circles(needs)))
    group_of = {number: index for index, circle in enumerate(circles) for number in circle}
    awaited = [
        {group_of[needed] for number in circle for needed in needs[number]} - {index}
        for index, circle in enumerate(circles)
    ]
    needed_by: list[list[int]] = [[] for _ in circles]
    for index, groups in enumerate(awaited):
        for group in groups:
            needed_by[group].append(index)
    missing = [len(groups) for groups in awaited]
    ready = [index for index, count in enumerate(missing) if not count]
    heapify(ready)
    order = []
    while ready:
        done = heappop(ready)
        order.append(circles[done])
        for index in needed_by[done]:
            missing[index] -= 1
            if not missing[index]:
                heappush(ready, index)
    return order


def _circles(needs: Sequence[Collection[int]]) -> Iterator[list[int]]:
    """The strongly connected components (Tarjan 1972), with a stack of its own: clients decide the depth."""
    seen: dict[int, int] = {}
    lowest: dict[int, int] = {}
    open_: list[int] = []
    is_open: set[int] = set()
    for root in range(len(needs)):
        path = [] if root in seen else [(root, iter(needs[root]))]
        while path:
            number, rest = path[-1]
            if number not in seen:
                seen[number] = lowest[number] = len(seen)
                open_.append(number)
                is_open.add(number)
            for needed in rest:
                if needed not in seen:
                    path.append((needed, iter(needs[needed])))
                    break
                if needed in is_open:
                    lowest[number] = min(lowest[number], seen[needed])
            else:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[number])
                if lowest[number] == seen[number]:
                    yield _closed(number, open_, is_open)


def _closed(number: int, open_: list[int], is_open: set[int]) -> list[int]:
    """Take the component that began with `number` off the stack."""
    circle: list[int] = []
    while number not in circle[-1:]:
        circle.append(open_.pop())
    is_open.difference_update(circle)
    return circle
