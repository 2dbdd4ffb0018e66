"""The dashboard as a browser without scripts has it: pages, forms, links and two cookies."""

import functools
import json
from urllib.parse import parse_qsl, urlsplit

import lxml.html
import requests

from support import secrets
from support.api import TIMEOUT_SECONDS, Account
from support.browser import FromAddress, set_cookies
from support.cluster import contents, query

ROOT = "/admin/"
SIGN_IN = "/admin/sign-in/"
SIGN_OUT = "/admin/sign-out/"
SESSION, CSRF = "admin_session", "admin_csrf"
PLURALS = [
    "users", "permissions", "sessions", "tokens", "bans", "exercises", "groups", "streams", "conversations",
    "tweets", "integers", "mail", "keys", "audit"]
# What the command line calls them.
NOUNS = {plural: plural if plural in ("integers", "mail", "audit") else plural[:-1] for plural in PLURALS}


def tables(database: str) -> dict[str, list[str]]:
    """All that is in the database, but for what looking at it leaves there."""
    return {name: rows for name, rows in contents(database).items()
            if not name.endswith((".session", ".credential", ".audit", ".sample"))}


class Page:
    """One answer."""

    def __init__(self, answer: requests.Response):
        self.answer = answer
        self.status = answer.status_code
        self.headers = answer.headers

    def __str__(self) -> str:
        said = "" if not self.answer.content else "\n".join(self.texts("//main | //body[not(.//main)]"))
        return f"{self.answer.request.method} {self.answer.url[:300]}: {self.status}\n{said[:2000]}"

    @property
    def location(self) -> str:
        return self.headers["Location"]

    @functools.cached_property
    def tree(self):
        return lxml.html.document_fromstring(self.answer.content.decode())

    def all(self, path: str) -> list:
        return self.tree.xpath(path)

    def texts(self, path: str) -> list[str]:
        return [" ".join(found.text_content().split()) for found in self.all(path)]

    @property
    def heading(self) -> str:
        return self.texts("//h1")[0]

    @property
    def notices(self) -> str:
        return "\n".join(self.texts("//*[@role='status' or @role='alert']"))

    def chosen(self, words: list[str]) -> list[tuple[str, str]]:
        """What a list's form sends where the boxes of these rows are checked."""
        [form] = [form for form in self.forms if "list" in (form.element.get("class") or "").split()]
        assert form.method == "POST"
        boxes = {box.get("value"): box.get("name") for box in form.element.xpath(".//td/input[@type='checkbox']")}
        assert len({*boxes.values()}) == len(boxes)
        return [*form.fields, *[(boxes[word], word) for word in words]]

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong, by the field's name."""
        found = {}
        for control in self.all("//*[@aria-invalid='true']"):
            told = [self.tree.get_element_by_id(name).text_content() for name in control.get("aria-describedby").split()
                    if name.endswith("-fault")]
            found[control.get("name")] = " ".join(told)
        return found

    @property
    def command(self) -> str:
        """What the page says to type in a terminal."""
        return self.all("//*[contains(@class, 'command')]//code")[0].text_content()

    def form(self, action: str) -> "Form":
        return next(form for form in self.forms if form.action == action)

    @property
    def forms(self) -> list["Form"]:
        return [Form(found) for found in self.all("//form")]

    @property
    def rows(self) -> list[dict[str, str]]:
        """A list's rows by the columns' names."""
        titles = self.texts("//form[contains(@class, 'list')]//thead//th[@scope and a]")
        names = [title.rstrip(" ▲▼").lower().replace(" ", "_") for title in titles]
        found = []
        for row in self.all("//form[contains(@class, 'list')]//tbody/tr"):
            cells = row.xpath("td[not(contains(@class, 'choose') or button)]")
            found.append(dict(zip(names, map(shown, cells))))
        return found

    @property
    def thing(self) -> dict[str, str]:
        """What a thing's page tells of it."""
        names = [name.lower().replace(" ", "_") for name in self.texts("//dl[contains(@class, 'thing')]//dt")]
        return dict(zip(names, map(shown, self.all("//dl[contains(@class, 'thing')]//dd"))))

    @property
    def keys(self) -> list[str]:
        """Which things a list's rows are."""
        return [str(row.xpath(".//td/a/@href")[0]).split("/")[3]
                for row in self.all("//form[contains(@class, 'list')]//tbody/tr")]

    def column(self, name: str) -> list[str]:
        return [row[name] for row in self.rows]

    def link(self, rel: str) -> str | None:
        found = self.all(f"//a[@rel='{rel}']/@href")
        return str(found[0]) if found else None

    @property
    def links(self) -> list[str]:
        return [str(found) for found in self.all("//a/@href")]

    @property
    def kept(self) -> dict[str, str]:
        """What a sign-in carries along for the form behind it."""
        return {str(field.get("name")).removeprefix("kept."): str(field.get("value"))
                for field in self.all("//input[@type='hidden'][starts-with(@name, 'kept.')]")}

    @property
    def confirm(self) -> str | None:
        """The number of rows that whoever presses the button confirms."""
        found = self.all("//input[@name='confirm']/@value")
        return str(found[-1]) if found else None


