"""Several at once: a rehearsal that changes nothing, and a number of rows that must be the right one."""

import pytest

from support.admin import Dashboard, records, where_to
from support.api import create_account
from support.cluster import contents, query
from support.furnished import OLD, ONE, database
from support.members import crowd
from support.operations import CHANGES

NOBODY = "nobody-of-this-name"
# Those whose rows stand on a page before they are confirmed.
ASKED = [change for change in CHANGES if change.is_dangerous and change.name.split()[1] in (
    "revoke", "end", "delete", "restore", "prune")]
# Those that a rehearsal shows.
REHEARSED = [change for change in CHANGES if change.name.split()[1] in (
    "revoke", "end", "delete", "restore", "prune", "assign", "lock", "unlock", "lift", "retry")]


@pytest.fixture
def names(ctl) -> list[str]:
    return [create_account(ctl, 1).username for _ in range(3)]


def tables(database) -> dict:
    """Everything, but for when somebody was last seen."""
    return {name: rows for name, rows in contents(database).items()
        if not name.endswith((".session", ".credential", ".sample"))}


def locked(ctl, names) -> list[bool]:
    return [ctl.json("user", "show", name)["locked"] for name in names]


def lines(names) -> str:
    return "\r\n".join(names)


@pytest.mark.parametrize("change", REHEARSED, ids=lambda change: change.name)
def test_a_rehearsal_changes_nothing(dashboard, database, change):
    before = tables(database)
    sessions = query(database, "SELECT count(*), count(revoked) FROM session")
    page = dashboard.page(change.path, change.fields)
    assert page.texts("//h2")[0] == "What will happen", str(page)
    assert page.confirm == "1" and "1" in page.texts("//main//button[@type='submit']")[0]
    assert tables(database) == before
    assert query(database, "SELECT count(*), count(revoked) FROM session") == sessions


@pytest.mark.parametrize("change", ASKED, ids=lambda change: change.name)
@pytest.mark.parametrize("confirm", [None, "", "0", "-1", "abc", "2.0", "9" * 30])
def test_what_destroys_asks_before_it_does(dashboard, database, change, confirm):
    before = tables(database)
    page = dashboard.post(change.path, change.fields | ({} if confirm is None else {"confirm": confirm}))
    assert page.status in (200, 400, 409), str(page)
    assert page.confirm == "1" or page.status != 200, str(page)
    if confirm is None:
        assert page.status == 200 and page.texts("//h2")[0] == "What will happen", str(page)
    assert "--" not in page.notices, "a page speaks of the command line's options"
    assert tables(database) == before


@pytest.mark.parametrize("change", [one for one in ASKED if "prune" not in one.name], ids=lambda change: change.name)
def test_a_wrong_number_changes_nothing_and_asks_again(dashboard, database, change):
    before = tables(database)
    page = dashboard.post(change.path, change.fields | {"confirm": "2"})
    assert page.status in (200, 409), str(page)
    assert page.confirm == "1", str(page)
    assert tables(database) == before


def test_the_buttons_of_a_list_lead_to_the_question(dashboard, ctl, names):
    page = dashboard.page("/admin/users/", {"sort": "-id", "limit": 10})
    buttons = page.all("//form[contains(@class, 'list')]//button/@formaction")
    assert {"/admin/users/lock/", "/admin/users/delete/", "/admin/permissions/assign/"} <= set(buttons)
    question = dashboard.post("/admin/users/lock/", page.chosen(names))
    assert question.status == 200 and question.confirm == "3", str(question)
    assert all(name in question.answer.text for name in names)
    assert locked(ctl, names) == [False] * 3
    form = question.form("/admin/users/lock/")
    assert sorted(dict(form.fields)["USER"].split()) == sorted(names)
    page = dashboard.post("/admin/users/lock/", form.filled(reason="together"))
    assert page.status == 303, str(page)
    assert locked(ctl, names) == [True] * 3
    assert "3" in dashboard.page(page.location).notices
    assert {row["target"] for row in records(ctl, "lock", "together")} == set(names)


