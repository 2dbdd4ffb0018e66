"""Bodies of sets as they arrive: split anywhere, in chunks, two in one go, cut short."""

import json
import socket

import pytest

from support.api import BODY_KINDS, assert_detail, assert_field_error, encoded
from support.integers import (
    LEAST, MOST, REQUIRED, SESSION, SET, Owner, join, unit, units, units_text)
from support.pieces import (
    LAST_CHUNK, in_chunks, post_chunked, post_declared, post_head, read, send_read)
from support.wire import Wire

KIB, MIB = 1024, 1024 * 1024
STREAMED = 64 * KIB

# Something of everything that a split may fall into.
SPLIT_SET = (r'{"note":"é😀\u00e9\ud83d\ude00\\\" ]}","set_id":"split" ,"inte\u0067ers":[ {"index":0,"X":'
             f'{LEAST},"q":{MOST},"more":' r'[{"a":[1.5e-3,true,null,{}]}]},{"q":-1,"\u0058":20,"index":130}'
             '\r\n]}').encode()
SPLIT_UNITS = [unit(0, LEAST, MOST), unit(130, 20, -1)]
SPLIT_SESSION = ('{"integer_sets":[{"integers":[{"index":7,"X":-70,"q":700}],"set_id":"b"},{"set_id":"a",'
                 '"integers":[],"é":"\\n"}],"session_id":"sé\\u0031"}').encode()
SPLIT_SETS = [{"set_id": "a", "integers": []}, {"set_id": "b", "integers": [unit(7, -70, 700)]}]


@pytest.fixture(scope="module")
def owner(api) -> Owner:
    return join(api)


def check_set(answer) -> None:
    assert answer.status == 201, answer
    assert (read(answer)["set_id"], read(answer)["integers"]) == ("split", SPLIT_UNITS)


def check_session(answer) -> None:
    assert answer.status == 201, answer
    assert read(answer) == {"session_id": "sé1", "integer_sets": SPLIT_SETS}


CASES = [(SET, SPLIT_SET, check_set), (SESSION, SPLIT_SESSION, check_session)]


@pytest.mark.parametrize("path, body, check", CASES, ids=["set", "session"])
def test_split_at_every_byte(server, owner, path, body, check):
    assert json.loads(body), "the test's own body is JSON"
    with Wire(server.address) as wire:
        for place in range(1, len(body)):
            check(post_chunked(wire, path, owner.headers, body[:place], body[place:]))


@pytest.mark.parametrize("path, body, check", CASES, ids=["set", "session"])
def test_byte_after_byte(server, owner, path, body, check):
    with Wire(server.address) as wire:
        bytes_alone = [body[place:place + 1] for place in range(len(body))]
        check(post_chunked(wire, path, owner.headers, *bytes_alone, wait=path == SESSION))
        # Large enough to be looked at before it is complete.
        check(post_declared(wire, path, owner.headers, b"\n" * STREAMED + body[:100], *bytes_alone[100:]))


@pytest.mark.parametrize("path, body, check", CASES, ids=["set", "session"])
def test_chunks_of_every_size(server, owner, path, body, check):
    with Wire(server.address) as wire:
        for size in (*range(1, 40), len(body) - 1, len(body)):
            wire.send(post_head(path, owner.headers, "Transfer-Encoding: chunked")
                      + in_chunks(body, size) + LAST_CHUNK)
            check(wire.response())


@pytest.mark.parametrize("size", [4_093, 16 * KIB, 65_537, 4 * MIB])
def test_chunks_of_a_large_set(server, owner, size):
    body = f'{{"integers":{units_text(80_000, -3)},"set_id":"large"}}'.encode()
    assert len(body) > 2 * MIB
    with Wire(server.address) as wire:
        wire.send(post_head(SET, owner.headers, "Transfer-Encoding: chunked") + in_chunks(body, size) + LAST_CHUNK)
        answer = wire.response()
        assert answer.status == 201, answer.body[:2000]
    assert read(answer)["integers"] == units(80_000, -3)


FAULTS = {
    "a name twice": b'{"integers":[{"index":1,"X":2,"X":3,"q":4}]}',
    "a name twice, escaped": b'{"integers":[{"index":1,"X":2,"\\u0058":3,"q":4}]}',
    "invalid UTF-8": b'{"x":"\xe2\x82","integers":[]}', "an escaped NUL": b'{"x":"\\u0000","integers":[]}',
    "a lone surrogate": b'{"x":"\\ud83d\\n","integers":[]}', "a leading zero": b'{"integers":[{"index":01}]}',
    "a trailing byte": b'{"integers":[]}]', "a comma too many": b'{"integers":[{"index":1,"X":2,"q":3},]}'}


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_split_at_every_byte(server, owner, what):
    body = FAULTS[what]
    before = owner.session()
    for place in range(1, len(body)):
        with Wire(server.address) as wire:
            answer = post_chunked(wire, SET, owner.headers, body[:place], body[place:])
            assert answer.status == 400 and b"field is required" not in answer.body, (place, answer)
    assert owner.session() == before


def test_two_requests_sent_as_one(server, owner):
    """Neither body eats of what follows it."""
    first = post_head(SET, owner.headers, f"Content-Length: {len(SPLIT_SET)}") + SPLIT_SET
    second = (post_head(SET, owner.headers, "Transfer-Encoding: chunked")
              + in_chunks(SPLIT_SET, 100) + LAST_CHUNK)
    with Wire(server.address) as wire:
        wire.send(first + second + first)
        for _ in range(3):
            check_set(wire.response())


def test_a_client_that_waits_to_be_told(server, owner):
    with Wire(server.address) as wire:
        wire.send(post_head(SET, owner.headers, f"Content-Length: {len(SPLIT_SET)}", "Expect: 100-continue"))
        assert wire.response().status == 100
        wire.send(SPLIT_SET)
        check_set(wire.response())


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path, body, check", CASES, ids=["set", "session"])
def test_a_body_cut_short_leaves_nothing(api, server, path, body, check, chunked):
    owner = join(api)
    for end in (1, len(body) // 2, len(body) - 1, *([len(body)] if chunked else [])):
        with Wire(server.address) as wire:
            if chunked:
                send_read(wire, post_head(path, owner.headers, "Transfer-Encoding: chunked")
                          + in_chunks(body[:end], 16))
            else:
                send_read(wire, post_head(path, owner.headers, f"Content-Length: {len(body)}") + body[:end])
            # The end of what the client says, not of what it hears.
            wire.socket.shutdown(socket.SHUT_WR)
            answer = wire.response()
            assert answer is None or answer.status == 400, answer
    assert owner.session() == {} and owner.lacks_session("sé1")


@pytest.mark.parametrize("kind", [*BODY_KINDS, None])
def test_nothing_at_all(owner, kind):
    for path, field in ((SET, "integers"), (SESSION, "integer_sets")):
        sent = encoded(kind, {"x": "y"}) if kind else {}
        answer = owner.call("POST", path, **sent)
        assert_field_error(answer, 400, field)
        assert answer.json()[field] == REQUIRED


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/octet-stream", "text/csv"])
def test_another_content_type_is_415(owner, content_type):
    for path in (SET, SESSION):
        answer = owner.call("POST", path, data=SPLIT_SET, headers={"Content-Type": content_type})
        assert_detail(answer, 415)
