"""Tables at a terminal: no line is wider than it, whatever the values are written in."""

import re

import pytest
from wcwidth import wcswidth, wcwidth

from support.cluster import query
from support.program import Ctl
from support.terminal import Terminal

NAMES = {
    "ascii": "A name that is quite a bit longer than forty columns are wide",
    "cjk": "日本語の長い名前は四十桁の端末には収まらないのである",
    "fullwidth": "Ｆｕｌｌｗｉｄｔｈ　ｌｅｔｔｅｒｓ　ａｎｄ　ｍｏｒｅ",
    "hangul": "가나다라마바사아자차카타파하가나다라마바사아자차카타파하",
    "jamo": "\u1112\u1161\u11ab\u1100\u1173\u11af" * 12,
    "emoji": "🏋🤸🚴🏊🧗🏇🤾🏄🏂🏌🤺🤼🤽🏋🤸🚴🏊🧗🏇🤾",
    "family": "\U0001F468\u200d\U0001F469\u200d\U0001F467\u200d\U0001F466" * 9,
    "flags": "🇵🇱🇩🇪🇯🇵🇫🇷🇪🇸🇮🇹🇬🇷🇺🇦🇨🇿🇸🇰🇭🇺🇷🇴🇧🇬🇸🇪🇫🇮",
    "skin": "👍🏽👍🏿👍🏻👍🏾👍🏼" * 6,
    "combining": "e\u0301a\u0308o\u0302u\u030a" * 15,
    "heaps": "Z\u0351\u0352\u0353\u0354a\u0355\u0356\u0357\u0358l\u0359\u035a\u035b\u035cgo",
    "devanagari": "हिन्दी में एक बहुत लंबा नाम जो चालीस स्तंभों में नहीं समाता",
    "thai": "ชื่อที่ยาวมากซึ่งไม่พอดีกับสี่สิบคอลัมน์ของเทอร์มินัลเลย",
    "hebrew": "שם ארוך מאוד שאינו נכנס לארבעים עמודות של מסוף כזה",
    "arabic": "اسم طويل جدا لا يتسع له أربعون عمودا في مثل هذا الطرف",
    "override": "safe\u202egnp.exe\u202c and then \u2067more\u2069 of it for the width",
    "controls": "bell\a back\b\b tab\t escape\x1b[31m\x1b]0;title\x07 csi\x9b2J delete\x7f and lines\r\nmore\r",
    "separators": "line\u2028para\u2029next\u0085soft\u00adhyphen zero\u200bwidth joiner\u200d word\u2060joiner",
    "ambiguous": "±×÷°§¶αβγδεζ①②③…—‘’“”" * 3,
    "boxes": "─│┌┐└┘├┤┬┴┼═║╔╗╚╝█▓▒░" * 3,
    "private": "\ue000\uf8ff\U000f0000" * 20,
    "variation": "☺\ufe0f❤\ufe0f✂\ufe0f☎\ufe0f" * 12,
    "tags": "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F" * 5,
    "empty": ""}
# What makes a terminal do something else than show.
ACTING = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def listed(new_database, program) -> Ctl:
    """A database whose groups and users have such names."""
    ctl = Ctl(program, new_database())
    texts = list(NAMES.values())
    query(ctl.database, """
        INSERT INTO exercise_group (name, name_key)
        SELECT name, place::text FROM unnest(%s::text[]) WITH ORDINALITY AS one(name, place) RETURNING id""", texts)
    query(ctl.database, """
        INSERT INTO account (user_id, username, username_key, first_name, last_name)
        SELECT encode(sha256(place::text::bytea), 'hex')::char(40), 'user-' || place, 'user-' || place, name, name
        FROM unnest(%s::text[]) WITH ORDINALITY AS one(name, place) RETURNING id""", texts)
    query(ctl.database, """
        INSERT INTO exercise (name, name_key, exercise_group, targeted_muscles, instructions)
        SELECT name, id::text, id, name, name || name FROM exercise_group RETURNING id""")
    ctl.ok("ban", "add", "2001:db8:7::/48", "--reason", NAMES["cjk"])
    return ctl


def shown(ctl: Ctl, *words: str, columns: int, **env: str) -> list[str]:
    """The lines at a terminal of that width, as they were sent."""
    terminal = Terminal(ctl, *words, "--no-pager", columns=columns, env=env)
    assert terminal.ends() == 0, terminal.seen
    # Only newlines end lines: other separators are among what is looked for.
    return terminal.seen.replace("\r\n", "\n").split("\n")[:-1]


def width(line: str) -> int:
    return sum(max(0, wcwidth(one)) for one in line) if wcswidth(line) < 0 else wcswidth(line)


@pytest.mark.parametrize("columns", [20, 40, 57, 80])
@pytest.mark.parametrize("words", [
    ["group", "list"], ["user", "list"], ["exercise", "list"], ["user", "list", "-x"], ["audit", "list"],
    ["config", "show"]])
def test_no_line_is_wider_than_the_terminal(listed, words, columns):
    lines = [COLOURS.sub("", line) for line in shown(listed, *words, columns=columns)]
    assert len(lines) > 1
    wide = [(width(line), line) for line in lines if width(line) > columns]
    # An expanded value isn't cut: it may go on beneath, but its terminal needn't know where.
    assert not wide or "-x" in words, wide


@pytest.mark.parametrize("words", [
    ["group", "list"], ["user", "list", "--wide"], ["user", "list", "-x"], ["exercise", "list", "--wide"]])
