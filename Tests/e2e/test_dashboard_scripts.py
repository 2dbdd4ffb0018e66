"""Scripts in every value that somebody can choose: the dashboard shows them as text and runs none."""

import pytest

from support import integers
from support.api import create_account, keep_pair
from support.chromium import chromium
from support.cluster import query
from support.dashboard import PLURALS, Dashboard, thing
from support.members import signed_in
from support.microblog import tweet

SCRIPTS = [
    "<script>window.ran = 1</script>", "\"><img src=x onerror=window.ran=1>", "'><svg onload=window.ran=1>",
    "</textarea><script>window.ran = 1</script>", "</title><script>window.ran = 1</script>",
    "javascript:window.ran=1//", "<a href=\"javascript:window.ran=1\" autofocus onfocus=window.ran=1>",
    "&lt;script&gt;&#60;b&#62;", "{{7*7}}${7*7}<%= 7*7 %>", "--><script>window.ran=1</script><!--"]
LINE = " ".join(SCRIPTS)
LEVEL = SCRIPTS[1] + SCRIPTS[0]

# Elements and attributes that only what was written into a value could have made.
FOREIGN = """
const inline = [...document.querySelectorAll("*")].filter((one) =>
  [...one.attributes].some((each) => /^on/.test(each.name) || /^javascript:/i.test(each.value) && each.name != "value"));
const script = [...document.querySelectorAll("script")].filter((one) => !one.src.startsWith(location.origin + "/assets/"));
const strange = [...document.querySelectorAll("img, iframe, object, embed, base")];
return {ran: window.ran ?? null, found: [...inline, ...script, ...strange].map((one) => one.outerHTML)};
"""


@pytest.fixture(scope="module")
def dashboard(browser, server, admin) -> Dashboard:
    return Dashboard(browser, server.url).open().sign_in(admin)


@pytest.fixture(scope="module")
def values(ctl, api, database) -> dict[str, str]:
    """By noun, the key of the thing that has them."""
    account = create_account(ctl, 1, "scripted")
    ctl.ok("user", "edit", account.username, "--first-name", SCRIPTS[0], "--last-name", SCRIPTS[1])
    ctl.ok("permission", "create", 66, LEVEL)
    ctl.ok("permission", "assign", 66, account.username)
    ctl.ok("group", "create", SCRIPTS[2])
    exercise = ctl.json("exercise", "create", SCRIPTS[0], "--group", SCRIPTS[2], "--targeted-muscles", SCRIPTS[1],
                        "--instructions", "\n".join(SCRIPTS))
    ctl.ok("ban", "add", "192.0.2.66", "--reason", LINE)
    locked = create_account(ctl, 1, "locked")
    ctl.ok("user", "lock", locked.username, "--reason", LINE)
    answer = api.post("/api/auth/login/", {"username": account.username, "password": account.password},
                      headers={"User-Agent": LINE})
    assert answer.status_code == 200, answer.text
    keep_pair(answer.json())
    wrong = api.post("/api/auth/login/", {"username": LINE[:100], "password": "wrong"}, headers={"User-Agent": LINE})
    assert wrong.status_code in (400, 401)
    member = signed_in(api, account)
    number = tweet(member, LINE[:280])["id"]
    owner = integers.join(api, "scripted")
    owner.keep("script", integers.units(1))
    query(database, "UPDATE integer_set SET name = %s RETURNING 1", SCRIPTS[0])
    query(database, "INSERT INTO mail (account, recipient, purpose, last_error, due) SELECT id, %s, 'sign-in-code', %s,"
                    " now() + interval '1 day' FROM account WHERE username = %s RETURNING 1",
          SCRIPTS[1], LINE, account.username)
    query(database, "UPDATE account SET email = %s WHERE username = %s RETURNING 1", "\"<script>window.ran=1</script>\"@example.org",
          locked.username)

    def newest(statement: str) -> str:
        return str(query(database, statement)[0][0])

    return {
        "username": account.username, "user": str(ctl.json("user", "show", account.username)["id"]), "permission": "66",
        "session": newest("SELECT id FROM session WHERE user_agent LIKE '%%script%%' ORDER BY created LIMIT 1"),
        "ban": newest("SELECT id FROM ban"), "exercise": str(exercise["id"]),
        "group": newest("SELECT id FROM exercise_group"), "tweet": str(number),
        "integers": newest("SELECT id FROM integer_set"), "mail": newest("SELECT id FROM mail"),
        "audit": newest("SELECT id FROM audit WHERE what = 'lock'")}


def assert_harmless(dashboard: Dashboard) -> None:
    seen = dashboard.driver.execute_script(FOREIGN)
    assert seen == {"ran": None, "found": []}, (dashboard.driver.current_url, seen)


HOLDERS = ["user", "permission", "session", "ban", "exercise", "group", "tweet", "integers", "mail", "audit"]

# A part of each thing's page that must stand there letter by letter.
SHOWN = {
    "user": [SCRIPTS[0], SCRIPTS[1], LEVEL], "permission": [LEVEL], "session": [SCRIPTS[3]], "ban": [LINE],
    "exercise": [SCRIPTS[0], SCRIPTS[1], SCRIPTS[2], *SCRIPTS], "group": [SCRIPTS[2]], "tweet": [LINE[:280].strip()],
    "integers": [SCRIPTS[0]], "mail": [SCRIPTS[1], LINE], "audit": []}


