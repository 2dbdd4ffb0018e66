"""Sessions in the dashboard: where, when and which device, and their end with everything of theirs."""

import pytest

from support.api import Account, create_account, keep_pair
from support.chromium import chromium
from support.cluster import query
from support.dashboard import Dashboard
from support.sockets import again, assert_alive, assert_closed, begin, newcomer, opened

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
          " Version/18.5 Mobile/15E148 Safari/604.1")


@pytest.fixture(scope="module")
def dashboard(browser, server, admin) -> Dashboard:
    return Dashboard(browser, server.url).open().sign_in(admin)


def of(dashboard: Dashboard, account: Account, **more) -> list[dict[str, str]]:
    return dashboard.open("sessions/", user=account.username, **more).rows


def sign_in_as(api, account: Account, agent: str) -> str:
    answer = api.post("/api/auth/login/", {"username": account.username, "password": account.password},
                      headers={"User-Agent": agent})
    assert answer.status_code == 200, answer.text
    keep_pair(answer.json())
    return answer.json()["access_token"]


def test_it_tells_where_and_when_and_how(dashboard, ctl, api, account):
    api.tokens(account)
    [row] = of(dashboard, account)
    [told] = ctl.json("session", "list", "--user", account.username, "--wide")
    assert row["Address"] == "127.0.0.1" and row["Dialect"] == told["dialect"] and row["State"] == "live"
    assert row["Created"] == told["created"][:19].replace("T", " ")
    assert row["Last seen"] and row["Expires"] and row["Sockets"] == "0"


@pytest.mark.parametrize("agent, word", [(FIREFOX, "Firefox"), (IPHONE, "iPhone"), ("curl/8.14.1", "curl"),
                                         ("havoc-game/2.1 (console)", "havoc-game")])
def test_it_tells_which_device(dashboard, api, account, agent, word):
    sign_in_as(api, account, agent)
    [row] = of(dashboard, account)
    assert word in row["Device"], row
    dashboard.turn(dashboard.all("form.list tbody td a")[0].click)
    assert dashboard.shown["User agent"] == agent


def test_the_browser_s_own_is_named_by_its_browser(dashboard, admin):
    [row] = of(dashboard, admin)
    assert "Chrom" in row["Device"] and row["Dialect"] == "dashboard", row


def test_one_click_ends_one_and_no_other(dashboard, ctl, api, account):
    kept = sign_in_as(api, account, "kept/1")
    ended = sign_in_as(api, account, "ended/1")
    assert len(of(dashboard, account)) == 2
    dashboard.press("Revoke", dashboard.row("ended"))
    assert dashboard.at == "sessions/" and f"user={account.username}" in dashboard.query
    assert [row["Device"] for row in dashboard.rows] == ["kept"]
    assert "session revoke: done." in dashboard.notices
    assert api.alive(kept) and not api.alive(ended)
    assert len(ctl.json("audit", "list", "--what", "session-revoke", "--user", account.username)) == 1


def test_an_open_socket_closes_with_its_session(dashboard, ctl, server):
    talk = begin(ctl, server)
    other = again(server, talk.one.account)
    chat, kept = opened([server], talk)[0], opened([server], talk, other)[0]
    rows = of(dashboard, talk.one.account)
    assert sorted(row["Sockets"] for row in rows) == ["1", "1"]
    first = query(ctl.database, "SELECT s.id FROM session s JOIN account a ON a.id = s.account"
                                " WHERE a.username = %s ORDER BY s.created LIMIT 1", talk.one.name)[0][0]
    dashboard.turn(dashboard.one(f"button[value='{first}']").click)
    assert_closed(chat)
    assert_alive(kept)


def test_many_at_once_and_their_sockets(dashboard, ctl, server):
    talk = begin(ctl, server)
    others = [talk.one, again(server, talk.one.account), again(server, talk.one.account)]
    chats = [opened([server], talk, one)[0] for one in others]
    of(dashboard, talk.one.account)
    dashboard.one("[data-choose-all]").click()
    dashboard.press("Revoke", dashboard.one(".bulk"))
    assert "3 rows will change. Nothing is done yet." in dashboard.notices and len(dashboard.concerned) == 3
    assert_alive(*opened([server], talk))
    dashboard.press("Revoke 3 rows")
    assert_closed(*chats)
    assert not of(dashboard, talk.one.account)


def test_all_of_somebody_by_the_form(dashboard, ctl, server):
    person = newcomer(ctl, server)
    again(server, person.account)
    dashboard.open("sessions/revoke/")
    assert not dashboard.all("main [role=alert]"), dashboard.notices
    dashboard.fill(user=person.name).submit()
    assert "2 rows will change. Nothing is done yet." in dashboard.notices
    dashboard.submit()
    assert not of(dashboard, person.account)
    assert {row["State"] for row in of(dashboard, person.account, all="on")} == {"revoked"}


def test_ending_one_s_own_leads_to_the_sign_in(browser, server, ctl):
    other = create_account(ctl, 3, "leaver")
    with chromium() as driver:
        elsewhere = Dashboard(driver, server.url).open().sign_in(other)
        of(elsewhere, other)
        elsewhere.turn(elsewhere.one("form.list tbody button").click)
        assert elsewhere.at == "sign-in/"


def test_pruning_says_how_many_and_removes_the_dead(dashboard, ctl, api, account, database):
    api.tokens(account)
    ctl.ok("session", "revoke", "--user", account.username, "--yes")
    query(database, "UPDATE session SET revoked = now() - interval '40 days', created = now() - interval '41 days'"
                    " WHERE account = (SELECT id FROM account WHERE username = %s) RETURNING 1", account.username)
    dashboard.open("sessions/").press("Prune")
    assert "One row will change. Nothing is done yet." in dashboard.notices
    assert of(dashboard, account, all="on")
    dashboard.open("sessions/prune/").press("Prune 1 row")
    assert dashboard.shown["Removed"] == "1"
    assert not of(dashboard, account, all="on")
