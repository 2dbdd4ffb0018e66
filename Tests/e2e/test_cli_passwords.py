"""Where a password comes from on the command line, and where it never shows."""

import re

import pytest

from support import secrets
from support.api import Account, Api, assert_detail, create_account, new_account
from support.cluster import contents
from support.terminal import Terminal

WEAK = ["1234", "8675309421", "password", "short7!"]


def test_asked_twice_without_echo(ctl, api):
    made = new_account()
    terminal = Terminal(ctl, "user", "create", made.username)
    terminal.password(made.password)
    terminal.password(made.password)
    assert terminal.ends() == 0, terminal.seen
    assert made.password not in terminal.seen
    assert api.tokens(made)


def test_two_that_differ_are_refused(ctl):
    made = new_account()
    terminal = Terminal(ctl, "user", "create", made.username)
    terminal.password(made.password)
    terminal.password(secrets.password())
    assert terminal.ends() != 0
    assert not secrets.leaked(terminal.seen)
    ctl.fails(3, "user", "show", made.username)


def test_passwd_asks_too(ctl, api):
    account = create_account(ctl, 1)
    new = Account(account.username, secrets.password(), account.email)
    terminal = Terminal(ctl, "user", "passwd", account.username)
    terminal.password(new.password)
    terminal.password(new.password)
    assert terminal.ends() == 0, terminal.seen
    assert_detail(api.login(account), 401)
    assert api.tokens(new)


def test_no_input_never_asks(ctl):
    made = new_account()
    terminal = Terminal(ctl, "user", "create", made.username, "--no-input")
    assert terminal.ends() in (2, 5), terminal.seen
    ctl.fails(3, "user", "show", made.username)


def test_no_terminal_and_no_option_is_refused(ctl):
    made = new_account()
    failed = ctl.fails((2, 5), "user", "create", made.username, input=made.password + "\n")
    assert "--password-stdin" in failed.stderr
    ctl.fails(3, "user", "show", made.username)


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_password_stdin(ctl, api, ending):
    made = new_account()
    ctl.ok("user", "create", made.username, "--password-stdin", input=made.password + ending)
    assert api.tokens(made)


@pytest.mark.parametrize("given", ["", "\n", "\n\n", b"\xff\xfe bad utf-8 1\n", "nul\0inside-1\n", "x" * 1025])
def test_password_stdin_that_holds_none(ctl, given):
    made = new_account()
    ctl.fails((1, 2, 5), "user", "create", made.username, "--password-stdin", input=given)
    ctl.fails(3, "user", "show", made.username)


@pytest.mark.parametrize("ending", ["", "\n"])
def test_password_file(ctl, api, tmp_path, ending):
    made = new_account()
    path = tmp_path / "secret"
    path.write_text(made.password + ending)
    path.chmod(0o600)
    ctl.ok("user", "create", made.username, "--password-file", path)
    assert api.tokens(made)


def test_password_file_that_is_not_there(ctl, tmp_path):
    made = new_account()
    failed = ctl.fails((1, 2), "user", "create", made.username, "--password-file", tmp_path / "none")
    assert "none" in failed.stderr
    ctl.fails((1, 2), "user", "create", made.username, "--password-file", tmp_path)
    ctl.fails(3, "user", "show", made.username)


def test_a_generated_password_is_printed_once_and_works(ctl, api):
    made = new_account()
    shown = ctl.json("user", "create", made.username, "--generate-password")
    generated = Account(made.username, secrets.keep(shown["password"]), "")
    assert len(generated.password) >= 12
    assert api.tokens(generated)
    assert generated.password not in ctl.ok("user", "show", made.username, "--wide", "-o", "json").stdout
    again = ctl.ok("user", "passwd", made.username, "--generate-password", "-o", "json")
    replaced = Account(made.username, secrets.keep(again.json()["password"]), "")
    assert again.stdout.count(replaced.password) == 1
    assert replaced.password != generated.password
    assert_detail(api.login(generated), 401)
    assert api.tokens(replaced)


@pytest.mark.parametrize("form", ["table", "plain", "csv", "yaml", "jsonl"])
def test_a_generated_password_is_in_every_format_once(ctl, api, form):
    made = new_account()
    result = ctl.ok("user", "create", made.username, "--generate-password", "-o", form)
    words = [word for word in re.split(r"[\s,\t|\"':]+", result.stdout) if len(word) >= 12]
    assert any(api.login(Account(made.username, word, "")).status_code == 200 for word in words), (
        "no word of the output signs in")


def test_no_password_signs_in_with_none(ctl, api):
    made = new_account()
    ctl.ok("user", "create", made.username, "--no-password")
    for guess in ("", "x", "None", "null", "!"):
        assert api.post("/api/auth/login/", {
            "username": made.username, "password": guess}).status_code in (400, 401)


@pytest.mark.parametrize("password", WEAK)
def test_weak_ones_need_force(ctl, api, password):
    made = new_account()
    failed = ctl.fails((1, 2, 5), "user", "create", made.username, "--password-stdin", input=password)
    assert "password" in failed.stderr.lower() and "--force" in failed.stderr
    ctl.fails(3, "user", "show", made.username)
    ctl.ok("user", "create", made.username, "--password-stdin", "--force", input=password)
    assert api.tokens(Account(made.username, password, ""))


def test_even_force_takes_no_empty_one(ctl):
    made = new_account()
    ctl.fails((1, 2, 5), "user", "create", made.username, "--password-stdin", "--force", input="\n")
    ctl.fails(3, "user", "show", made.username)


@pytest.mark.parametrize("options", [
    ["--password-stdin", "--generate-password"], ["--no-password", "--password-stdin"],
    ["--password", "secret-on-the-line"], ["--password=secret-on-the-line"]])
def test_one_source_and_never_the_command_line(ctl, options):
    made = new_account()
    failed = ctl.fails(2, "user", "create", made.username, *options, input=made.password)
    assert "secret-on-the-line" not in failed.stderr
    ctl.fails(3, "user", "show", made.username)


def test_never_from_the_environment(ctl):
    made = new_account()
    for name in ("HAVOCCTL_PASSWORD", "PASSWORD"):
        result = ctl("user", "create", made.username, env={name: made.password})
        assert result.status != 0, str(result)
    ctl.fails(3, "user", "show", made.username)


def test_passwd_changes_what_signs_in(ctl, api):
    account = create_account(ctl, 1)
    new = Account(account.username, secrets.password(), account.email)
    shown = ctl.json("user", "passwd", account.username, "--password-stdin", input=new.password)
    assert shown["changed"] is True
    assert_detail(api.login(account), 401)
    assert api.tokens(new)
    ctl.fails(3, "user", "passwd", "nobody-of-this-name", "--password-stdin", input=new.password)


def test_a_hash_is_argon2id(ctl, api, database, user):
    text = "\n".join(line for lines in contents(database).values() for line in lines)
    assert re.search(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$", text)
    assert not secrets.leaked(text)


def test_a_hash_is_made_anew_when_the_parameters_changed(ctl, api, new_server, database):
    account = create_account(ctl, 1)
    quick = Api(new_server("--argon2-memory", "8192", "--argon2-iterations", "1").url)

    def kept(parameters: str) -> int:
        return sum(parameters in line for lines in contents(database).values() for line in lines)

    before = kept("m=8192,t=1,p=1")
    assert quick.tokens(account) and quick.tokens(account)
    assert kept("m=8192,t=1,p=1") == before + 1
    assert api.tokens(account), "the first server still takes it"
    assert kept("m=8192,t=1,p=1") == before
