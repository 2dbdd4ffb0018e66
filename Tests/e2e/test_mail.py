"""Mail as it goes out: its form, the servers that take it, and where its code may not be."""

import re

import pytest

from support import secrets
from support.api import Api, create_account, new_account
from support.cluster import contents, query
from support.community import login, send_code
from support.oauth_client import secret_file
from support.program import Ctl

def test_the_mail_is_well_formed(new_smtp, new_office):
    office = new_office(new_smtp(), "--mail-from", "codes@havoc.example.org")
    account = office.person()
    found = office.mailed(account)
    assert found.sender == "codes@havoc.example.org"
    assert found.recipients == (account.email,)
    parsed = found.parsed
    assert not parsed.defects and not any(header.defects for header in parsed.values())
    for name, address in (("From", found.sender), ("To", account.email)):
        assert [one.addr_spec for one in parsed[name].addresses] == [address]
    assert parsed["Subject"].strip() and parsed["Date"].datetime
    assert re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", parsed["Message-ID"].strip())
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"):
        assert len(parsed.get_all(name, [])) == 1, name
    assert b"\n" not in found.content.replace(b"\r\n", b"")
    assert login(office.api, account, found.code).status_code == 200


def test_two_mails_differ_in_number_and_name(office):
    account = office.person()
    codes = [office.code(account) for _ in range(3)]
    names = [message.parsed["Message-ID"] for message in office.smtp.to(account.email)]
    assert len(set(names)) == 3
    # Three times the same of a million is no chance.
    assert len(set(codes)) > 1


def test_the_default_sender(office):
    assert office.mailed(office.person()).sender == "havocctl@localhost"


@pytest.mark.parametrize("name", ["Zoë Ångström", "李小龍", "Seán O'Brien", "n" * 150])
def test_any_name_makes_a_readable_mail(office, name):
    account = office.person()
    office.ctl.ok("user", "edit", account.username, "--username", name)
    answer = send_code(office.api, account, username=name)
    assert answer.status_code == 200, answer.text
    parsed = office.smtp.wait_for(account.email).parsed
    assert not parsed.defects and not any(header.defects for header in parsed.values())
    office.ctl.ok("user", "edit", name, "--username", account.username)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("tls, without", [
    ("off", None), ("starttls", None), ("implicit", None),
    ("starttls", ("LOGIN",)), ("starttls", ("PLAIN",)),
    ("implicit", ("LOGIN",)), ("implicit", ("PLAIN",))])
def test_every_kind_of_server(new_smtp, new_office, authority, tls, without):
    """Open, or with a password by either mechanism where the connection is safe."""
    sign_in = {} if without is None else {
        "user": "mailer", "password": secrets.password(), "without": without}
    smtp = new_smtp(tls, authority.server_context() if tls != "off" else None, **sign_in)
    office = new_office(smtp, "--smtp-ca", str(authority.ca_file))
    account = office.person()
    found = office.mailed(account)
    assert found.tls == (tls != "off")
    assert found.user == sign_in.get("user")
    assert login(office.api, account, found.code).status_code == 200


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_the_password_file_may_be_an_option(new_smtp, new_office, authority):
    smtp = new_smtp("implicit", authority.server_context(), user="mailer")
    office = new_office(smtp, "--smtp-ca", str(authority.ca_file), "--smtp-password-file",
                        secret_file(secrets.keep("Canary-of-the-mailer-4711")))
    smtp.password = "Canary-of-the-mailer-4711"
    assert office.mailed(office.person()).user == "mailer"


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("fault", ["unknown authority", "another name", "expired"])
def test_a_certificate_that_is_not_good_gets_no_mail(new_smtp, new_office, authority, tls, fault):
    names = ("mail.example.com",) if fault == "another name" else ()
    smtp = new_smtp(tls, authority.server_context(*names, expired=fault == "expired"))
    trust = [] if fault == "unknown authority" else ["--smtp-ca", str(authority.ca_file)]
    office = new_office(smtp, *trust)
    account = office.person()
    office.ask(account)
    office.wait_until_failed(account.email, 2)
    assert not smtp.tried and not smtp.messages


def test_required_tls_is_not_done_without(new_smtp, new_office):
    smtp = new_smtp()
    office = new_office(smtp, "--smtp-tls", "require")
    account = office.person()
    office.ask(account)
    office.wait_until_failed(account.email)
    assert not smtp.tried and not smtp.messages


def test_tls_that_is_off_is_not_used_where_offered(new_smtp, new_office, authority):
    office = new_office(new_smtp("starttls", authority.server_context()), "--smtp-tls", "off")
    assert not office.mailed(office.person()).tls


def test_no_code_is_in_a_log_or_a_table(office):
    account = office.person()
    code = office.code(account)
    office.wait_until_empty()
    written = re.compile(rf"(?<![\d.:+-]){code}(?![\d.:])")
    assert not written.search(office.servers[0].log())
    for table, lines in contents(office.database).items():
        assert not written.search("\n".join(lines)), table
    stored = query(office.database, "SELECT l.hash, l.expires - l.created FROM login_code l"
                   " JOIN account a ON a.id = l.account WHERE a.username = %s", account.username)
    assert len(stored) == 1 and round(stored[0][1].total_seconds()) == 600
    assert code not in str(stored[0][0])


def test_the_audit_names_what_was_mailed(office):
    account = office.person()
    office.code(account)
    office.wait_until_empty()
    found = office.ctl.json("audit", "list", "--what", "mail-sent", "--user", account.username)
    assert [row["what"] for row in found] == ["mail-sent"]


def test_with_no_mail_server_there_is_no_code(program, new_database, new_server):
    """Known, unknown, with and without second factor: all alike."""
    url = new_database()
    ctl = Ctl(program, url)
    api = Api(new_server("--attempt-limit", "0", url=url).url)
    account = create_account(ctl, 1)
    ctl.ok("user", "two-factor", account.username, "on")
    answers = [send_code(api, one) for one in (account, create_account(ctl, 1), new_account())]
    assert [answer.status_code for answer in answers] == [503, 503, 503], answers[0].text
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert query(url, "SELECT count(*) FROM mail") == [(0,)]
