"""The dashboard's lists page by page, forwards and backwards, by link and by key."""

import pytest

from support.dashboard import PLURALS, Dashboard
from support.members import crowd
from support.dashboard_rows import dashboard, rows, server

NOUNS = list(PLURALS)
LINKS = """
return [...document.querySelectorAll("form.list tbody tr")].map((row) => row.querySelector("td a").pathname)
"""


def page(dashboard: Dashboard) -> list[str]:
    """Which things the page lists."""
    return dashboard.driver.execute_script(LINKS)


def turned(dashboard: Dashboard, relation: str) -> list[list[str]]:
    """The pages from this one on, until there is no link of that kind."""
    found = [page(dashboard)]
    while links := dashboard.all(f"a[rel={relation}]"):
        dashboard.turn(links[0].click)
        found.append(page(dashboard))
        assert len(found) < 50, "it never ends"
    return found


@pytest.mark.parametrize("noun", NOUNS)
def test_there_and_back_again(dashboard, noun):
    everything = page(dashboard.open(PLURALS[noun] + "/", limit="200"))
    size = -(-len(everything) // 3)
    dashboard.open(PLURALS[noun] + "/", limit=str(size))
    there = turned(dashboard, "next")
    assert there == [everything[at:at + size] for at in range(0, len(everything), size)]
    assert len(there) >= 2
    back = turned(dashboard, "prev")
    assert back == there[::-1]
    assert not dashboard.all("a[rel=prev]") and dashboard.all("a[rel=next]")


@pytest.mark.parametrize("query", [
    {"sort": "-username"}, {"sort": "last_name,-created"}, {"where": "level=USER"}, {"q": "third"},
    {"columns": "email,created", "sort": "last_login"}], ids=lambda query: "+".join(query))
def test_the_pages_of_what_was_asked_for(dashboard, query):
    everything = page(dashboard.open("users/", limit="200", **query))
    dashboard.open("users/", limit=str(-(-len(everything) // 4)), **query)
    titles = dashboard.columns
    there = turned(dashboard, "next")
    assert sum(there, []) == everything and dashboard.columns == titles
    assert turned(dashboard, "prev") == there[::-1]


def test_the_keys_n_and_p_turn_the_page(dashboard):
    first = page(dashboard.open("users/", limit="3"))
    dashboard.turn(lambda: dashboard.one("body").send_keys("n"))
    second = page(dashboard)
    assert second and not set(first) & set(second)
    dashboard.turn(lambda: dashboard.one("body").send_keys("p"))
    assert page(dashboard) == first
    before = dashboard.driver.current_url
    dashboard.one("body").send_keys("p")
    dashboard.one("#q").send_keys("np")
    assert dashboard.driver.current_url == before and dashboard.one("#q").get_property("value") == "np"


def test_counting_is_asked_for(dashboard, ctl):
    dashboard.open("users/", limit="3")
    assert "in all" not in dashboard.one(".pager").text
    dashboard.press("count all")
    number = len(ctl.json("user", "list"))
    assert f"{number:,} in all" in dashboard.one(".pager").text.replace(" in", " in")
    assert len(page(dashboard)) == 3


def test_rows_that_go_meanwhile_move_no_other(dashboard, database, ctl):
    crowd(database, 9, "walker")
    dashboard.open("users/", q="walker", limit="3")
    first = page(dashboard)
    for user in ("walker3", "walker4"):
        ctl.ok("user", "delete", user, "--yes")
    dashboard.press("Next")
    assert dashboard.column("Username") == ["walker5", "walker6", "walker7"]
    dashboard.press("Next")
    assert dashboard.column("Username") == ["walker8", "walker9"] and not dashboard.all("a[rel=next]")
    dashboard.press("Previous")
    dashboard.press("Previous")
    assert page(dashboard) == first[:2]


@pytest.mark.parametrize("cursor", ["next=nonsense", "next=WyJ4Il0", "previous=W10", "next=WzEsMl0", "next=%00"])
def test_a_cursor_that_is_none_of_this_list(dashboard, cursor):
    dashboard.driver.get(f"{dashboard.root}users/?{cursor}")
    assert dashboard.status in (200, 400)
    assert page(dashboard) if dashboard.status == 200 else dashboard.notices
