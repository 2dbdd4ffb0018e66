"""--search on every list, and the audit's hidden id."""

import pytest

from support.cluster import query
from support.plenty import fill

# A text, the column that it is found by, and how many rows have it.
FOUND = {
    "user": ("person 1", "username", 11), "permission": ("Level 24", "level", 1),
    "session": ("PERSON 3", "username", 1),
    "token": ("person 3", "username", 1), "ban": ("203.0.113.2", "target", 6), "exercise": ("exercise 7", "name", 1),
    "group": ("group 8", "name", 1), "stream": ("person 3", "username", 1),
    "conversation": ("person 9", "initiator", 2),
    "tweet": ("person 9", "username", 1), "integers": ("person 9", "username", 1),
    "mail": ("p10@example", "recipient", 1),
    "key": ("kid-9", "kid", 1), "audit": ("actor 2", "actor", 8)}
ALL = {"session": ["--all"], "token": ["--all"], "mail": ["--all"]}


@pytest.fixture(scope="module")
def database(new_database):
    url = new_database()
    fill(url)
    return url


def listed(ctl, noun: str, text: str, *options) -> list[dict]:
    return ctl.json(noun, "list", *ALL.get(noun, []), "--search", text, *options)


@pytest.mark.parametrize("noun", FOUND)
def test_it_finds(ctl, noun):
    text, column, count = FOUND[noun]
    rows = listed(ctl, noun, text)
    assert len(rows) == count, rows
    assert all(text.lower() in str(row[column]).lower() for row in rows) or noun == "conversation"


@pytest.mark.parametrize("noun", FOUND)
def test_it_finds_nothing_where_there_is_nothing(ctl, noun):
    assert listed(ctl, noun, "nothing is called like this") == []
    assert ctl.ok(noun, "list", "--search", "nothing is called like this", "-o", "name").stdout == ""


@pytest.mark.parametrize("noun", FOUND)
@pytest.mark.parametrize("text", ["%", "_", "\\", "'", "\"", "a' OR '1'='1", "$1", "?", "(", "[", "*", " ", "\n", "İ",
    "x" * 10_000])
def test_any_text_is_one(ctl, noun, text):
    done = ctl.run(noun, "list", *ALL.get(noun, []), "-o", "json", f"--search={text}")
    assert done.status == 0, str(done)


def test_signs_of_patterns_stand_for_themselves(ctl):
    ctl.ok("user", "create", "under_score", "--no-password")
    ctl.ok("user", "create", "underxscore", "--no-password")
    assert [row["username"] for row in listed(ctl, "user", "under_")] == ["under_score"]
    assert [row["username"] for row in listed(ctl, "user", "UNDERX")] == ["underxscore"]
    assert listed(ctl, "user", "under%") == []


@pytest.mark.parametrize("noun, table", [("session", "session"), ("token", "credential"), ("stream", "stream")])
def test_ids_are_found_whole(ctl, database, noun, table):
    [(number,)] = query(database, f"SELECT id::text FROM {table} ORDER BY id LIMIT 1")
    assert [row["id"] for row in listed(ctl, noun, number)] == [number]
    assert [row["id"] for row in listed(ctl, noun, number.upper())] == [number]
    assert listed(ctl, noun, number[:20]) == []


def test_numbers_are_ids_and_a_session_s_tokens_are_found_by_it(ctl, database):
    shown = ctl.json("user", "show", "Person 5", "--wide")
    assert shown["id"] in [row["id"] for row in listed(ctl, "user", str(shown["id"]))]
    assert [row["id"] for row in listed(ctl, "user", shown["user_id"])] == [shown["id"]]
    [(token, session)] = query(database, "SELECT id::text, session::text FROM credential ORDER BY id LIMIT 1")
    assert [row["id"] for row in listed(ctl, "token", session)] == [token]


def test_an_address_is_found_in_its_network(ctl):
    assert {row["address"] for row in listed(ctl, "session", "192.0.2.1")} == {"192.0.2.1"}
    assert len({row["address"] for row in listed(ctl, "session", "192.0.2.0/24")}) > 3
    assert {row["address"] for row in listed(ctl, "audit", "192.0.2.1")} == {"192.0.2.1"}


def test_it_goes_with_everything_else(ctl):
    rows = listed(ctl, "user", "person", "--where", "is_42=true", "--sort=-id", "--limit", "2", "--columns",
        "id,username")
    assert [row["username"] for row in rows] == ["Person 20", "Person 15"]
    assert ctl.json("user", "list", "--permission", "1", "--search", "person 4") == []


def test_twice_is_wrong_and_so_is_none(ctl):
    ctl.fails(2, "user", "list", "--search")
    ctl.fails(2, "user", "list", "--search", "a", "--search", "b")


def test_the_audit_s_id_is_there_for_who_asks_by_name(ctl):
    assert all("id" not in row for row in ctl.json("audit", "list", "--wide", "--limit", 3))
    rows = ctl.json("audit", "list", "--columns", "id,what", "--limit", 5)
    numbers = [row["id"] for row in rows]
    assert numbers == sorted(numbers, reverse=True) and list(rows[0]) == ["id", "what"]
    assert [row["id"] for row in ctl.json("audit", "list", "--columns", "id", "--where",
        f"id={numbers[2]}")] == [numbers[2]]
    assert "id" not in ctl.ok("audit", "list", "--limit", 1).stdout.split("\n")[0].split()
    assert "[id]" not in ctl.ok("help", "audit", "list").stdout
