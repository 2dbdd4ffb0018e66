"""havocctl repl: begin, commit and rollback."""

import pytest

from support.api import create_account, new_account
from support.cluster import contents
from support.repl import script, stops

# What changes something, and needs no answer: {user} and {other} are accounts, {new} a name nobody has.
CHANGES = [
    "user create {new} --no-password", "user ensure {new} --no-password", "user edit {user} --first-name Ada",
    "user two-factor {user} on", "user lock {user} --yes", "user delete {user} --yes",
    "user delete {user} --purge --yes", "user delete {user} {other} --confirm=2", "user passwd {user} --generate-password",
    "permission create 77 {new}", "permission assign 3 {user}", "token issue {user} --kind opaque",
    "ban add {user}", "ban add 192.0.2.0/24 --reason 'a test' --for 1h", "group create {new}", "exercise seed",
    "key rotate"]


def create(name: str) -> str:
    return f"user create {name} --no-password"


def there(ctl, name: str) -> bool:
    return ctl.run("user", "show", name).status == 0


@pytest.fixture
def names() -> list[str]:
    return [new_account().username for _ in range(3)]


@pytest.fixture
def begun(repl):
    repl.runs("begin")
    assert repl.mark == "*="
    return repl


def test_others_see_it_from_the_commit_on(ctl, begun, names):
    for name in names:
        begun.runs(create(name))
        assert begun.mark == "*="
        assert begun.json(f"user show {name}")["username"] == name
        assert not there(ctl, name)
    begun.runs("commit")
    assert begun.mark == "="
    assert all(there(ctl, name) for name in names)


def test_a_rollback_undoes_all_of_it(ctl, database, names, repl):
    before = contents(database)
    repl.runs("begin", *map(create, names), f"user edit {names[0]} --first-name Ada", "rollback")
    assert repl.mark == "="
    assert contents(database) == before
    repl.fails(f"user show {names[0]}")


@pytest.mark.parametrize("line", CHANGES)
def test_every_change_can_be_tried_and_undone(ctl, database, account, repl, line):
    other = create_account(ctl, 1)
    before = contents(database)
    line = line.format(user=account.username, other=other.username, new=new_account().username)
    repl.runs("begin", line)
    assert contents(database) == before, "it can be seen before the commit"
    repl.runs("rollback")
    assert contents(database) == before
    repl.runs("begin", line, "commit")
    assert contents(database) != before


def test_a_failure_fails_the_transaction(ctl, begun, names):
    begun.runs(create(names[0]))
    begun.fails("user show nobody-here")
    assert begun.mark == "!="
    for line in (create(names[1]), "user list", "permission list"):
        assert "rollback" in begun.fails(line, "transaction has failed")
        assert begun.mark == "!="
    begun.fails("commit", "transaction", "nothing of it was kept")
    assert begun.mark == "="
    assert not any(there(ctl, name) for name in names)
    begun.runs(create(names[2]))


def test_a_failed_one_is_rolled_back(ctl, begun, names):
    begun.runs(create(names[0]))
    begun.fails("user show nobody-here")
    begun.runs("rollback")
    assert begun.mark == "=" and not there(ctl, names[0])
    begun.runs("begin", create(names[0]), "commit")
    assert there(ctl, names[0])


@pytest.mark.parametrize("line", [
    "usr list", "user list --permision 1", "user create", r"\nonsense", r"\o nonsense", "user list --config x", "serve"])
def test_a_slip_of_the_hand_does_not(ctl, begun, names, line):
    begun.runs(create(names[0]))
    begun.fails(line)
    assert begun.mark == "*="
    begun.runs("commit")
    assert there(ctl, names[0])


@pytest.mark.parametrize("line", [r"\?", "help", r"\o table", r"\history", r"\! true", "version", ""])
def test_what_has_nothing_to_do_with_it(begun, line):
    begun.run(line)
    assert begun.mark == "*="


def test_help_in_a_failed_one(begun):
    begun.fails("user show nobody-here")
    assert "rollback" in begun.run(r"\?")
    assert begun.mark == "!="