def test_no_value_acts_on_the_terminal(listed, words):
    for line in shown(listed, *words, "--color=never", columns=40):
        assert not ACTING.search(line), repr(line)
    for line in shown(listed, *words, "--color=always", columns=40):
        assert not ACTING.search(COLOURS.sub("", line)), repr(line)


def test_one_thing_too(listed):
    for number, kind in enumerate(NAMES, 1):
        if kind not in ("controls", "override", "separators", "heaps"):
            continue
        lines = shown(listed, "user", "show", f"user-{number}", "--color=never", columns=40)
        assert not any(ACTING.search(line) for line in lines), lines


@pytest.mark.parametrize("columns", [40, 80])
def test_columns_stand_beneath_each_other(listed, columns):
    header, *lines = shown(listed, "group", "list", "--columns", "id,name,exercises", "--color=never", columns=columns)
    # Of what terminals differ about, nothing can be said.
    differing = ("jamo", "variation", "skin", "tags", "devanagari", "separators")
    widths = {kind: width(line) for kind, line in zip(NAMES, lines, strict=True) if kind not in differing}
    assert widths == dict.fromkeys(widths, width(header))


def test_what_fits_isn_t_cut(listed):
    text = "\n".join(shown(listed, "group", "list", "--columns", "id,name", "--color=never", columns=150))
    for kind in ("ascii", "cjk", "fullwidth", "hangul", "emoji", "combining", "hebrew", "thai", "devanagari"):
        assert NAMES[kind] in text, kind


def test_what_is_cut_says_so(listed):
    lines = shown(listed, "group", "list", "--columns", "id,name", "--color=never", columns=40)
    for kind in ("ascii", "cjk", "hangul", "emoji", "hebrew", "thai"):
        line = lines[1 + list(NAMES).index(kind)]
        assert NAMES[kind][:8] in line and "…" in line, line


def test_a_character_is_never_halved(listed):
    """Neither a wide one nor the marks that belong to one."""
    for columns in (31, 38, 39, 40, 41):
        lines = shown(listed, "group", "list", "--columns", "name", "--color=never", columns=columns)
        for kind in ("flags", "skin", "combining"):
            text = lines[1 + list(NAMES).index(kind)].partition("…")[0].strip()
            assert NAMES[kind].startswith(text)
            cut = NAMES[kind][len(text):]
            assert not cut or not re.match("[\u0300-\u036f\U0001F3FB-\U0001F3FF\u200d\ufe0f]", cut), (columns, text)
            if kind == "flags":
                assert len(text) % 2 == 0, (columns, text)


def test_a_terminal_of_no_width_shows_everything(listed):
    """As some that are no real ones say."""
    terminal = Terminal(listed, "group", "list", "--color=never", "--no-pager", columns=0)
    assert terminal.ends() == 0 and NAMES["ascii"] in terminal.seen


def test_one_column_is_no_reason_to_fall(listed):
    for columns in (1, 2, 3):
        assert shown(listed, "user", "list", columns=columns)


# Colour, and marks of the program's own.

@pytest.mark.parametrize("options, env, coloured", [
    ([], {}, True), ([], {"NO_COLOR": "1"}, False), ([], {"NO_COLOR": ""}, True), ([], {"TERM": "dumb"}, False),
    (["--color=always"], {"NO_COLOR": "1"}, True), (["--color=always"], {"TERM": "dumb"}, True),
    (["--color=auto"], {"NO_COLOR": "1"}, False), (["--color=never"], {}, False)])
def test_colour(listed, options, env, coloured):
    text = "\n".join(shown(listed, "group", "list", *options, columns=80, **env))
    assert bool(COLOURS.search(text)) == coloured


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "yaml", "plain", "name"])
def test_only_tables_have_colour(listed, form):
    text = "\n".join(shown(listed, "permission", "list", "-o", form, columns=80))
    assert not COLOURS.search(text)


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LC_ALL": "", "LC_CTYPE": "POSIX", "LANG": "C.UTF-8"},
                                    {"LC_ALL": "", "LC_CTYPE": "", "LANG": ""}])
def test_marks_are_ascii_where_the_locale_is(listed, locale):
    """What is cut, what stands for a line's end, and what a message quotes with."""
    query(listed.database, "UPDATE account SET first_name = 'one' || chr(10) || 'two', last_name = repeat('long ', 30)"
                           " WHERE username = 'user-1' RETURNING id")
    where = ["user", "list", "--where", "username=user-1"]
    for line in (shown(listed, *where, columns=40, **locale) + shown(listed, *where, "--wide", columns=40, **locale)
                 + shown(listed, "user", "show", "user-1", columns=40, **locale)):
        assert line.isascii(), line
    assert listed.ok(*where, env=locale).stdout.isascii()
    failed = listed.fails(3, "user", "show", "nobody", env=locale)
    assert failed.stderr.isascii(), failed.stderr
    assert listed.fails(2, "usr", "list", env=locale).stderr.isascii()


@pytest.mark.parametrize("form", ["json", "csv", "yaml", "plain"])
def test_data_stays_utf_8_whatever_the_locale(listed, form):
    listing = ["group", "list", "-o", form]
    assert listed.ok(*listing, env={"LC_ALL": "C"}).stdout == listed.ok(*listing).stdout
    assert NAMES["cjk"] in listed.ok(*listing, env={"LC_ALL": "C"}).stdout
