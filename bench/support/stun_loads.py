"""Binding requests over UDP: from a few addresses that wait for their answers, and from crowds."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.load import CPU, Sample
from support.processes import ProcessFailed, run
from support.stun_peers import THREADS, Answerer

SOCKETS = 64
# Addresses of a crowd.
CROWD = 1_000_000
# Of a sweep's requests, those under way at once; see crowd.c.
AHEAD = 512


class StunLoad:
    """A server under requests from 64 addresses, each with so many under way."""

    def __init__(self, binary: Path, server: Answerer, window: int, *, is_signed: bool = False):
        self.name = f"{server.name}, FINGERPRINT" if is_signed else server.name
        self.level = SOCKETS * window
        # The generator's own processor time, microseconds a request, in each round.
        self.generator_us: list[float] = []
        self._server = server
        kind = "echo" if server.is_echo else "fingerprint" if is_signed else "plain"
        self._arguments = [THREADS, SOCKETS, window, server.port, kind]
        self._binary = binary

    def measure(self, seconds: float) -> Sample:
        cpu = CPU(self._server.pid, None)
        output = run([self._binary, seconds, *self._arguments], timeout=seconds + 30).split()
        answered, lost = int(output[0]), int(output[1])
        taken, p50, p99, used = map(float, output[2:])
        if not answered:
            raise ProcessFailed(f"{self.name} answered nothing in {seconds:g} s")
        self.generator_us.append(used / answered * 1e6)
        return cpu.charge(Sample(answered / taken, p50, p99, bad=lost), answered)


def sweep(binary: Path, server: Answerer, requests: int, addresses: int) -> Sample:
    """So many requests by addresses that take turns, each answer looked at."""
    cpu = CPU(server.pid, None)
    output = run([binary, "sweep", requests, addresses, server.port], timeout=300).split()
    sent, answered, taken = int(output[0]), int(output[1]), float(output[2])
    return cpu.charge(Sample(answered / taken, bad=sent - answered), answered)


@dataclass
class Flooding:
    """What a flood was, once it is over."""

    seconds: float = 0
    # Datagrams a second, and cores that the sender itself took.
    rate: float = 0
    cores: float = 0


@contextmanager
def flood(binary: Path, port: int, addresses: int, seconds: float) -> Iterator[Flooding]:
    """As many datagrams as can be sent, whatever becomes of them."""
    flooding = Flooding()
    # It ends by itself where nobody is left to tell it.
    sender = subprocess.Popen(
        [binary, "flood", str(seconds + 30), str(addresses), str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield flooding
    finally:
        sender.send_signal(signal.SIGTERM)
        output, _ = sender.communicate()
    if sender.returncode:
        raise ProcessFailed(f"the flood ended with status {sender.returncode}")
    sent, _, taken, used = map(float, output.split())
    flooding.seconds, flooding.rate, flooding.cores = taken, sent / taken, used / taken
