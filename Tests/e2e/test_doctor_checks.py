"""`havocctl doctor`: each thing that it tries, and what `--fix` mends."""

import os
import stat

import pytest

from support import dumps, secrets
from support.cluster import contents
from support.furnished import furnish
from support.home import Home
from support.oauth import Provider
from support.oauth_client import options as oauth_options
from support.oauth_client import secret_file
from support.ports import free_port
from support.program import Ctl
from support.smtp import MailServer, Manners

KEYS = {"check", "result", "detail", "hint"}
ALWAYS = ["database", "schema", "clock", "servers", "config", "key", "disk", "smtp", "stun"]


@pytest.fixture
def doctor(ctl):
    def run(*options, status: int = 0, on: Ctl = ctl, prefix=(), **env: str) -> dict[str, dict]:
        """Its findings by their names."""
        done = on.run("-o", "json", "doctor", *options, env={"HAVOCCTL_STUN": "off"} | env, prefix=prefix)
        assert done.status == status, str(done)
        findings = done.json()
        assert all(set(one) == KEYS for one in findings), findings
        assert all(one["result"] in ("ok", "warning", "failed", "fixed") for one in findings), findings
        assert all(one["detail"] for one in findings), findings
        assert all(one["hint"] for one in findings if one["result"] in ("warning", "failed")), findings
        assert status == any(one["result"] == "failed" for one in findings), findings
        found = {one["check"]: one for one in findings}
        assert len(found) == len(findings), findings
        return found
    return run


def one(found: dict[str, dict], word: str) -> dict:
    """The check whose name begins so."""
    names = [name for name in found if name.startswith(word)]
    assert len(names) == 1, f"{word} in {list(found)}"
    return found[names[0]]


@pytest.fixture
def file(tmp_path):
    """Writes a file with this mode."""
    def write(text: str, mode: int, name: str = "file"):
        path = tmp_path / name
        path.write_text(text)
        path.chmod(mode)
        return path
    return write


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_all_that_is_tried(doctor, server):
    found = doctor()
    for word in ALWAYS:
        assert [name for name in found if name.startswith(word)], f"no {word} in {list(found)}"
    assert {one(found, word)["result"] for word in ("database", "schema", "clock", "servers", "disk")} == {"ok"}
    assert not [name for name in found if name.startswith("certificate")]


def test_the_table(ctl):
    shown = ctl("doctor", "--stun", "off")
    assert shown.stdout.split("\n")[0].split() == ["check", "result", "detail", "hint"] and shown.stderr == ""


def test_it_changes_nothing_by_itself(ctl, file):
    before = contents(ctl.database)
    path = file("smtp-password = not-a-secret-at-all\n", 0o644, "havocctl.conf")
    ctl("doctor", "--config", path, "--stun", "off")
    assert contents(ctl.database) == before and mode(path) == 0o644


def test_a_database_that_is_down(doctor, program):
    ctl = Ctl(program, f"postgresql://postgres@127.0.0.1:{free_port()}/x")
    with MailServer() as smtp:
        found = doctor("--smtp-url", smtp.url, status=1, on=ctl)
    assert one(found, "database")["result"] == "failed"
    assert one(found, "smtp")["result"] == "ok", "the others go on"
    assert one(found, "disk")["result"] in ("ok", "warning")
    assert found.get("schema", {"result": "failed"})["result"] in ("failed", "warning")


@pytest.mark.parametrize("url", ["postgresql://nobody-of-this-name@127.0.0.1:{port}/x", "host=127.0.0.1 port={port} dbname=none-such"])
def test_a_database_that_refuses(doctor, cluster, program, url):
    found = doctor(status=1, on=Ctl(program, url.format(port=cluster.port)))
    assert one(found, "database")["result"] == "failed"


def test_the_password_stays_hidden(program):
    secret = secrets.password()
    done = Ctl(program, f"postgresql://somebody:{secret}@127.0.0.1:{free_port()}/x").run("doctor", "--stun", "off")
    assert done.status == 1 and secret not in done.stdout + done.stderr


def test_a_schema_that_is_behind(doctor, program, cluster):
    name = f"behind_{secrets.random.token_hex(4)}"
    ctl = Ctl(program, cluster.create(name))
    try:
        found = one(doctor(status=1, on=ctl), "schema")
        assert found["result"] == "failed" and "db migrate" in found["hint"]
        assert not contents(ctl.database)
        ctl.run("doctor", "--fix", "--dry-run", "--stun", "off")
        assert not contents(ctl.database)
        assert one(doctor("--fix", on=ctl), "schema")["result"] == "fixed"
        assert one(doctor("--fix", on=ctl), "schema")["result"] == "ok"
        assert ctl.json("user", "list") == []
    finally:
        cluster.drop(name)


def test_a_schema_that_is_ahead(doctor, program, new_database):
    ctl = Ctl(program, url := new_database())
    dumps.run(url, "INSERT INTO schema_migration (version, name) VALUES (9999, 'from the future')")
    assert one(doctor("--fix", status=1, on=ctl), "schema")["result"] == "failed"


def test_a_clock_that_is_wrong(doctor, program, new_database):
    """The database's, as a search path of its own makes it."""
    url = new_database()
    dumps.run(url, "CREATE SCHEMA odd; CREATE FUNCTION odd.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS"
                   " $$ SELECT pg_catalog.now() - interval '1 hour' $$")
    found = one(doctor(status=1, on=Ctl(program, url + "?options=-csearch_path%3Dodd,pg_catalog,public")), "clock")
    assert found["result"] == "failed" and "36" in found["detail"]


