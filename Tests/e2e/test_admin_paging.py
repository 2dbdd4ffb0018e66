"""Lists page by page: every row once, forwards and backwards, in every order, whatever happens meanwhile."""

import pytest

from support.admin import NOUNS, PLURALS, Dashboard, Page
from support.cluster import query
from support.members import crowd
from support.plenty import fill

SMALL = 5
# What shows the rows that a list leaves out.
ALL = {"sessions": {"all": "on"}, "tokens": {"all": "on"}, "mail": {"all": "on"}}


@pytest.fixture(scope="module")
def database(new_database):
    url = new_database()
    fill(url)
    return url


def columns(dashboard: Dashboard, plural: str) -> list[str]:
    page = dashboard.page(f"/admin/{plural}/")
    return [str(value) for value in page.all("//input[@name='columns']/@value")]


def there(dashboard: Dashboard, pages: list[Page]) -> list[str]:
    return [key for page in pages for key in page.keys]


def back(dashboard: Dashboard, page: Page) -> list[Page]:
    found = [page]
    while previous := found[0].link("prev") or found[0].link("previous"):
        found.insert(0, dashboard.page(previous))
    return found


@pytest.mark.parametrize("turned", ["", "-"], ids=["up", "down"])
@pytest.mark.parametrize("plural", PLURALS)
def test_every_row_once_in_every_order(dashboard, ctl, plural, turned):
    path, options = f"/admin/{plural}/", ALL.get(plural, {})
    for column in columns(dashboard, plural):
        asked = options | {"sort": turned + column}
        whole = dashboard.page(path, asked | {"limit": 200}).keys
        pages = dashboard.walk(path, asked | {"limit": SMALL})
        assert len(whole) == len(set(whole)) >= 20, column
        assert there(dashboard, pages) == whole, f"forwards by {column}"
        assert [len(page.keys) for page in pages[:-1]] == [SMALL] * (len(pages) - 1), column
        backwards = back(dashboard, pages[-1])
        assert there(dashboard, backwards) == whole, f"backwards by {column}"


@pytest.mark.parametrize("plural", [plural for plural in PLURALS if plural != "audit"])
def test_the_order_is_the_command_line_s(dashboard, ctl, plural):
    key = {"permissions": "code", "keys": "kid"}.get(plural, "id")
    extra = ["--all"] if plural in ALL else []
    for column in columns(dashboard, plural):
        for sort in (column, "-" + column):
            told = ctl.json(NOUNS[plural], "list", *extra, f"--sort={sort}", "--columns", key)
            shown = dashboard.page(f"/admin/{plural}/", ALL.get(plural, {}) | {"sort": sort, "limit": 200}).keys
            assert shown == [str(row[key]) for row in told][:200], sort


@pytest.mark.parametrize("plural", PLURALS)
def test_there_and_back_is_the_same_page(dashboard, plural):
    path, options = f"/admin/{plural}/", ALL.get(plural, {})
    first = dashboard.page(path, options | {"limit": SMALL})
    second = dashboard.page(first.link("next"))
    again = dashboard.page(second.link("prev") or second.link("previous"))
    assert again.keys == first.keys and second.keys != first.keys
    assert again.link("next") and not again.link("prev") and not again.link("previous")


def test_the_links_say_which_way_they_lead(dashboard):
    second = dashboard.page(dashboard.page("/admin/users/", {"limit": SMALL}).link("next"))
    assert {str(rel) for rel in second.all("//nav//a/@rel")} == {"next", "prev"}


def test_two_columns_order_together(dashboard, ctl):
    asked = {"sort": "-two_factor,permission,-first_name"}
    whole = dashboard.page("/admin/users/", asked | {"limit": 200}).keys
    assert whole == [str(row["id"]) for row in ctl.json("user", "list", "--sort=-two_factor,permission,-first_name")]
    assert there(dashboard, dashboard.walk("/admin/users/", asked | {"limit": 3})) == whole


def test_filters_and_searches_go_along(dashboard):
    asked = {"q": "person", "where": ["id>3", "permission=1"], "sort": "-created", "columns": "id,username"}
    whole = dashboard.page("/admin/users/", asked | {"limit": 200})
    pages = dashboard.walk("/admin/users/", asked | {"limit": 2})
    assert len(pages) > 3 and there(dashboard, pages) == whole.keys
    assert all(set(row) == {"id", "username"} for page in pages for row in page.rows)


