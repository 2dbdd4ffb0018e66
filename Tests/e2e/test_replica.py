"""`database-replica`: what may be old is read on a streaming standby, and all else isn't."""

import re

import pytest

from support.admin import Dashboard
from support.api import create_account
from support.community import PEOPLE
from support.members import crowd
from support.metrics import scrape
from support.microblog import TWEETS, follow, tweet
from support.replicated import LATER, LISTS, Reader, both, database, pages, reader, server, standby
from support.schemes import SCHEMES, prove


# What is read there

@pytest.mark.parametrize("listed", LISTS)
def test_only_later_pages_may_be_old(standby, reader, listed):
    first, later = pages(listed, reader)
    fresh, old = reader.member.seen(first), reader.member.seen(later)
    assert old
    standby.pause()
    LISTS[listed][2](reader)
    assert reader.member.seen(first) != fresh
    assert reader.member.seen(later) == old
    standby.resume()
    assert reader.member.seen(later) != old


def test_a_long_list_in_one_answer_goes_on_there(standby, reader, database):
    crowd(database, 300, "long-")
    standby.pause()
    late = reader.newcomer()
    assert late.name not in [one["username"] for one in reader.member.seen(PEOPLE)]
    standby.resume()
    assert late.name in [one["username"] for one in reader.member.seen(PEOPLE)]


def users(dashboard: Dashboard) -> int:
    return int(re.search(r"Users\s*([\d,]+)", str(dashboard.get("/admin/")))[1].replace(",", ""))


def test_the_dashboard_counts_there_and_lists_here(standby, reader, ctl):
    dashboard = Dashboard(reader.member.api.url).sign_in(create_account(ctl, 3))
    standby.follow()
    before = users(dashboard)
    standby.pause()
    late = reader.newcomer()
    assert users(dashboard) == before
    assert late.name in str(dashboard.get(f"/admin/users/?search={late.name}"))
    standby.resume()
    assert users(dashboard) == before + 1


def test_metrics_count_there(standby, server):
    asked = len(standby.asked())
    scrape(server.url)
    assert any("mail" in statement for statement in standby.asked()[asked:])


# What isn't

@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_revoked_session_is_refused_at_once(standby, reader, ctl, scheme):
    """For what is read on the standby, too, where it is good still."""
    account = create_account(ctl, 1)
    proof = prove(reader.member.api, account, scheme)
    standby.pause()
    assert proof.call(reader.member.api, "GET", LATER).status_code == 200
    ctl.ok("session", "revoke", "--user", account.username, "--yes")
    assert proof.call(reader.member.api, "GET", LATER).status_code == 401


def test_a_new_account_signs_in_at_once(standby, reader, ctl):
    standby.pause()
    member = reader.newcomer()
    assert member.get(LATER).status_code == 200
    ctl.ok("user", "lock", member.name, "--yes")
    assert member.get(LATER).status_code == 401
    assert member.api.login(member.account).status_code == 401


def test_a_permission_holds_at_once(standby, reader, ctl):
    account = create_account(ctl, 1)
    proof = prove(reader.member.api, account, "Bearer")

    def asked() -> int:
        return proof.call(reader.member.api, "POST", "/user_admin/get_all_users").status_code
    assert asked() == 403
    standby.pause()
    ctl.ok("permission", "assign", 3, account.username, "--yes")
    assert asked() == 200
    ctl.ok("permission", "assign", 2, account.username, "--yes")
    assert asked() == 403


def test_nothing_else_is_asked_there(standby, reader, ctl):
    """Sign-ins, writes, and the beginnings of lists."""
    asked = len(standby.asked())
    member = reader.newcomer()
    follow(member, reader.member)
    for listed in LISTS:
        member.seen(pages(listed, Reader(member, tweet(member)["id"]))[0])
    assert member.get(f"{TWEETS}{reader.tweet}/").status_code == 200
    assert Dashboard(member.api.url).sign_in(create_account(ctl, 3)).get("/admin/users/").status == 200
    assert standby.asked()[asked:] == []


def test_it_only_reads(standby, reader):
    reader.reads()
    asked = standby.asked()
    assert asked and all(statement.startswith("SELECT ") for statement in asked), asked
