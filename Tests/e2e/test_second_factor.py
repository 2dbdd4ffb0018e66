"""The second factor: no dialect signs an account in without it, and a code is good once."""

import threading

import pytest

from support import secrets
from support.api import Account, Api, assert_havoc_error
from support.cluster import query

SIGN_INS = {
    "integers": ("/api/auth/obtain/", ("token",)),
    "integers and trainer": ("/api/auth/login/", ("access_token", "refresh_token")),
    "community": ("/auth/login/", ("access_token", "refresh_token", "token_auth")),
    "havoc": ("/user/login", ("session_token",)),
    "microblog": ("/api/auth/obtain_token/", ("access", "refresh")),
}


def sign_in(api: Api, account: Account, dialect: str, **more):
    path, credentials = SIGN_INS[dialect]
    answer = api.post(path, {"username": account.username, "password": account.password} | more)
    if answer.status_code == 200:
        body = answer.json()
        for name in credentials:
            token = (body["data"] if dialect == "havoc" else body)[name]
            secrets.keep_jwt(token) if "." in token else secrets.keep(token)
    return answer


def assert_missing(answer, dialect: str) -> None:
    """401 that names what is missing."""
    if dialect == "havoc":
        assert_havoc_error(answer, 401, "code")
        return
    assert answer.status_code == 401, answer.text
    body = answer.json()
    assert set(body) == {"code"} and body["code"] and isinstance(body["code"][0], str), body
    assert answer.headers["WWW-Authenticate"]


def assert_wrong(answer, dialect: str) -> None:
    """401 as for any other wrong credential."""
    if dialect == "havoc":
        assert_havoc_error(answer, 401)
        return
    assert answer.status_code == 401, answer.text
    assert set(answer.json()) == {"detail"}, answer.text


def another(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 1_000_000:06}"


@pytest.mark.parametrize("dialect", SIGN_INS)
def test_every_dialect_asks_for_it(office, dialect):
    account = office.person()
    assert_missing(sign_in(office.api, account, dialect), dialect)
    assert_missing(sign_in(office.api, account, dialect, code=""), dialect)
    code = office.code(account)
    assert_missing(sign_in(office.api, account, dialect), dialect)
    assert_wrong(sign_in(office.api, account, dialect, code=another(code)), dialect)
    assert sign_in(office.api, account, dialect, code=code).status_code == 200


@pytest.mark.parametrize("dialect", SIGN_INS)
def test_a_sign_in_mails_nothing(office, dialect):
    account = office.person()
    assert_missing(sign_in(office.api, account, dialect), dialect)
    assert_wrong(sign_in(office.api, account, dialect, code="123456"), dialect)
    assert account.email not in [row["recipient"] for row in office.queue()]
    office.code(account)
    assert len(office.smtp.to(account.email)) == 1


@pytest.mark.parametrize("first", SIGN_INS)
def test_a_code_is_good_once_in_all_dialects_together(office, first):
    account = office.person()
    code = office.code(account)
    assert sign_in(office.api, account, first, code=code).status_code == 200
    for dialect in SIGN_INS:
        assert_wrong(sign_in(office.api, account, dialect, code=code), dialect)


def test_of_many_at_once_one_gets_in(office):
    account = office.person()
    code = office.code(account)
    statuses = []

    def work():
        answer = sign_in(Api(office.servers[0].url), account, "community", code=code)
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + 7 * [401]


@pytest.mark.parametrize("dialect", SIGN_INS)
def test_four_wrong_tries_leave_it_good(office, dialect):
    account = office.person()
    code = office.code(account)
    for by in range(1, 5):
        assert_wrong(sign_in(office.api, account, dialect, code=another(code, by)), dialect)
    assert sign_in(office.api, account, dialect, code=code).status_code == 200


def test_five_wrong_tries_in_all_dialects_together_kill_it(office):
    account = office.person()
    code = office.code(account)
    for by, dialect in enumerate(SIGN_INS, 1):
        assert_wrong(sign_in(office.api, account, dialect, code=another(code, by)), dialect)
    for dialect in SIGN_INS:
        assert_wrong(sign_in(office.api, account, dialect, code=code), dialect)
    fresh = office.code(account)
    assert sign_in(office.api, account, "community", code=fresh).status_code == 200


