"""The dashboard in a browser that runs no JavaScript: all of it works."""

import pytest

from support.api import new_account
from support.chromium import chromium
from support.dashboard import Dashboard, thing
from support.members import crowd


@pytest.fixture(scope="module")
def browser():
    with chromium({"profile.managed_default_content_settings.javascript": 2}) as driver:
        yield driver


@pytest.fixture(scope="module")
def dashboard(browser, server, admin) -> Dashboard:
    return Dashboard(browser, server.url, runs_scripts=False).open().sign_in(admin)


def test_it_does_run_none(dashboard):
    dashboard.open("users/")
    assert dashboard.one("[data-choose-all]").get_attribute("disabled"), "the script has enabled it"
    dashboard.driver.get("data:text/html,<body><script>document.body.innerHTML='<p id=ran>'</script><noscript><p id=none></noscript>")
    assert dashboard.all("#none") and not dashboard.all("#ran")


def test_signing_in_and_out(dashboard, admin):
    dashboard.open().sign_out()
    assert dashboard.asks_who
    dashboard.open("exercises/").sign_in(admin)
    assert dashboard.at == "exercises/" and admin.username in dashboard.one(".top").text


def test_an_account_is_made_edited_and_deleted(dashboard, ctl):
    new = new_account("plain")
    dashboard.open("users/").press("Create")
    dashboard.fill(USERNAME=new.username, email=new.email, password1=new.password, password2=new.password + "x").submit()
    assert dashboard.faults == {"password2": "The two differ."}
    dashboard.fill(password1=new.password, password2=new.password).submit()
    row = ctl.json("user", "show", new.username)
    assert dashboard.at == thing("user", row["id"])
    dashboard.press("Edit")
    dashboard.fill(first_name="Ada").submit()
    assert ctl.json("user", "show", new.username)["first_name"] == "Ada"
    dashboard.press("Delete")
    dashboard.press("Delete 1 row")
    assert dashboard.at == "users/" and "user delete: done." in dashboard.notices
    assert ctl.json("user", "show", new.username, "--wide")["deleted"]


def test_many_are_changed_at_once(dashboard, ctl, database):
    crowd(database, 4, "quiet")
    dashboard.open("users/", q="quiet")
    dashboard.choose("quiet1", "quiet3")
    dashboard.press("Lock")
    assert [row[1] for row in dashboard.concerned] == ["quiet1", "quiet3"]
    dashboard.press("Lock 2 rows")
    assert [row["username"] for row in ctl.json("user", "list", "--search", "quiet", "--locked")] == ["quiet1", "quiet3"]


def test_a_list_is_searched_filtered_sorted_and_paged(dashboard, database):
    crowd(database, 5, "silent")
    dashboard.open("users/")
    dashboard.one("#q").send_keys("silent")
    dashboard.turn(dashboard.one("form.search button").click)
    assert len(dashboard.rows) == 5
    dashboard.one(".filters summary").click()
    dashboard.fill(column="username", comparison="!=", value="silent3", limit="20")
    dashboard.turn(dashboard.one(".filters button[type=submit]").click)
    assert dashboard.column("Username") == ["silent1", "silent2", "silent4", "silent5"]
    dashboard.press("Username", dashboard.one("form.list thead"))
    dashboard.press("Username ▲", dashboard.one("form.list thead"))
    assert dashboard.column("Username") == ["silent5", "silent4", "silent2", "silent1"]
    dashboard.open("users/", q="silent", limit="2").press("Next")
    assert dashboard.column("Username") == ["silent3", "silent4"]
    dashboard.press("Previous")
    assert dashboard.column("Username") == ["silent1", "silent2"]


def test_one_click_ends_a_session(dashboard, ctl, api, account):
    token = api.tokens(account)["access_token"]
    dashboard.open("sessions/", user=account.username)
    dashboard.press("Revoke", dashboard.row(account.username))
    assert not api.alive(token) and not dashboard.rows


def test_two_who_edit_one_and_what_was_typed(dashboard, ctl, admin):
    ctl.ok("group", "create", "Back")
    number = str(ctl.json("exercise", "create", "Bridge", "--group", "Back")["id"])
    dashboard.open("exercises/edit/", ID=number)
    ctl.ok("exercise", "edit", number, "--name", "Theirs")
    dashboard.fill(name="Mine", instructions="One.\nTwo.").submit()
    assert dashboard.value("name") == "Mine" and "Theirs" in dashboard.faults["field-name"]
    ctl.ok("session", "revoke", "--user", admin.username, "--yes")
    dashboard.submit()
    assert dashboard.asks_who
    dashboard.sign_in(admin)
    assert dashboard.value("name") == "Mine" and dashboard.value("instructions") == "One.\nTwo."
    dashboard.submit()
    if dashboard.at != thing("exercise", number):
        dashboard.submit()
    assert ctl.json("exercise", "show", number)["name"] == "Mine"


def test_the_menu_is_open_on_a_phone(dashboard):
    dashboard.look("light", 360)
    dashboard.open("users/")
    assert dashboard.one(".menu a[href='/admin/bans/']").is_displayed()
    dashboard.look()
