"""The log's two formats: the same fields in both, and nothing that a client sends forges a line."""

import re
import time

import pytest

from support import logs
from support.api import Api
from support.load import Load
from support.logs import ACCESS, LEVELS, READERS
from support.program import until
from support.wire import Wire, request

FORMATS = list(READERS)


@pytest.fixture(scope="module")
def written(new_server):
    """A server for each format."""
    return {kind: new_server("--log-format", kind) for kind in FORMATS}


def records(server, kind: str) -> list[dict]:
    # The last line may be half there.
    whole, _, _ = server.log_path.read_bytes().rpartition(b"\n")
    return logs.records(whole + b"\n" if whole else b"", kind)


def line_of(server, kind: str, number: str) -> dict:
    def found():
        return [record for record in records(server, kind) if record.get("id") == number]
    record, = until(found, f"the access line of {number}")
    return record


def asked(server, target: str, *lines: str) -> str:
    """Sends a request as it is; gives its id."""
    with Wire(server.address) as wire:
        wire.send(request("GET", target, b"", "Connection: close", *lines))
        return wire.response().headers["x-request-id"]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_line_is_of_the_format(written, kind):
    before = time.time()
    number = Api(written[kind].url).get("/status/").headers["X-Request-ID"]
    record = line_of(written[kind], kind, number)
    assert list(record) == ["time", "level", "msg", *ACCESS]
    assert logs.TIME.fullmatch(record["time"])
    at = time.strptime(record["time"][:19], "%Y-%m-%dT%H:%M:%S")
    assert abs(time.mktime(at) - time.timezone - before) < 120
    for one in records(written[kind], kind):
        assert list(one)[:3] == ["time", "level", "msg"] and one["level"] in LEVELS and one["msg"]


def test_both_have_the_same_fields(written):
    """Line by line, for servers that were started and asked the same."""
    found = {}
    for kind, server in written.items():
        numbers = [asked(server, target) for target in ("/status/", "/nothing/?a=b", "/status/%22")]
        found[kind] = [line_of(server, kind, number) for number in numbers]
        found[kind] += [one for one in records(server, kind) if one["msg"] == "serving"]
    for one, other in zip(*found.values(), strict=True):
        assert list(one) == list(other)
        same = set(one) - {"time", "id", "us", "address"}
        assert {name: str(one[name]) for name in same} == {name: str(other[name]) for name in same}


def test_numbers_are_numbers_in_json(written):
    record = line_of(written["json"], "json", asked(written["json"], "/status/"))
    assert record["status"] == 200 and isinstance(record["us"], int) and record["us"] >= 0
    serving, = [one for one in records(written["json"], "json") if one["msg"] == "serving"]
    assert isinstance(serving["loops"], int)
    # What looks like one and isn't stays a text.
    assert line_of(written["json"], "json", asked(written["json"], "/12"))["path"] == "/12"


HOSTILE = {
    "quotes": '/a"b"', "forged": '/" level=error msg="root', "forged json": '/","level":"error","x":"',
    "a backslash": "/a\\", "a backslash and a quote": '/a\\"', "equals": "/a=b", "an empty word": "/=", "blanks": "/%20%20",
    "escaped line": "/%0alevel=error", "escaped escape": "/%1b[2J", "escaped null": "/%00", "json escape": "/\\u0022",
    "no percent": "/%", "half": "/%f", "long": "/" + "x" * 7000, "many quotes": "/" + '"' * 500,
    "U+2028": "/\u2028level=error", "U+0085": "/\u0085x", "right to left": "/\u202egnp.x", "emoji": "/😀", "bom": "/\ufeff",
    "high": "/\U0010fffd"}
RAW = {"latin-1": b"/caf\xe9", "half utf-8": b"/\xe2\x80", "surrogate": b"/\xed\xa0\x80", "overlong": b"/\xc0\xaf",
       "ff": b"/\xff\xfe", "csi": b"/\x9b2J", "escape": b"/\x1b[2J", "tab": b"/a\tb", "delete": b"/\x7f", "vertical": b"/\x0b",
       "carriage return": b"/a\rlevel=error", "null": b"/a\x00b"}
TARGETS = {name: text.encode() for name, text in HOSTILE.items()} | RAW


@pytest.mark.parametrize("kind", FORMATS)
def test_no_path_forges_a_line(written, kind):
    server = written[kind]
    numbers = {}
    for name, target in TARGETS.items():
        with Wire(server.address) as wire:
            wire.send(b"GET " + target + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            answer = wire.response()
            if answer is not None and "x-request-id" in answer.headers:
                numbers[name] = answer.headers["x-request-id"]
    asked(server, "/status/")
    assert {"quotes", "forged", "forged json", "a backslash", "latin-1", "ff"} <= set(numbers)
    for name, number in numbers.items():
        record = line_of(server, kind, number)
        assert list(record) == ["time", "level", "msg", *ACCESS], name
        assert (record["level"], record["msg"], record["method"]) == ("info", "request", "GET"), name
    for name in ("quotes", "forged", "forged json", "a backslash", "many quotes", "emoji"):
        assert line_of(server, kind, numbers[name])["path"] == TARGETS[name].decode(), name


@pytest.mark.parametrize("kind", FORMATS)
def test_no_header_or_method_forges_a_line(new_server, kind):
    server = new_server("--log-format", kind, "--trusted-proxies", "127.0.0.0/8")
    evil = 'x" level=error msg="gone","level":"error'
    for name in ("X-Request-ID", "X-Forwarded-For", "User-Agent", "Referer", "Origin", "Forwarded", "Cookie"):
        asked(server, "/status/", f"{name}: {evil}")
    with Wire(server.address) as wire:
        wire.send(b'GE"T=\\ /status/ HTTP/1.1\r\nHost: a\r\n\r\n')
        wire.rest()
    line_of(server, kind, asked(server, "/status/"))
    for record in records(server, kind):
        assert record["level"] != "error" and record["msg"] != "gone", record


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("level", LEVELS)
def test_a_level_leaves_out_what_is_below(new_server, level, kind):
    server = new_server("--log-level", level, "--log-format", kind)
    asked(server, "/nothing/")
    server.stop()
    found = {record["level"] for record in records(server, kind)}
    assert found <= set(LEVELS[LEVELS.index(level):])
    assert ("info" in found) == (level in ("debug", "info"))


@pytest.mark.parametrize("setting, value", [
    ("log-format", "xml"), ("log-format", ""), ("log-format", "JSON "), ("log-level", "loud"), ("log-level", ""),
    ("slow-request", "-1s"), ("slow-request", "soon"), ("slow-query", "250µs"), ("sql-comments", "maybe")])
def test_bad_settings_are_refused(ctl, setting, value):
    said = ctl.fails(2, "serve", f"--{setting}={value}", "--listen=203.0.113.7:1", timeout=20).stderr
    assert setting in said and (not value.strip() or f"“{value}”" in said), said


def test_lines_of_many_clients_are_never_mixed(written):
    for kind, server in written.items():
        with Load(server.url, lambda api, number: api.get(f"/nothing/{number}" + '"' * 50), clients=4) as load:
            load.wait_for(200, 404)
        asked(server, "/status/")
        found = [record for record in records(server, kind) if re.match(r"/nothing/\d", str(record.get("path")))]
        assert len(found) >= len(load.answers) - 4