@pytest.mark.parametrize("line", ["commit", "rollback"])
def test_without_a_beginning(repl, line):
    repl.fails(line)
    assert repl.mark == "="


def test_a_second_beginning_is_an_error_and_no_loss(ctl, begun, names):
    begun.runs(create(names[0]))
    begun.fails("begin", "transaction")
    begun.run("commit" if begun.mark == "*=" else "rollback")
    assert begun.mark == "="
    begun.runs("begin", "rollback")


def test_a_question_answered_with_yes(ctl, begun, names):
    begun.runs(create(names[0]))
    begun.types(f"user delete {names[0]} --purge")
    begun.asks(r"really\?.*\[y/N\] ")
    begun.types("y")
    assert "havocctl: " not in begun.prompt()
    assert begun.mark == "*="
    begun.runs("commit")
    assert not there(ctl, names[0])


def test_a_question_answered_with_no(ctl, begun, account):
    begun.types(f"user delete {account.username}")
    begun.asks(r"really\?.*\[y/N\] ")
    begun.types("n")
    assert "not confirmed" in begun.prompt()
    assert begun.mark == "*=", "somebody thought better of it, and nothing failed"
    begun.runs("commit")
    assert there(ctl, account.username)


def test_a_count_is_asked_for_and_seen_in_the_transaction(ctl, begun, names):
    begun.runs(*map(create, names))
    begun.types("user delete " + " ".join(names))
    begun.asks("3 rows.*: ")
    begun.types("3")
    assert "havocctl: " not in begun.prompt()
    begun.runs("rollback")
    assert not any(there(ctl, name) for name in names)


def test_trying_out_in_a_transaction_changes_nothing(ctl, database, begun, account):
    before = contents(database)
    assert "dry run" in begun.run(f"user edit {account.username} --first-name Ada --dry-run")
    assert begun.mark == "*="
    begun.runs("commit")
    assert contents(database) == before


def test_a_dry_run_leaves_what_came_before(ctl, begun, names):
    begun.runs(create(names[0]), f"{create(names[1])} --dry-run", create(names[2]), "commit")
    assert [there(ctl, name) for name in names] == [True, False, True]


@pytest.mark.parametrize("line", [
    "db migrate", "db shell", "db backup /tmp/never-made", "db restore /etc/passwd", "audit tail",
    "session prune --yes", "token prune --yes"])
def test_what_cannot_be_part_of_one_is_refused(ctl, begun, names, line):
    begun.runs(create(names[0]))
    begun.fails(line, "transaction")
    begun.run("rollback")
    assert begun.mark == "=" and not there(ctl, names[0])


@pytest.mark.parametrize("leave", [r"\q", "exit", None])
def test_leaving_an_open_one_rolls_back_and_says_so(ctl, begun, names, leave):
    begun.runs(create(names[0]))
    if leave:
        begun.types(leave)
        begun.ends()
    else:
        begun.leaves()
    assert "rolled back" in begun.child.before
    assert not there(ctl, names[0])


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_in_a_script(ctl, names, end):
    result = script(ctl, "begin", *map(create, names), end, "version")
    assert result.status == 0 and result.stdout.endswith(ctl.ok("version").stdout)
    assert [there(ctl, name) for name in names] == [end == "commit"] * 3


def test_a_script_that_fails_in_one_keeps_nothing(ctl, database, names):
    before = contents(database)
    stops(ctl, 3, 3, "begin", create(names[0]), "user show nobody-here", create(names[1]), "commit")
    assert contents(database) == before


@pytest.mark.parametrize("last", [None, r"\q", "exit"])
def test_a_script_that_never_commits(ctl, database, names, last):
    before = contents(database)
    result = script(ctl, *["begin", create(names[0]), last][:3 if last else 2])
    assert result.status == 1 and "transaction" in result.stderr, str(result)
    assert contents(database) == before


def test_words_of_any_case_and_a_semicolon_are_no_sql(repl):
    repl.fails("begin;", "begin")
    assert repl.mark == "="
