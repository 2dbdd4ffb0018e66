"""The output formats and the options that every listing takes."""

import json
import re
import subprocess

import pytest

from support import formats
from support.api import create_account
from support.terminal import Terminal

KEYS = ["id", "username", "email", "first_name", "last_name", "permission", "level", "two_factor",
        "locked", "created", "last_login"]
AWKWARD = "O'Neil, \"the\" \\ – Ünïcode # : - {x}"


@pytest.fixture(scope="module")
def people(ctl):
    """Six users; one has a last name that every format must quote."""
    for number in range(5):
        ctl.ok("user", "create", f"person {number}", "--permission", 1 + number % 2, "--no-password")
    ctl.ok("user", "create", "awkward", "--email", "awkward@example.org", "--last-name", AWKWARD,
           "--permission", 3, "--no-password")
    ctl.ok("user", "lock", "person 4")
    return ctl.json("user", "list")


def listing(ctl, form: str, *options) -> str:
    return ctl.ok("user", "list", "-o", form, *options).stdout


def test_json_is_an_array_of_objects(people):
    assert isinstance(people, list) and len(people) == 6
    assert all(list(row) == KEYS for row in people)
    awkward = next(row for row in people if row["username"] == "awkward")
    assert awkward["last_name"] == AWKWARD and awkward["permission"] == 3
    assert [row["locked"] for row in people if row["username"] == "person 4"] == [True]
    assert next(row for row in people if row["username"] == "person 0")["email"] in (None, "")


def test_jsonl_is_the_same_by_line(ctl, people):
    assert formats.read_jsonl(listing(ctl, "jsonl")) == people


def test_csv_holds_the_same(ctl, people):
    found = formats.read_csv(listing(ctl, "csv"))
    assert [list(row) for row in found] == [KEYS] * 6
    for row, expected in zip(found, people, strict=True):
        assert (row["username"], row["last_name"], row["id"]) == (
            expected["username"], expected["last_name"] or "", str(expected["id"]))
        assert row["locked"] == str(expected["locked"]).lower()


def test_yaml_holds_the_same(ctl, people):
    found = formats.read_yaml(listing(ctl, "yaml"))
    for key in ("id", "username", "last_name", "locked", "permission"):
        assert [row[key] or "" for row in found] == [row[key] or "" for row in people], key


def test_yaml_quotes_what_would_read_as_something_else(ctl):
    for name in ("true", "null", "12", "1e3", "0x10", "no"):
        ctl("user", "create", "--no-password", "--", name)
        ctl.ok("user", "edit", "--last-name", "yes", "--", name)
        line = next(line for line in ctl.ok("user", "show", "-o", "yaml", "--", name).stdout.splitlines()
                    if "username:" in line)
        ctl.ok("user", "delete", "--purge", "--yes", "--", name)
        assert re.search(r"""username: +["']""", line), line


def test_plain_is_tab_separated_without_a_header(ctl, people):
    found = formats.read_plain(listing(ctl, "plain"))
    assert len(found) == 6 and {len(row) for row in found} == {len(KEYS)}
    assert [row[1] for row in found] == [row["username"] for row in people]


def test_name_is_the_username(ctl, people):
    assert listing(ctl, "name").splitlines() == [row["username"] for row in people]


def test_a_pipe_gets_a_table_without_colour(ctl, people):
    text = ctl.ok("user", "list").stdout
    assert text == listing(ctl, "table")
    assert "\x1b" not in text
    header, lines = formats.read_table(text)
    assert [word.lower() for word in header][:2] == ["id", "username"]
    assert sum("person" in line for line in lines) == 5


def test_one_thing_is_an_object(ctl, people):
    assert json.loads(ctl.ok("user", "show", "awkward", "-o", "json").stdout)["last_name"] == AWKWARD
    assert formats.read_csv(ctl.ok("user", "show", "awkward", "-o", "csv").stdout)[0]["last_name"] == AWKWARD
    assert formats.read_jsonl(ctl.ok("user", "show", "awkward", "-o", "jsonl").stdout)[0]["username"] == "awkward"
    assert ctl.ok("user", "show", "awkward", "-o", "name").stdout == "awkward\n"


@pytest.mark.parametrize("form, empty", [("json", "[]"), ("jsonl", ""), ("plain", ""), ("name", "")])
def test_an_empty_list(ctl, form, empty):
    assert listing(ctl, form, "--where", "username=nobody").strip() == empty


def test_columns(ctl, people):
    found = json.loads(listing(ctl, "json", "--columns", "username,id"))
    assert [list(row) for row in found] == [["username", "id"]] * len(found)
    assert listing(ctl, "plain", "--columns", "username").splitlines() == [
        row["username"] for row in found]
    assert len(json.loads(listing(ctl, "json", "--columns", "user_id"))[0]["user_id"]) == 40
    failed = ctl.fails(2, "user", "list", "--columns", "username,colour")
    assert "colour" in failed.stderr


