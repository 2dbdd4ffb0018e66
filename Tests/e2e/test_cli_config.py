"""Where a setting comes from, which one wins, and db shell."""

import pytest

from support.cluster import contents
from support.program import Ctl
from support.terminal import Terminal

KEY, OPTION, VARIABLE = "argon2-memory", "--argon2-memory", "HAVOCCTL_ARGON2_MEMORY"


def shown(ctl, *options, **more) -> dict[str, dict]:
    found = ctl.json("config", "show", *options, **more)
    assert all(set(row) == {"key", "value", "origin"} for row in found)
    return {row["key"]: row for row in found}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "havocctl.conf"
    path.write_text(f"# a comment\n\n{KEY} = 9001\nlisten=127.0.0.1:9999\n")
    return path


def test_flag_over_environment_over_file_over_default(ctl, file):
    installed = shown(ctl)[KEY]
    assert str(installed["value"]) == "19456"
    from_file = shown(ctl, "--config", file)
    assert str(from_file[KEY]["value"]) == "9001" and str(file) in from_file[KEY]["origin"]
    assert from_file["listen"]["value"] == "127.0.0.1:9999"
    env = {VARIABLE: "9002"}
    from_env = shown(ctl, "--config", file, env=env)[KEY]
    assert str(from_env["value"]) == "9002" and (
        VARIABLE in from_env["origin"] or "environment" in from_env["origin"])
    from_flag = shown(ctl, "--config", file, OPTION, "9003", env=env)[KEY]
    assert str(from_flag["value"]) == "9003"
    origins = {row["origin"] for row in (installed, from_file[KEY], from_env, from_flag)}
    assert len(origins) == 4


def test_secrets_are_hidden(program):
    secret = "canary-in-the-address"
    url = f"postgresql://somebody:{secret}@127.0.0.1:1/x"
    for form in ("json", "table", "plain", "csv", "yaml"):
        for result in (Ctl(program, url).ok("config", "show", "-o", form),
                       Ctl(program, None).ok("config", "show", "-o", form, "--database", url)):
            assert secret not in result.stdout + result.stderr
            assert "somebody" in result.stdout or "database" in result.stdout


def test_a_password_in_the_key_value_form_is_hidden_too(program):
    result = Ctl(program, None).run(
        "config", "show", "--database", "host=127.0.0.1 port=1 password=canary-in-the-address dbname=x")
    assert "canary-in-the-address" not in result.stdout + result.stderr


@pytest.mark.parametrize("text, word", [
    ("argon2-memmory = 9001\n", "argon2-memory"), ("argon2-memory = lots\n", "argon2-memory"),
    ("no equals sign\n", "1"), ("argon2-memory = -1\n", "argon2-memory"),
    ("argon2-memory = 9001\nargon2-memory = 9002\n", "argon2-memory")])
def test_a_bad_file_is_a_usage_error(ctl, file, text, word):
    file.write_text(text)
    failed = ctl.fails((1, 2), "config", "show", "--config", file)
    assert word in failed.stderr.replace(str(file), "")


def test_a_file_that_is_not_there(ctl, file):
    failed = ctl.fails((1, 2), "config", "show", "--config", str(file) + ".none")
    assert ".none" in failed.stderr


@pytest.mark.parametrize("options, env", [
    ([OPTION, "lots"], {}), ([OPTION, "0"], {}), ([OPTION, str(2**64)], {}), ([], {VARIABLE: "lots"})])
def test_a_bad_value_is_a_usage_error(ctl, options, env):
    failed = ctl.fails((1, 2), "config", "show", *options, env=env)
    assert KEY in failed.stderr or VARIABLE in failed.stderr


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1", "127.0.0.1:99999", "300.0.0.1:80", ":"])
def test_serve_refuses_a_bad_address(ctl, address):
    ctl.fails((1, 2), "serve", "--listen", address)


def test_serve_says_when_the_address_is_taken(ctl, server):
    failed = ctl("serve", "--listen", f"127.0.0.1:{server.port}")
    assert failed.status == 1 and str(server.port) in failed.stderr, str(failed)
    assert server.status() == 200


def test_the_database_may_come_from_the_file_or_from_libpq(program, cluster, database, file):
    file.write_text(f"database = {database}\n")
    assert Ctl(program, None).json("permission", "list", "--config", file)
    name = database.rpartition("/")[2]
    libpq = Ctl(program, None, PGHOST="127.0.0.1", PGPORT=str(cluster.port), PGUSER="postgres", PGDATABASE=name)
    assert libpq.json("permission", "list") == Ctl(program, database).json("permission", "list")


def test_serve_migrates_first_unless_told_otherwise(program, cluster, new_server):
    fresh = cluster.create(f"serve_{id(new_server)}")
    try:
        Ctl(program, fresh).fails((1, 5, 6), "serve", "--listen", "127.0.0.1:0", "--no-migrate")
        assert contents(fresh) == {}
        server = new_server(url=fresh)
        assert len(Ctl(program, fresh).json("permission", "list")) == 3
        server.stop()
    finally:
        cluster.drop(fresh.rpartition("/")[2])


def test_db_shell_is_psql_on_this_database(ctl, database):
    result = ctl.ok("db", "shell", input="SELECT 'db:' || current_database();\n")
    assert "db:" + database.rpartition("/")[2] in result.stdout


def test_db_shell_at_a_terminal(ctl, database):
    terminal = Terminal(ctl, "db", "shell", env={"PAGER": "cat", "HOME": "/tmp"})
    terminal.asks(database.rpartition("/")[2] + "[=#>]+")
    terminal.types("\\q")
    assert terminal.ends() == 0
