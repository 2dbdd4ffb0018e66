"""Thousands of connections that are only held, by processes of their own, from many loopback addresses."""

import os
import resource
import socket
import subprocess
import sys

# A source address gives as many connections to one port as there are ports.
PER_ADDRESS = 4_000
PER_PROCESS = 10_000
# What the server keeps open besides its clients, and what a test has open besides its connections.
SPARE = 200


def most() -> int:
    """The connections that one process may hold here."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1] - SPARE


class Many:
    """Opens them, each of which may say something, and holds them until the end of the block."""

    def __init__(self, address: tuple[str, int], count: int, say: bytes = b""):
        self.address, self.count, self.say = address, count, say
        self.holders: list[subprocess.Popen] = []

    def __enter__(self) -> "Many":
        left = self.count
        while left > 0:
            share = min(left, PER_PROCESS)
            self.holders.append(subprocess.Popen(
                [sys.executable, __file__, *map(str, self.address), str(share), str(len(self.holders)), self.say.hex()],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            left -= share
        self.opened = sum(int(holder.stdout.readline()) for holder in self.holders)
        return self

    def alive(self) -> int:
        """How many of them the server hasn't closed."""
        for holder in self.holders:
            holder.stdin.write("?\n")
            holder.stdin.flush()
        return sum(int(holder.stdout.readline()) for holder in self.holders)

    def __exit__(self, *_) -> None:
        for holder in self.holders:
            holder.stdin.close()
        for holder in self.holders:
            holder.wait(60)
            holder.stdout.close()


def opened(address: tuple[str, int], source: str, say: bytes) -> socket.socket | None:
    one = socket.socket()
    one.settimeout(20)
    # Ports are chosen when it connects, so that those of other addresses are no hindrance.
    one.setsockopt(socket.IPPROTO_IP, 24, 1)
    try:
        one.bind((source, 0))
        one.connect(address)
        one.sendall(say)
        return one
    except OSError:
        one.close()
        return None


def is_alive(one: socket.socket) -> bool:
    one.setblocking(False)
    try:
        while data := one.recv(65536):
            continue
        return bool(data)
    except BlockingIOError:
        return True
    except OSError:
        return False


def main(host: str, port: str, count: str, number: str, say: str) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    held = []
    for at in range(int(count)):
        source = f"127.0.{10 + int(number)}.{1 + at // PER_ADDRESS}"
        held.append(opened((host, int(port)), source, bytes.fromhex(say)))
    print(sum(one is not None for one in held), flush=True)
    for _ in sys.stdin:
        print(sum(one is not None and is_alive(one) for one in held), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:6], *([""] if len(sys.argv) < 6 else []))
