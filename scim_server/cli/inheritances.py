"""What a process that is forked beside a server must not hold: the sockets that the server listens at.

As long as anybody holds one its port is taken, whoever has been killed. A fork inherits those that the process which
forks has open at that moment: granian's for as long as it tries its port, and on systems other than Linux from then on.
Which they are the kernel says (SO_ACCEPTCONN, POSIX): a connection, or a file, is never one.
"""

import os
import socket
import stat
from contextlib import suppress

OPEN_FILES = "/dev/fd"
"""Linux and macOS name the open files of a process there."""


def let_go_of_listeners() -> None:
    """Listen at nothing that was inherited. The number of each socket stays taken, by what is always empty: whatever
    believes that it has the socket closes nobody else's file."""
    with suppress(OSError):  # where there is no such folder the port stays taken until this process ends
        nothing = os.open(os.devnull, os.O_RDWR)
        for each in os.listdir(OPEN_FILES):
            if _listens(int(each)):
                os.dup2(nothing, int(each), inheritable=False)
        os.close(nothing)


def _listens(number: int) -> bool:
    try:
        if not stat.S_ISSOCK(os.fstat(number).st_mode):
            return False
        inherited = socket.socket(fileno=os.dup(number))
    except OSError:  # it is closed by now: the folder itself was open
        return False
    with inherited:
        return bool(inherited.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
