"""havocctl repl: words, quotes, comments, and commands of several lines."""

import secrets as random

import pytest

from support.repl import script, stops

QUOTED = [
    ("'a b'", "a b"), ('"a b"', "a b"), (r"a\ b", "a b"), ('a"b"\'c\'d', "abcd"), ("'a'' b'", "a b"),
    (r'"say \"hi\""', 'say "hi"'), (r'"one\\two"', r"one\two"), (r"'one\two'", r"one\two"),
    (r"'one\\two'", r"one\\two"), (r"one\\two", r"one\two"), (r"a\nb", "anb"), (r'"a\nb"', r"a\nb"),
    (r"it\'s", "it's"), ('"it\'s"', "it's"), ("'say \"hi\"'", 'say "hi"'), (r'\"', '"'),
    ("$HOME", "$HOME"), ('"$HOME"', "$HOME"), ("${HOME}", "${HOME}"), ("$(id)", "$(id)"), ("`id`", "`id`"),
    ("*", "*"), ("/etc/*", "/etc/*"), ("{a,b}", "{a,b}"), ("~", "~"), ("~root", "~root"), ("a!!b", "a!!b"),
    ("a;b", "a;b"), ("a|b", "a|b"), ("a>b", "a>b"), ("a&b", "a&b"), ("(a)", "(a)"), ("a=b", "a=b"),
    ("a#b", "a#b"), ("'#a'", "#a"), (r"\#a", "#a"), ("a#'b c'", "a#b c"), ("a'' # remark", "a"),
    ("Ünïcødé", "Ünïcødé"), ("'日本 語'", "日本 語"), ("'a  b'", "a  b")]

LINES = [
    ("'a\nb'", "a\nb"), ('"a\nb"', "a\nb"), ("'a\n\nb'", "a\n\nb"), ("a\\\nb", "ab"), ('"a\\\nb"', "ab"),
    ("'a\\\nb'", "a\\\nb"), ("'a\n# no remark\nb'", "a\n# no remark\nb"), ("'a\n  b'", "a\n  b"),
    ("\\\nab", "ab"), ("'a\nuser list\nb'", "a\nuser list\nb")]


@pytest.fixture(scope="module")
def group(ctl) -> str:
    ctl.ok("group", "create", "Words")
    return "Words"


def keeps(ctl, group: str, word: str) -> str:
    """What the program made of a word of a script."""
    name = f"exercise-{random.token_hex(5)}"
    result = script(ctl, f"exercise create {name} --group {group} --instructions {word}")
    assert result.status == 0, str(result)
    return ctl.json("exercise", "show", name, "--wide")["instructions"]


@pytest.mark.parametrize("word, meant", QUOTED)
def test_a_word_is_what_it_is_in_a_shell(ctl, group, word, meant):
    assert keeps(ctl, group, word) == meant


@pytest.mark.parametrize("word, meant", LINES)
def test_a_word_of_several_lines(ctl, group, word, meant):
    assert keeps(ctl, group, word) == meant


@pytest.mark.parametrize("word, meant", QUOTED[:4] + LINES)
def test_and_the_same_at_a_terminal(ctl, group, repl, word, meant):
    name = f"exercise-{random.token_hex(5)}"
    first, *more = f"exercise create {name} --group {group} --instructions {word}".split("\n")
    repl.run(first)
    for line in more:
        assert repl.mark == "-"
        repl.run(line)
    assert repl.mark == "="
    assert ctl.json("exercise", "show", name, "--wide")["instructions"] == meant


@pytest.mark.parametrize("lines, marks", [
    (["permission 'list", "'"], "-="), (['permission "list', '"'], "-="), (["permission \\", "list"], "-="),
    (["permission \\", "\\", "list"], "--="), (["permission list # it's a remark"], "="),
    (["# it's \"a remark\" \\"], "="), (["permission list # \\"], "="), (["permission 'li\"st'"], "="),
    (["permission \"li'st\""], "="), ([r"permission 'list\'"], "="), ([r"permission list\\"], "="),
    (["permission list x#'", "'"], "-=")])
def test_the_prompt_tells_whether_the_line_goes_on(repl, lines, marks):
    seen = ""
    for line in lines:
        repl.run(line)
        seen += repl.mark
    assert seen == marks


@pytest.mark.parametrize("begin, mark", [(["begin"], "*"), (["begin", "user show nobody-here"], "!")])
def test_a_line_that_goes_on_in_a_transaction(repl, begin, mark):
    for line in [*begin, "permission \\"]:
        repl.run(line)
    assert "-" in repl.mark
    repl.run("list")
    assert repl.mark == mark + "="


@pytest.mark.parametrize("lines", [
    ["# only this"], ["#"], ["   # indented"], ["version # version"], ["version #"], [""], [" \t "],
    ["# it's open", "version"]])
def test_remarks_and_empty_lines(ctl, lines):
    result = script(ctl, *lines)
    assert result.status == 0 and result.stderr == ""
    expected = sum("version" in line.partition("#")[0] for line in lines)
    assert result.stdout == ctl.ok("version").stdout * expected


@pytest.mark.parametrize("text", ["user show 'open", 'user show "open', "version\nuser show 'open\nmore\n", "user show \\"])
def test_a_script_that_ends_in_a_quote(ctl, text):
    result = ctl.run("repl", input=text)
    number = 1 + text.split("user")[0].count("\n")
    assert result.status in (2, 3), str(result)
    assert f"havocctl: line {number}: " in result.stderr


def test_an_empty_word_is_a_word(ctl):
    told = ctl.run("user", "show", "")
    assert told.status != 0
    stops(ctl, 1, told.status, "user show ''")
    stops(ctl, 1, told.status, 'user show ""')


def test_options_may_be_quoted_in_parts(ctl):
    expected = ctl.ok("permission", "list", "--columns", "code,level", "-o", "csv").stdout
    assert script(ctl, "'permission' li\"st\" --columns='code,level' -\"o\" csv").stdout == expected
