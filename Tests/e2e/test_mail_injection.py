"""Names and addresses that want to be more than that: header lines, recipients, commands."""

from dataclasses import replace

import pytest

from support.api import assert_field_error, new_account
from support.cluster import query
from support.community import SENT, register, send_code

EVIL = "evil@example.net"

ADDRESSES = [
    f"a@example.org\r\nBcc: {EVIL}", f"a@example.org\nBcc: {EVIL}", f"a@example.org\rBcc: {EVIL}",
    "a@example.org\r\n\r\nBody", f"a@example.org>\r\nRCPT TO:<{EVIL}", f"a@example.org,{EVIL}",
    f"a@example.org> RCPT TO:<{EVIL}", f"a@example.org {EVIL}", f"<{EVIL}>a@example.org",
    f"a@example.org\u2028Bcc: {EVIL}", f"a@example.org\u0085Bcc: {EVIL}"]
NAMES = [f"name\r\nBcc: {EVIL}", f"name\nBcc: {EVIL}", f"name\rBcc: {EVIL}", "name\r\n\r\nBody",
         "name\r\n.\r\nQUIT", f"name\u2028Bcc: {EVIL}"]


@pytest.mark.parametrize("email", ADDRESSES)
def test_such_an_address_is_refused_at_registration(office, email):
    assert_field_error(register(office.api, replace(new_account(), email=email)), 400, "email")


@pytest.mark.parametrize("name", NAMES)
def test_such_a_name_is_refused_at_registration(office, name):
    assert_field_error(register(office.api, replace(new_account(), username=name)), 400, "username")


@pytest.mark.parametrize("email", ADDRESSES)
def test_such_an_address_is_refused_on_the_command_line(office, email):
    office.ctl.fails((1, 2), "user", "create", new_account().username, "--email", email,
                     "--no-password")


@pytest.mark.parametrize("email", [*ADDRESSES, EVIL])
def test_the_address_in_a_request_for_a_code_gets_nothing(office, email):
    """It may be refused; where it isn't, mail goes to the account's own address alone."""
    account = office.person()
    answer = send_code(office.api, account, email=email)
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 200:
        assert answer.json() == SENT
    office.minute_passes(account)
    office.mailed(office.person())
    assert not [named for named in office.smtp.tried if EVIL in named]
    assert EVIL not in str([row["recipient"] for row in office.queue()])


@pytest.mark.parametrize("name", NAMES)
def test_the_name_in_a_request_for_a_code_is_no_name(office, name):
    answer = send_code(office.api, new_account(), username=name)
    assert answer.status_code in (200, 400), answer.text
    before = len(office.smtp.messages)
    office.mailed(office.person())
    assert len(office.smtp.messages) == before + 1


def planted(office, column: str, value: str):
    """An account whose row holds what no check would have let in."""
    account = office.person()
    query(office.database, f"UPDATE account SET {column} = %s WHERE username = %s RETURNING 1",
          value, account.username)
    if column == "username":
        query(office.database, "UPDATE account SET username_key = %s WHERE username = %s"
              " RETURNING 1", account.username.casefold(), value)
    return account


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_got_into_the_table_adds_nothing_to_a_mail(office, name):
    account = planted(office, "username", name)
    before = len(office.smtp.messages)
    assert send_code(office.api, account).status_code == 200
    other = office.mailed(office.person())
    office.wait_until_sent(account)
    for message in office.smtp.messages[before:]:
        parsed = message.parsed
        assert message.recipients in ((account.email,), other.recipients)
        assert parsed["Bcc"] is None and not parsed.defects
        assert len(parsed.get_all("Subject")) == 1 and message.code
    assert len(office.smtp.messages) <= before + 2


@pytest.mark.parametrize("email", ADDRESSES[:7])
def test_an_address_that_got_into_the_table_reaches_nobody_else(office, email):
    account = planted(office, "email", email)
    before = len(office.smtp.tried)
    assert send_code(office.api, account).status_code == 200
    office.mailed(office.person())
    assert not [named for named in office.smtp.tried[before:] if EVIL in named]
    query(office.database, "DELETE FROM mail RETURNING 1")
