"""Staff looks at everything and changes nothing, by whatever address."""

import pytest

from support.admin import NOUNS, PLURALS, Dashboard, tables
from support.furnished import OLD, ONE, database
from support.operations import CHANGES, NOT_OFFERED, OTHER_NOUNS

THINGS = {
    "users": "1", "permissions": "50", "sessions": ONE, "tokens": OLD, "bans": "1", "exercises": "1", "groups": "1",
    "streams": ONE, "conversations": "1", "tweets": "1", "integers": "1", "mail": "1", "audit": "1"}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_no_form_of_a_change_is_shown_or_taken(onlooker, database, change):
    before = tables(database)
    for page in (onlooker.get(change.path), onlooker.get(change.path, change.fields),
                 onlooker.post(change.path, change.fields | {"confirm": "1"}),
                 onlooker.post(change.path.rstrip("/"), change.fields | {"confirm": "1"})):
        assert page.status == 403, str(page)
        assert page.notices and not page.all("//main//form"), str(page)
    assert tables(database) == before


@pytest.mark.parametrize("plural", PLURALS)
def test_every_list_is_shown_without_buttons(onlooker, dashboard, plural):
    page = onlooker.page(f"/admin/{plural}/")
    assert not page.all("//main//form[@method='post']//button | //main//button[@formaction] | //main//td//input"), str(page)
    changes = {change.path for change in CHANGES}
    assert not [link for link in page.links if link.split("?")[0] in changes]
    assert page.rows or plural in ("streams", "mail")


@pytest.mark.parametrize("plural, key", THINGS.items())
def test_every_thing_is_shown_without_them(onlooker, dashboard, plural, key):
    page = onlooker.page(f"/admin/{plural}/{key}/")
    assert page.thing and not page.all("//main//form[@method='post'] | //main//button")
    changes = {change.path for change in CHANGES}
    assert not [link for link in page.links if link.split("?")[0] in changes]
    assert [link for link in dashboard.page(f"/admin/{plural}/{key}/").links if link.split("?")[0] in changes] \
        or plural == "audit"


def test_a_key_is_shown_without_its_secret(onlooker, database):
    page = onlooker.page("/admin/keys/")
    key = onlooker.page(page.links[[row["kid"] in link for row in page.rows for link in page.links].index(True)])
    assert set(key.thing) == {"kid", "created", "retires", "state"}


def test_its_own_sign_out_is_left(server, staff):
    visitor = Dashboard(server.url).sign_in(staff)
    assert visitor.post("/admin/sign-out/").status == 303
    assert not visitor.is_in


def test_what_only_asks_is_answered(onlooker):
    page = onlooker.page("/admin/permissions/check/", {"USER": "one", "OPERATION": "user_list"})
    assert page.notices or page.texts("//main//table")


@pytest.mark.parametrize("path", NOT_OFFERED)
def test_what_belongs_to_the_machine_is_no_page_for_anybody(onlooker, dashboard, path):
    for visitor in (onlooker, dashboard):
        assert visitor.get(path).status == 404
        assert visitor.post(path, {"FILE": "/etc/passwd", "confirm": "1"}).status == 404


@pytest.mark.parametrize("noun", OTHER_NOUNS)
def test_nor_are_the_nouns_that_are_no_list(onlooker, dashboard, noun):
    for visitor in (onlooker, dashboard):
        for path in (f"/admin/{noun}/", f"/admin/{noun}/show/", f"/admin/{noun}/backup/", f"/admin/{noun}/shell/"):
            assert visitor.get(path).status == 404
            assert visitor.post(path).status in (404, 405)


@pytest.mark.parametrize("plural", [plural for plural in PLURALS if NOUNS[plural] != plural])
def test_a_noun_has_one_address(dashboard, plural):
    assert dashboard.get(f"/admin/{NOUNS[plural]}/").status == 404
    assert dashboard.get(f"/admin/{plural.upper()}/").status == 404


@pytest.mark.parametrize("path", ["/admin/users/list/", "/admin/users/show/", "/admin/sessions/list/",
    "/admin/audit/list/"])
def test_lists_and_things_have_no_second_address(dashboard, path):
    assert dashboard.get(path, {"USER": "one", "SESSION": ONE}).status == 404


def test_what_people_wrote_to_each_other_is_not_told(onlooker, dashboard, ctl):
    for visitor in (onlooker, dashboard):
        for path in ("/admin/conversations/1/", "/admin/integers/1/", "/admin/conversations/", "/admin/integers/"):
            page = visitor.page(path)
            assert "content" not in page.thing and not any("message" == name for name in page.thing)
