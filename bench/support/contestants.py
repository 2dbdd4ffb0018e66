"""The servers that do the same work as havocctl, and the one that does none."""

import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path

from support.cluster import Cluster, free_port
from support.processes import Processes, ProcessFailed, run
from support.program import HTTPPeer
from support.statements import Statements

_PEERS = Path(__file__).resolve().parents[1] / "peers"
_GOCODE = Path("/usr/share/gocode")
# A package, and what Debian calls it.
_PGX = ("github.com/jackc/pgx/v4", "golang-github-jackc-pgx-v4-dev")
_ARGON2 = ("golang.org/x/crypto/argon2", "golang-golang-x-crypto-dev")
WEBSOCKET = ("github.com/gorilla/websocket", "golang-github-gorilla-websocket-dev")

_NGINX = """
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
worker_processes auto;
user {user};
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  open_file_cache max=16;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  server {{
    listen 127.0.0.1:{port};
    default_type application/json;
    location = /version/ {{ return 200 '{version}'; }}
    location = /exercises/list/ {{ root {directory}; rewrite ^ /list.json break; }}
  }}
}}
"""


class Missing(Exception):
    """What a contestant needs isn't installed."""


def build_go(source: Path, binary: Path, *packages: tuple[str, str]) -> Path:
    """Compiles a program from Debian's packages, without a network."""
    if not shutil.which("go"):
        raise Missing("go isn't installed (golang-go)")
    for package, debian in packages:
        if not (_GOCODE / "src" / package).is_dir():
            raise Missing(f"{package} isn't installed ({debian})")
    if not binary.exists():
        run(
            ["go", "build", "-o", binary, "."],
            env={"GO111MODULE": "off", "GOPATH": str(_GOCODE), "GOFLAGS": ""},
            cwd=source,
            timeout=240,
        )
    return binary


def start_go(
    processes: Processes,
    cluster: Cluster,
    database: str,
    statements: Statements,
    version: str,
    scratch: Path,
) -> HTTPPeer:
    """net/http and pgx, built from Debian's packages without a network."""
    binary = build_go(_PEERS / "go", scratch / "go-peer", _PGX, _ARGON2)
    texts = scratch / "statements.json"
    texts.write_text(json.dumps(statements.named()))
    port = free_port()
    log = scratch / "go.log"
    process = processes.start(
        [binary, "-listen", f"127.0.0.1:{port}", "-database", cluster.words(database)]
        + ["-statements", texts, "-version", version],
        log=log,
    )
    return HTTPPeer("Go", port, process, log).wait("/version/")


def start_go_chat(
    processes: Processes, cluster: Cluster, database: str, scratch: Path
) -> HTTPPeer:
    """gorilla/websocket and pgx."""
    binary = build_go(_PEERS / "chat", scratch / "go-chat", _PGX, WEBSOCKET)
    port = free_port()
    log = scratch / "go-chat.log"
    process = processes.start(
        [binary, "-listen", f"127.0.0.1:{port}", "-database", cluster.words(database)], log=log
    )
    return HTTPPeer("Go", port, process, log).wait("/")


def start_django(
    processes: Processes, cluster: Cluster, database: str, version: str, scratch: Path
) -> HTTPPeer:
    """REST framework under gunicorn, from the environment that runs this program."""
    gunicorn = Path(sys.executable).parent / "gunicorn"
    if not gunicorn.exists():
        raise Missing("gunicorn isn't installed beside this Python (requirements.txt)")
    port = free_port()
    log = scratch / "django.log"
    process = processes.start(
        # Threads, since gunicorn's plain workers close the connection behind each answer.
        [gunicorn, "--workers", os.cpu_count() or 1, "--worker-class", "gthread"]
        + ["--threads", 4, "--keep-alive", 60, "--bind", f"127.0.0.1:{port}"]
        + ["--chdir", _PEERS / "django", "peer.wsgi"],
        log=log,
        env={**django_environment(cluster, database), "BENCH_VERSION": version},
    )
    return HTTPPeer("Django", port, process, log).wait("/version/")


def make_django_tables(cluster: Cluster, database: str) -> None:
    """The tables for integers, which are Django's own and not havocctl's."""
    run(
        [sys.executable, "-m", "peer.integers.tables"],
        env=django_environment(cluster, database),
        cwd=_PEERS / "django",
    )


def django_shell(
    cluster: Cluster, database: str, code: str, scratch: Path
) -> tuple[list[str], dict[str, str]]:
    """The command line that runs the code by `manage.py shell`, and its environment."""
    if not importlib.util.find_spec("django"):
        raise Missing("Django isn't installed beside this Python (requirements.txt)")
    environment = django_environment(cluster, database)
    # Every start finds everything compiled, as it would where the peer is installed.
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(scratch / "compiled")}
    words = [sys.executable, str(_PEERS / "django/manage.py"), "shell", "-c", code]
    return words, environment | compiled


def django_environment(cluster: Cluster, database: str) -> dict[str, str]:
    return {
        "BENCH_HOST": str(cluster.directory),
        "BENCH_PORT": str(cluster.port),
        "BENCH_USER": cluster.user,
        "BENCH_DATABASE": database,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def start_nginx(
    processes: Processes, scratch: Path, version_body: bytes, list_body: bytes
) -> HTTPPeer:
    """Returns bytes that it was given, which nothing on this machine does much faster."""
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not binary:
        raise Missing("nginx isn't installed (nginx-light)")
    directory = scratch / "nginx"
    directory.mkdir()
    (directory / "list.json").write_bytes(list_body)
    port = free_port()
    configuration = directory / "nginx.conf"
    configuration.write_text(
        _NGINX.format(
            directory=directory,
            port=port,
            version=version_body.decode().replace("'", "\\'"),
            user="root" if os.geteuid() == 0 else os.environ.get("USER", "nobody"),
        )
    )
    log = scratch / "nginx.log"
    process = processes.start([binary, "-c", configuration, "-p", directory], log=log)
    return HTTPPeer("nginx", port, process, log).wait("/version/")


def try_start(start, *arguments) -> HTTPPeer | None:
    """Starts a peer; one that can't be is said, and left out."""
    try:
        return start(*arguments)
    except (Missing, ProcessFailed) as problem:
        print(f"left out: {problem}", flush=True)
        return None
