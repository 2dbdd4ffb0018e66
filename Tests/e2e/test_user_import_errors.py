"""`havocctl user import` of files that won't do: nothing is imported, and where the fault is."""

import json
import re

import pytest

from support import bulk
from support.api import create_account
from support.bulk import counts, people, person, tables, write

# On the fourth line of a CSV file, and in it the third column.
COLUMN = 3

BAD_VALUES = {
    "username": ["", "   ", "semi;colon", "n" * 151, "a/b", "tab\there", "<script>"],
    "email": ["nope", "@example.org", "a@b@c", "a b@example.org", "x" * 65 + "@example.org", "a@" + "x" * 260],
    "first_name": ["x" * 151], "last_name": ["x" * 151],
    "permission": ["99", "0", "-1", "2147483648", "1.5", "NOBODY", "99999999999999999999"],
    "two_factor": ["perhaps", "2"], "locked": ["perhaps", "yesterday"], "is_42": ["42"],
    "created": ["yesterday", "2020-13-01T00:00:00Z", "2021-02-29", "1e9", "12:00"],
    "last_login": ["soon", "2020-01-01T25:00:00Z"],
    "user_id": ["x" * 40, "ab" * 19, "AB" * 21],
    "avatar": ["javascript:alert(1)", "http://elsewhere.example/x.png\n"],
    "password": ["short", "12345678901", "password", "x" * 1025],
    "password_hash": [
        "plain", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$AAAA", "$argon2i$v=19$m=64,t=1,p=1$MTExMTExMTE$MTEx",
        "$argon2id$v=19$m=99999999,t=2,p=1$MTExMTExMTExMTExMTExMQ$znsqKbq3tOSk1iFwBsjz1tIuX8ECtTAXdJyrDp0xqcs",
        "pbkdf2_sha256$", "pbkdf2_sha256$0$salt$AAAA", "pbkdf2_sha256$x$salt$AAAA", "pbkdf2_sha256$-1$salt$AAAA",
        "pbkdf2_sha256$1000$salt$not base64!", "pbkdf2_sha256$1000$$AAAA", "pbkdf2_sha256$1000$salt$",
        "pbkdf2_sha256$99999999999$salt$" + "A" * 43 + "=", "pbkdf2_sha256$4000000000$salt$" + "A" * 43 + "=", "pbkdf2_sha1$1000$salt$AAAA", "bcrypt$$2b$12$abc",
        "5f4dcc3b5aa765d61d8327deb882cf99"]}
CASES = [(column, value) for column, values in BAD_VALUES.items() for value in values]


@pytest.fixture
def refused(ctl, tmp_path, database):
    """The import fails whole, changing nothing; gives what it said."""
    def run(content: list[dict] | str | bytes, ending: str = "csv", status: int = 1, options=()) -> str:
        path = tmp_path / f"people.{ending}"
        text = bulk.as_text(content, ending) if isinstance(content, list) else content
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        before = bulk.contents(database)
        failed = ctl.fails(status, "user", "import", path, *options)
        assert bulk.contents(database) == before
        return failed.stderr.replace(str(path), "FILE")
    return run


def with_fault(column: str, value) -> list[dict]:
    """Three records with a fault in the third; the column is the third but for a username's."""
    bad = person(**{column: value})
    if column == "email":
        return [person(first_name="Good"), person(first_name="Good"), bad | {"first_name": "Bad"}]
    empty = "" if column not in ("username", "permission", "two_factor", "locked", "is_42", "created",
                                 "last_login", "user_id", "avatar") else None
    good = {"permission": 1, "two_factor": False, "locked": False, "is_42": False, "created": "2020-01-01T00:00:00Z",
            "avatar": "/media/avatars/default.png"}.get(column, empty)
    if column == "username":
        return [*people(2), bad]
    if column == "user_id":
        return [*(person(user_id=bulk.random.token_hex(20)) for _ in range(2)), bad]
    return [*people(2, **{column: good}), bad]


@pytest.mark.parametrize("column, value", CASES, ids=[f"{column}-{value[:24]!r}" for column, value in CASES])
def test_a_bad_value_by_line_and_column(refused, column, value):
    said = refused(with_fault(column, value))
    place = {"username": 1, "email": 2}.get(column, COLUMN)
    assert re.search(rf"line 4, column {place}: \S", said), said
    if column.startswith("password"):
        assert len(value) < 20 or value not in said, "a hash or a password is nobody's to see"


