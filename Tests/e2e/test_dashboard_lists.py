"""The dashboard's lists in a browser: every noun listed, opened, searched, filtered, sorted and paged."""

import pytest
from selenium.webdriver.common.by import By

from support.dashboard import PLURALS, thing
from support.dashboard_rows import dashboard, rows, server

NOUNS = list(PLURALS)

# What finds some rows and not others: the words, and how a cell of what is found begins.
SEARCHES = {
    "user": ("third1", "Username"), "permission": ("shift", "Level"), "session": ("teller", "Username"),
    "token": ("teller", "Username"), "ban": ("198.51.100.0/24", "Target"), "exercise": ("Core", "Name"),
    "group": ("stretch", "Name"), "stream": ("third1", "Username"), "conversation": ("third1", "Receiver"),
    "tweet": ("third1", "Username"), "integers": ("holder1", "Username"), "mail": ("careful1", "Username"),
    "audit": ("key-rotate", "What")}

# An option of the list, as its form has it, and what the rows have then.
OPTIONS = {
    "user": ("permission", "3", "Level", "ADMIN"), "session": ("dialect", "integers", "Dialect", "integers"),
    "token": ("kind", "opaque", "Kind", "opaque"), "exercise": ("group", "Core", "Group", "Core"),
    "audit": ("what", "ban", "What", "ban")}

# Any column: which, how compared, with what, and the title that the column has.
FILTERS = {
    "user": ("username", "~", "^third", "Username"), "permission": ("code", ">", "4711", "Code"),
    "session": ("dialect", "=", "dashboard", "Dialect"), "token": ("kind", "!=", "opaque", "Kind"),
    "ban": ("target", "~", "^198", "Target"), "exercise": ("name", "=", "Core 1", "Name"),
    "group": ("exercises", "<", "2", "Exercises"), "stream": ("frames", "=", "0", "Frames"),
    "conversation": ("messages", "=", "0", "Messages"), "tweet": ("likes", "=", "0", "Likes"),
    "integers": ("units", ">", "1", "Units"), "mail": ("purpose", "!=", "nothing", "Purpose"),
    "key": ("state", "=", "signs", "State"), "audit": ("what", "=", "key-rotate", "What")}

SORTED = {
    "user": "Username", "permission": "Level", "session": "Created", "token": "Created", "ban": "Target",
    "exercise": "Name", "group": "Name", "stream": "Username", "conversation": "Receiver", "tweet": "Id",
    "integers": "Set", "mail": "Recipient", "key": "Kid", "audit": "Time"}


@pytest.mark.parametrize("noun", NOUNS)
def test_it_lists_what_the_command_line_lists(dashboard, ctl, noun):
    dashboard.open(PLURALS[noun] + "/")
    assert dashboard.status == 200 and dashboard.title == PLURALS[noun].capitalize()
    told = dashboard.run_command(ctl, "-o", "json").json()
    rows = dashboard.rows
    assert len(rows) >= 3 and len(rows) == len(told)
    for column in {"Username", "Target", "Name", "Level", "Kid", "Recipient", "What"} & set(rows[0]):
        assert [row[column] for row in rows] == [one[column.lower()] or "–" for one in told]


@pytest.mark.parametrize("noun", NOUNS)
def test_a_row_leads_to_the_thing(dashboard, noun):
    dashboard.open(PLURALS[noun] + "/")
    row, shown = dashboard.all("form.list tbody tr")[1], dashboard.rows[1]
    dashboard.turn(dashboard.all("td a", row)[0].click)
    assert dashboard.status == 200
    assert dashboard.at.startswith(PLURALS[noun] + "/") and dashboard.at != PLURALS[noun] + "/"
    told = dashboard.shown
    for name, value in shown.items():
        if name in told and name not in ("Last seen", "Last used", "Attempts", "Due"):
            assert told[name] == value, (name, told)
    dashboard.turn(dashboard.one(".trail li:nth-child(2) a").click)
    assert dashboard.at == PLURALS[noun] + "/"


@pytest.mark.parametrize("noun", NOUNS)
def test_a_thing_that_is_not_there(dashboard, noun):
    for key in ("999999999", "00000000-0000-4000-8000-000000000000", "%'/../users"):
        dashboard.open(thing(noun, key))
        assert dashboard.status == 404, key
        assert dashboard.title == "Not there" and dashboard.notices


