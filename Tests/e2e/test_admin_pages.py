"""Every page of every noun, with nothing and with everything in the database: HTML without a fault, and all of it text."""

import secrets as random
import unicodedata
from urllib.parse import quote

import html5lib
import pytest

from support.admin import PLURALS, ROOT, SIGN_IN, Dashboard, Page
from support.api import create_account
from support.operations import CHANGES
from support.plenty import TEXTS, fill
from support.program import Ctl

ALL = {"all": "on", "deleted": "on"}


@pytest.fixture(scope="module")
def database(new_database):
    url = new_database()
    fill(url)
    return url


@pytest.fixture(scope="module")
def bare(program, new_database, new_server):
    """Somebody on a database with nothing but the account."""
    url = new_database()
    person = create_account(Ctl(program, url), 3)
    return Dashboard(new_server(url=url).url).sign_in(person)


def assert_well_formed(page: Page) -> None:
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(page.answer.content, transport_encoding="utf-8")
    faults = [(place, code, more) for place, code, more in parser.errors]
    lines = page.answer.text.splitlines()
    assert not faults, [(code, more, lines[place[0] - 1][:200]) for place, code, more in faults]


def assert_sound(page: Page) -> None:
    """What a browser, a reader of screens and a keyboard need."""
    assert_well_formed(page)
    ids = [str(value) for value in page.all("//@id")]
    assert len(ids) == len(set(ids)), [value for value in ids if ids.count(value) > 1]
    for name in ("for", "aria-describedby", "aria-labelledby", "list", "form", "aria-controls"):
        for value in page.all(f"//@{name}"):
            assert set(str(value).split()) <= set(ids), f"{name}={value}"
    for control in page.all("//input[not(@type='hidden') and not(@type='submit')] | //select | //textarea"):
        labelled = control.get("aria-label") or control.xpath("ancestor::label") or page.all(f"//label[@for='{control.get('id')}']")
        assert labelled, control.attrib
    for form in page.forms:
        tokens = form.element.xpath(".//input[@name='csrf']/@value")
        assert (len(tokens) == 1 and tokens[0]) if form.method == "POST" else not tokens, form.action
        assert not form.element.xpath("ancestor::form")
    assert len(page.all("//h1")) == len(page.all("//main")) == len(page.all("//title")) == 1
    assert page.all("//html/@lang") and page.texts("//title")[0]
    assert not page.all("//a[not(@href)] | //button[not(@type)] | //img[not(@alt)]")
    for link in page.all("//a | //button"):
        assert link.text_content().strip() or link.get("aria-label"), link.attrib


@pytest.mark.parametrize("path", [ROOT, *[f"/admin/{plural}/" for plural in PLURALS]])
def test_a_list_with_nothing_in_it(bare, path):
    page = bare.page(path)
    assert_sound(page)
    for asked in ({"q": "nothing of this name"}, {"count": "1"}, ALL, {"limit": 1}):
        assert_sound(bare.page(path, asked))


@pytest.mark.parametrize("plural", PLURALS)
def test_a_list_with_everything_in_it(dashboard, onlooker, plural):
    for visitor in (dashboard, onlooker):
        for asked in ({}, ALL, {"limit": 5, "count": "1"}, {"q": "person", "where": "id>1"}, {"sort": "nothing"}):
            page = visitor.get(f"/admin/{plural}/", asked)
            assert page.status in (200, 400), str(page)
            assert_sound(page)
    names = dashboard.page(f"/admin/{plural}/").all("//input[@name='columns']/@value")
    page = dashboard.page(f"/admin/{plural}/", {"columns": ",".join(map(str, names))} | ALL)
    assert_sound(page)
    assert set(page.rows[0]) >= {str(name) for name in names}


