"""From where the dashboard can be reached: switched off, and networks that are allowed."""

import pytest

from support.admin import PLURALS, ROOT, SIGN_IN, SIGN_OUT, Dashboard
from support.api import Api
from support.ports import free_ports
from support.server import Server

PATHS = [ROOT, "/admin", SIGN_IN, "/admin/users/", "/admin/users/1/", "/admin/users/create/", "/admin/nothing/"]


def statuses(visitor: Dashboard, **headers: str) -> set[int]:
    return {visitor.get(path, headers=headers).status for path in PATHS}


def is_let_in(visitor: Dashboard, *hops: str) -> bool:
    headers = {"X-Forwarded-For": ", ".join(hops)} if hops else {}
    found = {visitor.get(path, headers=headers).status for path in (SIGN_IN, ROOT)}
    assert found in ({200, 303}, {403}), found
    return found != {403}


def test_switched_off_nothing_is_there(new_server, admin):
    server = new_server("--dashboard=off")
    visitor = Dashboard(server.url)
    assert statuses(visitor) == {404}
    for path in (SIGN_IN, SIGN_OUT, "/admin/users/create/"):
        assert visitor.post(path, {"username": admin.username, "password": admin.password}).status == 404
    assert visitor.cookies == {}


def test_the_rest_is_served_then(new_server, user):
    server = new_server(HAVOCCTL_DASHBOARD="off")
    assert Api(server.url).login(user).status_code == 200
    assert Dashboard(server.url).get(SIGN_IN).status == 404


def test_a_session_from_before_opens_nothing(new_server, admin):
    held = Dashboard(new_server().url).sign_in(admin).cookies
    assert statuses(Dashboard(new_server("--dashboard=off").url, **held)) == {404}
    assert statuses(Dashboard(new_server("--dashboard-allow=192.0.2.0/24").url, **held)) == {403}


@pytest.mark.parametrize("value, found", [
    ("nonsense", "nonsense"), ("192.0.2.0/33", "192.0.2.0/33"), ("10.0.0.0/8,oops", "oops"), ("::1/129", "::1/129"),
    ("10.0.0.0/8;::1", "10.0.0.0/8;::1"), ("example.org", "example.org")])
def test_what_is_no_network_is_refused_at_the_start(ctl, value, found):
    failed = ctl.fails((1, 2), "serve", "--listen", "127.0.0.1:0", "--stun", "off", "--dashboard-allow", value)
    assert "dashboard-allow" in failed.stderr and found in failed.stderr


def test_a_switch_is_on_or_off(ctl):
    failed = ctl.fails((1, 2), "serve", "--listen", "127.0.0.1:0", "--stun", "off", "--dashboard", "perhaps")
    assert "dashboard" in failed.stderr


def test_config_check_says_so_too(ctl, tmp_path):
    file = tmp_path / "havocctl.conf"
    for line in ("dashboard = perhaps", "dashboard-lifetime = never", "dashboard-allow = 10.0.0.0/8, nonsense"):
        file.write_text(line + "\n")
        done = ctl.run("config", "check", "--config", file)
        assert done.status != 0 and line.split()[0] in done.stderr, str(done)


def test_without_networks_it_is_anybody_s(server):
    assert is_let_in(Dashboard(server.url))


@pytest.fixture(scope="module")
def allowing(new_server):
    return new_server("--dashboard-allow=127.5.0.0/16, 127.0.0.9,2001:db8::/32", "--trusted-proxies=127.0.0.1")


@pytest.mark.parametrize("address, there", [
    ("127.5.0.1", True), ("127.5.255.254", True), ("127.6.0.1", False), ("127.0.0.9", True), ("127.0.0.8", False)])
def test_the_connection_s_address_counts(allowing, address, there):
    assert is_let_in(Dashboard(allowing.url, address)) is there


def test_what_isn_t_allowed_hears_that_and_no_more(allowing):
    visitor = Dashboard(allowing.url, "127.6.0.1")
    pages = [visitor.get(path) for path in PATHS]
    assert {page.status for page in pages} == {403}
    assert all(page.notices and not page.all("//form") for page in pages)
    assert len({page.answer.text for page in pages}) == 1
    assert visitor.cookies == {}


def test_nobody_tries_passwords_from_there(allowing, ctl, admin):
    visitor = Dashboard(allowing.url, "127.6.0.2", admin_csrf="x" * 43)
    before = len(ctl.json("audit", "list", "--user", admin.username, "--what", "sign-in"))
    assert visitor.try_to_sign_in(admin).status == 403
    assert set(visitor.cookies) == {"admin_csrf"}
    assert len(ctl.json("audit", "list", "--user", admin.username, "--what", "sign-in")) == before


@pytest.mark.parametrize("hops, there", [
    (["127.5.0.1"], True), (["198.51.100.7"], False), (["2001:db8::1"], True), (["2001:db9::1"], False),
    (["2001:DB8:0:0:0:0:0:1"], True), (["198.51.100.7", "127.5.1.1"], True), (["127.5.1.1", "198.51.100.7"], False),
    (["::ffff:127.5.0.1"], True), (["::ffff:127.6.0.1"], False), (["garbage"], False), ([], False)])
def test_behind_a_proxy_it_is_the_client_s(allowing, hops, there):
    assert is_let_in(Dashboard(allowing.url, "127.0.0.1"), *hops) is there


def test_who_is_no_proxy_is_not_believed(allowing):
    assert not is_let_in(Dashboard(allowing.url, "127.6.0.3"), "127.5.0.1")
    assert is_let_in(Dashboard(allowing.url, "127.5.0.3"), "198.51.100.7")


@pytest.mark.parametrize("networks, there", [
    ("::1", True), ("::/0", True), ("2001:db8::/32,::1/128", True), ("2001:db8::/32", False), ("127.0.0.0/8", False)])
def test_over_ipv6(program, database, networks, there):
    server = Server(program, database, f"--dashboard-allow={networks}")
    [port] = free_ports(hosts=["::1"])
    server.url = f"http://[::1]:{port}"
    server.command[server.command.index("--listen") + 1] = f"[::1]:{port}"
    server.start()
    assert is_let_in(Dashboard(server.url)) is there
    server.stop()


def test_the_rest_is_there_for_everybody(allowing, user):
    visitor = Dashboard(allowing.url, "127.6.0.1")
    assert visitor.get("/version/").status == 200
    assert visitor.get("/assets/style.css").status == 200


@pytest.mark.parametrize("plural", PLURALS)
def test_without_its_last_slash_it_is_the_same(dashboard, plural):
    page = dashboard.get(f"/admin/{plural}")
    assert page.status == 200 or page.location == f"/admin/{plural}/"
