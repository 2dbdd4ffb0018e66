"""Ports for servers, from a range of each worker's own, below those that the kernel gives to clients."""

import errno
import itertools
import os
import random
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack

FIRST = 10_000
PER_WORKER = 4_000


def _ports() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 5
    first = FIRST + worker * PER_WORKER
    # Not always the same ones: a run that follows another finds that one's connections in TIME_WAIT.
    start = random.randrange(PER_WORKER)
    for number in itertools.count(start):
        yield first + number % PER_WORKER


_candidates = _ports()
_turn = threading.Lock()


def _is_free(port: int, hosts: Iterable[str]) -> bool:
    with ExitStack() as stack:
        for host, kind in itertools.product(hosts, (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            probe = stack.enter_context(socket.socket(family, kind))
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                assert error.errno == errno.EADDRINUSE, error
                return False
    return True


def free_ports(count: int = 1, hosts: Iterable[str] = ("127.0.0.1",)) -> list[int]:
    """Different ones that are free on TCP and UDP, on all of these hosts."""
    hosts = list(hosts)
    with _turn:
        return list(itertools.islice((port for port in _candidates if _is_free(port, hosts)), count))


def free_port() -> int:
    return free_ports()[0]
