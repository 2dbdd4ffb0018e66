"""Searching and filtering the dashboard's lists."""

import pytest

from support.admin import NOUNS, PLURALS
from support.cluster import SEEN, contents, query
from support.plenty import fill

AWKWARD = ["%", "_", "\\", "'", "\"", "a%' OR '1'='1", "100%", "a_b", "\\\\", "*", "?", "[a-z]", "(", "$1", ":name",
    "%s", "{}", "--", ";",
           "\u202e", "👩‍👩‍👧", "İ", "ß", " ", "\t", "\n", "x" * 3000]
COMPARISONS = ["=", "!=", "<", ">", "~"]


@pytest.fixture(scope="module")
def database(new_database):
    url = new_database()
    fill(url)
    names = ["100% sure", "a_b c", "aXb c", "back\\slash", "o'neil", "ÉMILE", "straße", "per%cent"]
    query(url, "INSERT INTO account (user_id, username, username_key, email, email_key) SELECT lpad(n::text, 40, 'c'), name, lower(name),"
               " 'mail' || n || '@Example.org', 'mail' || n || '@example.org' FROM unnest(%s::text[]) WITH ORDINALITY u (name, n) RETURNING 1", names)
    return url


def found(dashboard, text: str, plural: str = "users", column: str = "username", **more) -> list[str]:
    return dashboard.page(f"/admin/{plural}/", {"q": text, "limit": 200} | more).column(column)


def test_a_name_is_found_by_its_beginning(dashboard):
    assert found(dashboard, "Person 2") == ["Person 2", "Person 20", "Person 21", "Person 22"]
    assert found(dashboard, "PERSON 21") == ["Person 21"]
    assert found(dashboard, "  person 21  ") == ["Person 21"]
    assert found(dashboard, "erson") == [] and found(dashboard, "Person 99") == []


def test_an_address_by_its_beginning(dashboard):
    assert found(dashboard, "p1@example.org") == found(dashboard, "P1@EXAMPLE") == ["Person 1"]
    assert found(dashboard, "mail3@") == ["aXb c"]


def test_an_id_or_a_user_id_whole(dashboard, ctl):
    shown = ctl.json("user", "show", "Person 7", "--wide")
    assert "Person 7" in found(dashboard, str(shown["id"]))
    assert found(dashboard, shown["user_id"]) == ["Person 7"]
    assert found(dashboard, shown["user_id"][:39]) == []


@pytest.mark.parametrize("text, name", [
    ("100%", "100% sure"), ("a_b", "a_b c"), ("back\\", "back\\slash"), ("o'n", "o'neil"), ("per%", "per%cent")])
def test_signs_of_patterns_stand_for_themselves(dashboard, text, name):
    assert found(dashboard, text) == [name]


@pytest.mark.parametrize("text", ["%", "_", "\\", "%%", "a%b", "__________"])
def test_they_find_nothing_else(dashboard, text):
    assert found(dashboard, text) == []


@pytest.mark.parametrize("plural", PLURALS)
@pytest.mark.parametrize("text", AWKWARD)
def test_any_text_is_searched_for_everywhere(dashboard, plural, text):
    page = dashboard.page(f"/admin/{plural}/", {"q": text})
    shown = page.all("//input[@name='q']/@value")
    assert not shown or shown[0].strip() == text.strip().replace("\n", "").replace("\t", "\t") or not text.strip()


@pytest.mark.parametrize("plural", PLURALS)
def test_nul_is_no_text(dashboard, plural):
    for query_ in ("q=a%00b", "q=%00", "where=id%3D%00", "sort=%00", "columns=%00", "next=%00"):
        page = dashboard.get(f"/admin/{plural}/?{query_}")
        assert page.status in (200, 400), str(page)
        assert page.status == 400 or "=%00" not in query_ or query_.startswith(("q", "next")), query_


@pytest.mark.parametrize("plural, text, column, value", [
    ("permissions", "Level 3", "level", None), ("sessions", "192.0.2.0/24", "address", None),
    ("sessions", "person 5", "username", "Person 5"),
    ("tokens", "person 6", "username", "Person 6"), ("bans", "203.0.113.7", "target", "203.0.113.7"),
    ("exercises", "exercise 12", "name", None),
    ("groups", "group 9", "name", None), ("streams", "person 7", "username", "Person 7"),
    ("conversations", "person 8", "initiator", None),
    ("tweets", "person 9", "username", "Person 9"), ("integers", "person 11", "username", "Person 11"),
    ("mail", "p11@", "recipient", "p11@example.org"),
    ("keys", "kid-4", "kid", "kid-4"), ("audit", "actor 1", "actor", "actor 1")])
def test_every_noun_is_searched_by_what_tells_its_things(dashboard, plural, text, column, value):
    rows = found(dashboard, text, plural, column, **({"all": "on"} if plural in ("sessions", "tokens", "mail") else {}))
    assert 0 < len(rows) < 20
    assert value is None or set(rows) == {value}


