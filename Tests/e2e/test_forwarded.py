"""Behind a proxy: whose address counts, and whom the server believes about it."""

import pytest

from support.api import assert_detail, new_account
from support.attempts import LIMIT, LIMITED, assert_limited, fresh_address, wrong
from support.browser import Place

CLIENT = "198.51.100.7"


@pytest.fixture(scope="module")
def proxied(new_server):
    return new_server(LIMITED, "--trusted-proxies=127.0.0.0/8,10.0.0.0/8,2001:db8:ffff::/48")


@pytest.fixture(scope="module")
def direct(new_server):
    return new_server(LIMITED)


def sign_in(place, account, *hops: str):
    """One header for each of the hops given."""
    headers = {"X-Forwarded-For": ", ".join(hops)} if hops else {}
    return place.post("/api/auth/obtain/", {
        "username": account.username, "password": account.password}, headers=headers)


def seen(ctl, account) -> str:
    """The address of the account's one session."""
    sessions = ctl.json("session", "list", "--user", account.username)
    assert len(sessions) == 1
    return sessions[0]["address"]


@pytest.mark.parametrize("hops, address", [
    ([CLIENT], CLIENT), (["203.0.113.1", CLIENT], CLIENT), ([CLIENT, "10.1.2.3"], CLIENT),
    (["127.0.0.1", CLIENT, "10.1.2.3", "10.255.0.1"], CLIENT), (["garbage", CLIENT], CLIENT),
    (["10.1.2.3", CLIENT], CLIENT), (["2001:db8::7"], "2001:db8::7"),
    (["2001:db8::7", "2001:db8:ffff::1"], "2001:db8::7")])
def test_the_last_hop_outside_the_trusted_ones_counts(proxied, ctl, account, hops, address):
    place = Place(proxied.url, fresh_address())
    assert sign_in(place, account, *hops).status_code == 200
    assert seen(ctl, account) == address


def test_without_the_header_it_is_the_connection_s(proxied, ctl, account):
    place = Place(proxied.url, fresh_address())
    assert sign_in(place, account).status_code == 200
    assert seen(ctl, account) == place.address


@pytest.mark.parametrize("hop", [
    "garbage", "", ",", "1.2.3", "1.2.3.4.5", "256.1.1.1", "::ffff:zz", "a" * 5000, "0x7f.1",
    "'; DROP TABLE session; --", "<script>"])
def test_garbage_is_no_address_and_no_failure(proxied, ctl, account, hop):
    place = Place(proxied.url, fresh_address())
    assert sign_in(place, account, hop).status_code == 200
    assert seen(ctl, account) == place.address


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP"])
def test_by_default_nobody_is_believed(direct, ctl, account, name):
    place = Place(direct.url, fresh_address())
    value = f"for={CLIENT}" if name == "Forwarded" else CLIENT
    answer = place.post("/api/auth/obtain/", {
        "username": account.username, "password": account.password}, headers={name: value})
    assert answer.status_code == 200
    assert seen(ctl, account) == place.address


def test_a_stranger_cannot_dodge_the_limit(direct, account):
    place = Place(direct.url, fresh_address())
    for number in range(LIMIT):
        assert sign_in(place, wrong(new_account()), f"198.51.100.{number}").status_code == 401
    assert_limited(sign_in(place, account, "198.51.100.200"))


def test_behind_the_proxy_each_client_has_its_own_count(proxied, account):
    place = Place(proxied.url, fresh_address())
    for _ in range(LIMIT):
        assert sign_in(place, new_account("nobody"), "198.51.100.50").status_code == 401
    assert_limited(sign_in(place, account, "198.51.100.50"))
    assert sign_in(place, account, "198.51.100.51").status_code == 200


def test_a_client_cannot_dodge_it_by_a_hop_of_its_own(proxied, account):
    place = Place(proxied.url, fresh_address())
    for number in range(LIMIT):
        answer = sign_in(place, new_account("nobody"), f"203.0.113.{number}", "198.51.100.60")
        assert answer.status_code == 401
    assert_limited(sign_in(place, account, "203.0.113.250", "198.51.100.60"))


def test_a_ban_meets_the_client_and_not_the_proxy(new_server, ctl, account):
    proxied = new_server("--trusted-proxies=127.0.0.0/8")
    place = Place(proxied.url, fresh_address())
    ctl.ok("ban", "add", "198.51.100.70")
    assert_detail(sign_in(place, account, "198.51.100.70"), 403)
    assert sign_in(place, account, "198.51.100.71").status_code == 200
    ctl.ok("ban", "lift", "198.51.100.70", "--yes")
    assert sign_in(place, account, "198.51.100.70").status_code == 200
