"""Behind real proxies when somebody wishes ill, or the server comes and goes."""

import contextlib
import secrets as random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.api import Api
from support.behind import Pairs, answers, unix_place
from support.certificates import Certificates
from support.configured import fields
from support.integers import join, units
from support.locks import locked, until_somebody_waits
from support.program import until
from support.proxies import KINDS
from support.tls import TLSServer
from support.wire import Wire

POST = "POST /user/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
GET = "GET /status/ HTTP/1.1\r\nHost: a\r\n"
# A body that is empty for who reads chunks, and holds another request for who goes by the length.
EITHER = "Content-Length: {longer}\r\n\r\n0\r\n\r\n{inner}"
CHUNKED = "Transfer-Encoding: chunked\r\n"

# What one side may take for one request and the other for two.
ATTACKS = {
    "CL.TE": POST + CHUNKED + EITHER,
    "TE.CL": POST + CHUNKED + "Content-Length: 4\r\n\r\n{size}\r\n{inner}\r\n0\r\n\r\n",
    "CL.CL": POST + "Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{inner}",
    "CL.CL turned": POST + "Content-Length: {length}\r\nContent-Length: 0\r\n\r\n{inner}",
    "a list of lengths": POST + "Content-Length: 0, {length}\r\n\r\n{inner}",
    "a length with a plus": POST + "Content-Length: +0\r\n\r\n{inner}",
    "an encoding with a space": POST + "Transfer-Encoding : chunked\r\n" + EITHER,
    "an encoding with a tab": POST + "Transfer-Encoding:\tchunked\r\n" + EITHER,
    "two encodings": POST + CHUNKED + "Transfer-Encoding: x\r\n" + EITHER,
    "an encoding of another case": POST + CHUNKED.upper() + EITHER,
    "an encoding in quotes": POST + "Transfer-Encoding: \"chunked\"\r\n" + EITHER,
    "xchunked": POST + "Transfer-Encoding: xchunked\r\n" + EITHER,
    "behind a line feed": POST + "X: y\n" + CHUNKED + EITHER,
    "behind a carriage return": POST + "X: y\r" + CHUNKED + EITHER,
    "a folded encoding": POST + "Transfer-Encoding:\r\n chunked\r\n" + EITHER,
    "a chunk's size with an end of its own": POST + CHUNKED + "\r\n0;x\n\r\n{inner}",
    "a chunk past 64 bits": POST + CHUNKED + "\r\n10000000000000000\r\n\r\n{inner}",
    "HTTP/1.0 with chunks": POST.replace("1.1", "1.0") + "Connection: keep-alive\r\n" + CHUNKED + EITHER,
    "GET with a body": GET + "Content-Length: {length}\r\n\r\n{inner}",
    "HEAD with a body": GET.replace("GET", "HEAD") + "Content-Length: {length}\r\n\r\n{inner}",
    "an upgrade that isn't one": GET + "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n{inner}",
    "an upgrade to HTTP/2": GET + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"
                            "Connection: Upgrade, HTTP2-Settings\r\n\r\n{inner}",
    "Connection names the length": POST + "Connection: Content-Length\r\nContent-Length: {length}\r\n\r\n{inner}",
    "Expect": POST + "Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n{inner}"}


@pytest.fixture(scope="module")
def pairs(new_server, certificates: Certificates):
    made = Pairs(new_server, certificates)
    yield made
    made.close()


@pytest.fixture(scope="module", params=KINDS)
def pair(request, pairs):
    """A server and the proxy in front of it, by a Unix socket."""
    return pairs.by_unix(request.param)


@pytest.fixture
def fresh(request, pairs):
    """One that a test may stop."""
    return pairs.by_unix(request.param)


each_kind = pytest.mark.parametrize("fresh", KINDS, indirect=True)


@pytest.mark.parametrize("name", ATTACKS)
def test_no_request_is_smuggled(pair, name):
    """Whoever comes later gets their own answers, and what reaches the server the proxy has seen as a request."""
    server, proxy = pair
    marker = f"/smuggled-{random.token_hex(6)}"
    inner = f"GET {marker} HTTP/1.1\r\nHost: a\r\n\r\n"
    attack = ATTACKS[name].format(inner=inner, length=len(inner), longer=len(inner) + 5, size=f"{len(inner):x}")
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(Wire(proxy.address)).send(attack.encode("latin-1"))
        for victim in [Api(proxy.url) for _ in range(8)]:
            path = f"/victim-{random.token_hex(6)}"
            answer = victim.get(path)
            assert answer.status_code == 404
            assert victim.get("/status/").json()["status"] == "ok"
            line = until(lambda: line_of(server, answer.headers["X-Request-ID"]), "the log")
            assert line["path"] == path, "another's answer"
    # The proxy tells from where each of its requests comes; without its word it would be nobody's.
    assert {line["address"] for line in map(fields, server.log().splitlines()) if marker in line.get("path", "")} \
        <= {"127.0.0.1"}


def line_of(server, number: str) -> dict[str, str] | None:
    return next((line for line in map(fields, server.log().splitlines()) if line.get("id") == number), None)


def sockets_of(place: Path) -> set[str]:
    """The connections of this Unix socket that are open."""
    lines = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()]
    return {words[6] for words in lines if words[-1] == str(place) and words[5] == "03"}


@pytest.mark.parametrize("kind", KINDS)
def test_connections_to_the_server_are_kept(pairs, kind):
    server, proxy = pairs.by_unix(kind)
    place = Path(server.command[server.command.index("--listen") + 1].partition("unix:")[2])
    api, seen = Api(proxy.url), set()
    for _ in range(40):
        assert api.get("/status/").status_code == 200
        seen |= sockets_of(place)
    assert 1 <= len(seen) <= 4, seen


@each_kind
def test_a_restart_is_over_when_it_is_over(fresh):
    server, proxy = fresh
    assert answers(proxy.url) == 200
    server.stop()
    assert answers(proxy.url) in (502, 503, 504)
    server.start()
    until(lambda: answers(proxy.url) == 200, "the proxy finds it again")
    server.kill9()
    assert answers(proxy.url) in (502, 503, 504)
    server.start()
    until(lambda: answers(proxy.url) == 200, "the proxy finds it again")


@each_kind
def test_a_server_that_stops_finishes_for_the_proxy(fresh, database):
    server, proxy = fresh
    owner = join(Api(proxy.url))
    with ThreadPoolExecutor(1) as pool:
        with locked(database, "integer_set"):
            running = pool.submit(owner.keep, "late", units(3))
            until_somebody_waits(database)
            server.terminate()
            until(lambda: "msg=stopping" in server.log(), "it stops")
        assert running.result()["integers"] == units(3)
    assert server.wait() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_with_another_s_certificate_isn_t_believed(pairs, tmp_path_factory, kind):
    """The proxy verifies; so the tests that pass by it mean something."""
    strangers = Certificates(tmp_path_factory.mktemp("strangers"))
    server = pairs.new_server(kind=TLSServer, trust=strangers.trust, pair=strangers.pair())
    proxy = pairs.proxy(kind, tls=server.address)
    assert answers(proxy.url) in (502, 503)


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_isn_t_there_yet(pairs, kind):
    proxy = pairs.proxy(kind, unix=(place := unix_place()))
    assert answers(proxy.url) in (502, 503)
    pairs.new_server(also=f"unix:{place}")
    until(lambda: answers(proxy.url) == 200, "the proxy finds it")
