"""Asking for a code: the same answer to everybody, and one mail a minute."""

import re
import threading

import pytest

from support.api import BODY_KINDS, Api, encoded, new_account
from support.community import SENT, login, registered, send_code
from support.home import Home
from support.program import until

# They differ from request to request, whoever asks.
OWN_HEADERS = {"date", "x-request-id"}


def seen(answer) -> tuple:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return (answer.status_code, answer.json(),
            {name: value for name, value in headers.items() if name not in OWN_HEADERS})


def fence(office) -> None:
    """Once another's mail is out and the queue is empty, whatever was due before is out too."""
    office.mailed(office.person())
    office.wait_until_empty()


@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_it_mails_a_code(office, kind, slash):
    account = office.person()
    answer = office.api.call("POST", "/twofa/send-code" + slash, **encoded(
        kind, {"username": account.username, "email": account.email}))
    assert answer.status_code == 200 and answer.json() == SENT, answer.text
    assert login(office.api, account, office.smtp.wait_for(account.email).code).status_code == 200


def state(office, kind: str):
    """An account of that kind, which gets no mail."""
    if kind == "unknown":
        return new_account("nobody")
    account = office.person(two_factor=kind != "without a second factor")
    if kind == "locked":
        office.ctl.ok("user", "lock", account.username)
    if kind == "deleted":
        office.ctl.ok("user", "delete", account.username, "--yes")
    if kind == "banned":
        office.ctl.ok("ban", "add", account.username)
    return account


@pytest.mark.parametrize("kind", [
    "unknown", "without a second factor", "locked", "deleted", "banned"])
def test_those_who_get_none_are_answered_alike(office, kind):
    account = state(office, kind)
    known = office.person()
    assert seen(send_code(office.api, account)) == seen(send_code(office.api, known))
    office.smtp.wait_for(known.email)
    fence(office)
    assert account.email not in office.smtp.tried


def test_asking_twice_is_answered_alike_and_mails_once(office):
    account = office.person()
    answers = [send_code(office.api, account) for _ in range(4)]
    assert {str(seen(answer)) for answer in answers} == {str(seen(answers[0]))}
    fence(office)
    assert len(office.smtp.to(account.email)) == 1
    office.minute_passes(account)
    office.ask(account)
    newest = office.smtp.wait_for(account.email, 2)
    assert login(office.api, account, newest.code).status_code == 200


def test_asking_again_does_not_spoil_the_code(office):
    account = office.person()
    code = office.code(account)
    office.ask(account)
    assert login(office.api, account, code).status_code == 200


def test_a_used_code_does_not_shorten_the_minute(office):
    account = office.person()
    assert login(office.api, account, office.code(account)).status_code == 200
    office.ask(account)
    fence(office)
    assert len(office.smtp.to(account.email)) == 1


def test_many_at_once_on_several_servers_mail_once(new_smtp, new_office):
    office = new_office(new_smtp()).serve()
    account = office.person()
    threads = [threading.Thread(target=office.ask, args=(account, at % 2)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fence(office)
    assert len(office.smtp.to(account.email)) == 1


def test_the_name_is_taken_in_any_case(office):
    account = office.person()
    assert send_code(office.api, account, username=account.username.upper()).status_code == 200
    office.smtp.wait_for(account.email)


@pytest.mark.parametrize("body", [
    {}, {"email": "a@example.org"}, {"username": ""}, {"username": None}])
def test_without_a_name_it_is_400(office, body):
    answer = office.api.post("/twofa/send-code/", body)
    assert answer.status_code == 400 and "username" in answer.json(), answer.text


def test_get_is_405(office):
    answer = office.api.get("/twofa/send-code/")
    assert answer.status_code == 405 and "POST" in answer.headers["Allow"]


def test_it_needs_no_credential_and_minds_no_bad_one(office):
    account = office.person()
    answer = office.api.post("/twofa/send-code/", {
        "username": account.username, "email": account.email}, token="garbage")
    assert answer.status_code in (200, 401), answer.text


@pytest.fixture
def home(program):
    made = Home(program, "user")
    yield made
    made.remove()


def test_an_embedded_default_server_logs_the_code(home):
    """One line for it, with whose it is; nobody has set up a mail server there."""
    server = home.serve()
    try:
        api = Api(server.url)
        account = registered(api)
        assert send_code(api, account).json() == SENT
        line = until(lambda: next((line for line in server.log().splitlines()
                                   if 'msg="sign-in code"' in line), None), "the line")
        assert account.username in line
        code = re.search(r'code="?(\d{6})"?(?!\d)', line)
        assert code, line
        assert login(api, account, code[1]).status_code == 200
        assert login(api, account, code[1]).status_code == 401
    finally:
        server.stop()


@pytest.mark.parametrize("with_code", [True, False])
def test_wrong_codes_count_and_missing_ones_do_not(new_smtp, new_office, with_code):
    office = new_office(new_smtp(), "--attempt-limit", "3")
    account = office.person()
    statuses = [login(office.api, account, "000000" if with_code else None).status_code
                for _ in range(5)]
    assert statuses == ([401, 401, 401, 429, 429] if with_code else 5 * [401])


def test_every_request_for_a_code_counts_towards_its_limit(new_smtp, new_office):
    office = new_office(new_smtp(), "--attempt-limit", "3")
    account = office.person()
    answers = [send_code(office.api, account) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[3].headers["Retry-After"]) > 0 and answers[3].json()["detail"]
