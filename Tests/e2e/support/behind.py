"""A server that only proxies reach: by a Unix socket, or within TLS."""

import json
import subprocess
import tempfile
from pathlib import Path

import requests
from websockets.sync.client import ClientConnection, connect

from support.api import TIMEOUT_SECONDS, Api, bearer
from support.certificates import Certificates
from support.program import SCRATCH, clean_environment
from support.proxies import KINDS, Proxy
from support.server import Server
from support.tls import TLSServer


def unix_place() -> Path:
    """For a socket: its path has room for 107 bytes, and proxies must get there."""
    directory = Path(tempfile.mkdtemp(dir=SCRATCH.name))
    directory.chmod(0o755)
    return directory / "http.sock"


class Pairs:
    """Servers, each with proxies in front of it."""

    def __init__(self, new_server, certificates: Certificates):
        self.new_server, self.certificates = new_server, certificates
        self.proxies: list[Proxy] = []

    def proxy(self, kind: str, **where) -> Proxy:
        made = KINDS[kind](self.certificates.pair("rsa"), self.certificates.trust)
        self.proxies.append(made)
        return made.passing_to(**where)

    def by_unix(self, kind: str, *options: str, **more: str) -> tuple[Server, Proxy]:
        place = unix_place()
        server = self.new_server("--trusted-proxies", "unix", *options, also=f"unix:{place}")
        return server, self.proxy(kind, unix=place, **more)

    def by_tls(self, kind: str, *options: str) -> tuple[Server, Proxy]:
        server = self.new_server(
            "--trusted-proxies", "127.0.0.0/8", *options, kind=TLSServer, trust=self.certificates.trust,
            pair=self.certificates.pair())
        return server, self.proxy(kind, tls=server.address)

    def close(self) -> None:
        for proxy in self.proxies:
            proxy.stop()


def secure_api(proxy: Proxy) -> Api:
    """A client that speaks TLS with the proxy."""
    made = Api(proxy.secure)
    made.session.verify = str(proxy.trust)
    return made


def through(proxy: Proxy, path: str, token: str | None = None) -> ClientConnection:
    """A WebSocket by way of the proxy."""
    return connect(proxy.url.replace("http", "ws", 1) + path, additional_headers=bearer(token) if token else {},
                   proxy=None, compression=None, max_size=None, max_queue=None, ping_interval=None,
                   open_timeout=TIMEOUT_SECONDS, legacy=True)


def curl(proxy: Proxy, *options: str) -> tuple[str, dict]:
    """What curl gets by HTTP/2, and what it says of the transfer."""
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--http2", "--cacert", proxy.trust, "--write-out", "%{stderr}%{json}",
         *options], capture_output=True, env=clean_environment(), timeout=TIMEOUT_SECONDS, check=True)
    return done.stdout.decode(), json.loads(done.stderr)


def answers(url: str) -> int | None:
    """The status of a request on a connection of its own."""
    try:
        return requests.get(url + "/status/", timeout=30, headers={"Connection": "close"}).status_code
    except requests.RequestException:
        return None
