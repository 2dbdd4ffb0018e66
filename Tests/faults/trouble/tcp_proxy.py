"""A TCP proxy whose lines can be delayed, cut, held and made to vanish while they carry something."""

import ctypes
import re
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from support.ports import free_port
from support.program import until

UP, DOWN = "up", "down"

SO_ATTACH_FILTER, SO_DETACH_FILTER = 26, 27
LISTEN = re.compile(rb"LISTEN (\w+)")

# A packet filter that takes nothing: the kernel drops what arrives before TCP sees it.
_DROP_ALL = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))

_libc = ctypes.CDLL(None)
_NOWHERE = struct.pack("H14x", socket.AF_UNSPEC)


def _deaf(target: socket.socket, on: bool) -> None:
    """Nothing that arrives is acknowledged any more, as if the cable had been pulled."""
    if on:
        program = struct.pack("HxxxxxxP", 1, ctypes.addressof(_DROP_ALL))
        target.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
    else:
        target.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)


class Line:
    """One connection through the proxy: `client` is the program's end, `server` PostgreSQL's."""

    def __init__(self, proxy: "Proxy", client: socket.socket, server: socket.socket):
        self.proxy, self.client, self.server = proxy, client, server
        self.passing = {UP: threading.Event(), DOWN: threading.Event()}
        for each in self.passing.values():
            each.set()
        # How many bytes more may pass, and what is done then.
        self.limits: dict[str, tuple[int, Callable[["Line"], None]]] = {}
        # The channels that are listened to on it.
        self.channels: set[bytes] = set()
        self.over = threading.Event()

    def start(self) -> None:
        for way, source, target in ((UP, self.client, self.server), (DOWN, self.server, self.client)):
            threading.Thread(target=self._pump, args=(way, source, target), daemon=True).start()

    def _pump(self, way: str, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := self._read(source):
                # Others look at them meanwhile, so that there is always a whole one to look at.
                self.channels = self.channels | set(LISTEN.findall(data))
                time.sleep(self.proxy.delays[way])
                for trap in [trap for trap in self.proxy.traps if trap.way == way]:
                    data = trap.spring(self, data, target)
                self._pass(way, data, target)
            # An end is held back, too, while nothing passes.
            self._wait(way)
            self.cut()
        except (OSError, ValueError):
            # ValueError: select() was given a socket that had just been closed.
            self.cut()

    def _read(self, source: socket.socket) -> bytes:
        while not self.over.is_set():
            if select.select([source], [], [], 0.1)[0]:
                return source.recv(65536)
        raise OSError("it is over")

    def _wait(self, way: str) -> None:
        while not self.passing[way].wait(0.1):
            if self.over.is_set():
                raise OSError("it is over")

    def _pass(self, way: str, data: bytes, target: socket.socket) -> None:
        self._wait(way)
        most, act = self.limits.get(way, (len(data), None))
        target.sendall(data[:most])
        if act and len(data) >= most:
            del self.limits[way]
            act(self)
            self._pass(way, data[most:], target)
        elif act:
            self.limits[way] = (most - len(data), act)

    # What can happen to a line.

    def limit(self, way: str, most: int, act: Callable[["Line"], None]) -> None:
        """So many bytes pass in this direction, and then this happens."""
        self.limits[way] = (most, act)

    def hold(self, *ways: str) -> None:
        """Nothing is forwarded in these directions, both by default, and nothing is closed."""
        for way in ways or (UP, DOWN):
            self.passing[way].clear()

    def release(self) -> None:
        for way in (UP, DOWN):
            self.passing[way].set()

    def vanish(self) -> None:
        """Held, and what either end sends isn't even acknowledged."""
        self.hold()
        for end in (self.client, self.server):
            _deaf(end, True)

    def cut(self) -> None:
        """Closed in both directions, in good order."""
        self.over.set()
        for end in (self.client, self.server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        self._close()

    def reset(self) -> None:
        """Closed with RST at both ends."""
        self.over.set()
        for end in (self.client, self.server):
            # At once, where closing it would wait for a thread that still looks at it.
            _libc.connect(end.fileno(), _NOWHERE, len(_NOWHERE))
        self._close()

    def _close(self) -> None:
        self.client.close()
        self.server.close()
        self.proxy.lines.discard(self)


LOUD = {"closed": Line.cut, "reset": Line.reset}
SILENT = {"held": Line.hold, "held upwards": lambda line: line.hold(UP),
          "held downwards": lambda line: line.hold(DOWN), "vanished": Line.vanish}
FAULTS = LOUD | SILENT


@dataclass
class Trap:
    """Waits for a word to pass in one direction; forwards so many bytes from its beginning on, and acts.

    Without a count the whole of what came together is forwarded first.
    """

    way: str
    word: bytes
    act: Callable[[Line], None]
    count: int | None = None
    sprung: threading.Event = field(default_factory=threading.Event)
    line: Line | None = None

    def spring(self, line: Line, data: bytes, target: socket.socket) -> bytes:
        """Gives what is still to be forwarded."""
        at = data.find(self.word)
        if at < 0 or self.sprung.is_set():
            return data
        self.line = line
        sent = len(data) if self.count is None else at + self.count
        target.sendall(data[:sent])
        self.act(line)
        self.sprung.set()
        return data[sent:]

    def wait(self, seconds: float = 30) -> Line:
        assert self.sprung.wait(seconds), f"{self.word!r} never went {self.way}"
        return self.line


class Proxy:
    """Between the program and PostgreSQL, on a port of its own."""

    def __init__(self, port: int):
        self.upstream = ("127.0.0.1", port)
        self.port = free_port()
        self.lines: set[Line] = set()
        self.delays = {UP: 0.0, DOWN: 0.0}
        self.traps: list[Trap] = []
        # What is done with each new line before anything passes.
        self.greet: Callable[[Line], None] | None = None
        self.listener: socket.socket | None = None
        self.accept()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_) -> None:
        self.refuse()
        self.each(Line.reset)

    def url(self, url: str) -> str:
        """The same database through the proxy."""
        return url.replace(f":{self.upstream[1]}/", f":{self.port}/")

    def accept(self) -> None:
        """Takes connections as at the beginning."""
        self.refuse()
        self.greet = None
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen(1024)
        threading.Thread(target=self._serve, args=(self.listener,), daemon=True).start()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
                server = socket.create_connection(self.upstream)
            except ConnectionRefusedError:
                client.close()
                continue
            except OSError:
                return
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = Line(self, client, server)
            self.lines.add(line)
            if self.greet:
                self.greet(line)
            line.start()

    def refuse(self) -> None:
        """New connections are refused from now on."""
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None

    def blackhole(self) -> None:
        """Who connects from now on hears nothing at all, not even that it is refused."""
        _deaf(self.listener, True)

    def each(self, act: Callable[[Line], None], which: Callable[[Line], bool] = lambda _: True) -> int:
        """Does this to every line there is; says how many there were."""
        found = [line for line in list(self.lines) if which(line)]
        for line in found:
            act(line)
        return len(found)

    def delay(self, up: float = 0, down: float = 0) -> None:
        self.delays = {UP: up, DOWN: down}

    def trap(self, way: str, word: str | bytes, act: Callable[[Line], None], count: int | None = None) -> Trap:
        self.traps.append(Trap(way, word.encode() if isinstance(word, str) else word, act, count))
        return self.traps[-1]

    def mend(self) -> None:
        """As at the beginning; lines that were broken are given up."""
        self.traps.clear()
        self.delay()
        self.accept()
        self.each(Line.reset, lambda line: not all(event.is_set() for event in line.passing.values()))
        until(lambda: self.listener is not None, "it listens")
