"""`havocctl user import`: who is added, who is changed, and who is left alone."""

import pytest

from support import bulk, secrets
from support.api import create_account
from support.bulk import ENDINGS, counts, people, person, stored, tables, write
from support.cluster import query

CREATED, LAST = "2019-03-01T12:34:56Z", "2020-02-29T23:59:59.5Z"


@pytest.fixture
def take(ctl, tmp_path):
    """Imports records; gives the counts."""
    def run(*records: dict, ending: str = "csv", options=()) -> dict:
        return ctl.json("user", "import", write(tmp_path / f"people.{ending}", list(records)), *options)
    return run


@pytest.mark.parametrize("ending", ENDINGS)
def test_added_changed_and_unchanged(take, database, ending):
    first = people(3, first_name="Ada")
    assert take(*first, ending=ending) == counts(added=3)
    before = tables(database)
    assert take(*first, ending=ending) == counts(unchanged=3)
    assert tables(database) == before
    second = [first[0], first[1] | {"first_name": "Grace"}, person(first_name="Edith")]
    assert take(*second, ending=ending) == counts(added=1, changed=1, unchanged=1)
    assert [stored(database, one["username"])["first_name"] for one in (*second, first[2])] == [
        "Ada", "Grace", "Edith", "Ada"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_field(take, ctl, ending):
    given = person(
        first_name="Ada, \"the\" Countess", last_name="L'Ovelace – Ünicode", permission=2, two_factor=True,
        locked=True, created=CREATED, last_login=LAST, user_id="ab" * 18 + secrets.random.token_hex(2),
        is_42=True, avatar="/media/avatars/other.png")
    assert take(given, ending=ending) == counts(added=1)
    shown = ctl.json("user", "show", given["username"], "--wide")
    times = shown.pop("created"), shown.pop("last_login")
    assert times[0].startswith("2019-03-01T12:34:56") and times[1].startswith("2020-02-29T23:59:59.5")
    assert {name: shown[name] for name in given if name in shown} == {
        name: value for name, value in given.items() if name in shown}
    assert shown["level"] == "STAFF"
    assert take(given, ending=ending) == counts(unchanged=1)


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_not_given_has_the_values_of_a_new_account(take, ctl, ending):
    name = person()["username"]
    assert take({"username": name}, ending=ending) == counts(added=1)
    shown = ctl.json("user", "show", name, "--wide")
    assert (shown["email"], shown["first_name"], shown["permission"], shown["two_factor"], shown["locked"],
            shown["last_login"], shown["is_42"]) == (None, "", 1, False, False, None, False)
    assert len(shown["user_id"]) == 40 and shown["avatar"] == "/media/avatars/default.png"


def test_it_has_a_profile_as_everybody(take, database):
    take(given := person())
    number = stored(database, given["username"])["id"]
    assert query(database, "SELECT count(*) FROM profile WHERE account = %s", number) == [(1,)]


def test_a_column_that_the_file_lacks_stays(take, ctl, database):
    made = create_account(ctl, 2)
    ctl.ok("user", "edit", made.username, "--last-name", "Hopper")
    before = stored(database, made.username)
    assert take({"username": made.username, "first_name": "Grace"}) == counts(changed=1)
    assert stored(database, made.username) == before | {"first_name": "Grace"}


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_empty_value_empties(take, database, ending):
    take(given := person(first_name="Ada"))
    assert take(given | {"email": None, "first_name": ""}, ending=ending) == counts(changed=1)
    row = stored(database, given["username"])
    assert row["email"] is None and row["email_key"] is None and row["first_name"] == ""


def test_a_name_in_another_case_is_the_same_account(take, ctl, database):
    take(given := person())
    number = stored(database, given["username"])["id"]
    again = take(given | {"username": given["username"].upper(), "last_name": "Lovelace"})
    assert again == counts(changed=1)
    shown = ctl.json("user", "show", given["username"])
    assert shown["id"] == number and shown["last_name"] == "Lovelace"


def test_two_accounts_may_change_addresses(take, ctl):
    one, two = people(2)
    take(one, two)
    swapped = [one | {"email": two["email"]}, two | {"email": one["email"]}]
    assert take(*swapped) == counts(changed=2)
    assert [ctl.json("user", "show", given["username"])["email"] for given in swapped] == [
        given["email"] for given in swapped]


@pytest.mark.parametrize("value, level", [("STAFF", "STAFF"), (3, "ADMIN"), ("2", "STAFF")])
@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_permission_by_code_or_level(take, ctl, ending, value, level):
    take(given := person(permission=value), ending=ending)
    assert ctl.json("user", "show", given["username"])["level"] == level


def test_a_permission_of_ones_own(take, ctl):
    ctl.ok("permission", "create", 77, "Night watch")
    take(given := person(permission="Night watch"))
    assert ctl.json("user", "show", given["username"])["permission"] == 77


def test_what_an_export_has_besides_is_ignored(take, ctl):
    given = person(id=1, level="ADMIN", is_connected=True, deleted=None)
    assert take(given) == counts(added=1)
    shown = ctl.json("user", "show", given["username"], "--wide")
    assert shown["id"] != 1 and shown["level"] == "USER" and not shown["is_connected"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_from_standard_input(ctl, ending):
    given = people(2)
    assert ctl.json("user", "import", "-", "--format", ending, input=bulk.as_text(given, ending)) == counts(added=2)
    assert ctl.json("user", "import", "-", "--format", ending, input=bulk.as_text(given, ending)) == counts(unchanged=2)


def test_the_format_is_the_options_else_the_endings(ctl, tmp_path):
    path = tmp_path / "people.txt"
    path.write_text(bulk.as_text(people(1), "jsonl"))
    ctl.fails(2, "user", "import", path)
    ctl.fails(2, "user", "import", "-", input=path.read_text())
    ctl.fails(2, "user", "import", path, "--format", "xml")
    assert ctl.json("user", "import", path, "--format", "jsonl") == counts(added=1)


@pytest.mark.parametrize("shape", [
    lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n"), lambda text: text.rstrip("\n"),
    lambda text: "\ufeff" + text.replace("\n", "\r\n"), lambda text: text.replace("\n", "\n\n"),
    lambda text: "\n".join(",".join(f'"{word}"' for word in line.split(",")) for line in text.splitlines())],
    ids=["byte order mark", "CRLF", "no last line's end", "mark and CRLF", "empty lines", "all in quotes"])
def test_csv_as_spreadsheets_write_it(ctl, tmp_path, shape):
    path = tmp_path / "people.csv"
    given = people(3, last_name="Ünicode")
    path.write_bytes(shape(bulk.as_text(given, "csv")).encode())
    assert ctl.json("user", "import", path) == counts(added=3)
    assert ctl.json("user", "show", given[2]["username"])["last_name"] == "Ünicode"


def test_a_file_without_records(ctl, tmp_path, database):
    before = tables(database)
    for ending, text in (("csv", "username,email\n"), ("json", "[]"), ("jsonl", "")):
        path = tmp_path / f"none.{ending}"
        path.write_text(text)
        assert ctl.json("user", "import", path) == counts()
    assert tables(database) == before


def test_one_record_in_the_audit(take, ctl):
    def records() -> list[dict]:
        return ctl.json("audit", "list", "--what", "user-import", "--wide")
    before = len(records())
    given = people(4, password=secrets.password())
    take(*given)
    found = records()
    assert len(found) == before + 1 and found[0]["result"] == "done"
    assert "4" in str(found[0]["after"]) and not secrets.leaked(str(found))


def test_dry_run_counts_and_changes_nothing(ctl, tmp_path, database):
    path = write(tmp_path / "people.csv", people(3))
    before = bulk.contents(database)
    assert ctl.json("user", "import", path, "--dry-run") == counts(added=3)
    assert bulk.contents(database) == before


def test_thousands(ctl, tmp_path):
    count = 5_000
    path = tmp_path / "many.csv"
    path.write_text("username,email\n" + "".join(f"many{n},many{n}@example.org\n" for n in range(count)))
    assert ctl.json("user", "import", path) == counts(added=count)
    assert ctl.json("user", "import", path) == counts(unchanged=count)
    path.write_text("username,first_name\n" + "".join(f"many{n},{n % 2 or ''}\n" for n in range(count)))
    assert ctl.json("user", "import", path) == counts(changed=count // 2, unchanged=count // 2)
