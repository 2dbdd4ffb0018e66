"""nginx and HAProxy in front of a server, each with a configuration of the tests' own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from support.certificates import Pair
from support.home import AS_NOBODY
from support.ports import free_ports
from support.program import SCRATCH, clean_environment, until

START_SECONDS = 30

NGINX = """
worker_processes 1;
daemon off;
pid {home}/pid;
error_log {home}/log info;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {home}/body;
  proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi;
  scgi_temp_path {home}/scgi;
  client_max_body_size 0;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  upstream havocctl {{ server {address}; keepalive 8; }}
  server {{
    listen 127.0.0.1:{port};
    listen 127.0.0.1:{tls_port} ssl http2;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    location / {{
      proxy_pass {scheme}://havocctl;
      {verify}
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_buffering {buffering};
      proxy_request_buffering {buffering};
    }}
  }}
}}
"""

NGINX_VERIFY = "proxy_ssl_verify on; proxy_ssl_trusted_certificate {trust}; proxy_ssl_name localhost; " \
               "proxy_ssl_server_name on; proxy_ssl_verify_depth 3;"

HAPROXY = """
global
  maxconn 400
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 60s
  option forwardfor
  http-reuse always
frontend clients
  bind 127.0.0.1:{port}
  bind 127.0.0.1:{tls_port} ssl crt {both} alpn h2,http/1.1
  http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
  http-request set-header X-Forwarded-Proto http if !{{ ssl_fc }}
  default_backend havocctl
backend havocctl
  server one {address} {verify}
"""

HAPROXY_VERIFY = "ssl verify required ca-file {trust} verifyhost localhost sni str(localhost)"


class Proxy:
    """One that passes everything on; `secure` is its address for clients that speak TLS."""

    name = ""

    def __init__(self, pair: Pair, trust: Path):
        self.home = Path(tempfile.mkdtemp(dir=SCRATCH.name))
        self.port, self.tls_port = free_ports(2)
        self.address = ("127.0.0.1", self.port)
        self.url = f"http://127.0.0.1:{self.port}"
        self.secure = f"https://127.0.0.1:{self.tls_port}"
        self.trust = Path(shutil.copy(trust, self.home / "ca.pem"))
        for name, path in (("cert.pem", pair.certificate), ("key.pem", pair.key)):
            shutil.copy(path, self.home / name)
        (self.home / "both.pem").write_bytes(pair.certificate.read_bytes() + pair.key.read_bytes())
        self.process: subprocess.Popen | None = None
        self.prefix: tuple[str, ...] = ()

    def passing_to(self, unix: Path | None = None, tls: tuple[str, int] | None = None, **options: str) -> "Proxy":
        """Starts it in front of a Unix socket, or of a server that speaks TLS."""
        self.write(unix, tls, **options)
        if os.geteuid() == 0:
            # As in a distribution: somebody else than the server, and not root.
            self.prefix = AS_NOBODY
            for path in (self.home, *self.home.iterdir()):
                shutil.chown(path, "nobody", "nogroup")
        return self.start()

    def write(self, unix: Path | None, tls: tuple[str, int] | None, **options: str) -> None:
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> "Proxy":
        with open(self.home / "out", "ab") as out:
            self.process = subprocess.Popen(
                [*self.prefix, *self.command()], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env=clean_environment(), start_new_session=True)
        until(self.listens, f"{self.name} listens", START_SECONDS)
        return self

    def listens(self) -> bool:
        assert self.process.poll() is None, (self.home / "out").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.tls_port)) == 0

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(START_SECONDS)


class Nginx(Proxy):
    name = "nginx"

    def write(self, unix, tls, buffering: str = "on") -> None:
        (self.home / "conf").write_text(NGINX.format(
            home=self.home, port=self.port, tls_port=self.tls_port, certificate=self.home / "cert.pem",
            key=self.home / "key.pem", address=f"unix:{unix}" if unix else "{}:{}".format(*tls),
            scheme="http" if unix else "https", buffering=buffering,
            verify="" if unix else NGINX_VERIFY.format(trust=self.trust)))

    def command(self) -> list[str]:
        return ["/usr/sbin/nginx", "-p", str(self.home), "-c", str(self.home / "conf"), "-e", str(self.home / "log")]


class HAProxy(Proxy):
    name = "haproxy"

    def write(self, unix, tls) -> None:
        (self.home / "conf").write_text(HAPROXY.format(
            port=self.port, tls_port=self.tls_port, both=self.home / "both.pem",
            address=f"unix@{unix}" if unix else "{}:{}".format(*tls),
            verify="" if unix else HAPROXY_VERIFY.format(trust=self.trust)))

    def command(self) -> list[str]:
        return ["/usr/sbin/haproxy", "-f", str(self.home / "conf"), "-db", "-q"]


KINDS = {"nginx": Nginx, "haproxy": HAProxy}