def test_a_missing_code_is_no_try(office):
    account = office.person()
    code = office.code(account)
    for dialect in SIGN_INS:
        assert_missing(sign_in(office.api, account, dialect), dialect)
    assert_missing(sign_in(office.api, account, "community"), "community")
    assert sign_in(office.api, account, "community", code=code).status_code == 200


@pytest.mark.parametrize("dialect", SIGN_INS)
def test_an_expired_code_is_none(office, dialect):
    account = office.person()
    code = office.code(account)
    office.code_expires(account)
    assert_wrong(sign_in(office.api, account, dialect, code=code), dialect)


def test_a_code_is_its_account_s_alone(office):
    one, two = office.person(), office.person()
    code = office.code(one)
    office.code(two)
    if code == office.smtp.to(two.email)[-1].code:
        pytest.skip("the one chance in a million")
    assert_wrong(sign_in(office.api, two, "community", code=code), "community")
    assert sign_in(office.api, one, "community", code=code).status_code == 200


@pytest.mark.parametrize("bend", [
    lambda code: code[:5], lambda code: code + "0", lambda code: "0" + code, lambda code: "abcdef",
    lambda code: code.translate({48 + digit: 0x660 + digit for digit in range(10)}),
    lambda code: "-" + code[1:], lambda code: code + "\u0000", lambda code: [code],
    lambda code: {"code": code}, lambda code: True, lambda code: "x" * 100_000],
    ids=["short", "long", "padded", "letters", "arabic", "minus", "nul", "list", "object", "bool",
         "huge"])
def test_what_is_not_the_code_does_not_do(office, bend):
    account = office.person()
    code = office.code(account)
    answer = sign_in(office.api, account, "community", code=bend(code))
    assert answer.status_code in (400, 401), answer.text
    assert sign_in(office.api, account, "community", code=code).status_code == 200


@pytest.mark.parametrize("dialect", SIGN_INS)
def test_the_code_does_not_replace_the_password(office, dialect):
    """Nor does a wrong password tell whether there is a second factor."""
    account = office.person()
    plain = office.person(two_factor=False)
    code = office.code(account)
    wrong = {"password": secrets.password()}
    answers = [sign_in(office.api, account, dialect, code=code, **wrong),
               sign_in(office.api, account, dialect, **wrong),
               sign_in(office.api, plain, dialect, **wrong)]
    for answer in answers:
        assert_wrong(answer, dialect)
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert sign_in(office.api, account, dialect, code=code).status_code == 200


@pytest.mark.parametrize("dialect", SIGN_INS)
def test_without_a_second_factor_a_code_is_of_no_matter(office, dialect):
    account = office.person(two_factor=False)
    assert sign_in(office.api, account, dialect).status_code == 200
    assert sign_in(office.api, account, dialect, code="000000").status_code == 200


def test_the_command_line_switches_it(office):
    account = office.person(two_factor=False)
    for word, changed in (("on", True), ("on", False), ("off", True), ("off", False)):
        assert office.ctl.json("user", "two-factor", account.username, word)["changed"] is changed
        shown = office.ctl.json("user", "show", account.username)["two_factor"]
        assert shown is (word == "on")
        status = sign_in(office.api, account, "community").status_code
        assert status == (401 if word == "on" else 200)
    for what in ("two-factor-on", "two-factor-off"):
        found = office.ctl.json("audit", "list", "--what", what, "--user", account.username)
        assert len(found) == 1


def test_it_needs_an_address(office):
    account = office.person(two_factor=False)
    query(office.database, "UPDATE account SET email = NULL, email_key = NULL"
          " WHERE username = %s RETURNING 1", account.username)
    office.ctl.fails((1, 2, 5), "user", "two-factor", account.username, "on")
    assert sign_in(office.api, account, "community").status_code == 200
