"""Starts a program as a service manager does that passes sockets: `launcher.py PID NAMES FDS -- COMMAND…`.

PID is `own`, or what LISTEN_PID says instead; NAMES is LISTEN_FDNAMES, `-` for none; FDS are the
descriptors that become 3, 4 and so on, or `=TEXT` for what LISTEN_FDS says instead, and none.
"""

import fcntl
import os
import sys

FIRST = 3


def main() -> None:
    at = sys.argv.index("--")
    pid, names, given = sys.argv[1], sys.argv[2], sys.argv[3:at]
    command = sys.argv[at + 1:]
    if given and given[0].startswith("="):
        os.environ["LISTEN_FDS"] = given[0][1:]
    else:
        # Out of the way first, so that none is overwritten before its turn.
        copies = [fcntl.fcntl(int(number), fcntl.F_DUPFD_CLOEXEC, 100) for number in given]
        for number, copy in enumerate(copies, FIRST):
            os.dup2(copy, number, inheritable=True)
        os.environ["LISTEN_FDS"] = str(len(copies))
    os.environ["LISTEN_PID"] = str(os.getpid()) if pid == "own" else pid
    if names != "-":
        os.environ["LISTEN_FDNAMES"] = names
    os.execv(command[0], command)


main()
