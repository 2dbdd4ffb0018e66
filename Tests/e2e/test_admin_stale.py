"""Two who edit one thing: the second is told, and sees what is there now."""

import threading

import pytest

from support.admin import Dashboard
from support.api import create_account
from support.cluster import contents, query
from support.furnished import database

# Forms that show what a thing has: which thing, a field, and three values that it may have.
EDITS = {
    "users": ("USER", "two", "last-name", ["Ada", "Grace", "Joan"]),
    "permissions": ("CODE", "50", "level", ["Watch A", "Watch B", "Watch C"]),
    "exercises": ("ID", "1", "instructions", ["Hold.\nStill.", "Breathe", "Up & <down>"]),
    "groups": ("ID", "2", "name", ["Arms", "Legs", "Back \"row\""])}


@pytest.fixture(scope="module")
def other(new_server, ctl) -> Dashboard:
    """Another administrator, on another server."""
    return Dashboard(new_server().url).sign_in(create_account(ctl, 3))


def path(plural: str) -> str:
    return f"/admin/{plural}/edit/"


def opened(visitor: Dashboard, plural: str):
    name, word, _, _ = EDITS[plural]
    return visitor.page(path(plural), {name: word}).form(path(plural))


def value(visitor: Dashboard, plural: str) -> str:
    return dict(opened(visitor, plural).fields)[EDITS[plural][2]].replace("\r\n", "\n").strip("\n")


def filled(form, plural: str, text: str):
    return form.filled(**{EDITS[plural][2].replace("-", "_"): text})


@pytest.mark.parametrize("plural", EDITS)
def test_the_second_is_told_and_saves_again(dashboard, other, plural):
    texts = EDITS[plural][3]
    mine, theirs = opened(dashboard, plural), opened(other, plural)
    assert dict(mine.fields)["version"]
    assert other.post(path(plural), filled(theirs, plural, texts[0])).status == 303
    page = dashboard.post(path(plural), filled(mine, plural, texts[1]))
    assert page.status == 409, str(page)
    assert "somebody else changed this" in page.notices.lower()
    assert texts[0].split("\n")[0] in page.faults[EDITS[plural][2]], page.faults
    assert value(other, plural) == texts[0]
    again = page.form(path(plural))
    assert dict(again.fields)[EDITS[plural][2]].strip("\n") == texts[1]
    assert dict(again.fields)["version"] != dict(mine.fields)["version"]
    assert dashboard.post(path(plural), again.fields).status == 303
    assert value(other, plural) == texts[1]


@pytest.mark.parametrize("plural", EDITS)
def test_and_again_when_it_has_changed_once_more(dashboard, other, plural):
    texts = EDITS[plural][3]
    assert other.post(path(plural), filled(opened(other, plural), plural, texts[2])).status == 303
    mine = opened(dashboard, plural)
    assert other.post(path(plural), filled(opened(other, plural), plural, texts[0])).status == 303
    page = dashboard.post(path(plural), filled(mine, plural, texts[1]))
    assert page.status == 409
    assert other.post(path(plural), filled(opened(other, plural), plural, texts[2])).status == 303
    page = dashboard.post(path(plural), page.form(path(plural)).fields)
    assert page.status == 409
    assert value(other, plural) == texts[2]


@pytest.mark.parametrize("plural", EDITS)
@pytest.mark.parametrize("version", ["", "x", "0" * 24, "null"])
def test_a_made_up_version_is_a_stale_one(dashboard, plural, version):
    before = value(dashboard, plural)
    typed = dict(filled(opened(dashboard, plural), plural, "Something")) | {"version": version}
    page = dashboard.post(path(plural), typed)
    assert page.status == 409, str(page)
    assert value(dashboard, plural) == before


@pytest.mark.parametrize("plural", EDITS)
def test_of_many_at_once_exactly_one_wins(dashboard, other, plural):
    texts = [f"Racer {number}" for number in range(6)]
    forms = [(visitor, opened(visitor, plural)) for visitor in (dashboard, other)]
    statuses = []
    ready = threading.Barrier(len(texts))

    def work(number: int) -> None:
        visitor, form = forms[number % 2]
        mine = Dashboard(visitor.url, **visitor.cookies)
        ready.wait()
        statuses.append((mine.post(path(plural), filled(form, plural, texts[number])).status, number))

    threads = [threading.Thread(target=work, args=[number]) for number in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in statuses) == [303] + [409] * 5
    [winner] = [number for status, number in statuses if status == 303]
    assert value(dashboard, plural) == texts[winner]


