"""Requests that two programs could read in two ways: refused, and the connection closed."""

import json
import secrets as random

import pytest

from support.wire import Wire, assert_kept_alive, exchange, request

STATUS = "GET /status/ HTTP/1.1\r\n"
LOGIN = "POST /user/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
BODY = '{"username":"a"}'  # 16 bytes
CHUNKED = "10\r\n" + BODY + "\r\n0\r\n\r\n"

# name: (the request, the statuses that refuse it)
REFUSED = {
    "two lengths that differ": (LOGIN + "Content-Length: 16\r\nContent-Length: 3\r\n\r\n" + BODY, {400}),
    "two lengths that agree": (LOGIN + "Content-Length: 16\r\nContent-Length: 16\r\n\r\n" + BODY, {400}),
    "a list of lengths": (LOGIN + "Content-Length: 16, 16\r\n\r\n" + BODY, {400}),
    "length and chunks": (LOGIN + "Content-Length: 16\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED, {400}),
    "chunks and length": (LOGIN + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n" + CHUNKED, {400}),
    "length, space, colon": (LOGIN + "Content-Length : 16\r\n\r\n" + BODY, {400}),
    "encoding, space, colon": (LOGIN + "Transfer-Encoding : chunked\r\n\r\n" + CHUNKED, {400}),
    "encoding, tab, colon": (LOGIN + "Transfer-Encoding\t: chunked\r\n\r\n" + CHUNKED, {400}),
    "two hosts": (STATUS + "Host: a\r\nHost: b\r\n\r\n", {400}),
    "two hosts that agree": (STATUS + "Host: a\r\nHost: a\r\n\r\n", {400}),
    "no host": (STATUS + "\r\n", {400}),
    "a space before the first header": (STATUS + " Host: a\r\n\r\n", {400}),
    "an unknown encoding": (LOGIN + "Transfer-Encoding: cow\r\n\r\n" + CHUNKED, {400, 501}),
    "gzip, chunked": (LOGIN + "Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNKED, {400, 501}),
    "chunked, identity": (LOGIN + "Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKED, {400, 501}),
    "chunked twice": (LOGIN + "Transfer-Encoding: chunked, chunked\r\n\r\n" + CHUNKED, {400, 501}),
    "two encodings": (LOGIN + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + CHUNKED, {400, 501}),
    "xchunked": (LOGIN + "Transfer-Encoding: xchunked\r\n\r\n" + CHUNKED, {400, 501}),
    "chunked in quotes": (LOGIN + 'Transfer-Encoding: "chunked"\r\n\r\n' + CHUNKED, {400, 501}),
    "chunked with a form feed": (LOGIN + "Transfer-Encoding: \x0bchunked\r\n\r\n" + CHUNKED, {400, 501}),
    "an empty encoding": (LOGIN + "Transfer-Encoding:\r\nContent-Length: 16\r\n\r\n" + BODY, {400, 501}),
    "chunks in HTTP/1.0": (LOGIN.replace("1.1", "1.0") + "Transfer-Encoding: chunked\r\n\r\n" + CHUNKED, {400, 501}),
    "NUL in the path": ("GET /status/%00 HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "NUL that cuts the path": ("GET /status/%00/../../user HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "a raw NUL in the path": ("GET /sta\x00tus/ HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "TRACE": ("TRACE /status/ HTTP/1.1\r\nHost: a\r\n\r\n", {405}),
    "TRACE of nothing": ("TRACE /nothing HTTP/1.1\r\nHost: a\r\n\r\n", {405}),
    "CONNECT": ("CONNECT internal:443 HTTP/1.1\r\nHost: internal:443\r\n\r\n", {400, 405, 501}),
    "an absolute address": ("GET http://internal/status/ HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "an address of another kind": ("GET file:///etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "a path without a slash": ("GET status/ HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "a lone line feed in the head": (STATUS + "Host: a\nX: b\r\n\r\n", {400}),
    "line feeds only": ("GET /status/ HTTP/1.1\nHost: a\n\n", {400}),
    "a lone carriage return": (STATUS + "Host: a\r\nX: b\rY: c\r\n\r\n", {400}),
    "a negative length": (LOGIN + "Content-Length: -16\r\n\r\n" + BODY, {400}),
    "a length with a plus": (LOGIN + "Content-Length: +16\r\n\r\n" + BODY, {400}),
    "a length in words": (LOGIN + "Content-Length: sixteen\r\n\r\n" + BODY, {400}),
    "a hexadecimal length": (LOGIN + "Content-Length: 0x10\r\n\r\n" + BODY, {400}),
    "a length with a fraction": (LOGIN + "Content-Length: 16.0\r\n\r\n" + BODY, {400}),
    "an empty length": (LOGIN + "Content-Length:\r\n\r\n" + BODY, {400}),
    "a length of two numbers": (LOGIN + "Content-Length: 1 6\r\n\r\n" + BODY, {400}),
    "a length past 64 bits": (LOGIN + "Content-Length: 18446744073709551632\r\n\r\n" + BODY, {400, 413}),
    "a folded header": (STATUS + "Host: a\r\nX: b\r\n c\r\n\r\n", {400}),
    "a folded encoding": (LOGIN + "Transfer-Encoding:\r\n chunked\r\n\r\n" + CHUNKED, {400, 501}),
    "a control character in a value": (STATUS + "Host: a\r\nX: b\x01c\r\n\r\n", {400}),
    "NUL in a value": (STATUS + "Host: a\r\nX: b\x00c\r\n\r\n", {400}),
    "an escape in a value": (STATUS + "Host: a\r\nUser-Agent: \x1b[2J\r\n\r\n", {400}),
    "a control character in a name": (STATUS + "Host: a\r\nX\x01Y: b\r\n\r\n", {400}),
    "a space in a name": (STATUS + "Host: a\r\nX Y: b\r\n\r\n", {400}),
    "a header without a colon": (STATUS + "Host: a\r\nnonsense\r\n\r\n", {400}),
    "a header without a name": (STATUS + "Host: a\r\n: b\r\n\r\n", {400}),
    "a host with a path": (STATUS + "Host: a/b\r\n\r\n", {400}),
    "HTTP/2.0": ("GET /status/ HTTP/2.0\r\nHost: a\r\n\r\n", {400, 505}),
    "HTTP/1.1x": ("GET /status/ HTTP/1.1x\r\nHost: a\r\n\r\n", {400, 505}),
    "four words": ("GET /status/ x HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "no version": ("GET /status/\r\nHost: a\r\n\r\n", {400, 505}),
    "a chunk size in words": (LOGIN + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + BODY + "\r\n0\r\n\r\n", {400}),
    "a negative chunk": (LOGIN + "Transfer-Encoding: chunked\r\n\r\n-1\r\n" + BODY + "\r\n0\r\n\r\n", {400}),
    "a chunk past 64 bits": (LOGIN + "Transfer-Encoding: chunked\r\n\r\n1" + "0" * 16 + "\r\n" + BODY, {400, 413}),
    "a chunk longer than it says": (LOGIN + "Transfer-Encoding: chunked\r\n\r\n5\r\n" + BODY + "\r\n0\r\n\r\n", {400}),
}

# RFC 9112 (2.2, 5.2) lets a recipient read these. libmicrohttpd does, and hands none of it on, so
# that only the boundaries can be watched: nothing before or behind them may move.
READ_ALL_THE_SAME = {
    "a raw NUL in the path", "a lone line feed in the head", "line feeds only", "a folded header",
    "NUL in a value", "a header without a name"}

# libmicrohttpd refuses these by itself, in its own words, before anybody is asked.
REFUSED_BY_THE_ENGINE = {
    "a list of lengths", "a negative length", "a length with a plus", "a length in words",
    "a hexadecimal length", "a length with a fraction", "an empty length",
    "a length of two numbers", "a length past 64 bits", "a header without a colon", "HTTP/2.0",
    "HTTP/1.1x", "no version", "a chunk size in words", "a negative chunk",
    "a chunk past 64 bits", "a chunk longer than it says", "four words"}


@pytest.mark.parametrize("what", sorted(REFUSED.keys() - READ_ALL_THE_SAME))
def test_refused_and_closed(server, what):
    """Whatever follows on the connection must not be read as a request of its own."""
    data, statuses = REFUSED[what]
    marker = f"/smuggled-{random.token_hex(6)}"
    smuggled = f"GET {marker} HTTP/1.1\r\nHost: a\r\n\r\n"
    answers, closed, _ = exchange(server.address, (data + smuggled).encode("latin-1"))
    assert answers and answers[0].status in statuses, answers
    assert len(answers) == 1, f"the bytes after it were answered too: {answers}"
    assert closed, "the connection stays open"
    assert marker not in server.log()


@pytest.mark.parametrize("what", sorted(READ_ALL_THE_SAME))
def test_what_is_read_all_the_same_moves_no_boundary(server, what):
    """One answer to it, one to the request behind it, each to its own path."""
    marker = f"/behind-{random.token_hex(6)}"
    behind = f"GET {marker} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answers, closed, _ = exchange(server.address, (REFUSED[what][0] + behind).encode("latin-1"))
    assert closed
    if answers[0].status == 400:
        assert len(answers) == 1
    else:
        assert [answer.status for answer in answers[1:]] == [404]


@pytest.mark.parametrize(
    "what", sorted(REFUSED.keys() - READ_ALL_THE_SAME - REFUSED_BY_THE_ENGINE))
def test_a_refusal_is_an_answer_like_any_other(server, what):
    """In the program's own words, with an id that the log knows."""
    answers, _, left_over = exchange(server.address, REFUSED[what][0].encode("latin-1"))
    assert not left_over, f"bytes past the end of the response: {left_over[:100]!r}"
    assert answers and answers[0].status in REFUSED[what][1], answers
    assert json.loads(answers[0].body)
    assert answers[0].headers["content-type"].startswith("application/json")
    assert answers[0].headers["x-request-id"]


@pytest.mark.parametrize("head", [
    "Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\nContent-Length: {length}\r\n",
    "Content-Length: {length}\r\nContent-Length: 0\r\n",
    "Content-Length: 0\r\nContent-Length: {length}\r\n",
    "Content-Length : {length}\r\n",
    "Transfer-Encoding: chunked, identity\r\n"])
def test_a_request_in_a_body_is_never_carried_out(server, api, admin, head):
    """The attack these shapes exist for: another's request with another's credential."""
    held = api.credential(admin)
    inner_body = f'{{"username":"{held["username"]}","session_token":"{held["session_token"]}"}}'
    inner = (f"POST /user/logout HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
             f"Content-Length: {len(inner_body)}\r\n\r\n{inner_body}")
    outer = LOGIN + head.format(length=len(inner) + 5) + "\r\n0\r\n\r\n" + inner
    answers, closed, _ = exchange(server.address, outer.encode())
    assert len(answers) == 1 and answers[0].status in (400, 501) and closed, answers
    assert api.connected(held), "the request in the body was carried out"


def test_an_honest_body_that_looks_like_a_request_is_a_body(server):
    inner = b"GET /status/ HTTP/1.1\r\nHost: a\r\n\r\n"
    data = request("POST", "/user/login", inner, "Content-Type: application/json")
    with Wire(server.address) as wire:
        wire.send(data + request("GET", "/nothing/", b"", "Connection: close"))
        answers = wire.rest()
    assert [answer.status for answer in answers] == [400, 404]


def test_keep_alive_and_pipelining(server):
    with Wire(server.address) as wire:
        assert_kept_alive(wire)


def test_pipelined_posts_keep_their_order(server, api, user):
    held = api.credential(user)
    body = f'{{"username":"{held["username"]}","session_token":"{held["session_token"]}"}}'.encode()
    check = request("POST", "/user/check_status", body, "Content-Type: application/json")
    leave = request("POST", "/user/logout", body, "Content-Type: application/json")
    with Wire(server.address) as wire:
        wire.send(check + leave + check)
        assert [wire.response().status for _ in range(3)] == [200, 200, 401]


def test_http_1_0_is_answered_and_closed(server):
    answers, closed, _ = exchange(server.address, b"GET /status/ HTTP/1.0\r\n\r\n")
    assert [answer.status for answer in answers] == [200] and closed


@pytest.mark.parametrize("sizes", [[1] * 60, [16, 3, 200], [4096]])
def test_a_chunked_body(server, api, user, sizes):
    body = f'{{"username":"{user.username}","password":"{user.password}"}}'.encode()
    chunks, rest = b"", body
    for size in sizes:
        if rest:
            piece, rest = rest[:size], rest[size:]
            chunks += b"%x\r\n%s\r\n" % (len(piece), piece)
    if rest:
        chunks += b"%X;ext=1\r\n%s\r\n" % (len(rest), rest)
    with Wire(server.address) as wire:
        wire.send(request("POST", "/api/auth/login/", b"", "Content-Type: application/json",
                          "Transfer-Encoding: chunked") + chunks + b"0\r\nX-Trailer: y\r\n\r\n")
        assert wire.response().status == 200
        wire.send(request("GET", "/status/"))
        assert wire.response().status == 200


def test_expect_100_continue(server, user):
    body = f'{{"username":"{user.username}","password":"{user.password}"}}'.encode()
    with Wire(server.address) as wire:
        wire.send(request("POST", "/api/auth/login/", b"", "Content-Type: application/json",
                          f"Content-Length: {len(body)}", "Expect: 100-continue"))
        assert wire.response().status == 100
        wire.send(body)
        assert wire.response().status == 200


def test_expect_of_an_oversize_body_is_refused_before_it_is_sent(server):
    with Wire(server.address) as wire:
        wire.send(request("POST", "/api/auth/login/", b"", "Content-Type: application/json",
                          "Content-Length: 10000000", "Expect: 100-continue"))
        assert wire.response().status == 413
