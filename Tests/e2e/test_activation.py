"""Sockets that the service manager opens and passes (sd_listen_fds(3))."""

import socket
import ssl
import subprocess
from pathlib import Path

import pytest
import requests

from support import stun
from support.activation import Activated, Sockets, listening
from support.ports import free_port, free_ports
from support.program import SCRATCH, until
from support.stun_message import message
from support.wire import Wire, request

HOST = "127.0.0.1"
STATUS = request("GET", "/status/", b"", "Connection: close")


@pytest.fixture
def sockets():
    with Sockets() as made:
        yield made


@pytest.fixture
def activated(new_server):
    return lambda *passed, options=(), **more: new_server(*options, kind=Activated, passed=list(passed), **more)


def answers(place, family: int = socket.AF_INET) -> bool:
    with socket.socket(family) as client:
        client.settimeout(60)
        try:
            client.connect(place)
            client.sendall(STATUS)
            return client.recv(100).startswith(b"HTTP/1.1 200 ")
        except OSError:
            return False


def test_http_takes_the_place_of_listen(activated, sockets):
    server = activated(("http", passed := sockets.http()))
    assert answers(passed.getsockname()) and not answers(server.configured)


@pytest.mark.parametrize("names", [None, "unknown", "web.socket", ""])
def test_a_listening_stream_of_any_name_is_http(activated, sockets, names):
    server = activated(("", passed := sockets.http()), names=names)
    assert answers(passed.getsockname()) and not answers(server.configured)


def test_several_addresses_are_served(activated, sockets):
    passed = [sockets.http(), sockets.http("127.0.0.2"), sockets.http()]
    activated(*(("http", one) for one in passed))
    assert all(answers(one.getsockname()) for one in passed)


@pytest.mark.skipif("::1" not in stun.local_hosts(), reason="this machine has no IPv6")
def test_ipv6(activated, sockets):
    passed = sockets.http("::1")
    datagrams, streams = sockets.stun("::1")
    activated(("http", passed), ("stun", datagrams), ("stun", streams))
    assert answers(passed.getsockname(), socket.AF_INET6)
    stun.assert_served(datagrams.getsockname()[:2])


def test_a_unix_socket_is_served_and_stays(activated, sockets):
    path = Path(SCRATCH.name) / f"passed-{free_port()}.sock"
    passed = sockets.keep(listening(path))
    beside = sockets.http()
    server = activated(("http", beside), ("http", passed))
    assert answers(str(path), socket.AF_UNIX)
    server.stop()
    assert path.is_socket()
    server.start()
    assert answers(str(path), socket.AF_UNIX)


@pytest.mark.parametrize("name", ["stun", "unknown", ""])
def test_datagrams_are_stun(activated, sockets, name):
    datagrams, streams = sockets.stun()
    streams.close()
    activated(("http", sockets.http()), (name, datagrams))
    with stun.Udp(datagrams.getsockname()) as client:
        assert client.ask(message()).mapped == client.address


@pytest.mark.parametrize("loops", ["1", "2"])
def test_stun_over_both(activated, sockets, loops):
    datagrams, streams = sockets.stun()
    configured = (HOST, free_ports()[0])
    server = activated(("http", sockets.http()), ("stun", datagrams), ("stun", streams),
                       options=("--stun", stun.text(configured), "--threads", loops))
    for _ in range(5):
        stun.assert_served(datagrams.getsockname())
    assert stun.is_closed(configured)
    # A datagram's answer is counted when it has been sent.
    until(lambda: (figures := stun.figures(server.url))["requests"] == figures["answers"] == 10, "ten are counted")


def test_what_is_not_passed_is_opened_as_configured(activated, sockets):
    place = (HOST, free_ports()[0])
    activated(("http", sockets.http()), options=("--stun", stun.text(place)))
    stun.assert_served(place)


def test_http_as_configured_beside_stun_that_is_passed(program, database, sockets):
    datagrams, _ = sockets.stun()
    server = Activated(program, database, passed=[("stun", datagrams)])
    server.address, server.url = server.configured, f"http://{HOST}:{server.configured[1]}"
    server.start()
    with stun.Udp(datagrams.getsockname()) as client:
        assert client.ask(message()).mapped == client.address
    server.stop()


def test_what_is_for_another_process_is_let_alone(activated, sockets):
    server = activated(("http", passed := sockets.http()), pid="1")
    assert answers(server.configured)
    passed.settimeout(60)
    with socket.create_connection(passed.getsockname()):
        # Nobody else has.
        assert passed.accept()[0].fileno() > 0


