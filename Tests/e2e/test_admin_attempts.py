"""Signing in to the dashboard: how often one may try, and the second factor."""

import pytest

from support import secrets
from support.admin import SESSION, SIGN_IN, Dashboard, minutes_pass
from support.api import create_account
from support.attempts import LIMIT, LIMITED, WINDOW_SECONDS, fail, fresh_address, somewhere


@pytest.fixture(scope="module")
def limited(new_server):
    return new_server(LIMITED)


def elsewhere(server) -> Dashboard:
    return Dashboard(server.url, fresh_address())


def assert_too_many(page) -> None:
    assert page.status == 429 and page.notices, str(page)
    assert 1 <= int(page.headers["Retry-After"]) <= WINDOW_SECONDS


def test_failures_here_count_everywhere(limited, ctl):
    person = create_account(ctl, 3)
    for _ in range(LIMIT):
        assert elsewhere(limited).try_to_sign_in(person, password=secrets.password()).status == 401
    assert_too_many(elsewhere(limited).try_to_sign_in(person))
    assert somewhere(limited).login(person).status_code == 429


def test_failures_elsewhere_count_here(limited, ctl):
    person = create_account(ctl, 3)
    for _ in range(LIMIT):
        assert fail(somewhere(limited), person, 1) == [401]
    assert_too_many(elsewhere(limited).try_to_sign_in(person))


def test_an_address_is_limited_too(limited, ctl):
    visitor = elsewhere(limited)
    for _ in range(LIMIT):
        assert visitor.try_to_sign_in(create_account(ctl, 1), password=secrets.password()).status == 401
    assert_too_many(visitor.try_to_sign_in(create_account(ctl, 3)))


def test_who_is_in_stays_in(limited, ctl):
    person = create_account(ctl, 3)
    visitor = elsewhere(limited).sign_in(person)
    for _ in range(LIMIT):
        elsewhere(limited).try_to_sign_in(person, password=secrets.password())
    assert visitor.is_in


def test_being_no_staff_is_no_way_to_try_passwords(limited, account):
    """The right password of somebody who may not enter is as much of an answer as a sign-in."""
    statuses = [elsewhere(limited).try_to_sign_in(account, password=secrets.password()).status for _ in range(LIMIT)]
    assert statuses == [401] * LIMIT
    assert_too_many(elsewhere(limited).try_to_sign_in(account))


@pytest.fixture
def careful(office):
    """An administrator with a second factor."""
    person = create_account(office.ctl, 3)
    office.ctl.ok("user", "two-factor", person.username, "on")
    return person


def test_the_second_factor_is_asked_for_and_mailed(office, careful):
    visitor = Dashboard(office.servers[0].url)
    page = visitor.try_to_sign_in(careful, next="/admin/users/")
    assert page.status == 401 and "code" in page.notices.lower(), str(page)
    assert page.all("//input[@name='code'][@required]") and SESSION not in visitor.cookies
    code = office.smtp.wait_for(careful.email).code
    page = visitor.post(SIGN_IN, page.form(SIGN_IN).filled(password=careful.password, code=code))
    assert page.status == 303 and page.location == "/admin/users/"
    assert visitor.is_in


def test_a_wrong_code_is_none_and_a_right_one_is_good_once(office, careful):
    code = office.code(careful)
    url = office.servers[0].url
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert Dashboard(url).try_to_sign_in(careful, code=wrong).status == 401
    assert Dashboard(url).try_to_sign_in(careful, password=secrets.password(), code=code).status == 401
    Dashboard(url).sign_in(careful, code=code)
    assert Dashboard(url).try_to_sign_in(careful, code=code).status == 401


def test_a_wrong_password_mails_nothing(office, careful):
    Dashboard(office.servers[0].url).try_to_sign_in(careful, password=secrets.password())
    assert careful.email not in [row["recipient"] for row in office.queue()]
    assert office.smtp.to(careful.email) == []


def test_a_plain_user_s_right_password_mails_nothing(office):
    person = office.person()
    page = Dashboard(office.servers[0].url).try_to_sign_in(person)
    assert page.status in (401, 403)
    other = office.person()
    office.code(other)
    assert office.smtp.to(other.email) and office.smtp.to(person.email) == []


def test_the_second_sign_in_wants_a_code_as_well(office, careful):
    visitor = Dashboard(office.servers[0].url).sign_in(careful, code=office.code(careful))
    minutes_pass(office.database)
    assert visitor.get("/admin/keys/rotate/").status == 303
    assert visitor.try_to_sign_in(careful, next="/admin/keys/rotate/").status == 401
    assert visitor.get("/admin/keys/rotate/").status == 303
    visitor.sign_in(careful, code=office.code(careful), next="/admin/keys/rotate/")
    assert visitor.page("/admin/keys/rotate/")