def test_sort_and_limit(ctl, people):
    names = json.loads(listing(ctl, "json", "--sort", "username", "--columns", "username"))
    assert [row["username"] for row in names] == sorted(row["username"] for row in names)
    first = json.loads(listing(ctl, "json", "--sort", "username", "--limit", "2"))
    assert [row["username"] for row in first] == [row["username"] for row in names[:2]]
    assert listing(ctl, "json", "--limit", "0").strip() in ("[]", listing(ctl, "json").strip())
    for bad in (["--sort", "colour"], ["--limit", "x"], ["--limit", "-1"], ["--limit", "1.5"]):
        ctl.fails(2, "user", "list", *bad)


@pytest.mark.parametrize("condition, names", [
    ("username=awkward", {"awkward"}), ("permission=2", {"person 1", "person 3"}),
    ("permission>2", {"awkward"}), ("permission<2", {"person 0", "person 2", "person 4"}),
    ("username~person [01]", {"person 0", "person 1"}), ("locked=true", {"person 4"}),
    ("level=ADMIN", {"awkward"}), ("username=x' OR '1'='1", set()), ("created<2001-01-01", set())])
def test_where(ctl, people, condition, names):
    found = json.loads(listing(ctl, "json", "--where", condition))
    known = {row["username"] for row in people}
    assert {row["username"] for row in found} & known == names
    if not names:
        assert found == []


def test_where_not(ctl, people):
    found = {row["username"] for row in json.loads(listing(ctl, "json", "--where", "username!=awkward"))}
    assert "awkward" not in found and "person 0" in found


@pytest.mark.parametrize("condition", ["colour=red", "username", "=x", "", "permission>many", "username~["])
def test_where_that_makes_no_sense(ctl, condition):
    ctl.fails(2, "user", "list", "--where", condition)


def test_changes_are_answered_in_every_format(ctl):
    account = create_account(ctl, 1)
    for number, form in enumerate(["json", "jsonl", "csv", "yaml", "plain", "table", "name"]):
        text = ctl.ok("user", "edit", account.username, "--first-name", f"N{number}", "-o", form).stdout
        assert account.username in text
        if form == "json":
            assert json.loads(text)["changed"] is True
        elif form == "csv":
            assert formats.read_csv(text)[0]["changed"] == "true"


@pytest.mark.parametrize("form", ["xml", "", "JSON ", "tables"])
def test_another_format_is_a_usage_error(ctl, form):
    failed = ctl.fails(2, "user", "list", "-o", form)
    assert "json" in failed.stderr


def test_global_options_stand_anywhere(ctl, people):
    expected = listing(ctl, "json")
    for words in (["-o", "json", "user", "list"], ["user", "-o", "json", "list"], ["user", "list", "-ojson"],
                  ["user", "list", "--output=json"], ["user", "list", "--output", "json"]):
        assert ctl.ok(*words).stdout == expected, words


@pytest.mark.parametrize("options, env, coloured", [
    ([], {}, None), (["--color=always"], {}, True), (["--color=never"], {}, False), ([], {"NO_COLOR": "1"}, False)])
def test_colour_on_a_terminal(ctl, people, options, env, coloured):
    terminal = Terminal(ctl, "user", "list", *options, env=env | {"PAGER": "cat"})
    assert terminal.ends() == 0
    assert "awkward" in terminal.seen
    if coloured is not None:
        assert ("\x1b[" in terminal.seen) is coloured
    assert "\x1b[" in ctl.ok("user", "list", "--color=always").stdout
    assert "\x1b" not in ctl.ok("user", "list", "--color=never").stdout


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_table_is_fitted_to_the_terminal(ctl, people, columns):
    terminal = Terminal(ctl, "user", "list", "--color=never", columns=columns, env={"PAGER": "cat"})
    assert terminal.ends() == 0
    longest = max(len(line) for line in terminal.seen.replace("\r", "").split("\n"))
    assert longest <= columns, terminal.seen


@pytest.mark.parametrize("form", ["table", "json", "csv", "yaml", "jsonl", "plain"])
def test_a_closed_pipe_is_quiet(ctl, form):
    ctl.ok("exercise", "seed")
    done = subprocess.run(
        ["bash", "-c", '"$0" exercise list --wide -o "$1" | head -n 1; echo "${PIPESTATUS[0]}"',
         str(ctl.program), form], capture_output=True, env=ctl.env, timeout=120, check=True)
    assert done.stderr == b""
    assert int(done.stdout.splitlines()[-1]) in (0, 141)


def test_a_full_device_is_told(ctl):
    ctl.ok("exercise", "seed")
    with open("/dev/full", "wb") as full:
        done = subprocess.run([str(ctl.program), "exercise", "list", "--wide"], stdout=full,
                              stderr=subprocess.PIPE, env=ctl.env, timeout=120, check=False)
    assert done.returncode == 1 and done.stderr.startswith(b"havocctl: ")
