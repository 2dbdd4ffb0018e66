"""Sizes and deadlines: what is too large or too slow is refused, and harms nobody else."""

import socket
import threading
import time

import pytest

from support.wire import Wire, request

KIB = 1024
MAX_BODY = 1024 * KIB
JSON = "Content-Type: application/json"

# Far past the deadlines, so that a busy machine passes and a server without them doesn't.
DRIP_LIMIT_SECONDS = 40


def padded_login(size: int) -> bytes:
    """A login body of exactly this many bytes, for nobody's account."""
    frame = b'{"username":"nobody","password":"wrong","padding":""}'
    return frame[:-2] + b"x" * (size - len(frame)) + frame[-2:]


@pytest.mark.parametrize("size, status", [(MAX_BODY, 401), (MAX_BODY + 1, 413), (20 * MAX_BODY, 413)])
def test_the_length_of_a_body(server, size, status):
    with Wire(server.address, timeout=60) as wire:
        wire.send(request("POST", "/api/auth/login/", b"", JSON, f"Content-Length: {size}"))
        if status == 401:
            wire.send(padded_login(size))
        # Otherwise the head alone gives reason enough to refuse.
        answer = wire.response()
        assert answer.status == status, answer
        if status == 413:
            assert wire.response() is None and wire.eof


@pytest.mark.parametrize("size, status", [(MAX_BODY, 401), (MAX_BODY + 64 * KIB, 413)])
def test_the_length_of_a_chunked_body(server, size, status):
    body = padded_login(size)
    with Wire(server.address, timeout=60) as wire:
        wire.send(request("POST", "/api/auth/login/", b"", JSON, "Transfer-Encoding: chunked"))
        for start in range(0, size, 16 * KIB):
            piece = body[start:start + 16 * KIB]
            if not wire.send(b"%x\r\n%s\r\n" % (len(piece), piece)):
                break
        wire.send(b"0\r\n\r\n")
        assert wire.response().status == status


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_the_length_of_other_bodies(server, kind):
    with Wire(server.address) as wire:
        wire.send(request("POST", "/user/login", b"", f"Content-Type: {kind}",
                          f"Content-Length: {MAX_BODY + 1}"))
        assert wire.response().status == 413


def test_413_speaks_the_dialect(server):
    with Wire(server.address) as wire:
        wire.send(request("POST", "/user/login", b"", JSON, f"Content-Length: {MAX_BODY + 1}"))
        body = wire.response().body
    assert b'"status"' in body and b"413" in body and b'"data"' in body


@pytest.mark.parametrize("lines", [
    ["X-Long: " + "x" * 33 * KIB],
    [f"X-Many-{number}: {'y' * 100}" for number in range(400)],
    ["Cookie: " + "c=d; " * 8 * KIB]], ids=["one line", "many lines", "cookies"])
def test_an_oversize_head(server, lines):
    with Wire(server.address) as wire:
        wire.send(request("GET", "/status/", b"", *lines))
        answer = wire.response()
        assert answer is None or answer.status in (400, 413, 431), answer
        assert wire.response() is None and wire.eof


def test_an_oversize_request_line(server):
    with Wire(server.address) as wire:
        wire.send(request("GET", "/status/?" + "q" * 40 * KIB))
        answer = wire.response()
        assert answer is None or answer.status in (400, 414, 431), answer
        assert wire.response() is None and wire.eof


def test_a_large_head_that_fits(server):
    with Wire(server.address) as wire:
        wire.send(request("GET", "/status/", b"", "X-Long: " + "x" * 7 * KIB))
        assert wire.response().status == 200


@pytest.fixture(scope="module")
def hasty(new_server):
    """A server of short deadlines, so that the tests needn't wait for the installed ones."""
    return new_server("--head-timeout", "2s", "--body-idle-timeout", "2s")


