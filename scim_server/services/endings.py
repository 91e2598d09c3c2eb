"""What is to be done when the process ends."""

import atexit
from collections.abc import Callable
from multiprocessing.util import Finalize


def at_the_end(owner: object, end: Callable[[], None]) -> None:
    """Call `end` when the process ends, as long as `owner` is there, however the process was begun.

    A worker made by multiprocessing ends without the handlers of atexit, any other process without finalizers.
    """
    atexit.register(end)
    Finalize(owner, end, exitpriority=0)