def test_a_choice_of_one_is_a_question_too(dashboard, ctl, names):
    page = dashboard.page("/admin/users/", {"q": names[0]})
    question = dashboard.post("/admin/users/lock/", page.chosen(names[:1]))
    assert question.status == 200 and question.confirm == "1", str(question)
    assert locked(ctl, names) == [False] * 3


def test_a_choice_of_none_is_none(dashboard, database):
    before = tables(database)
    page = dashboard.post("/admin/users/delete/", dashboard.page("/admin/users/").chosen([]))
    assert page.status in (200, 400) and page.confirm is None, str(page)
    assert tables(database) == before


@pytest.mark.parametrize("confirm", ["1", "2", "4", "30", "-3", "three"])
def test_several_want_their_own_number(dashboard, ctl, names, confirm):
    page = dashboard.post("/admin/users/lock/", {"USER": lines(names), "confirm": confirm})
    assert page.status in (200, 409), str(page)
    assert page.confirm == "3", str(page)
    assert locked(ctl, names) == [False] * 3


def test_several_without_a_number_are_a_question(dashboard, ctl, names):
    page = dashboard.post("/admin/users/lock/", {"USER": lines(names)})
    assert page.status == 200 and page.confirm == "3"
    assert locked(ctl, names) == [False] * 3


def test_names_come_one_a_line(dashboard, ctl, names):
    page = dashboard.post("/admin/users/lock/", {"USER": "\n" + "\n\n ".join(names) + " \r\n\r\n", "confirm": "3"})
    assert page.status == 303, str(page)
    assert locked(ctl, names) == [True] * 3


def test_a_field_that_comes_twice_is_no_form_of_its_own(dashboard, ctl, names):
    page = dashboard.post("/admin/users/lock/", [*[("USER", name) for name in names], ("confirm", "3")])
    assert page.status in (303, 400), str(page)
    assert locked(ctl, names) == [page.status == 303] * 3


def test_a_name_that_stands_twice_is_one_row(dashboard, ctl, names):
    page = dashboard.page("/admin/users/lock/", [("USER", names[0]), ("USER", names[0]), ("USER", names[0].upper())])
    assert page.confirm == "1"
    assert dashboard.done("/admin/users/lock/", {"USER": lines([names[0], names[0]])}).status == 303
    assert locked(ctl, names) == [True, False, False]


def test_what_is_so_already_does_not_count(dashboard, ctl, names):
    ctl.ok("user", "lock", names[0])
    assert dashboard.page("/admin/users/lock/", [("USER", name) for name in names]).confirm == "2"
    assert dashboard.post("/admin/users/lock/", {"USER": lines(names), "confirm": "2"}).status == 303
    assert locked(ctl, names) == [True] * 3
    page = dashboard.page("/admin/users/lock/", [("USER", name) for name in names])
    assert "nothing would change" in page.notices.lower()


@pytest.mark.parametrize("path", ["/admin/users/lock/", "/admin/users/delete/", "/admin/users/restore/"])
def test_one_that_is_not_there_fails_all(dashboard, ctl, database, names, path):
    before = tables(database)
    given = [names[0], NOBODY, names[1]]
    for page in (dashboard.get(path, [("USER", name) for name in given]),
                 dashboard.post(path, {"USER": lines(given), "confirm": "2"}),
                 dashboard.post(path, {"USER": lines(given), "confirm": "3"})):
        assert page.status in (200, 400, 404), str(page)
        assert NOBODY in page.notices or NOBODY in str(page.faults) or names[0] in page.notices, str(page)
        assert dict(page.form(path).fields)["USER"].split() == given
    assert tables(database) == before


@pytest.mark.parametrize("path, name, word", [
    ("/admin/sessions/revoke/", "SESSION", OLD[:-1] + "9"), ("/admin/tokens/revoke/", "TOKEN", "not an id"),
    ("/admin/exercises/delete/", "ID", "No such exercise"), ("/admin/tweets/delete/", "ID", "99"),
    ("/admin/conversations/delete/", "ID", "-1"), ("/admin/integers/delete/", "ID", "9" * 30),
    ("/admin/streams/end/", "ID", "ffff"), ("/admin/mail/delete/", "ID", "x"),
    ("/admin/bans/lift/", "TARGET", "192.0.2.99"),
    ("/admin/permissions/delete/", "CODE", "12345"), ("/admin/groups/delete/", "ID", "No such group")])