@pytest.mark.parametrize("plural, sort", [("users", "id"), ("users", "-created"), ("users", "username"),
    ("users", "last_login"),
                                          ("users", "-last_name"), ("audit", "-time")])
def test_rows_that_come_and_go_move_no_other(dashboard, database, plural, sort):
    """Those that were there throughout are each seen once, and none twice."""
    table = "account" if plural == "users" else "audit"
    if plural == "users":
        ids = crowd(database, 40, f"moving-{sort}-")
    else:
        ids = [row[0] for row in query(database, "INSERT INTO audit (actor, what, result, time) SELECT 'moving', 'lock', 'done',"
                                                 " now() - n %% 3 * interval '1 hour' FROM generate_series(1, 40) n RETURNING id")]
    asked = {"sort": sort, "limit": SMALL} | ({"q": f"moving-{sort}-"} if plural == "users" else {"q": "moving"})
    page, seen, gone = dashboard.page(f"/admin/{plural}/", asked), [], set()
    while True:
        now = page.keys
        seen += now
        following = page.link("next")
        if following is None:
            break
        victims = [int(now[0]), next((number for number in reversed(ids) if str(number) not in seen), int(now[0]))]
        gone |= set(map(str, victims))
        query(database, f"DELETE FROM {table} WHERE id = ANY(%s) RETURNING 1", victims)
        if plural == "users":
            crowd(database, 2, f"moving-{sort}-{len(seen)}-")
        else:
            query(database, "INSERT INTO audit (actor, what, result) VALUES ('moving', 'lock', 'done') RETURNING 1")
        page = dashboard.page(following)
    assert len(seen) == len(set(seen)), "a row was seen twice"
    assert {str(number) for number in ids} - gone <= set(seen), "a row was never seen"


def test_the_page_of_a_row_that_is_gone_is_still_there(dashboard, database):
    ids = crowd(database, 12, "ghost-")
    page = dashboard.page("/admin/users/", {"q": "ghost-", "limit": SMALL})
    query(database, "DELETE FROM account WHERE id = ANY(%s) RETURNING 1", ids[:6])
    assert dashboard.page(page.link("next")).keys == [str(number) for number in ids[6:11]]


def test_a_list_that_became_empty_meanwhile(dashboard, database):
    ids = crowd(database, 12, "gone-")
    page = dashboard.page("/admin/users/", {"q": "gone-", "limit": SMALL})
    query(database, "DELETE FROM account WHERE id = ANY(%s) RETURNING 1", ids)
    page = dashboard.page(page.link("next"))
    assert page.keys == [] and page.link("next") is None


@pytest.mark.parametrize("size", [3_000, 20_000, 200_000])
def test_long_values_are_no_hindrance(dashboard, database, size):
    [(group,)] = query(database, "SELECT min(id) FROM exercise_group")
    query(database, "INSERT INTO exercise (name, name_key, exercise_group, instructions) SELECT name, name, %s, repeat('z', %s - n)"
                    " FROM generate_series(1, 4) n, concat('long ', %s::int, ' ', n) name RETURNING 1", group, size,
                        size)
    asked = {"sort": "instructions", "limit": 2, "where": f"name~long {size} ", "columns": "id,name"}
    pages = dashboard.walk("/admin/exercises/", asked)
    assert [len(page.keys) for page in pages] == [2, 2]
    assert dashboard.page(pages[1].link("prev") or pages[1].link("previous")).keys == pages[0].keys


def test_counting_is_for_those_who_ask(dashboard, database):
    page = dashboard.page("/admin/users/", {"limit": SMALL, "count": "1", "where": "permission=1"})
    [(count,)] = query(database, "SELECT count(*) FROM account WHERE permission = 1 AND deleted IS NULL")
    assert f"{count} in all" in " ".join(page.texts("//nav[contains(@class, 'pager')]"))


def test_headings_sort_and_turn_around(dashboard):
    page = dashboard.page("/admin/users/", {"q": "person", "limit": SMALL})
    [link] = page.all("//th/a[starts-with(normalize-space(), 'Created')]/@href")
    page = dashboard.page(link)
    assert page.all("//th[@aria-sort='ascending']/a")[0].text_content().startswith("Created")
    page = dashboard.page(page.all("//th[@aria-sort]/a/@href")[0])
    assert page.all("//th[@aria-sort='descending']/a")[0].text_content().startswith("Created")
    assert "q=person" in page.answer.url
