"""The dashboard by keyboard alone."""

import pytest
from selenium.webdriver.common.keys import Keys

from support import secrets
from support.chromium import chromium
from support.dashboard import Dashboard, thing
from support.program import until

# What a person can do something with, where it is to be seen, and what the focus went through.
WATCH = """
for (const one of document.querySelectorAll("main details")) one.open = true;
const shown = (one) => one.checkVisibility({visibilityProperty: true}) && one.getClientRects().length > 0;
window.wanted = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
  .filter((one) => shown(one) && !one.disabled);
window.reached = new Map();
addEventListener("focusin", (event) => {
  const style = getComputedStyle(event.target);
  window.reached.set(event.target, style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
});
return window.wanted.length;
"""
REACHED = """
const text = (one) => one.outerHTML.slice(0, 200);
return {missing: window.wanted.filter((one) => !window.reached.has(one)).map(text),
  hidden: [...window.reached].filter(([, isShown]) => !isShown).map(([one]) => text(one))};
"""


@pytest.fixture(scope="module")
def dashboard(browser, server, admin) -> Dashboard:
    return Dashboard(browser, server.url).open().sign_in(admin)


def focus(dashboard: Dashboard):
    return dashboard.driver.switch_to.active_element


def test_signing_in_takes_a_name_a_password_and_the_enter_key(server, admin):
    with chromium() as driver:
        dashboard = Dashboard(driver, server.url).open("users/")
        # Given with the first frame, not with the page.
        until(lambda: focus(dashboard).get_attribute("id") == "username", "the name has the focus", pause=0.01)
        dashboard.key(admin.username, Keys.TAB, admin.password)
        dashboard.turn(lambda: dashboard.key(Keys.ENTER))
        assert dashboard.at == "users/"
        secrets.keep(driver.get_cookie("admin_session")["value"])


@pytest.mark.parametrize("path", ["", "users/", "audit/"])
def test_the_first_thing_skips_to_the_content(dashboard, path):
    dashboard.open(path)
    dashboard.one("body").send_keys(Keys.TAB)
    link = focus(dashboard)
    assert link.text.startswith("Skip") and link.is_displayed() and link.size["height"] > 10
    dashboard.key(Keys.ENTER)
    dashboard.key(Keys.TAB)
    assert dashboard.driver.execute_script("return document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("path", ["", "users/", "sessions/", "users/create/", "exercises/seed/", "user"])
def test_the_tab_key_reaches_everything_and_shows_where_it_is(dashboard, ctl, admin, path):
    if path == "user":
        path = thing("user", ctl.json("user", "show", admin.username)["id"])
    dashboard.open(path)
    wanted = dashboard.driver.execute_script(WATCH)
    dashboard.one("body").send_keys(Keys.TAB * (wanted + 20))
    assert wanted > 15 and dashboard.driver.execute_script(REACHED) == {"missing": [], "hidden": []}


def test_a_slash_goes_to_the_search(dashboard, admin):
    dashboard.open("users/")
    dashboard.one("body").send_keys("/")
    assert focus(dashboard).get_attribute("id") == "q"
    dashboard.key(admin.username, "/")
    assert dashboard.one("#q").get_property("value") == admin.username + "/"
    dashboard.key(Keys.BACKSPACE)
    dashboard.turn(lambda: dashboard.key(Keys.ENTER))
    assert dashboard.column("Username") == [admin.username]


def test_c_creates_and_nothing_happens_where_there_is_nothing_to_do(dashboard):
    dashboard.open("users/")
    dashboard.turn(lambda: dashboard.one("body").send_keys("c"))
    assert dashboard.at == "users/create/"
    before = dashboard.driver.current_url
    dashboard.one("body").send_keys("cnp/x")
    dashboard.field("first-name").send_keys("c/np")
    assert dashboard.driver.current_url == before and dashboard.value("first-name") == "c/np"
    dashboard.open("audit/")
    dashboard.one("body").send_keys(Keys.CONTROL, "c")
    assert dashboard.at == "audit/"


def test_a_row_is_chosen_and_deleted_with_keys_alone(dashboard, ctl):
    ctl.ok("group", "create", "Legs")
    number = ctl.json("exercise", "create", "Jump", "--group", "Legs")["id"]
    dashboard.open("exercises/")
    box = dashboard.one(f"td.choose input[value='{number}']")
    dashboard.driver.execute_script("arguments[0].focus()", box)
    dashboard.key(Keys.SPACE)
    assert box.is_selected()
    button = dashboard.one(".bulk button")
    while focus(dashboard).id != button.id:
        dashboard.key(Keys.TAB)
    dashboard.turn(lambda: dashboard.key(Keys.ENTER))
    button = dashboard.one("main form.edit button[type=submit]")
    dashboard.driver.execute_script("arguments[0].focus()", button)
    dashboard.turn(lambda: dashboard.key(Keys.SPACE))
    assert not ctl.json("exercise", "list")


def test_the_menu_is_folded_on_a_phone_and_there_again_on_a_desktop(dashboard):
    dashboard.look("light", 360)
    dashboard.open("users/")
    link = dashboard.one(".menu a[href='/admin/bans/']")
    assert not link.is_displayed()
    dashboard.one(".menu summary").send_keys(Keys.ENTER)
    assert link.is_displayed()
    dashboard.open("users/").look("light", 1280)
    assert dashboard.one(".menu a[href='/admin/bans/']").is_displayed(), "a window that was made wider has no menu"
