"""havocctl mail: what waits in the queue, sent again or taken out."""

import json
import re

import pytest

from support.api import create_account
from support.cluster import contents, query
from support.smtp import MailServer
from support.terminal import Terminal

COLUMNS = ["id", "username", "recipient", "purpose", "created", "due", "attempts", "state"]


@pytest.fixture
def mail(ctl, database):
    """Puts one into the queue; gives its id."""
    def put(account=None, given_up: bool = False, error: str | None = None) -> int:
        person = account or create_account(ctl, 1)
        return query(
            database, "INSERT INTO mail (account, recipient, purpose, attempts, last_error, due, gave_up) SELECT id, email,"
            " 'sign-in-code', 3, %s, now() + interval '1 day', CASE WHEN %s THEN now() END FROM account WHERE username = %s"
            " RETURNING id", error, given_up, person.username)[0][0]
    return put


def ids(ctl, *options) -> list[int]:
    return [row["id"] for row in ctl.json("mail", "list", *options)]


def test_it_lists_what_waits_and_all_of_it_where_asked(ctl, mail):
    waiting, given_up = mail(), mail(given_up=True, error="550 no")
    assert waiting in ids(ctl) and given_up not in ids(ctl)
    assert {waiting, given_up} <= set(ids(ctl, "--all"))
    rows = {row["id"]: row for row in ctl.json("mail", "list", "--all", "--wide")}
    assert set(rows[waiting]) == {*COLUMNS, "last_error"}
    assert (rows[waiting]["state"], rows[given_up]["state"]) == ("waiting", "given up")
    assert rows[given_up]["last_error"] == "550 no" and rows[waiting]["last_error"] is None
    assert rows[waiting]["attempts"] == 3 and rows[waiting]["purpose"] == "sign-in-code"


def test_it_shows_one(ctl, mail):
    account = create_account(ctl, 1)
    number = mail(account, error="timed out")
    shown = ctl.json("mail", "show", number)
    assert list(shown) == COLUMNS
    assert (shown["id"], shown["username"], shown["recipient"]) == (number, account.username, account.email)
    assert ctl.json("mail", "show", number, "--wide")["last_error"] == "timed out"


@pytest.mark.parametrize("word", ["999999999", "0", "-1", "abc", "1.0", "", "9" * 30, "%", "1 OR 1=1"])
@pytest.mark.parametrize("verb", ["show", "retry", "delete"])
def test_what_is_not_there_is_not_found(ctl, mail, verb, word):
    mail()
    before = contents(ctl.database)["public.mail"]
    ctl.fails((2, 3), "mail", verb, *(["--yes"] if verb == "delete" else []), "--", word)
    assert contents(ctl.database)["public.mail"] == before


def test_no_code_is_told(ctl, mail):
    assert not {"code", "body", "secret"} & set(ctl.json("mail", "show", mail(), "--wide"))


def test_a_retry_makes_it_due(ctl, mail):
    number = mail(given_up=True)
    assert ctl.json("mail", "retry", number) == [{"id": number, "changed": True}]
    shown = ctl.json("mail", "show", number)
    assert shown["state"] == "waiting"
    assert query(ctl.database, "SELECT due <= now(), gave_up FROM mail WHERE id = %s", number) == [(True, None)]


def test_it_is_sent_then(office):
    account = office.person()
    [(number,)] = query(
        office.database, "INSERT INTO mail (account, recipient, purpose, due, gave_up) SELECT id, email, 'sign-in-code', now() + interval '1 day',"
        " now() FROM account WHERE username = %s RETURNING id", account.username)
    query(office.database, "INSERT INTO login_code (account, hash, expires) SELECT id, sha256('x'), now() + interval '10 minutes'"
                           " FROM account WHERE username = %s ON CONFLICT DO NOTHING RETURNING 1", account.username)
    office.ctl.ok("mail", "retry", number)
    assert office.smtp.wait_for(account.email).code
    office.wait_until_empty()
    office.ctl.fails(3, "mail", "show", number)


def test_where_a_newer_one_waits_it_stays_given_up(ctl, mail):
    account = create_account(ctl, 1)
    old, _ = mail(account, given_up=True), mail(account)
    failed = ctl.run("mail", "retry", old)
    assert failed.status != 0 and "waiting" in failed.stderr, str(failed)
    assert ctl.json("mail", "show", old)["state"] == "given up"


def test_deleting_asks(ctl, mail):
    number = mail()
    ctl.fails(5, "mail", "delete", number)
    ctl.fails(5, "mail", "delete", number, "--confirm", "2")
    assert number in ids(ctl)
    terminal = Terminal(ctl, "mail", "delete", number)
    terminal.asks(r"\[y/N\]")
    terminal.types("n")
    assert terminal.ends() == 5 and number in ids(ctl)
    assert ctl.json("mail", "delete", number, "--yes") == [{"id": number, "changed": True}]
    assert number not in ids(ctl, "--all")


def test_several_want_their_number(ctl, mail):
    numbers = [mail() for _ in range(3)]
    for options in ((), ("--yes",), ("--confirm", "2")):
        ctl.fails(5, "mail", "delete", *numbers, *options)
    ctl.fails(5, "mail", "retry", *numbers)
    assert set(numbers) <= set(ids(ctl))
    assert [row["changed"] for row in ctl.json("mail", "retry", *numbers, "--confirm", 3)] == [True] * 3
    ctl.ok("mail", "delete", "-", "--confirm", "3", input="\n".join(map(str, numbers)))
    assert not set(numbers) & set(ids(ctl, "--all"))


def test_one_unknown_among_many(ctl, mail):
    number = mail()
    ctl.fails(3, "mail", "delete", number, 999999999, "--confirm", "2")
    assert number in ids(ctl)
    done = ctl.run("mail", "delete", number, 999999999, "--continue-on-error", "--yes")
    assert done.status == 7 and number not in ids(ctl)


@pytest.mark.parametrize("verb", ["retry", "delete"])
def test_a_dry_run_changes_nothing(ctl, mail, verb):
    number = mail(given_up=True)
    before = contents(ctl.database)
    done = ctl.ok("-o", "json", "mail", verb, number, "--dry-run")
    assert json.loads(done.stdout)[0]["changed"] is True
    assert contents(ctl.database) == before


@pytest.mark.parametrize("verb, options", [("retry", []), ("delete", ["--yes"])])
def test_the_audit_tells(ctl, mail, verb, options):
    account = create_account(ctl, 1)
    number = mail(account, given_up=True)
    ctl.ok("mail", verb, number, *options)
    [row] = ctl.json("audit", "list", "--user", account.username, "--what", f"mail-{verb}", "--wide")
    assert row["actor"].startswith("cli:") and row["target"] == account.username
    assert str(number) in json.dumps(row["after"])


def test_a_mail_server_that_is_away_is_seen_in_the_list(new_office):
    with MailServer() as smtp:
        office = new_office(smtp)
    account = office.person()
    office.ask(account)
    failed = office.wait_until_failed(account.email)
    [row] = office.ctl.json("mail", "list", "--wide")
    # Another attempt in between took another time.
    reasons = {re.sub(r"after \d+ ms", "", why["last_error"]) for why in (row, failed)}
    assert row["recipient"] == account.email and len(reasons) == 1 and row["attempts"] >= 1