def test_nothing_of_a_kind_is_there(dashboard, database, path, name, word):
    before = tables(database)
    for page in (dashboard.get(path, {name: word}), dashboard.post(path, {name: word, "confirm": "1"})):
        assert page.status in (200, 303, 400, 404), str(page)
        assert page.status == 303 or page.notices or page.faults, str(page)
    assert tables(database) == before


def test_two_hundred_at_once(dashboard, ctl, database):
    crowd(database, 200, "bulk-")
    given = [f"bulk-{number}" for number in range(1, 201)]
    page = dashboard.page("/admin/users/", {"q": "bulk-", "limit": 200})
    assert sorted(page.column("username")) == sorted(given)
    question = dashboard.post("/admin/users/delete/", page.chosen(given))
    assert question.confirm == "200" and len(question.all("//section//tbody/tr")) == 200
    page = dashboard.post("/admin/users/delete/", question.form("/admin/users/delete/").fields)
    assert page.status == 303, str(page)
    assert query(database, "SELECT count(*) FROM account WHERE username LIKE 'bulk-%%' AND deleted IS NOT NULL") == [(200,)]
    assert len(records(ctl, "user-delete", "bulk-")) == 200
    page = dashboard.done("/admin/users/restore/", {"USER": lines(given)})
    assert page.status == 303
    assert query(database, "SELECT count(*) FROM account WHERE username LIKE 'bulk-%%' AND deleted IS NOT NULL") == [(0,
        )]


def test_all_sessions_of_somebody(dashboard, ctl, database, server):
    person = create_account(ctl, 3)
    for _ in range(3):
        Dashboard(server.url).sign_in(person)
    page = dashboard.page("/admin/sessions/revoke/", {"user": person.username})
    assert page.confirm == "3"
    assert dashboard.post("/admin/sessions/revoke/", {"user": person.username, "confirm": "2"}).confirm == "3"
    assert len(ctl.json("session", "list", "--user", person.username)) == 3
    assert dashboard.done("/admin/sessions/revoke/", {"user": person.username}).status == 303
    assert ctl.json("session", "list", "--user", person.username) == []


def test_all_of_them_want_their_number_even_if_it_is_one(dashboard, database):
    page = dashboard.post("/admin/sessions/revoke/", {"all": "on"})
    assert page.status == 200 and int(page.confirm) >= 1
    assert query(database, "SELECT revoked FROM session WHERE id = %s", ONE) == [(None,)]


def test_a_button_in_a_row_does_it_at_once(dashboard, ctl, server):
    person = create_account(ctl, 3)
    visitor = Dashboard(server.url).sign_in(person)
    page = dashboard.page("/admin/sessions/", {"user": person.username})
    [button] = page.all("//main//td/button")
    form = next(form for form in page.forms if form.element.get("id") == button.get("form"))
    fields = [*form.fields, (button.get("name"), button.get("value"))]
    page = dashboard.post(button.get("formaction"), fields)
    assert page.status == 303
    path, asked = where_to(page.location)
    assert path == "/admin/sessions/" and asked["user"] == person.username
    assert "done" in dashboard.page(page.location).notices
    assert not visitor.is_in


@pytest.mark.parametrize("back", [
    "//evil.example", "https://evil.example/", "/admin/sessions/../../api/", "/admin/sessions\\x",
    "/admin/sessions/\r\nX: y",
    "/admin/sessions/.\t./../x", "/admin/sessions/%2e%2e/%2e%2e/x", "/api/", "/admin/sessionsx/"])
def test_where_it_leads_back_to_is_the_list(dashboard, ctl, server, back):
    person = create_account(ctl, 3)
    Dashboard(server.url).sign_in(person)
    [row] = ctl.json("session", "list", "--user", person.username)
    page = dashboard.post("/admin/sessions/revoke/", {"SESSION": row["id"], "confirm": "1", "return": back})
    assert page.status == 303
    path, _ = where_to(page.headers.get("Location", "none"))
    assert path == "/admin/sessions/", page.location