@pytest.mark.parametrize("plural", PLURALS)
def test_every_thing(dashboard, onlooker, plural):
    keys = dashboard.page(f"/admin/{plural}/", ALL if plural != "users" else {}).keys
    assert keys
    for key in keys[:24]:
        page = dashboard.page(f"/admin/{plural}/{key}/")
        assert page.thing and page.command
        assert_sound(page)
    assert_sound(onlooker.page(f"/admin/{plural}/{keys[0]}/"))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_every_form(dashboard, bare, change):
    for visitor in (dashboard, bare):
        page = visitor.get(change.path)
        assert page.status == 200, str(page)
        assert_sound(page)
        assert page.form(change.path).method == "POST"
    wrong = {name: "<b>no such thing" for name in change.fields if name != "password-way"}
    page = dashboard.post(change.path, wrong) if wrong else page
    assert page.status in (200, 303, 400, 404, 409), str(page)
    if page.status != 303:
        assert_sound(page)


@pytest.mark.parametrize("path", [SIGN_IN, SIGN_IN + "?next=%22%3E%3Cb%3E", "/admin/nothing/", "/admin/users/0/"])
def test_pages_for_strangers_and_of_what_is_not_there(server, dashboard, path):
    for visitor in (Dashboard(server.url), dashboard):
        page = visitor.get(path)
        if page.status != 303:
            assert_sound(page)


# Whatever it is, it is text.

HOSTILE = ['<script>alert("1")</script>', '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)",
    "</textarea><b>x", "</option></select><b>x",
           "&lt;b&gt;", "&amp;", "&#60;b&#62;", "</title><b>x", "{{7*7}}${7*7}", "javascript:alert(1)", "<!-- x", "]]>",
           "\u202egnp", "a\u00a0b"]


def inside(page: Page) -> set[str]:
    """The kinds of element of a page; a text that is taken for markup would add one."""
    return {element.tag for element in page.all("//*") if isinstance(element.tag, str)}


def assert_harmless(page: Page) -> None:
    assert_well_formed(page)
    assert not page.all("//script[not(starts-with(@src, '/assets/'))] | //img | //iframe | //main//b[text()='x'] | //title/*"), str(page)
    assert not [name for element in page.all("//*") for name in element.attrib if name.startswith("on")]
    assert not page.all("//a[starts-with(@href, 'javascript:')]")
    assert not page.tree.xpath("//comment()")


@pytest.mark.parametrize("text", HOSTILE)
def test_in_every_column_of_a_list_and_a_thing(dashboard, ctl, text):
    number = ctl.json("user", "create", f"hostile-{HOSTILE.index(text)}", "--no-password", f"--first-name={text}",
        f"--last-name={text}")["id"]
    page = dashboard.page("/admin/users/", {"q": f"hostile-{HOSTILE.index(text)}"})
    assert_harmless(page)
    assert text in (page.rows[0]["first_name"], page.rows[-1]["first_name"])
    page = dashboard.page(f"/admin/users/{number}/")
    assert_harmless(page)
    assert page.thing["first_name"] == page.thing["last_name"] == text
    page = dashboard.page("/admin/users/edit/", {"USER": f"hostile-{HOSTILE.index(text)}"})
    assert_harmless(page)
    assert dict(page.form("/admin/users/edit/").fields)["first-name"] == text


@pytest.mark.parametrize("text", HOSTILE)
def test_in_everything_that_an_address_may_hold(dashboard, text):
    for asked in ({"q": text}, {"where": f"first_name={text}"}, {"sort": text}, {"columns": text}, {"limit": text},
        {"permission": text},
                  {"done": text, "rows": text}, {"column": text, "comparison": text, "value": text}, {text: text},
                  {"next": text}):
        page = dashboard.get("/admin/users/", asked)
        assert page.status in (200, 400), str(page)
        assert_harmless(page)
    for path in ("/admin/users/lock/", "/admin/bans/add/", "/admin/exercises/create/", "/admin/permissions/check/"):
        for name in ("USER", "TARGET", "NAME", "reason", "group", "instructions", "OPERATION", "return", "csrf",
            "confirm"):
            page = dashboard.get(path, {name: text})
            assert page.status in (200, 400), str(page)
            assert_harmless(page)


