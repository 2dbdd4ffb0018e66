"""Lines of the log, read back by readers that take nothing but what the format allows."""

import json
import re

# A key, "=", and a bare word or a quoted one.
_PAIR = re.compile(r'([a-z][a-z0-9_-]*)=(?:([^\s"=\\\x00-\x20\x7f-\U0010ffff]+)|"((?:[^"\\]|\\.)*)")(?: |$)', re.S)
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|(.))", re.S)
_ESCAPED = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
LEVELS = ["debug", "info", "warning", "error"]
# sd-daemon(3).
PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3}

# What ends a line or moves a cursor, for whoever reads the log.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

ACCESS = ["id", "method", "path", "status", "us", "address"]


def unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _ESCAPED[found[2]], text)


def read_logfmt(line: str) -> dict[str, str]:
    """The fields of one line; every byte of it must belong to one."""
    assert not _UNSAFE.search(line), f"raw control characters: {line!r}"
    found, at = {}, 0
    while at < len(line):
        pair = _PAIR.match(line, at)
        assert pair, f"no logfmt from {at} on: {line!r}"
        name, bare, quoted = pair.groups()
        assert name not in found, f"{name} stands there twice: {line!r}"
        found[name] = bare if bare is not None else unescaped(quoted)
        at = pair.end()
    assert found and not line.endswith(" "), repr(line)
    return found


def read_json(line: str) -> dict:
    """The fields of one line: an object without another inside, and nothing behind it."""
    assert not _UNSAFE.search(line), f"raw control characters: {line!r}"

    def flat(pairs: list) -> dict:
        assert len({name for name, _ in pairs}) == len(pairs), f"a name stands there twice: {line!r}"
        return dict(pairs)
    found = json.loads(line, object_pairs_hook=flat)
    assert isinstance(found, dict), line
    assert all(isinstance(value, (str, int, float)) for value in found.values()), line
    return found


READERS = {"logfmt": read_logfmt, "json": read_json}


def lines(data: bytes | str) -> list[str]:
    """The lines of a log, all of which are whole and in UTF-8."""
    text = data.decode() if isinstance(data, bytes) else data
    assert not text or text.endswith("\n"), f"the last line is torn: {text[-200:]!r}"
    return text.split("\n")[:-1]


def records(data: bytes | str, kind: str = "logfmt") -> list[dict]:
    return [READERS[kind](line) for line in lines(data)]


def read_journal(line: str) -> tuple[int, str]:
    """The priority in front of a line for the journal, and the rest."""
    found = re.match(r"<([0-7])>(?=\S)", line)
    assert found, f"no priority: {line!r}"
    return int(found[1]), line[found.end():]