@pytest.mark.parametrize("column, value", [
    ("username", 5), ("username", None), ("username", ["a"]), ("username", {"a": 1}), ("username", True),
    ("email", 5), ("email", ["a@example.org"]), ("first_name", 5), ("first_name", {"a": "b"}), ("last_name", False),
    ("permission", [1]), ("permission", 1.5), ("permission", True), ("permission", {"code": 1}), ("two_factor", "x"),
    ("two_factor", [True]), ("locked", {"until": 5}), ("created", 1_577_836_800), ("created", ["2020"]),
    ("password", 12345678901), ("password", ["a-good-long-one"]), ("password_hash", {"algorithm": "md5"}),
    ("avatar", 5), ("user_id", 5), ("first_name", "nul\0inside"), ("username", "nul\0inside")])
def test_json_of_another_type(refused, column, value):
    records = [*people(2), person(**{column: value})]
    lines = ",\n".join(json.dumps(record) for record in records)
    assert re.search(r"line 4, column \d+: \S", refused(f"[\n{lines}\n]\n", "json"))
    lines = "\n".join(json.dumps(record) for record in records)
    assert re.search(r"line 3, column \d+: \S", refused(lines + "\n", "jsonl"))


@pytest.mark.parametrize("text, word", [
    ("username,emial\na,a@example.org\n", "email"), ("username,first-name\na,A\n", "first_name"),
    ("user_name\na\n", "username"), ("username,colour\na,red\n", "colour"),
    ("username,passwd\na,b\n", "password"), ("username,\na,b\n", "column")])
def test_an_unknown_column_and_the_nearest(refused, text, word):
    assert word in refused(text)


@pytest.mark.parametrize("ending, text", [
    ("json", '[{"username":"a","emial":"a@example.org"}]'), ("jsonl", '{"username":"a","emial":"a@example.org"}\n')])
def test_an_unknown_member_and_the_nearest(refused, ending, text):
    assert "email" in refused(text, ending)


BAD_FILES = {
    "an empty file": ("csv", ""), "no username": ("csv", "email\na@example.org\n"),
    "a column twice": ("csv", "username,email,email\na,a@example.org,b@example.org\n"),
    "the username twice": ("csv", "username,username\na,b\n"),
    "a member twice": ("json", '[{"username":"a","username":"b"}]'),
    "too few values": ("csv", "username,email\na\n"), "too many values": ("csv", "username,email\na,b@c.de,d\n"),
    "an open quote": ("csv", 'username,email\n"a,a@example.org\n'),
    "a quote inside": ("csv", 'username,email\na"b,a@example.org\n'),
    "a quote and more": ("csv", 'username,email\n"a"b,a@example.org\n'),
    "Latin-1": ("csv", "username,first_name\na,Ren\xe9\n".encode("latin-1")),
    "Latin-1 in JSON": ("json", '[{"username":"a","first_name":"Ren\xe9"}]'.encode("latin-1")),
    "UTF-16": ("csv", "username,email\na,a@example.org\n".encode("utf-16")),
    "NUL": ("csv", "username,first_name\na,b\0c\n"), "a surrogate": ("json", r'[{"username":"a","first_name":"\ud800"}]'),
    "bytes": ("csv", bytes(range(256))), "a gzip file": ("csv", b"\x1f\x8b\x08\0" + bytes(20)),
    "semicolons": ("csv", "username;email\na;a@example.org\n"), "an object": ("json", '{"username":"a"}'),
    "a number": ("json", "5"), "names only": ("json", '["a","b"]'), "cut": ("json", '[{"username":"a"}'),
    "nothing": ("json", ""), "words": ("jsonl", "username: a\n"), "an array a line": ("jsonl", '["a"]\n'),
    "two arrays": ("json", '[{"username":"a"}][]'), "deep": ("json", "[" * 100_000)}


@pytest.mark.parametrize("what", BAD_FILES)
def test_what_is_no_such_file(refused, what):
    ending, content = BAD_FILES[what]
    assert re.search(r"line \d+", refused(content, ending)) or what in ("no username", "a column twice")


@pytest.mark.parametrize("one, two", [
    ({"username": "Twice Over"}, {"username": "twice over"}), ({"username": "ﬁne"}, {"username": "FINE"}),
    ({"username": "Straße"}, {"username": "STRASSE"}), ({"username": "again"}, {"username": " again "})])