@pytest.mark.parametrize("text, mode_before, result", [
    ("listen = 127.0.0.1:9999\n", 0o644, "ok"), ("key = sixteen-letters-at-least\n", 0o600, "ok"),
    ("key = sixteen-letters-at-least\n", 0o640, "ok"), ("key = sixteen-letters-at-least\n", 0o644, "bad"),
    ("smtp-password = hush\n", 0o604, "bad"), ("database = {database}\n", 0o644, "ok"),
    ("oauth-client-secret = hush\n", 0o666, "bad")])
def test_a_configuration_that_others_may_read(ctl, file, text, mode_before, result):
    path = file(text.format(database=ctl.database), mode_before, "havocctl.conf")

    def look(*options) -> str:
        done = ctl("-o", "json", "doctor", "--config", path, "--stun", "off", *options)
        return one({row["check"]: row for row in done.json()}, "config")["result"]
    if result == "ok":
        assert look("--fix") == "ok" and mode(path) == mode_before
    else:
        assert look() in ("warning", "failed") and mode(path) == mode_before
        assert look("--fix", "--dry-run") != "ok" and mode(path) == mode_before
        assert look("--fix") == "fixed" and mode(path) & 0o007 == 0
        assert look() == "ok" and path.read_text() == text.format(database=ctl.database)


@pytest.mark.parametrize("option, check", [
    ("--key-file", "key"), ("--smtp-password-file", "password"), ("--oauth-client-secret-file", "password")])
def test_a_secrets_file_that_others_may_read(ctl, file, option, check):
    path = file("sixteen-letters-at-least\n", 0o644)

    def look(*options) -> dict:
        found = ctl("-o", "json", "doctor", "--stun", "off", option, path, *options).json()
        named = [row for row in found if str(path) in row["detail"]]
        assert len(named) == 1, found
        return named[0]
    assert look()["result"] in ("warning", "failed") and mode(path) == 0o644
    assert look("--fix")["result"] == "fixed" and mode(path) & 0o007 == 0
    assert look()["result"] == "ok"


def test_keys_without_a_seal(doctor):
    assert one(doctor(), "key")["result"] == "warning"


def test_a_mail_server(doctor):
    assert one(doctor(), "smtp")["result"] in ("ok", "warning")
    with MailServer() as smtp:
        assert one(doctor("--smtp-url", smtp.url), "smtp")["result"] == "ok"
        assert not smtp.tried and not smtp.messages, "no mail is sent"
    assert one(doctor("--smtp-url", smtp.url, status=1), "smtp")["result"] == "failed"


@pytest.mark.parametrize("manners", [Manners(drop="CONNECT"), Manners(hang=True)], ids=["it hangs up", "it hangs"])
def test_a_mail_server_in_trouble(doctor, manners):
    with MailServer(manners=manners) as smtp:
        found = one(doctor("--smtp-url", smtp.url, "--smtp-timeout", "1s", status=1), "smtp")
    assert found["result"] == "failed"


def test_a_mail_server_with_a_password(doctor):
    right, wrong = secrets.password(), secrets.password()
    with MailServer(user="mailer", password=right) as smtp:
        url = smtp.url if "@" in smtp.url else smtp.url.replace("://", "://mailer@")
        base = ("--smtp-url", url, "--smtp-tls", "off")
        assert one(doctor(*base, "--smtp-password-file", secret_file(right)), "smtp")["result"] == "ok"
        assert one(doctor(*base, "--smtp-password-file", secret_file(wrong), status=1), "smtp")["result"] == "failed"


def test_an_authorization_server(doctor):
    with Provider() as provider:
        given = oauth_options(provider, "http://127.0.0.1:8000/oauth/authorize")
        secret = ("--oauth-client-secret-file", secret_file(provider.client.client_secret))
        found = [row["result"] for name, row in doctor(*given, *secret).items() if name.startswith("oauth")]
        assert found and set(found) == {"ok"}
    found = [row["result"] for name, row in doctor(*given, *secret, "--oauth-timeout", "2s", status=1).items()
             if name.startswith("oauth")]
    assert "failed" in found


def test_an_embedded_cluster(program):
    home = Home(program, "user")
    try:
        home.run("user", "list")

        def look(*options) -> dict:
            done = home.ctl.run("-o", "json", "doctor", "--stun", "off", *options, prefix=home.prefix)
            return {row["check"]: row for row in done.json()}
        assert one(look(), "database")["result"] == one(look(), "state")["result"] == "ok"
        place = home.data()[0].parent
        place.chmod(0o777)
        assert one(look(), "state")["result"] in ("warning", "failed")
        assert one(look("--fix"), "state")["result"] == "fixed" and mode(place) & 0o077 == 0
        assert one(look(), "state")["result"] == "ok"
    finally:
        home.remove()


def test_the_unit_only_where_systemd_is(doctor):
    found = doctor()
    assert bool([name for name in found if name.startswith("unit")]) == os.path.isdir("/run/systemd/system")


def test_what_is_sound_is_left_alone(doctor, program, new_database):
    ctl = Ctl(program, new_database())
    furnish(ctl.database)
    before = contents(ctl.database)
    found = doctor("--fix", on=ctl)
    assert "fixed" not in {row["result"] for row in found.values()}
    assert contents(ctl.database) == before


def test_an_unknown_option(ctl):
    assert "--fix" in ctl.fails(2, "doctor", "--fox").stderr