def test_a_thing_called_by_two_names_is_one_thing(dashboard, other, ctl):
    """Its id and its name are two words for one row: who wins must not depend on the word."""
    person = create_account(ctl, 1)
    number = ctl.json("user", "show", person.username)["id"]
    forms = {word: dashboard.page(path("users"), {"USER": word}).form(path("users"))
             for word in (person.username, person.username.upper())}
    page = dashboard.post(path("users"), forms[person.username].filled(first_name="Ada"))
    assert page.status == 303 and page.location.startswith(f"/admin/users/{number}/")
    page = other.post(path("users"), [(name, text) for name, text in forms[person.username.upper()].filled(
        first_name="Grace") if name != "csrf"])
    assert page.status == 409, str(page)
    assert ctl.json("user", "show", person.username)["first_name"] == "Ada"


@pytest.mark.parametrize("plural, name, words", [
    ("users", "USER", ["two", "TWO", "two@example.org", "2"]), ("exercises", "ID", ["1", "Plank", "plank"]),
    ("groups", "ID", ["1", "Core"]), ("permissions", "CODE", ["50"])])
def test_a_form_finds_its_thing_by_every_word_that_names_it(dashboard, plural, name, words):
    for word in words:
        fields = dict(dashboard.page(path(plural), {name: word}).form(path(plural)).fields)
        assert fields["version"], word


def test_a_form_without_a_thing_asks_for_one(dashboard):
    for plural, (name, _, _, _) in EDITS.items():
        page = dashboard.get(path(plural))
        assert page.status in (200, 404), str(page)
        if page.status == 200:
            [control] = page.all(f"//*[@name='{name}']")
            assert control.get("readonly") is None, f"{plural}: nobody can say which one"


def test_what_the_command_line_changed_counts_too(dashboard, ctl):
    name = create_account(ctl, 1).username
    form = dashboard.page(path("users"), {"USER": name}).form(path("users"))
    ctl.ok("user", "edit", name, "--first-name", "Ada")
    page = dashboard.post(path("users"), form.filled(email="other@example.org"))
    assert page.status == 409 and "Ada" in page.faults["first-name"]
    assert ctl.json("user", "show", name)["email"] != "other@example.org"


def test_what_the_form_does_not_show_does_not(dashboard, ctl):
    name = create_account(ctl, 1).username
    form = dashboard.page(path("users"), {"USER": name}).form(path("users"))
    ctl.ok("user", "lock", name)
    assert dashboard.post(path("users"), form.filled(first_name="Ada")).status == 303
    shown = ctl.json("user", "show", name)
    assert (shown["first_name"], shown["locked"]) == ("Ada", True)


def test_a_thing_that_is_gone_meanwhile(dashboard, ctl):
    number = ctl.json("group", "create", "Fleeting")["id"]
    form = dashboard.page(path("groups"), {"ID": str(number)}).form(path("groups"))
    ctl.ok("group", "delete", "Fleeting", "--yes")
    page = dashboard.post(path("groups"), form.filled(name="Lasting"))
    assert page.status == 404 and page.notices, str(page)
    assert "Lasting" not in [row["name"] for row in ctl.json("group", "list")]


def test_a_form_saved_as_it_stands_changes_nothing(dashboard, database):
    for plural in EDITS:
        before = {name: rows for name, rows in contents(database).items()
            if not name.endswith((".session", ".credential"))}
        page = dashboard.post(path(plural), opened(dashboard, plural).fields)
        assert page.status == 303, str(page)
        after = {name: rows for name, rows in contents(database).items()
            if not name.endswith((".session", ".credential"))}
        assert after == before, plural


def test_only_what_was_typed_is_written(dashboard, ctl, database):
    name = create_account(ctl, 1).username
    ctl.ok("user", "edit", name, "--first-name", "Ada", "--last-name", "Lovelace")
    form = dashboard.page(path("users"), {"USER": name}).form(path("users"))
    dashboard.post(path("users"), form.filled(last_name="King"))
    [(before, after)] = query(database, "SELECT before, after FROM audit WHERE target = %s AND what = 'user-edit'"
                                        " ORDER BY id DESC LIMIT 1", name)
    assert set(after) == {"last_name"} and set(before) <= {"last_name"}


def test_what_is_emptied_is_emptied(dashboard, ctl):
    person = create_account(ctl, 1)
    ctl.ok("user", "edit", person.username, "--first-name", "Ada")
    form = dashboard.page(path("users"), {"USER": person.username}).form(path("users"))
    assert dashboard.post(path("users"), form.filled(first_name="", email="")).status == 303
    shown = ctl.json("user", "show", person.username)
    assert not shown["first_name"] and shown["email"] is None


def test_a_switch_is_set_and_taken(dashboard, ctl):
    ctl.ok("permission", "create", 60, "Switch")
    for wanted in ("on", None):
        form = dashboard.page(path("permissions"), {"CODE": "60"}).form(path("permissions"))
        assert dashboard.post(path("permissions"), form.filled(admin=wanted)).status == 303
        found = next(row for row in ctl.json("permission", "list") if row["code"] == 60)
        assert found["is_admin"] is (wanted == "on")