@pytest.mark.parametrize("noun", SEARCHES)
def test_searching(dashboard, noun):
    text, column = SEARCHES[noun]
    dashboard.open(PLURALS[noun] + "/")
    everything = len(dashboard.rows)
    dashboard.one("#q").send_keys(text)
    dashboard.turn(dashboard.one("form.search button").click)
    found = dashboard.column(column)
    assert found and len(found) < everything
    assert all(text.lower() in value.lower() for value in found), found
    assert dashboard.one("#q").get_property("value") == text
    dashboard.turn(dashboard.one(".chips a").click)
    # What servers do meanwhile stands in the audit too.
    assert len(dashboard.rows) >= everything
    assert dashboard.one("#q").get_property("value") == ""


@pytest.mark.parametrize("noun", NOUNS)
def test_what_is_found_nowhere(dashboard, noun):
    dashboard.open(PLURALS[noun] + "/", q="no such thing at all \\ % _ ' \" <b>")
    assert dashboard.status == 200 and not dashboard.all("form.list tbody tr")
    assert "Nothing is here." in dashboard.text


@pytest.mark.parametrize("noun", OPTIONS)
def test_narrowing_by_an_option_of_the_list(dashboard, noun):
    name, value, column, shown = OPTIONS[noun]
    dashboard.open(PLURALS[noun] + "/")
    everything = dashboard.column(column)
    dashboard.one(".filters summary").click()
    dashboard.fill(**{name: value})
    dashboard.turn(dashboard.one(".filters button[type=submit]").click)
    assert dashboard.status == 200 and f"{name}={value}" in dashboard.query
    assert dashboard.column(column) == [one for one in everything if one == shown] != everything
    assert f"--{name}" in dashboard.command


@pytest.mark.parametrize("noun", FILTERS)
def test_narrowing_by_any_column(dashboard, ctl, noun):
    key, comparison, value, column = FILTERS[noun]
    dashboard.open(PLURALS[noun] + "/")
    dashboard.one(".filters summary").click()
    dashboard.fill(column=key, comparison=comparison, value=value)
    dashboard.turn(dashboard.one(".filters button[type=submit]").click)
    assert dashboard.status == 200
    assert [one.text.removesuffix(" ×") for one in dashboard.all(".chips li")] == [f"{key}{comparison}{value}"]
    told = dashboard.run_command(ctl, "-o", "json").json()
    assert len(told) >= 1 and dashboard.column(column) == [str(row[key]) for row in told]
    dashboard.turn(dashboard.one(".chips a").click)
    assert not dashboard.all(".chips")


@pytest.mark.parametrize("noun", NOUNS)
def test_sorting_by_a_heading_up_and_down(dashboard, noun):
    title = SORTED[noun]
    dashboard.open(PLURALS[noun] + "/", limit="200")
    up, down = [], []
    for found, order in ((up, "ascending"), (down, "descending")):
        dashboard.turn(dashboard.one("form.list thead").find_element(By.PARTIAL_LINK_TEXT, title).click)
        [heading] = dashboard.all(f"form.list th[aria-sort={order}]")
        assert heading.text.rstrip(" ▲▼") == title
        found += dashboard.column(title)
    assert up == sorted(up) and len(set(up)) > 1 and down == sorted(down, reverse=True)


@pytest.mark.parametrize("noun", NOUNS)
def test_choosing_columns(dashboard, noun):
    dashboard.open(PLURALS[noun] + "/")
    usual = dashboard.columns
    dashboard.one(".filters summary").click()
    boxes = dashboard.all(".checks input")
    names = [one.text for one in dashboard.all(".checks label")]
    for box in boxes[1:]:
        if box.is_selected():
            box.click()
    if not boxes[0].is_selected():
        boxes[0].click()
    boxes[-1].click()
    dashboard.turn(dashboard.one(".filters button[type=submit]").click)
    assert dashboard.columns == [names[0], names[-1]] != usual
    assert "--columns" in dashboard.command
    assert dashboard.all("form.list tbody tr")


@pytest.mark.parametrize("path", [
    "users/?where=nothing%3D1", "users/?where=what", "users/?where=id%3Dx", "users/?sort=nothing",
    "users/?columns=nothing", "users/?permission=nothing", "users/?where=username~%28", "sessions/?before=noon",
    "users/?column=id&comparison=%3D&value=x"])
def test_what_a_list_is_asked_wrongly_is_told(dashboard, path):
    dashboard.open(path)
    assert dashboard.status in (400, 404)
    [told] = dashboard.all("main [role=alert]")
    assert told.text and dashboard.all(".filters"), dashboard.text
