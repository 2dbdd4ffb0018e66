"""Every page of the dashboard by axe-core's rules, light and dark, on a phone and on a desktop."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from support import axe
from support.chromium import chromium
from support.dashboard import PLURALS, Dashboard, thing
from support.dashboard_rows import fill, serving

SCHEMES = ["light", "dark"]
WIDTHS = {"phone": 360, "desktop": 1280}
LOOKS = [(width, scheme) for width in WIDTHS for scheme in SCHEMES]

FORMS = [
    "users/create/", "users/passwd/", "users/two-factor/", "users/lock/", "users/unlock/", "users/delete/", "users/restore/",
    "permissions/create/", "permissions/delete/", "permissions/assign/", "permissions/check/", "sessions/revoke/",
    "sessions/prune/", "tokens/issue/", "tokens/revoke/", "tokens/prune/", "bans/add/", "bans/lift/", "exercises/seed/",
    "exercises/create/", "exercises/delete/", "groups/create/", "groups/delete/", "streams/end/", "streams/delete/",
    "conversations/delete/", "tweets/delete/", "integers/delete/", "mail/retry/", "mail/delete/", "keys/rotate/"]

# What else a list may look like.
MORE = ["users/?q=third&sort=-username&where=level%3DUSER&limit=2", "users/?q=nobody-at-all", "users/?where=wrong",
        "users/?count=1&columns=id,email,avatar,user_id", "?range=hour", "?range=week", "nothing/", "users/999999/"]


@dataclass(frozen=True)
class Seen:
    path: str
    width: str
    scheme: str
    violations: list[dict]
    overflow: int
    picture: Path


class Tour:
    """Visits pages in every look, and notes what was seen."""

    def __init__(self, dashboard: Dashboard):
        self.dashboard, self.seen = dashboard, []

    def note(self, name: str, width: str) -> None:
        for scheme in SCHEMES:
            self.dashboard.look(scheme, WIDTHS[width])
            driver = self.dashboard.driver
            rules = axe.rules(scheme, WIDTHS[width])
            self.seen.append(Seen(
                name, width, scheme, axe.violations(driver, rules),
                driver.execute_script("return document.documentElement.scrollWidth"),
                axe.keep_screenshot(driver, f"{name or 'overview'} {width} {scheme}")))

    def visit(self, *paths: str) -> None:
        for width in WIDTHS:
            self.dashboard.look("light", WIDTHS[width])
            for path in paths:
                self.dashboard.open(path)
                self.note(path, width)

    def refused(self, path: str, **fields: str) -> None:
        """A form that comes back with what is wrong."""
        for width in WIDTHS:
            self.dashboard.look("light", WIDTHS[width])
            self.dashboard.open(path).fill(**fields).submit()
            assert self.dashboard.faults, self.dashboard.text
            self.note(path + " refused", width)


@pytest.fixture(scope="module")
def server(new_server):
    return new_server(*serving())


@pytest.fixture(scope="module")
def rows(ctl, api) -> dict[str, list[str]]:
    ctl.ok("user", "create", "--no-password", "somebody else")
    return fill(ctl, api)


@pytest.fixture(scope="module")
def tour(server, rows, admin) -> list[Seen]:
    with chromium() as driver:
        made = Tour(Dashboard(driver, server.url))
        made.visit("sign-in/")
        made.dashboard.open().sign_in(admin)
        made.visit(
            "", *[plural + "/" for plural in PLURALS.values()], *[thing(noun, rows[noun][0]) for noun in PLURALS],
            *FORMS, "users/edit/?USER=somebody+else", f"permissions/edit/?CODE={rows['permission'][-1]}",
            f"exercises/edit/?ID={rows['exercise'][0]}", f"groups/edit/?ID={rows['group'][0]}",
            f"users/lock/?USER=somebody+else&USER={admin.username}", f"tweets/delete/?ID={rows['tweet'][0]}", *MORE)
        made.refused("users/create/", USERNAME="no/slash", email="nonsense", password1="a", password2="b")
        yield made.seen


@pytest.mark.parametrize("rules, bad, rule", [
    (None, "<img src='data:,'>", "image-alt"), (axe.COLOURS, "<p style='color: #888; background: #999'>grey</p>", "color-contrast")],
    ids=["a picture without words", "grey on grey"])
def test_the_rules_find_what_is_wrong(rules, bad, rule):
    with chromium() as driver:
        driver.get(f"data:text/html,<main><h1>A page</h1>{bad.replace('#', '%23')}</main>")
        assert rule in [one["rule"] for one in axe.violations(driver, rules)]


@pytest.mark.parametrize("width, scheme", LOOKS)
def test_no_page_violates_a_rule(tour, width, scheme):
    found = {seen.path: axe.as_text(seen.violations) for seen in tour
             if (seen.width, seen.scheme) == (width, scheme) and seen.violations}
    assert not found, "\n\n".join(f"/admin/{path}\n{text}" for path, text in found.items())


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_screen(tour, width):
    wider = {seen.path: seen.overflow for seen in tour if seen.width == width and seen.overflow > WIDTHS[width]}
    assert not wider, wider


def test_every_page_was_photographed_in_every_look(tour):
    assert len(tour) == len({seen.picture for seen in tour}) > 4 * len(FORMS)
    assert all(seen.picture.stat().st_size > 1000 for seen in tour)
    for seen, other in zip(tour[::2], tour[1::2], strict=True):
        assert (seen.scheme, other.scheme) == ("light", "dark")
        assert seen.picture.read_bytes() != other.picture.read_bytes(), f"{seen.path} looks the same in the dark"
