"""PostgreSQL under Patroni with a synchronous standby, its etcd, and HAProxy in front: processes on loopback."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg
import requests
import yaml

from support.cluster import newest_bin
from support.ports import free_ports
from support.program import clean_environment, until
from support.signals import signal_all

START_SECONDS = 120
NAMES = ("one", "two")

# As quick as Patroni lets it be: a primary that is gone is replaced after at most `ttl`.
DYNAMIC = {
    "ttl": 8, "loop_wait": 1, "retry_timeout": 3, "synchronous_mode": True, "maximum_lag_on_failover": 1 << 30,
    "postgresql": {"use_pg_rewind": True, "use_slots": True, "parameters": {
        "max_connections": 150, "wal_log_hints": "on", "wal_keep_size": "256MB", "synchronous_commit": "on"}}}

HAPROXY = """
global
  maxconn 2000
defaults
  timeout connect 2s
  timeout check 5s
  timeout client 90s
  timeout server 90s
  timeout tunnel 1h
listen service
  mode http
  bind 127.0.0.1:{front}
  option redispatch
  retries 3
  option httpchk GET /nothing/
  http-check expect status 404
  default-server inter 500ms fall 2 rise 1
{servers}
listen primary
  mode tcp
  bind 127.0.0.1:{primary}
  option httpchk GET /primary
  default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
{databases}
"""


class Process:
    """A child that is ended by its own signal, in the end or at once."""

    def __init__(self, command: list, log: Path, prefix: tuple | list = (), **env: str):
        self.command, self.log, self.env = [*prefix, *map(str, command)], log, clean_environment(**env)
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/tmp",
                                            env=self.env, start_new_session=True)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def end(self, number: int = signal.SIGTERM, seconds: float = 60) -> None:
        if self.running:
            self.process.send_signal(number)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Node:
    """A PostgreSQL, and the Patroni that looks after it."""

    def __init__(self, group: "Group", name: str, port: int, rest: int):
        self.group, self.name, self.port, self.rest = group, name, port, rest
        self.data = group.home / name / "data"
        self.config = group.home / name / "patroni.yml"
        self.config.parent.mkdir()
        self.config.write_text(yaml.safe_dump(self.settings()))
        self.patroni = Process(["/usr/bin/patroni", self.config], group.home / f"{name}.log", group.prefix,
                               HOME=str(group.home))

    def settings(self) -> dict:
        users = {"superuser": {"username": "postgres"}, "replication": {"username": "replicator"}}
        return {
            "scope": "havoc", "name": self.name,
            "restapi": {"listen": f"127.0.0.1:{self.rest}", "connect_address": f"127.0.0.1:{self.rest}"},
            "etcd3": {"hosts": [f"127.0.0.1:{self.group.etcd_port}"]},
            "bootstrap": {
                "dcs": DYNAMIC, "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, {"auth": "trust"}, "no-sync"]},
            "postgresql": {
                "listen": f"127.0.0.1:{self.port}", "connect_address": f"127.0.0.1:{self.port}",
                "data_dir": str(self.data), "bin_dir": str(newest_bin()), "pgpass": str(self.config.parent / "pgpass"),
                "authentication": users,
                "pg_hba": ["local all all trust", "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"],
                # The operating system survives these tests, so its cache is durable enough.
                "parameters": {"unix_socket_directories": str(self.config.parent), "fsync": "off"}}}

    def status(self) -> dict:
        """What its REST API says; nothing where nobody answers."""
        try:
            return requests.get(f"http://127.0.0.1:{self.rest}/patroni", timeout=5).json()
        except (requests.RequestException, ValueError):
            return {}

    @property
    def is_primary(self) -> bool:
        found = self.status()
        return found.get("state") == "running" and found.get("role") in ("master", "primary")

    @property
    def is_synchronous(self) -> bool:
        found = self.status()
        return found.get("state") in ("running", "streaming") and bool(found.get("sync_standby"))

    def postmaster(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def kill9(self) -> None:
        """Patroni, the postmaster and all of its children at once."""
        master = self.postmaster()
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        self.patroni.process.kill()
        signal_all((master, *map(int, children)), signal.SIGKILL)
        self.patroni.process.wait()


class Group:
    """Two nodes, etcd and HAProxy, in a directory of their own, all run by user postgres."""

    def __init__(self):
        self.home = Path(tempfile.mkdtemp(prefix="hv-ha-", dir="/tmp"))
        self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        (self.etcd_port, peer, self.front_port, self.primary_port, *ports) = free_ports(8)
        etcd, other = f"http://127.0.0.1:{self.etcd_port}", f"http://127.0.0.1:{peer}"
        self.etcd = Process(
            ["/usr/bin/etcd", "--name", "dcs", "--data-dir", self.home / "etcd", "--listen-client-urls", etcd,
             "--advertise-client-urls", etcd, "--listen-peer-urls", other, "--initial-advertise-peer-urls", other,
             "--initial-cluster", f"dcs={other}"], self.home / "etcd.log", self.prefix)
        self.nodes = [Node(self, name, *ports[2 * at:2 * at + 2]) for at, name in enumerate(NAMES)]
        self.haproxy = Process(["haproxy", "-db", "-f", self.home / "haproxy.cfg"], self.home / "haproxy.log")
        if self.prefix:
            for path in (self.home, *self.home.rglob("*")):
                shutil.chown(path, "postgres", "postgres")

    def start(self) -> "Group":
        self.etcd.start()
        until(lambda: self.etcd.running and self.healthy(), f"etcd answers, see {self.etcd.log}", START_SECONDS)
        self.nodes[0].patroni.start()
        until(lambda: self.nodes[0].is_primary, "there is a primary", START_SECONDS)
        self.nodes[1].patroni.start()
        self.wait_for_standby()
        return self

    def healthy(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.etcd_port}/health", timeout=5).json()["health"] == "true"
        except requests.RequestException:
            return False

    def wait_for_standby(self) -> None:
        until(lambda: self.primary() and any(node.is_synchronous for node in self.nodes),
              f"a synchronous standby, see {self.home}", START_SECONDS, 0.2)

    def primary(self) -> Node | None:
        return next((node for node in self.nodes if node.is_primary), None)

    def standby(self) -> Node:
        return next(node for node in self.nodes if not node.is_primary)

    def balance(self, servers: dict[str, tuple[str, int]]) -> None:
        """HAProxy in front of these servers, and of whichever node is the primary."""
        (self.home / "haproxy.cfg").write_text(HAPROXY.format(
            front=self.front_port, primary=self.primary_port,
            servers="\n".join(f"  server {name} {host}:{port} check" for name, (host, port) in servers.items()),
            databases="\n".join(f"  server {node.name} 127.0.0.1:{node.port} check port {node.rest}" for node in self.nodes)))
        self.haproxy.end()
        self.haproxy.start()

    def url(self, name: str, port: int | None = None) -> str:
        """All nodes, or the one port where HAProxy leads to the primary."""
        places = [port] if port else [node.port for node in self.nodes]
        return f"postgresql://postgres@{','.join(f'127.0.0.1:{place}' for place in places)}/{name}"

    def primary_url(self, name: str) -> str:
        return self.url(name) + "?target_session_attrs=read-write"

    def create(self, name: str) -> None:
        with psycopg.connect(self.primary_url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name}")

    def switchover(self) -> None:
        """As an administrator plans it."""
        before = self.primary()
        done = subprocess.run(
            ["/usr/bin/patronictl", "-c", before.config, "switchover", "havoc", "--leader", before.name,
             "--candidate", self.standby().name, "--force"],
            capture_output=True, text=True, timeout=START_SECONDS, env=clean_environment(HOME="/tmp"), check=False)
        assert done.returncode == 0 and "Successfully" in done.stdout, done.stdout + done.stderr

    def logs(self) -> str:
        return "\n".join(f"== {path.name}\n{path.read_text(errors='replace')[-1500:]}" for path in self.home.glob("*.log"))

    def remove(self) -> None:
        """Nothing of it is needed any more, so nothing has to end well."""
        for node in self.nodes:
            try:
                node.kill9()
            except (OSError, ValueError):
                node.patroni.end(signal.SIGKILL)
        for process in (self.haproxy, self.etcd):
            process.end(signal.SIGKILL)
        shutil.rmtree(self.home, ignore_errors=True)
