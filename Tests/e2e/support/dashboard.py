"""The dashboard as a person in front of a browser has it."""

import shlex
from collections.abc import Callable
from urllib.parse import quote, urlencode, urlsplit

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

from support import secrets
from support.api import Account
from support.cluster import query
from support.program import Ctl, Result, until

PLURALS = {
    "user": "users", "permission": "permissions", "session": "sessions", "token": "tokens", "ban": "bans",
    "exercise": "exercises", "group": "groups", "stream": "streams", "conversation": "conversations",
    "tweet": "tweets", "integers": "integers", "mail": "mail", "key": "keys", "audit": "audit"}

STATUS = "return performance.getEntriesByType('navigation')[0].responseStatus"

# One call for all cells: there are hundreds.
TABLE = """
const table = document.querySelector("form.list table");
if (!table) return {columns: [], rows: []};
const rows = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("td:not(.choose)")]);
const isData = (_, at) => !rows[0][at].querySelector("button");
const text = (cell) => cell.innerText.trim();
return {
  columns: [...table.querySelectorAll("thead th:not(.choose)")].filter(isData)
    .map((one) => text(one).replace(/ [▲▼]$/, "")),
  rows: rows.map((row) => row.filter(isData).map(text))};
"""

# A page learns of another width or scheme with the first frame that is drawn in it, not with the order.
LAID_OUT = """
const [width, done] = arguments;
const look = () => innerWidth === width ? requestAnimationFrame(done) : requestAnimationFrame(look);
requestAnimationFrame(look);
"""

LIST_OF = "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText.trim())"


def thing(noun: str, key: str) -> str:
    return f"{PLURALS[noun]}/{quote(str(key), safe='')}/"