@pytest.mark.parametrize("plural", ["sessions", "tokens", "streams"])
def test_an_id_is_found_whole(dashboard, plural, database):
    table = {"sessions": "session", "tokens": "credential", "streams": "stream"}[plural]
    [(number,)] = query(database, f"SELECT id::text FROM {table} ORDER BY id LIMIT 1")
    page = dashboard.page(f"/admin/{plural}/", {"q": number, "columns": "id", "all": "on"})
    assert page.column("id") == [number]


@pytest.mark.parametrize("comparison", COMPARISONS)
@pytest.mark.parametrize("plural", PLURALS)
def test_every_column_is_filtered_as_on_the_command_line(dashboard, ctl, plural, comparison):
    key = {"permissions": "code", "keys": "kid", "audit": "id"}.get(plural, "id")
    extra = {"all": "on"} if plural in ("sessions", "tokens", "mail") else {}
    path, flags = f"/admin/{plural}/", ["--all"] if extra else []
    for column in [str(value) for value in dashboard.page(path).all("//input[@name='columns']/@value")]:
        if column in SEEN:
            continue
        sample = next((row[column] for row in dashboard.page(path, extra | {"columns": column, "limit": 200}).rows
            if row[column]), "1")
        sample = {"yes": "true", "no": "false"}.get(sample, sample) if comparison != "~" else "^" + sample[:1] if sample[:1].isalnum() else "."
        told = ctl.run("-o", "json", NOUNS[plural], "list", *flags, "--columns", key, "--limit", 200, "--where",
            f"{column}{comparison}{sample}")
        page = dashboard.get(path, extra | {"where": f"{column}{comparison}{sample}", "limit": 200, "columns": key})
        assert (page.status == 200) == (told.status == 0), f"{column}{comparison}{sample}: {page.notices} {told.stderr}"
        if told.status == 0:
            assert page.column(key) == [str(row[key]) for row in told.json()], f"{column}{comparison}{sample}"


def test_a_filter_in_parts_is_the_same(dashboard):
    one = dashboard.page("/admin/users/", {"where": "first_name=a", "limit": 200})
    two = dashboard.page("/admin/users/", {"column": "first_name", "comparison": "=", "value": "a", "limit": 200})
    assert one.column("username") == two.column("username") != []
    assert "first_name=a" in two.texts("//*[contains(@class, 'chips')]")[0]
    assert one.command == two.command


def test_what_is_missing_is_filtered_by_nothing(dashboard):
    without = dashboard.page("/admin/users/", {"where": "email=", "limit": 200}).column("email")
    assert without and set(without) == {""}
    with_one = dashboard.page("/admin/users/", {"where": "email!=", "limit": 200}).column("email")
    assert with_one and "" not in with_one


def test_several_filters_hold_together(dashboard):
    page = dashboard.page("/admin/users/", {"where": ["permission=1", "is_42=yes", "username~^Person"],
        "columns": "username,permission,is_42"})
    assert page.rows and {(row["permission"], row["is_42"]) for row in page.rows} == {("1", "yes")}


@pytest.mark.parametrize("name, value, check", [
    ("locked", "on", lambda row: row["locked"] == "yes"), ("permission", "1", lambda row: row["permission"] == "1"),
    ("deleted", "on", lambda row: row["username"] in ("Person 23", "Person 24"))])
def test_the_list_s_own_options_narrow_it(dashboard, name, value, check):
    rows = dashboard.page("/admin/users/", {name: value, "limit": 200}).rows
    assert rows and all(check(row) for row in rows)


@pytest.mark.parametrize("asked", [
    {"where": "nothing=1"}, {"where": "id"}, {"where": "=1"}, {"where": ""}, {"where": "id=abc"},
    {"where": "created<yesterday"},
    {"where": "locked=perhaps"}, {"where": "username~("}, {"where": "username~["}, {"where": "id=99999999999999999999"},
    {"sort": "nothing"},
    {"sort": "-"}, {"sort": "id;DROP TABLE account"}, {"columns": "nothing"}, {"columns": "password_hash"},
    {"sort": "password_hash"},
    {"where": "password_hash~a"}, {"permission": "abc"}, {"column": "nothing", "comparison": "=", "value": "1"},
    {"column": "password_hash", "comparison": "~", "value": "."}])
def test_what_makes_no_sense_is_told_and_nothing_is_listed(dashboard, asked, database):
    before = contents(database)["public.account"]
    page = dashboard.get("/admin/users/", asked)
    assert page.status == 400 and page.notices, str(page)
    assert page.rows == []
    assert "$argon2" not in page.answer.text
    assert contents(database)["public.account"] == before


@pytest.mark.parametrize("value", ["(a+)+$", "((((((((((x+)+)+)+)+)+)+)+)+)+$", "\\", "a{1000000}", "x" * 2000,
    "[[:alpha:]]", "(?i)person", "\\m"])
def test_a_regular_expression_is_postgresql_s(dashboard, value):
    page = dashboard.get("/admin/users/", {"where": f"username~{value}"})
    assert page.status in (200, 400), str(page)
