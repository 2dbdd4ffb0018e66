"""An equation of three sets of a million units: exact, and in bounded memory."""

import json
import re
from pathlib import Path

import pytest
import requests

from support.api import TIMEOUT_SECONDS
from support.equations import Sheet, assert_overflow, assert_units, no_float, refusal
from support.integers import MOST, OPERATION, SET, Owner, join

MILLION = 1_000_000
STEP, FIRST = 3, 7
LAST = FIRST + STEP * (MILLION - 1)

# What one such operation may take, and what an allocator may keep besides.
MEBIBYTE = 2**20
MEMORY = (72 + 16) * MEBIBYTE

PART = 20_000
BEGIN = re.compile(rb'"integers"\s*:\s*\[')


def a(at: int) -> int:
    return at * 9_007_199_254_740_993 % 2**62 - 2**61


def b(at: int) -> int:
    return at * 1_000_003 % 2**31 - 2**30


def c(at: int) -> int:
    return at * 7_654_321 % 2**31 - 2**30


VALUES = {"a": a, "b": b, "c": c}


def body(set_id: str):
    """A million units as they go over the wire, a part at a time; q is X of the set read from behind."""
    value = VALUES[set_id]
    yield f'{{"set_id":"{set_id}","session_id":"million","integers":['.encode()
    for begin in range(0, MILLION, PART):
        yield ("," * (begin > 0) + ",".join(
            f'{{"index":{FIRST + STEP * at},"X":{value(at)},"q":{value(MILLION - 1 - at)}}}'
            for at in range(begin, begin + PART))).encode()
    yield b"]}"


def streamed(answer: requests.Response):
    """The units of an answer, a part at a time; checks what is around them at the end."""
    rest, head = b"", None
    for chunk in answer.iter_content(MEBIBYTE):
        rest += chunk
        if head is None:
            begin = BEGIN.search(rest)
            assert begin, rest[:1000]
            head, rest = rest[:begin.end()], rest[begin.end():]
        end = rest.rfind(b"},") + 1
        if end:
            yield parsed(rest[:end])
            rest = rest[end + 1:]
    last, bracket, tail = rest.rpartition(b"]")
    yield parsed(last)
    shown = json.loads(head + bracket + tail)
    assert (shown["set_id"], shown["session_id"], shown["equation"]) == ("sum", "million", "a + b*c")


def parsed(part: bytes) -> list[dict]:
    return json.loads(b"[" + part + b"]", parse_float=no_float)


def resident(server, what: str) -> int:
    """Bytes: VmHWM is the most there have been, VmRSS are those of now."""
    for line in Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == what:
            return int(value.removesuffix("kB")) * 1024
    raise AssertionError(f"no {what}")


def stream(owner: Owner, path: str, **options) -> requests.Response:
    return owner.api.session.post(
        owner.api.url + path, headers=owner.headers | options.pop("headers", {}),
        timeout=TIMEOUT_SECONDS, stream=True, **options)


@pytest.fixture(scope="module")
def sheet(new_server, api) -> Sheet:
    """The three sets in a session; one operation is measured on a server of its own."""
    owner = join(api)
    for set_id in VALUES:
        with stream(owner, SET, data=body(set_id),
                    headers={"Content-Type": "application/json"}) as answer:
            assert answer.status_code == 201, answer.text[:1000]
            for _ in answer.iter_content(MEBIBYTE):
                pass
    return Sheet(owner, "million")


def test_a_million_units(sheet, new_server):
    server = new_server()
    fresh = Sheet(sheet.owner.elsewhere(server.url), "small").write(s={1: (1, 1)})
    assert fresh.result("s+s*s") == {1: (2, 2)}
    before = resident(server, "VmHWM")
    at = 0
    with stream(fresh.owner, OPERATION, json={
            "equation": "a + b*c", "session_id": "million", "set_id": "sum"}) as answer:
        assert answer.status_code == 201, answer.text[:1000]
        for part in streamed(answer):
            turned = MILLION - 1
            wanted = [{"index": FIRST + STEP * place, "X": a(place) + b(place) * c(place),
                       "q": a(turned - place) + b(turned - place) * c(turned - place)}
                      for place in range(at, at + len(part))]
            assert_units(part, wanted, f"from unit {at}")
            at += len(part)
    assert at == MILLION
    grown = resident(server, "VmHWM") - before
    assert grown <= MEMORY, f"{grown / MEBIBYTE:.0f} MiB for one operation"


def test_one_unit_more_is_refused(sheet):
    sheet.put("extra", {0: (1, 1)})
    assert refusal(sheet.operate("a+extra", set_id="more"))
    assert sheet.get("more").status_code == 404


@pytest.mark.parametrize("index", [FIRST, LAST])
def test_overflow_at_either_end_of_a_million_is_400(sheet, index):
    """Nothing of an answer is sent before all of it is known to be one."""
    sheet.put("end", {index: (MOST, MOST)})
    assert_overflow(sheet.operate("a-end*2", set_id="never"), index)
    assert_overflow(sheet.operate("a*end", set_id="never"), index)
    assert sheet.get("never").status_code == 404