@pytest.mark.parametrize("text", HOSTILE)
def test_in_an_address_s_path(dashboard, server, text):
    for path in (f"/admin/{quote(text, safe='')}/", f"/admin/users/{quote(text, safe='')}/",
        f"/admin/keys/{quote(text, safe='')}/"):
        for visitor in (dashboard, Dashboard(server.url)):
            page = visitor.get(path)
            assert page.status in (303, 404), str(page)
            if page.status == 404:
                assert_harmless(page)


@pytest.mark.parametrize("text", [*HOSTILE, "\n\nfirst line is the third", "ends\n", "\r\n", "a\r\nb", " spaces ",
    "\ttab"])
def test_a_text_area_gives_back_what_it_was_given(dashboard, ctl, text):
    name = f"Exercise {random.token_hex(5)}"
    ctl.ok("exercise", "create", name, "--group", "Escaped", f"--instructions={text}")
    stored = next(row["instructions"] for row in ctl.json("exercise", "list", "--columns", "name,instructions")
        if row["name"] == name)
    number = next(row["id"] for row in ctl.json("exercise", "list") if row["name"] == name)
    page = dashboard.page("/admin/exercises/edit/", {"ID": str(number)})
    assert_harmless(page)
    area = html5lib.parse(page.answer.content, namespaceHTMLElements=False).find(".//textarea[@name='instructions']")
    assert (area.text or "") == stored.replace("\r\n", "\n").replace("\r", "\n")


@pytest.fixture(scope="module", autouse=True)
def group(ctl):
    ctl.ok("group", "create", "Escaped")


@pytest.mark.parametrize("text", HOSTILE)
def test_in_options_and_suggestions(dashboard, ctl, text):
    code = 5000 + HOSTILE.index(text)
    ctl.ok("permission", "create", code, f"{text} {code}")
    page = dashboard.page("/admin/users/create/")
    assert_harmless(page)
    assert page.texts(f"//datalist/option[@value='{code}']") in ([" ".join(f"{text} {code}".split())], [])
    page = dashboard.page(f"/admin/permissions/{code}/")
    assert_harmless(page)
    assert page.thing["level"] == unicodedata.normalize("NFKC", f"{text} {code}")


@pytest.mark.parametrize("text", ["\x01", "\x1b[31m", "\x7f", "\u0080", "\u0085", "\u009f", "\ufdd0", "\ufffe",
    "\U0001fffe", "\x0b", "\x0c"])
def test_signs_that_html_has_no_way_to_write(dashboard, ctl, text):
    name = f"sign-{random.token_hex(5)}"
    number = ctl.json("user", "create", name, "--no-password", f"--first-name=a{text}b")["id"]
    for path in (f"/admin/users/?q={name}", f"/admin/users/{number}/", f"/admin/users/edit/?USER={name}",
        f"/admin/users/?q={name}{quote(text)}x"):
        assert_well_formed(dashboard.page(path))


def test_in_what_somebody_s_browser_calls_itself(server, dashboard, admin, ctl):
    visitor = Dashboard(server.url)
    visitor.session.headers["User-Agent"] = HOSTILE[0]
    visitor.sign_in(admin)
    page = dashboard.page("/admin/sessions/", {"columns": "id,user_agent,device", "user": admin.username})
    assert_harmless(page)
    assert HOSTILE[0] in page.column("user_agent")


def test_in_the_audit_of_a_sign_in_that_failed(server, dashboard):
    visitor = Dashboard(server.url)
    visitor.get(SIGN_IN)
    visitor.post(SIGN_IN, {"username": HOSTILE[0], "password": "wrong"})
    page = dashboard.page("/admin/audit/", {"what": "sign-in-failed"})
    assert_harmless(page)
    assert_harmless(dashboard.page(ROOT))


def test_every_awkward_value_is_shown_as_it_is(dashboard):
    page = dashboard.page("/admin/users/", {"q": "person", "limit": 200, "sort": "id"})
    shown = [row["first_name"] for row in page.rows]
    assert shown == [text.strip() for text in TEXTS[:22]]
