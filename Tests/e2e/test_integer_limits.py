"""How large a body of sets may be, and how many large ones may arrive at once."""

import pytest

from support.api import encoded
from support.integers import OPERATION, SESSION, SET, Owner, join, units, units_text
from support.pieces import LAST_CHUNK, in_chunks, post_head, read, send_read
from support.program import until
from support.wire import Wire

KIB, MIB = 1024, 1024 * 1024
JSON = {"Content-Type": "application/json"}

USUAL, SMALL = 16 * KIB, 64 * KIB


@pytest.fixture(scope="module")
def owner(api) -> Owner:
    return join(api)


@pytest.fixture(scope="module", params=["option", "environment"])
def small(request, new_server):
    """A server that takes small sets only, and even smaller bodies of anything else."""
    if request.param == "option":
        return new_server("--max-body", "16K", "--max-set-body", "64K")
    return new_server(HAVOCCTL_MAX_BODY=str(USUAL), HAVOCCTL_MAX_SET_BODY=str(SMALL))


def padded(size: int) -> bytes:
    """A set's body of exactly this many bytes, with units all through."""
    head, one, tail = b'{"set_id":"padded","integers":[', b'{"index":%-8d,"X":1,"q":-2}', b"]}"
    count, rest = divmod(size - len(head) - len(tail) + 1, len(one % 0) + 1)
    body = head + b",".join(one % index for index in range(count)) + b" " * rest + tail
    assert len(body) == size
    return body


def declare(wire: Wire, owner: Owner, size: int, path: str = SET, method: str = "POST", **headers: str) -> None:
    """The head of a request with a body of so many bytes, which may never come."""
    head = post_head(path, owner.headers | headers, f"Content-Length: {size}")
    wire.send(head.replace(b"POST", method.encode(), 1))


@pytest.mark.parametrize("size, status", [(USUAL + 1, 201), (SMALL, 201), (SMALL + 1, 413), (10**15, 413)])
def test_the_length_of_a_body(small, owner, size, status):
    with Wire(small.address) as wire:
        declare(wire, owner, size)
        if status == 201:
            wire.send(padded(size))
        # Otherwise the head alone gives reason enough to refuse.
        answer = wire.response()
        assert answer.status == status, answer
        if status == 413:
            assert read(answer)["detail"] and wire.response() is None and wire.eof


@pytest.mark.parametrize("size, status", [(SMALL, 201), (SMALL + 1, 413), (SMALL + 16 * KIB, 413)])
def test_the_length_of_a_chunked_body(small, owner, size, status):
    with Wire(small.address) as wire:
        wire.send(post_head(SET, owner.headers, "Transfer-Encoding: chunked") + in_chunks(padded(size), 5_000) + LAST_CHUNK)
        assert wire.response().status == status


def test_a_chunked_body_without_end_is_cut_off(small, owner):
    with Wire(small.address) as wire:
        wire.send(post_head(SET, owner.headers, "Transfer-Encoding: chunked"))
        chunk = in_chunks(padded(SMALL), SMALL)
        until(lambda: not wire.send(chunk), "the server has had enough", pause=0)


@pytest.mark.parametrize("path", [SET, SESSION])
def test_a_session_may_be_as_large(small, owner, path):
    for size, status in ((SMALL - 1_000, 201), (SMALL + 1, 413)):
        whole = padded(size) if path == SET else (
            b'{"session_id":"large","integer_sets":[' + padded(size - 40) + b"]}")
        assert len(whole) == size
        with Wire(small.address) as wire:
            declare(wire, owner, size, path)
            if status == 201:
                wire.send(whole)
            assert wire.response().status == status


@pytest.mark.parametrize("method, path", [
    ("GET", SET), ("DELETE", SET), ("POST", OPERATION), ("GET", SESSION), ("DELETE", SESSION)])
def test_no_other_body_may_be_large(small, owner, method, path):
    with Wire(small.address) as wire:
        declare(wire, owner, USUAL + 1, path, method)
        assert wire.response().status == 413


@pytest.mark.parametrize("path", [SET, SESSION])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_nor_a_form(small, owner, path, kind):
    with Wire(small.address) as wire:
        declare(wire, owner, USUAL + 1, path, **{"Content-Type": kind})
        assert wire.response().status == 413


@pytest.mark.parametrize("size, status", [(5 * MIB, 201), (128 * MIB + 1, 413)])
def test_the_installed_length(server, owner, size, status):
    with Wire(server.address) as wire:
        declare(wire, owner, size)
        if status == 201:
            wire.send(padded(size))
        assert wire.response().status == status


@pytest.mark.parametrize("kind, count", [("form", 13_000), ("multipart", 30_000)])
def test_a_form_that_fits(owner, kind, count):
    answer = owner.call("POST", SET, **encoded(kind, {"set_id": "formed", "integers": units_text(count)}))
    assert MIB // 2 < len(answer.request.body) <= MIB
    assert owner.made(answer)["integers"] == units(count)


# Too many

HELD = 8


@pytest.fixture
def narrow(new_server):
    """A server of one loop."""
    return new_server("--threads", "1")


@pytest.mark.parametrize("chunked", [False, True])
def test_large_bodies_at_once(narrow, owner, chunked):
    """One too many is sent away, small ones pass by, and whoever ends or leaves makes room."""
    owner = owner.elsewhere(narrow.url)
    body = f'{{"set_id":"held","integers":{units_text(60_000)}}}'.encode()
    start, rest = body[:MIB + 64 * KIB], body[MIB + 64 * KIB:]
    assert rest
    length = f"Content-Length: {len(body)}"
    if chunked:
        length = "Transfer-Encoding: chunked"
        start, rest = in_chunks(start, 16 * KIB), in_chunks(rest, 16 * KIB) + LAST_CHUNK
    held = [Wire(narrow.address) for _ in range(HELD)]
    try:
        for wire in held:
            send_read(wire, post_head(SET, owner.headers, length) + start)
        with Wire(narrow.address) as late:
            late.send(post_head(SET, owner.headers, length) + start + rest)
            answer = late.response()
            assert answer.status == 503 and int(answer.headers["retry-after"]) >= 1, answer
            assert read(answer)["detail"]
        assert owner.keep("small", units(1_000))["integers"] == units(1_000)
        for wire in held[1:]:
            wire.send(rest)
            answer = wire.response()
            assert answer.status == 201 and read(answer)["integers"] == units(60_000)
        held[0].socket.close()
        held = [Wire(narrow.address) for _ in range(HELD)]
        for wire in held[1:]:
            send_read(wire, post_head(SET, owner.headers, length) + start)
        # The place of the one that left is free as soon as the server knows.
        until(lambda: owner.call("POST", SET, data=body, headers=JSON).status_code == 201, "room is made")
    finally:
        for wire in held:
            wire.socket.close()