def shown(cell) -> str:
    """A cell's value: nothing is nothing, and a time is exact."""
    if cell.xpath(".//*[contains(@class, 'none')]"):
        return ""
    times = cell.xpath(".//time/@datetime")
    return str(times[0]) if times else cell.text_content().strip()


class Form:
    """A form with what stands in it."""

    def __init__(self, element):
        self.element = element
        self.action = element.get("action")
        self.method = element.get("method", "get").upper()

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What a browser would send of it as it stands."""
        return [(name, value) for name, value in self.element.form_values()]

    def filled(self, **changes: str) -> list[tuple[str, str]]:
        """The same with other values; an underscore in a name is a dash."""
        given = {name.replace("_", "-"): value for name, value in changes.items()}
        kept = [(name, value) for name, value in self.fields if name not in given]
        return kept + [(name, value) for name, value in given.items() if value is not None]


class Dashboard:
    """Keeps its two cookies, and sends the form's token where it isn't told otherwise."""

    def __init__(self, url: str, address: str | None = None, **cookies: str):
        self.url = url
        self.cookies = dict(cookies)
        self.session = requests.Session()
        self.session.trust_env = False
        if address is not None:
            self.session.mount("http://", FromAddress(address))

    def call(self, method: str, path: str, **options) -> Page:
        headers = dict(options.pop("headers", {}))
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.session.cookies.clear()
        answer = self.session.request(
            method, self.url + path, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False, **options)
        for name, morsel in set_cookies(answer).items():
            if name == SESSION:
                secrets.keep(morsel.value)
            self.cookies[name] = morsel.value
            if not morsel.value or morsel["max-age"] == "0":
                del self.cookies[name]
        return Page(answer)

    def get(self, path: str, params=None, **options) -> Page:
        return self.call("GET", path, params=params, **options)

    def post(self, path: str, fields=(), csrf: str | bool = True, **options) -> Page:
        """`csrf` is the token to send, True for the cookie's own, False for none."""
        pairs = list(fields.items()) if isinstance(fields, dict) else list(fields)
        if csrf is not False and not any(name == "csrf" for name, _ in pairs):
            pairs.append(("csrf", self.cookies.get(CSRF, "") if csrf is True else csrf))
        return self.call("POST", path, data=pairs, **options)

    def page(self, path: str, params=None) -> Page:
        """One that must be there."""
        page = self.get(path, params)
        assert page.status == 200, str(page)
        return page

    def try_to_sign_in(self, account: Account, **fields) -> Page:
        if CSRF not in self.cookies:
            self.get(SIGN_IN)
        return self.post(SIGN_IN, {"username": account.username, "password": account.password} | fields)

    def sign_in(self, account: Account, **fields) -> "Dashboard":
        page = self.try_to_sign_in(account, **fields)
        assert page.status == 303, str(page)
        return self

    def go_on(self, page: Page, account: Account) -> Page:
        """Signs in where a form was sent too late, and goes on to the form."""
        assert page.status == 401, str(page)
        page = self.post(SIGN_IN, page.form(SIGN_IN).filled(username=account.username, password=account.password))
        assert page.status == 200, str(page)
        form = page.forms[-1]
        assert form.method == "POST" and page.all("//main//button[@type='submit']")
        return self.post(form.action, form.fields)

    @property
    def is_in(self) -> bool:
        """Whether the cookies prove anybody."""
        page = self.get("/admin/users/")
        assert page.status in (200, 303), str(page)
        return page.status == 200

    def done(self, path: str, fields) -> Page:
        """What changes something, with the number that its question asks for; gives the last answer."""
        page = self.post(path, fields)
        if page.status == 200 and page.confirm is not None:
            page = self.post(path, [*pairs(fields), ("confirm", page.confirm)])
        assert page.status in (200, 303), str(page)
        if page.status == 200:
            for name in ("password", "token"):
                secrets.keep(page.thing.get(name, ""))
        return page

    def walk(self, path: str, params=None) -> list["Page"]:
        """Every page of a list, from the first on."""
        found = [self.page(path, params)]
        while following := found[-1].link("next"):
            found.append(self.page(following))
        return found


def pairs(fields) -> list[tuple[str, str]]:
    return list(fields.items()) if isinstance(fields, dict) else list(fields)


def where_to(location: str) -> tuple[str, dict[str, str]]:
    """A redirect's path and query."""
    parts = urlsplit(location)
    assert not parts.scheme and not parts.netloc, location
    return parts.path, dict(parse_qsl(parts.query, keep_blank_values=True))


def minutes_pass(database: str, minutes: int = 16) -> None:
    """As if everybody had signed in to the dashboard so much earlier."""
    query(database, "UPDATE session SET created = created - %s * interval '1 minute'"
                    " WHERE dialect = 'dashboard' RETURNING 1", minutes)


def records(ctl, what: str, speaking_of: str = "") -> list[dict]:
    """The audit's records of this, newest first."""
    found = ctl.json("audit", "list", "--what", what, "--wide", "--limit", 500)
    return [row for row in found if speaking_of in json.dumps(row, ensure_ascii=False)]