class Dashboard:
    """One browser; addresses are told from `/admin/` on."""

    def __init__(self, driver: Chrome, url: str, runs_scripts: bool = True):
        self.driver, self.root, self.runs_scripts = driver, url + "/admin/", runs_scripts

    # Where it is

    def turn(self, act: Callable[[], object]) -> "Dashboard":
        """Does what leads to another page, and waits for that."""
        page = self.one("html")

        def is_gone() -> bool:
            try:
                page.is_enabled()
                return False
            except StaleElementReferenceException:
                return True
            except WebDriverException:
                return False  # Asked in the middle of it.

        act()
        until(is_gone, f"another page than {self.driver.current_url}", pause=0.01)
        until(lambda: self.driver.execute_script("return document.readyState") == "complete", "all of it", pause=0.01)
        return self

    def open(self, path: str = "", *pairs: tuple[str, str], **query) -> "Dashboard":
        """A name that Python can't write, or one that comes twice, stands in `pairs`."""
        asked = urlencode([*pairs, *query.items()])
        self.driver.get(self.root + path + ("?" + asked if asked else ""))
        return self

    @property
    def at(self) -> str:
        """Where it is, without the query."""
        return urlsplit(self.driver.current_url).path.removeprefix("/admin/")

    @property
    def query(self) -> str:
        return urlsplit(self.driver.current_url).query

    @property
    def status(self) -> int:
        return self.driver.execute_script(STATUS)

    # What it says

    def all(self, selector: str, within: WebElement | None = None) -> list[WebElement]:
        return (within or self.driver).find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str, within: WebElement | None = None) -> WebElement:
        try:
            return (within or self.driver).find_element(By.CSS_SELECTOR, selector)
        except NoSuchElementException:
            raise AssertionError(f"no {selector} at {self.driver.current_url}:\n{self.text[:2000]}") from None

    @property
    def text(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "body").text

    @property
    def title(self) -> str:
        return self.one("h1").text

    def texts(self, selector: str) -> list[str]:
        return self.driver.execute_script(LIST_OF, selector)

    @property
    def notices(self) -> list[str]:
        return self.texts("main [role=status], main [role=alert]")

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong, by the id of the field, which says so to those who can't see it."""
        found = {}
        for fault in self.all(".fault"):
            field = fault.get_attribute("id").removesuffix("-fault")
            control = self.one(f"[id='{field}']")
            assert control.get_attribute("aria-invalid") == "true", field
            assert f"{field}-fault" in control.get_attribute("aria-describedby").split(), field
            found[field] = fault.text
        return found

    @property
    def command(self) -> str:
        return self.one(".command code").text

    def run_command(self, ctl: Ctl, *more: str) -> Result:
        """What the page says does the same in a terminal, done there."""
        program, *words = shlex.split(self.command)
        assert program == "havocctl", self.command
        return ctl.run(*more, *words)

    # Lists and things

    @property
    def _table(self) -> dict[str, list]:
        return self.driver.execute_script(TABLE)

    @property
    def columns(self) -> list[str]:
        """The list's headings, without the order's mark and without what only has buttons."""
        return self._table["columns"]

    @property
    def rows(self) -> list[dict[str, str]]:
        table = self._table
        return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]

    def column(self, name: str) -> list[str]:
        return [row[name] for row in self.rows]

    def row(self, text: str) -> WebElement:
        """The one row of the list that has a cell of this text."""
        found = [at for at, row in enumerate(self.rows) if text in row.values()]
        assert len(found) == 1, f"{len(found)} rows of {text!r}:\n{self.text[:2000]}"
        return self.all("form.list tbody tr")[found[0]]

    def choose(self, *words: str) -> None:
        for word in words:
            self.one(f"td.choose input[value='{word}']").click()

    def press(self, title: str, within: WebElement | None = None) -> None:
        """A button or a link of the page's that is called so."""
        found = [one for one in self.all("button, a", within or self.one("main")) if one.text == title]
        assert found, f"no {title!r} at {self.driver.current_url}:\n{self.text[:2000]}"
        self.turn(found[0].click)

    def offers(self, title: str) -> bool:
        return title in self.texts("main button, main a")

    @property
    def shown(self) -> dict[str, str]:
        """What a thing's page tells, or an answer of one row."""
        return dict(zip(self.texts("dl.thing dt"), self.texts("dl.thing dd"), strict=True))

    @property
    def concerned(self) -> list[list[str]]:
        """The rows of the page that says what will happen, cell by cell."""
        cells, width = self.texts(".rehearsal tbody td"), len(self.texts(".rehearsal thead th"))
        return [cells[at:at + width] for at in range(0, len(cells), width or 1)]

    # Forms

    def field(self, name: str) -> WebElement:
        return self.one(f"main form [name='{name}']:not([type=hidden])")

    def value(self, name: str) -> str:
        return self.field(name).get_property("value")

    def fill(self, **fields: str | bool) -> "Dashboard":
        """By the fields' names, `_` for `-`; a switch takes a truth value."""
        for name, value in fields.items():
            control = self.field(name.replace("_", "-"))
            if isinstance(value, bool):
                if control.is_selected() != value:
                    control.click()
            elif control.tag_name == "select":
                Select(control).select_by_value(value)
            else:
                control.clear()
                control.send_keys(value)
        return self

    def submit(self) -> "Dashboard":
        return self.turn(self.one("main form.edit button[type=submit]").click)

    def key(self, *keys: str) -> None:
        """Types where the focus is."""
        self.driver.switch_to.active_element.send_keys(*keys)

    # Who it is

    @property
    def asks_who(self) -> bool:
        """Whether the page is the sign-in, at whatever address."""
        return bool(self.all("main #username"))

    def sign_in(self, account: Account, code: str | None = None) -> "Dashboard":
        """At the page that it is at, where that asks for it."""
        if not self.asks_who:
            self.open("sign-in/")
        name = self.one("#username")
        name.clear()
        name.send_keys(account.username)
        self.one("#password").send_keys(account.password)
        if code is not None:
            self.one("#code").send_keys(code)
        self.turn(self.one("main button[type=submit]").click)
        cookie = self.driver.get_cookie("admin_session")
        if cookie:
            secrets.keep(cookie["value"])
        if self.at == "sign-in/" and not self.asks_who:
            if self.runs_scripts:
                until(lambda: self.at != "sign-in/", "it goes on with what was typed", pause=0.01)
            else:
                self.press("Go on with what you typed")
        return self

    def sign_out(self) -> None:
        self.turn(self.one(".who button").click)

    # How it looks

    def look(self, scheme: str = "light", width: int = 1280) -> None:
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False})
        if self.runs_scripts:
            self.driver.execute_async_script(LAID_OUT, width)


def sign_in_is_old(database: str) -> None:
    """As if everybody had signed in to the dashboard a quarter of an hour earlier."""
    query(database, "UPDATE session SET created = created - interval '16 minutes'"
                    " WHERE dialect = 'dashboard' RETURNING 1")
