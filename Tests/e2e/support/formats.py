"""The output formats, read back."""

import csv
import io
import json
import re

import yaml


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read_jsonl(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def read_plain(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


def read_table(text: str) -> tuple[list[str], list[str]]:
    """The header's words and the other lines."""
    header, *lines = text.splitlines()
    return header.split(), lines


def scalar(text: str):
    """A YAML scalar of the few kinds that flat data needs."""
    if text in ("null", "~", ""):
        return None
    if text in ("true", "false"):
        return text == "true"
    if text.startswith('"'):
        return json.loads(text)
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return text


def read_yaml(text: str) -> list[dict]:
    """A sequence of flat mappings, or one mapping; nothing more is expected of the output."""
    found: list[dict] = []
    for line in text.splitlines():
        if line in ("---", "..."):
            continue
        if line.startswith("- ") or not found:
            found.append({})
            line = line.removeprefix("- ")
        key, _, value = line.strip().partition(":")
        found[-1][key] = scalar(value.strip())
    return found


def unescaped(text: str) -> str:
    """A value of the plain format, as PostgreSQL's COPY and printf's %b undo it."""
    signs = {"\\": b"\\", "n": b"\n", "r": b"\r", "t": b"\t"}
    return re.sub(
        rb"\\(?:x([0-9a-f]{2})|(.))",
        lambda found: bytes.fromhex(found[1].decode()) if found[1] else signs[found[2].decode()],
        text.encode()).decode()


def load_yaml(text: str):
    """Any YAML, by PyYAML: a reader of YAML 1.1, which takes more unquoted words for something else."""
    return yaml.safe_load(text)


def as_text(value) -> str:
    """A JSON value where there are only texts: in CSV and in the plain format."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
