"""/metrics on what the database knows, on sockets, certificates and reloads, and without a database."""

import signal
import time

import pytest

from support.api import Api, create_account
from support.away import away
from support.community import send_code
from support.metrics import CERTIFICATE, FAMILIES, STORED, assert_clean, promtool, scrape
from support.office import mail_options
from support.program import Ctl, until
from support.smtp import MailServer, Manners
from support.sockets import begin


def becomes(url: str, name: str, value: float, **labels: str) -> None:
    until(lambda: scrape(url).value(name, **labels) == value, f"{name}{labels} is {value}")


def test_without_a_database(new_server, new_database, cluster):
    url = new_database()
    server = new_server(url=url)
    whole = scrape(server.url)
    with away(cluster, url):
        becomes(server.url, "havocctl_database_up", 0)
        page = scrape(server.url)
        assert_clean(page)
        assert set(FAMILIES) - set(page.families) == STORED
        assert page.value("havocctl_database_connections_lost_total") > whole.value(
            "havocctl_database_connections_lost_total")
    becomes(server.url, "havocctl_database_up", 1)
    until(lambda: set(FAMILIES) <= set(scrape(server.url).families), "all of them are back")


def test_sessions_by_dialect(new_server, new_database, program):
    """They are counted once a minute, so that each question is a server's first."""
    url = new_database()
    account, api = create_account(Ctl(program, url), 1), Api(new_server(url=url).url)

    def counted() -> dict[str, float]:
        place = new_server(url=url).url
        page = until(lambda: STORED <= set((page := scrape(place)).families) and page, "the database is in time")
        assert_clean(page)
        return {sample.labels["dialect"]: sample.value for sample in page.samples("havocctl_sessions") if sample.value}

    assert counted() == {}
    for _ in range(2):
        api.tokens(account)
    held = api.credential(account)
    assert counted() == {"trainer": 2, "havoc": 1}
    assert api.post("/user/logout", held).status_code == 200
    assert counted() == {"trainer": 2}


@pytest.mark.parametrize("silent, state", [(True, "failing"), (False, None)])
def test_mail_that_waits_or_fails(new_server, new_database, program, silent, state):
    url = new_database()
    with MailServer(manners=Manners(drop="MAIL" if silent else None)) as smtp:
        ctl, server = Ctl(program, url), new_server(
            *("1h" if option == "1s" else option for option in mail_options(smtp)), url=url)
        account = create_account(ctl, 1)
        ctl.ok("user", "two-factor", account.username, "on")
        assert send_code(Api(server.url), account).status_code == 200
        if state:
            becomes(server.url, "havocctl_mail_queue", 1, state=state)
        else:
            smtp.wait_for(account.email)
            for each in ("waiting", "failing"):
                becomes(server.url, "havocctl_mail_queue", 0, state=each)


def test_sockets(new_server, ctl):
    server = new_server()
    talk = begin(ctl, server)
    with talk.open(server), talk.open(server, talk.other):
        becomes(server.url, "havocctl_sockets", 2, kind="chat")
        assert scrape(server.url).value("havocctl_sockets") == 2
    becomes(server.url, "havocctl_sockets", 0, kind="chat")


def test_reloads(new_server, tmp_path):
    config = tmp_path / "havocctl.conf"
    config.write_text("")
    server = new_server("--config", str(config))
    stamp = "havocctl_config_last_reload_success_timestamp_seconds"
    first = scrape(server.url).value(stamp)
    assert abs(first - time.time()) < 300
    config.write_text("foo = 1\n")
    server.process.send_signal(signal.SIGHUP)
    becomes(server.url, "havocctl_config_last_reload_successful", 0)
    assert scrape(server.url).value(stamp) == first
    config.write_text("log-level = warning\n")
    server.process.send_signal(signal.SIGHUP)
    becomes(server.url, "havocctl_config_last_reload_successful", 1)
    assert first <= scrape(server.url).value(stamp) <= time.time() + 1


def test_a_certificate_s_end(new_secure, certificates):
    pair = certificates.pair()
    server = new_secure(pair=pair)
    page = scrape(server.url, verify=str(certificates.trust))
    assert page.value(CERTIFICATE) == pair.chain[0].not_valid_after_utc.timestamp()
    assert promtool("check", "metrics", input=page.text).returncode == 0