def drip(address, start: bytes, byte: bytes, pause: float = 0.25) -> float:
    """Sends one byte after another; gives the seconds until the server closed, or the limit."""
    began = time.monotonic()
    with socket.create_connection(address, timeout=pause) as connection:
        connection.sendall(start)
        while (passed := time.monotonic() - began) < DRIP_LIMIT_SECONDS:
            try:
                connection.sendall(byte)
                # A 408 may come first; the end of the stream is what counts.
                if connection.recv(4096) == b"":
                    return time.monotonic() - began
            except TimeoutError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                return time.monotonic() - began
        return passed


@pytest.mark.slow
@pytest.mark.parametrize("start, byte", [
    (b"", b"G"), (b"GET /status/ HTTP/1.1\r\nHost: a\r\nX: ", b"y"),
    (b"GET /status/ HTTP/1.1\r\nHost: a\r\n", b"X: y\r\n")], ids=["line", "header", "headers"])
def test_a_dripping_head_is_closed(hasty, start, byte):
    assert drip(hasty.address, start, byte) < DRIP_LIMIT_SECONDS
    assert hasty.status() == 200


@pytest.mark.slow
def test_silence_is_closed(hasty):
    with Wire(hasty.address, DRIP_LIMIT_SECONDS) as wire:
        wire.send(b"GET /status/ HTT")
        while wire.response() is not None:
            pass
        assert wire.eof
    # In a body too, where nothing more comes.
    with Wire(hasty.address, DRIP_LIMIT_SECONDS) as wire:
        wire.send(request("POST", "/user/login", b"", JSON, "Content-Length: 100") + b'{"user')
        answer = wire.response()
        assert answer is None or answer.status == 408, answer
        assert wire.response() is None and wire.eof


@pytest.mark.slow
def test_the_installed_deadline_of_a_head(server):
    """Two connections at once, one dripping bytes and one whole headers."""
    found: dict[str, float] = {}

    def run(name: str, byte: bytes) -> None:
        found[name] = drip(server.address, b"GET /status/ HTTP/1.1\r\nHost: a\r\nX: y", byte, pause=0.5)

    threads = [threading.Thread(target=run, args=pair) for pair in (("bytes", b"z"), ("lines", b"\r\nX: y"))]
    for thread in threads:
        thread.start()
    assert server.status() == 200, "a drip holds up others"
    for thread in threads:
        thread.join()
    # 10 seconds are promised to an honest client too.
    assert all(9 < seconds < DRIP_LIMIT_SECONDS for seconds in found.values()), found


@pytest.mark.slow
def test_a_slow_body_that_goes_on_is_taken(new_server, user):
    """The deadline is for idleness: this one takes longer than it, with no long pause."""
    server = new_server("--body-idle-timeout", "5s")
    body = f'{{"username":"{user.username}","password":"{user.password}"}}'.encode()
    with Wire(server.address) as wire:
        wire.send(request("POST", "/api/auth/login/", b"", JSON, f"Content-Length: {len(body)}"))
        step = len(body) // 12
        for start in range(0, len(body), step):
            time.sleep(0.5)
            wire.send(body[start:start + step])
        assert wire.response().status == 200


@pytest.mark.slow
def test_an_idle_kept_connection_is_no_drip(hasty):
    """Between two requests no head has begun; the next one is answered or the close is clean."""
    with Wire(hasty.address) as wire:
        wire.send(request("GET", "/status/"))
        assert wire.response().status == 200
        time.sleep(1)
        wire.send(request("GET", "/status/"))
        assert wire.response().status == 200


def test_many_idle_connections_do_not_stop_others(server):
    held = [socket.create_connection(server.address, timeout=10) for _ in range(200)]
    try:
        assert server.status() == 200
    finally:
        for connection in held:
            connection.close()


def test_a_client_that_leaves_early_harms_nobody(server):
    for data in (b"", b"GET", request("GET", "/status/"),
                 request("POST", "/user/login", b"", JSON, "Content-Length: 50") + b"{"):
        for _ in range(20):
            connection = socket.create_connection(server.address, timeout=10)
            connection.sendall(data)
            # Linger of zero: a reset instead of an orderly end.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()
    assert server.status() == 200
