"""The mail queue when something fails: others' servers, or ours; and what is seen of it."""

import re
import threading

import pytest

from support import secrets
from support.community import login
from support.program import until
from support.smtp import Manners

DEADLINE = ["--mail-retry", "1s", "--mail-give-up", "2s"]


def test_a_refused_password_keeps_the_mail_and_stays_secret(new_smtp, new_office, authority):
    smtp = new_smtp(
        "starttls", authority.server_context(), user="mailer", password=secrets.password())
    office = new_office(smtp, "--smtp-ca", str(authority.ca_file))
    real, smtp.password = smtp.password, "another"
    account = office.person()
    office.ask(account)
    office.wait_until_failed(account.email)
    assert not smtp.messages
    smtp.password = real
    assert smtp.wait_for(account.email).user == "mailer"


def test_greylisting_is_waited_out(new_smtp, new_office):
    smtp = new_smtp(manners=Manners(greylist=2))
    office = new_office(smtp)
    account = office.person()
    found = office.mailed(account)
    assert smtp.tried.count(account.email) == 3
    office.wait_until_empty()
    assert login(office.api, account, found.code).status_code == 200
    assert len(smtp.to(account.email)) == 1


@pytest.mark.parametrize("stage", ["CONNECT", "MAIL", "RCPT", "DATA"])
def test_a_broken_connection_is_tried_again(new_smtp, new_office, stage):
    smtp = new_smtp(manners=Manners(drop=stage))
    office = new_office(smtp)
    account = office.person()
    office.ask(account)
    office.wait_until_failed(account.email)
    smtp.manners.drop = None
    found = smtp.wait_for(account.email)
    office.wait_until_empty()
    assert len(smtp.to(account.email)) == 1
    assert login(office.api, account, found.code).status_code == 200


def test_a_server_that_hangs_delays_its_mail_and_nothing_else(new_smtp, new_office):
    smtp = new_smtp(manners=Manners(hang=True))
    office = new_office(smtp, "--smtp-timeout", "1s")
    account = office.person()
    other = office.person(two_factor=False)
    office.ask(account)
    until(lambda: smtp.connections, "the mail server is asked")
    assert login(office.api, other).status_code == 200
    assert office.servers[0].status() == 200
    office.wait_until_failed(account.email)
    smtp.manners.hang = False
    assert login(office.api, account, smtp.wait_for(account.email).code).status_code == 200


def test_a_server_that_is_away_is_waited_for(new_smtp, new_office):
    smtp = new_smtp()
    smtp.stop()
    office = new_office(smtp)
    account = office.person()
    office.ask(account)
    office.wait_until_failed(account.email)
    smtp.start()
    found = smtp.wait_for(account.email)
    assert login(office.api, account, found.code).status_code == 200


def test_the_queue_holds_no_code(new_smtp, new_office):
    """It is made when the mail is sent."""
    smtp = new_smtp()
    smtp.stop()
    office = new_office(smtp)
    account = office.person()
    office.ask(account)
    row = office.wait_until_failed(account.email)
    assert row["recipient"] == account.email and row["purpose"]
    smtp.start()
    code = smtp.wait_for(account.email).code
    office.wait_until_empty()
    assert re.search(rf"(?<!\d){code}(?!\d)", str(row)) is None


def test_the_queue_survives_a_kill(new_smtp, new_office):
    smtp = new_smtp()
    smtp.stop()
    office = new_office(smtp)
    accounts = [office.person() for _ in range(3)]
    for account in accounts:
        office.ask(account)
    office.servers[0].kill9()
    smtp.start()
    office.servers[0].start()
    for account in accounts:
        # What the server was about to send when it was killed is taken up again after three quarters of a minute.
        smtp.wait_for(account.email, seconds=120)
    office.wait_until_empty()
    assert len(smtp.messages) == 3


def test_several_servers_send_each_mail_once(new_smtp, new_office):
    smtp = new_smtp()
    office = new_office(smtp).serve().serve()
    accounts = [office.person() for _ in range(24)]
    askers = [threading.Thread(target=lambda part, at: [office.ask(one, at) for one in part],
                               args=(accounts[at::3], at)) for at in range(3)]
    for thread in askers:
        thread.start()
    for thread in askers:
        thread.join()
    for account in accounts:
        smtp.wait_for(account.email)
    office.wait_until_empty()
    assert sorted(smtp.tried) == sorted(account.email for account in accounts)
    assert len(smtp.messages) == len(accounts)


def test_another_server_takes_over_what_a_dead_one_left(new_smtp, new_office):
    smtp = new_smtp(manners=Manners(hang=True))
    office = new_office(smtp, "--smtp-timeout", "3s")
    account = office.person()
    office.ask(account)
    until(lambda: smtp.connections, "the mail server is asked")
    office.servers[0].kill9()
    smtp.manners.hang = False
    office.serve()
    smtp.wait_for(account.email)
    office.wait_until_empty()
    assert len(smtp.to(account.email)) == 1


@pytest.mark.parametrize("manners", [
    {"refuse_all": True}, {"data_answer": "554 5.7.1 Not wanted"}, {"greylist": 1000},
    {"drop": "CONNECT"}], ids=lambda given: "".join(given))
def test_what_cannot_be_delivered_is_given_up(new_smtp, new_office, manners):
    smtp = new_smtp(manners=Manners(**manners))
    office = new_office(smtp, *DEADLINE)
    account = office.person()
    office.ask(account)
    until(lambda: office.ctl.json("audit", "list", "--what", "mail-given-up"), "given up")
    # Whatever is left of it waits no more: the next mail goes, and this one doesn't.
    assert all(row["gave_up"] for row in office.queue())
    smtp.manners = Manners()
    office.mailed(office.person())
    assert not smtp.to(account.email)


def test_one_bad_recipient_holds_up_nobody(new_smtp, new_office):
    smtp = new_smtp()
    office = new_office(smtp)
    bad, good = office.person(), office.person()
    smtp.manners.refused = {bad.email}
    office.ask(bad)
    office.mailed(good)
    assert not smtp.to(bad.email)


def queue_in_status(ctl) -> dict[str, str]:
    return {row["name"]: str(row["value"]) for row in ctl.json("status") if "mail" in row["name"]}


def test_status_shows_the_queue(new_smtp, new_office):
    smtp = new_smtp()
    smtp.stop()
    office = new_office(smtp)
    before = queue_in_status(office.ctl)
    assert before, "nothing about mail"
    for account in [office.person() for _ in range(3)]:
        office.ask(account)
    during = queue_in_status(office.ctl)
    changed = [name for name in before if during[name] != before[name]]
    assert any("3" in re.findall(r"\d+", during[name]) for name in changed), during
    smtp.start()
    office.wait_until_empty()
    after = queue_in_status(office.ctl)
    assert not any("3" in re.findall(r"\d+", after[name]) for name in changed), after