def test_a_name_twice_in_the_file(refused, one, two):
    assert "line 4, column 1:" in refused([one, person(email=None), two])


def test_an_address_twice_in_the_file(refused):
    one = person()
    assert "line 3, column 2:" in refused([one, person(email=one["email"].upper())])


def test_an_address_of_somebody_else(refused, user):
    for email in (user.email, user.email.upper()):
        assert "line 2, column 2:" in refused([person(email=email)])


def test_a_user_id_of_somebody_else(refused, ctl, user):
    taken = ctl.json("user", "show", user.username, "--wide")["user_id"]
    refused([person(user_id=taken)])
    same = bulk.random.token_hex(20)
    refused([person(user_id=same), person(user_id=same)])


def test_a_second_factor_wants_an_address(refused, ctl):
    assert re.search(r"line 2, column \d", refused([person(email=None, two_factor=True)]))
    made = create_account(ctl, 1)
    ctl.ok("user", "two-factor", made.username, "on")
    refused([{"username": made.username, "email": None}])


def test_a_deleted_accounts_name_stays_taken(refused, ctl):
    made = create_account(ctl, 1)
    ctl.ok("user", "delete", made.username, "--yes")
    said = refused([{"username": made.username, "first_name": "New"}], status=(1, 4, 5))
    assert "line 2, column 1:" in said and "restore" in said


@pytest.mark.parametrize("count", [1, 19, 20, 21, 500])
def test_at_most_20_errors_are_told(refused, count):
    said = refused([person(email="nope") for _ in range(count)])
    assert len(re.findall(r"line \d+, column 2:", said)) == min(count, 20)


def test_a_weak_password_is_taken_by_force(ctl, refused, tmp_path):
    given = person(password="password")
    refused([given])
    assert ctl.json("user", "import", write(tmp_path / "weak.csv", [given]), "--force") == counts(added=1)


@pytest.mark.parametrize("bad", [
    {"username": ""}, {"email": "nope"}, {"permission": "99"}, {"created": "soon"}, {"password": "short"},
    {"password_hash": "plain"}, {"email": None, "two_factor": True}, {"last_name": "x" * 151}],
    ids=lambda bad: next(reversed(bad)))
def test_continue_on_error_takes_the_others(ctl, tmp_path, bad):
    good = people(3)
    path = write(tmp_path / "people.json", [good[0], good[1], person(**bad), good[2]])
    partly = ctl("-o", "json", "user", "import", path, "--continue-on-error")
    assert partly.status == 7 and partly.json() == counts(added=3), str(partly)
    assert len(re.findall(r"line \d+, column \d+:", partly.stderr)) == 1, partly.stderr
    assert all(ctl.json("user", "show", one["username"]) for one in good)


@pytest.mark.parametrize("what", ["a name twice", "an address twice", "another's address"])
def test_continue_on_error_with_doubles(ctl, tmp_path, user, what):
    good = people(2)
    bad = {"a name twice": {"username": good[0]["username"].upper(), "email": None},
           "an address twice": person(email=good[0]["email"]), "another's address": person(email=user.email)}[what]
    path = write(tmp_path / "people.csv", [*good, bad])
    partly = ctl("-o", "json", "user", "import", path, "--continue-on-error")
    assert partly.status == 7, str(partly)
    assert partly.json()["added"] == 2 and "line 4" in partly.stderr
    assert ctl.json("user", "show", user.username)["email"] == user.email


def test_continue_on_error_where_all_is_well(ctl, tmp_path):
    path = write(tmp_path / "people.csv", people(2))
    assert ctl.json("user", "import", path, "--continue-on-error") == counts(added=2)


def test_a_broken_end_keeps_what_came_before_only_when_asked_to(ctl, tmp_path, database):
    path = tmp_path / "people.csv"
    path.write_text(bulk.as_text(people(2), "csv") + '"open,a@example.org\n')
    before = tables(database)
    ctl.fails(1, "user", "import", path)
    assert tables(database) == before
    partly = ctl("-o", "json", "user", "import", path, "--continue-on-error")
    assert partly.status == 7 and partly.json() == counts(added=2), str(partly)


@pytest.mark.parametrize("path, status", [("/nonexistent/people.csv", 3), ("/tmp", (1, 2)), ("/dev/null/x.csv", (1, 3))])
def test_a_file_that_cannot_be_read(ctl, path, status):
    ctl.fails(status, "user", "import", path, "--format", "csv")
