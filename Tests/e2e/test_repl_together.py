"""havocctl repl: two administrators at once, and servers that run meanwhile."""

import pytest

from support.api import create_account, new_account
from support.cluster import contents
from support.program import until
from support.repl import waiting


@pytest.fixture
def pair(new_repl):
    return new_repl(), new_repl()


def test_the_second_waits_and_has_the_last_word(ctl, database, account, pair):
    one, two = pair
    one.runs("begin", f"user edit {account.username} --first-name One")
    two.types(f"user edit {account.username} --first-name Two")
    until(lambda: waiting(database), "the second waits")
    one.runs("commit")
    assert "havocctl: " not in two.prompt()
    assert ctl.json("user", "show", account.username)["first_name"] == "Two"


def test_neither_loses_the_others_field(ctl, database, account, pair):
    one, two = pair
    one.runs("begin", f"user edit {account.username} --first-name One")
    two.runs("begin")
    two.types(f"user edit {account.username} --last-name Two")
    until(lambda: waiting(database), "the second waits")
    one.runs("commit")
    assert "havocctl: " not in two.prompt()
    two.runs("commit")
    shown = ctl.json("user", "show", account.username)
    assert (shown["first_name"], shown["last_name"]) == ("One", "Two")


def test_the_same_name_twice_is_one(ctl, database, pair):
    one, two = pair
    name = new_account().username
    one.runs("begin", f"user create {name} --no-password --first-name One")
    two.types(f"user create {name} --no-password --first-name Two")
    until(lambda: waiting(database), "the second waits")
    one.runs("commit")
    assert "havocctl: " in two.prompt()
    assert ctl.json("user", "show", name)["first_name"] == "One"


def test_the_name_is_free_after_a_rollback(ctl, database, pair):
    one, two = pair
    name = new_account().username
    one.runs("begin", f"user create {name} --no-password --first-name One")
    two.types(f"user create {name} --no-password --first-name Two")
    until(lambda: waiting(database), "the second waits")
    one.runs("rollback")
    assert "havocctl: " not in two.prompt()
    assert ctl.json("user", "show", name)["first_name"] == "Two"


def test_a_row_that_was_deleted_meanwhile(ctl, database, account, pair):
    one, two = pair
    one.runs("begin", f"user delete {account.username} --purge --yes")
    two.runs("begin")
    two.types(f"user edit {account.username} --first-name Two")
    until(lambda: waiting(database), "the second waits")
    one.runs("commit")
    assert "havocctl: " in two.prompt()
    assert two.mark == "!="
    two.runs("rollback")
    ctl.fails(3, "user", "show", account.username)


def test_of_two_that_wait_for_each_other_one_goes_on(ctl, database, account, pair):
    other = create_account(ctl, 1)
    one, two = pair
    one.runs("begin", f"user edit {account.username} --first-name One")
    two.runs("begin", f"user edit {other.username} --first-name Two")
    one.types(f"user edit {other.username} --first-name One")
    until(lambda: waiting(database), "the first waits")
    two.types(f"user edit {account.username} --first-name Two")
    answers = [repl.prompt() for repl in pair]
    assert sum("havocctl: " in answer for answer in answers) == 1, answers
    assert sorted(repl.mark for repl in pair) == ["!=", "*="]
    winner = next(repl for repl in pair if repl.mark == "*=")
    winner.runs("commit")
    next(repl for repl in pair if repl is not winner).runs("rollback")
    found = {ctl.json("user", "show", name)["first_name"] for name in (account.username, other.username)}
    assert found == {"One" if winner is one else "Two"}


def test_a_dry_run_of_one_holds_nobody_up(ctl, account, pair):
    one, two = pair
    one.runs("begin", f"user edit {account.username} --first-name One --dry-run")
    two.runs(f"user edit {account.username} --first-name Two")
    one.runs("rollback")


def test_a_question_that_is_open_holds_nobody_up(ctl, account, pair):
    one, two = pair
    one.types(f"user delete {account.username}")
    one.asks(r"\[y/N\] ")
    two.runs(f"user edit {account.username} --first-name Two")
    one.types("n")
    one.prompt()


def test_servers_hear_of_a_revocation_at_the_commit(ctl, api, account, repl):
    token = api.tokens(account)["access_token"]
    repl.runs("begin", f"session revoke --user {account.username} --yes")
    assert api.alive(token) and api.alive(token)
    repl.runs("commit")
    assert not api.alive(token)


def test_servers_never_hear_of_what_was_rolled_back(ctl, api, account, repl):
    token = api.tokens(account)["access_token"]
    repl.runs("begin", f"user lock {account.username} --yes", f"ban add {account.username}", "rollback")
    assert api.alive(token)
    assert api.login(account).status_code == 200


def test_an_account_of_a_transaction_signs_in_after_it(ctl, api, repl):
    account = new_account()
    repl.runs("begin")
    repl.types(f"user create {account.username}")
    repl.password(account.password)
    repl.password(account.password)
    assert "havocctl: " not in repl.prompt()
    assert api.login(account).status_code == 401
    repl.runs("commit")
    assert api.login(account).status_code == 200


def test_what_others_commit_is_seen_in_an_open_transaction(ctl, database, repl):
    name = new_account().username
    repl.runs("begin", "user list")
    ctl.ok("user", "create", name, "--no-password")
    assert repl.json(f"user show {name}")["username"] == name
    repl.runs("rollback")
    assert any(name in line for line in contents(database)["public.account"])