def test_who_connects_between_two_servers_is_answered(activated, sockets):
    """The manager keeps the socket, and the kernel who waits there."""
    server = activated(("http", passed := sockets.http()))
    for _ in range(3):
        server.stop()
        with Wire(passed.getsockname()) as one, Wire(passed.getsockname()) as other:
            one.send(STATUS)
            server.start()
            other.send(STATUS)
            assert one.response().status == other.response().status == 200


def test_a_stopped_server_leaves_the_sockets_listening(activated, sockets):
    datagrams, streams = sockets.stun()
    server = activated(("http", passed := sockets.http()), ("stun", datagrams), ("stun", streams))
    server.stop()
    for one in (passed, streams):
        assert one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1
        socket.create_connection(one.getsockname()).close()
    with stun.Udp(datagrams.getsockname()) as client:
        data = message()
        client.send(data)
        server.start()
        assert client.receive().transaction == data[4:20]


def test_tls_over_a_passed_socket(program, database, sockets, authority):
    certificate, key = authority.issue(HOST)
    path = Path(SCRATCH.name) / f"plain-{free_port()}.sock"
    passed = sockets.http()
    server = Activated(program, database, "--tls-cert", str(certificate), "--tls-key", str(key),
                       passed=[("http", passed), ("http", sockets.keep(listening(path)))])
    server.launch()
    try:
        until(lambda: answers(str(path), socket.AF_UNIX), f"the Unix socket, in plain\n{server.log()}")
        place = "https://{}:{}/status/".format(*passed.getsockname())
        answer = requests.get(place, timeout=60, verify=str(authority.ca_file))
        assert answer.status_code == 200 and answer.headers["Strict-Transport-Security"]
        assert not answers(passed.getsockname())
        context = ssl.create_default_context(cafile=str(authority.ca_file))
        with socket.create_connection(passed.getsockname(), 60) as client, \
                context.wrap_socket(client, server_hostname=HOST) as wrapped:
            assert wrapped.version() in ("TLSv1.2", "TLSv1.3")
    finally:
        server.stop()


# systemd's own program for it

@pytest.fixture
def systemd(program, database):
    """Runs systemd-socket-activate with its options and the server's."""
    started = []

    def start(*words: str, options: tuple[str, ...] = ("--stun", "off")) -> subprocess.Popen:
        log = open(Path(SCRATCH.name) / f"activate-{len(started)}-{free_port()}.log", "wb")
        started.append((subprocess.Popen(
            ["systemd-socket-activate", "-E", "LANG=C.UTF-8", *words, program, "serve", "--database", database,
             "--attempt-limit", "0", *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log), log))
        return started[-1][0]

    yield start
    for process, log in started:
        process.terminate()
        try:
            assert process.wait(60) == 0, Path(log.name).read_text()[-3000:]
        finally:
            process.kill()
            log.close()


def first_answer(address: str) -> requests.Response:
    """What starts the server is answered by it."""
    def answer():
        try:
            return requests.get(f"http://{address}/status/", timeout=60)
        except requests.ConnectionError:
            return None  # systemd-socket-activate doesn't listen yet.
    return until(answer, "an answer")


@pytest.mark.parametrize("names", [(), ("--fdname", "http")], ids=["no name", "http"])
def test_systemd_starts_it_for_http(systemd, names):
    process = systemd("-l", address := f"{HOST}:{free_port()}", *names)
    assert first_answer(address).status_code == 200
    assert "havocctl" in Path(f"/proc/{process.pid}/cmdline").read_text().split("\0")[0]


def test_systemd_passes_several(systemd):
    http, other = (f"{HOST}:{port}" for port in (free_port(), free_port()))
    place = (HOST, free_ports()[0])
    systemd("-l", http, "-l", stun.text(place), "-l", other, "--fdname", "http:stun:http")
    assert first_answer(http).status_code == first_answer(other).status_code == 200
    with stun.Tcp(place) as client:
        assert client.ask(message()).mapped == client.address


def test_systemd_passes_datagrams(systemd):
    place = (HOST, free_ports()[0])
    http = f"{HOST}:{free_port()}"
    systemd("-d", "-l", stun.text(place), "--fdname", "stun", options=("--listen", http))
    with stun.Udp(place) as client:
        client.socket.settimeout(1)

        def answered():
            try:
                return client.ask(message())
            except (TimeoutError, AssertionError):
                return None  # Nobody listens yet, or it was an earlier question's.
        assert until(answered, "an answer").mapped == client.address
    assert first_answer(http).status_code == 200