@pytest.mark.parametrize("noun", HOLDERS)
def test_a_thing_shows_them_as_text(dashboard, values, noun):
    dashboard.open(thing(noun, values[noun]))
    assert dashboard.status == 200
    assert_harmless(dashboard)
    told = "\n".join(dashboard.shown.values())
    assert all(text in told for text in SHOWN[noun]), told
    if noun == "audit":
        assert "<script>" in told


@pytest.mark.parametrize("noun", PLURALS)
def test_a_list_shows_them_as_text(dashboard, values, noun):
    dashboard.open(PLURALS[noun] + "/", limit="200", **({"all": "on"} if noun in ("mail", "stream") else {}))
    assert dashboard.status == 200
    assert_harmless(dashboard)
    if noun in ("user", "permission", "exercise", "group", "tweet", "integers", "mail"):
        assert "<" in "".join(value for row in dashboard.rows for value in row.values())


@pytest.mark.parametrize("path, names", [
    ("users/edit/", {"USER": "{username}"}), ("users/lock/", {"USER": "{user}"}), ("permissions/edit/", {"CODE": "66"}),
    ("permissions/assign/", {"CODE": "66", "USER": "{user}"}), ("exercises/edit/", {"ID": "{exercise}"}),
    ("exercises/delete/", {"ID": "{exercise}"}), ("groups/edit/", {"ID": "{group}"}), ("groups/delete/", {"ID": "{group}"}),
    ("tweets/delete/", {"ID": "{tweet}"}), ("integers/delete/", {"ID": "{integers}"}), ("mail/retry/", {"ID": "{mail}"}),
    ("sessions/revoke/", {"SESSION": "{session}"}), ("bans/lift/", {"TARGET": "192.0.2.66"})], ids=lambda value: str(value))
def test_a_form_and_what_will_happen_show_them_as_text(dashboard, values, path, names):
    dashboard.open(path, **{name: value.format(**values) for name, value in names.items()})
    assert dashboard.status == 200
    assert_harmless(dashboard)


def test_an_edit_form_has_them_letter_by_letter(dashboard, ctl, values):
    dashboard.open("exercises/edit/", ID=values["exercise"])
    assert dashboard.value("name") == SCRIPTS[0] and dashboard.value("targeted-muscles") == SCRIPTS[1]
    assert dashboard.value("instructions") == "\n".join(SCRIPTS) and dashboard.value("group") == SCRIPTS[2]
    dashboard.submit()
    assert "exercise edit: nothing changed." in dashboard.notices


@pytest.mark.parametrize("text", SCRIPTS)
def test_what_stands_in_the_address_is_text(dashboard, text):
    for path, names in (
            ("users/", {"q": text, "where": "username~" + text.replace("$", ""), "sort": text, "columns": text}),
            ("users/", {"q": text, "done": text, "rows": text, "limit": text, "next": text}),
            ("users/create/", {"USERNAME": text, "first-name": text, "permission": text, "two-factor": text}),
            ("users/lock/", {"USER": text, "reason": text, "until": text}), ("exercises/create/", {"instructions": text}),
            ("users/edit/", {"USER": text, "return": text, "version": text, "confirm": text})):
        dashboard.open(path, *names.items())
        assert dashboard.status < 500, (path, dashboard.text)
        assert_harmless(dashboard)
    dashboard.open(thing("user", text.replace("/", "")))
    assert dashboard.status == 404
    assert_harmless(dashboard)


def test_what_is_typed_wrongly_comes_back_as_text(dashboard):
    dashboard.open("users/create/").fill(USERNAME=LINE[:100], email=SCRIPTS[1], first_name=SCRIPTS[2], permission=SCRIPTS[0],
                                         password_way="none").submit()
    assert dashboard.status == 400 and dashboard.faults
    assert dashboard.value("first-name") == SCRIPTS[2] and dashboard.value("email") == SCRIPTS[1]
    assert_harmless(dashboard)


def test_the_sign_in_shows_them_as_text(server):
    with chromium() as driver:
        dashboard = Dashboard(driver, server.url).open("sign-in/", next="/admin/" + SCRIPTS[1])
        assert_harmless(dashboard)
        dashboard.one("#username").send_keys(SCRIPTS[1])
        dashboard.one("#password").send_keys("wrong")
        dashboard.turn(dashboard.one("main button[type=submit]").click)
        assert dashboard.status == 401 and dashboard.one("#username").get_property("value") == SCRIPTS[1]
        assert_harmless(dashboard)


def test_a_script_that_is_in_a_page_would_not_run(dashboard):
    """The policy is the second wall: a tag that got in all the same runs nothing."""
    dashboard.open()
    dashboard.driver.execute_script("""
      const script = document.createElement("script");
      script.textContent = "window.ran = 1";
      document.body.append(script);
      document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.ran=2'>");
    """)
    assert dashboard.driver.execute_script("return window.ran ?? null") is None
