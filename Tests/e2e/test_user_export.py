"""`havocctl user export`: what import reads again, in a file that is whole or not there."""

import os
import resource
import stat
import subprocess

import pytest

from support import bulk, secrets
from support.bulk import ENDINGS, FIELDS, accounts, counts, people, person, stored, write
from support.formats import read_csv, read_jsonl
from support.home import AS_NOBODY, Home
from support.program import Ctl

READ = {"csv": read_csv, "json": bulk.json.loads, "jsonl": read_jsonl}


@pytest.fixture(scope="module")
def crowd(ctl, tmp_path_factory) -> list[dict]:
    """Accounts with everything that is hard to write down."""
    made = [
        person(first_name='Quotes "and", commas', last_name="L'O\tNeil – Ünïcode\\"), person(first_name=" blanks "),
        person(first_name="two\nlines", permission=3), person(email=None), person(locked=True, is_42=True),
        person(two_factor=True, created="2001-02-03T04:05:06.789012Z", last_login="2011-02-03T04:05:06Z"),
        person(first_name="=1+1", last_name="null"), person(first_name="'", last_name="-"),
        person(password_hash=bulk.django(secrets.password())), person(password=secrets.password())]
    path = write(tmp_path_factory.mktemp("crowd") / "crowd.json", made)
    assert ctl.json("user", "import", path) == counts(added=len(made))
    return made


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_field_of_every_account(ctl, crowd, tmp_path, ending):
    path = tmp_path / f"out.{ending}"
    done = ctl.ok("user", "export", path)
    assert done.stdout == "" and str(path) in done.stderr
    found = READ[ending](path.read_text(encoding="utf-8"))
    assert len(found) == len(crowd) and all(FIELDS <= set(row) for row in found)
    assert not any("password" in name for row in found for name in row)
    by_name = {row["username"]: row for row in found}
    for given in crowd:
        for name in ("email", "first_name", "last_name"):
            assert (by_name[given["username"]][name] or None) == given.get(name)


@pytest.mark.parametrize("ending", ENDINGS)
def test_standard_output_has_the_same(ctl, crowd, tmp_path, ending):
    path = tmp_path / f"out.{ending}"
    ctl.ok("user", "export", path)
    printed = ctl.ok("user", "export", "--format", ending)
    assert printed.stdout == path.read_text(encoding="utf-8")
    if ending == "csv":
        assert ctl.ok("user", "export").stdout == printed.stdout


@pytest.mark.parametrize("ending", ENDINGS)
def test_into_another_database_and_back(program, ctl, crowd, database, new_database, tmp_path, ending):
    path = tmp_path / f"out.{ending}"
    ctl.ok("user", "export", path, "--with-hashes")
    other = Ctl(program, new_database())
    assert other.json("user", "import", path) == counts(added=len(crowd))
    assert accounts(other.database) == accounts(database)
    assert other.json("user", "import", path) == counts(unchanged=len(crowd))
    assert ctl.json("user", "import", path) == counts(unchanged=len(crowd))
    again = tmp_path / f"again.{ending}"
    other.ok("user", "export", again, "--with-hashes")
    plain = [{name: value for name, value in row.items() if name != "id"}
             for row in READ[ending](again.read_text(encoding="utf-8"))]
    assert sorted(plain, key=str) == sorted(({name: value for name, value in row.items() if name != "id"}
                                             for row in READ[ending](path.read_text(encoding="utf-8"))), key=str)


def test_hashes_only_when_asked_for(ctl, crowd, database):
    found = {row["username"]: row for row in READ["csv"](ctl.ok("user", "export", "--with-hashes").stdout)}
    for name, row in found.items():
        assert (row["password_hash"] or None) == stored(database, name)["password_hash"]
    assert "pbkdf2" not in ctl.ok("user", "export").stdout and "argon2" not in ctl.ok("user", "export").stdout


def test_an_export_without_hashes_leaves_passwords_as_they_are(ctl, crowd, database, tmp_path):
    before = accounts(database)
    ctl.ok("user", "export", tmp_path / "out.csv")
    assert ctl.json("user", "import", tmp_path / "out.csv") == counts(unchanged=len(crowd))
    assert accounts(database) == before


def test_filters(ctl, crowd):
    found = READ["csv"](ctl.ok("user", "export", "--where", "level=ADMIN").stdout)
    assert [row["first_name"] for row in found] == ["two\nlines"]
    ctl.fails(2, "user", "export", "--where", "colour=red")


def test_deleted_accounts_are_not_in_it(program, new_database, tmp_path):
    ctl = Ctl(program, new_database())
    one, two = people(2)
    ctl.ok("user", "import", write(tmp_path / "two.csv", [one, two]))
    ctl.ok("user", "delete", one["username"], "--yes")
    assert [row["username"] for row in READ["csv"](ctl.ok("user", "export").stdout)] == [two["username"]]


def test_an_empty_database(program, new_database):
    ctl = Ctl(program, new_database())
    assert FIELDS <= set(ctl.ok("user", "export").stdout.strip().split(","))
    assert READ["json"](ctl.ok("user", "export", "--format", "json").stdout) == []
    assert ctl.ok("user", "export", "--format", "jsonl").stdout == ""


@pytest.mark.parametrize("options", [(), ("--with-hashes",)])
def test_the_file_is_its_owners_alone(ctl, crowd, tmp_path, options):
    path = tmp_path / "out.csv"
    old = os.umask(0)
    try:
        ctl.ok("user", "export", path, *options)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["out.csv"]


def test_an_old_file_is_replaced_and_closed_to_others(ctl, crowd, tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    path.chmod(0o666)
    done = ctl("user", "export", path)
    if done.status == 0:
        assert len(READ["csv"](path.read_text())) == len(crowd)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    else:
        assert done.status in (4, 5) and path.read_text() == "old", str(done)


@pytest.mark.parametrize("place", ["{}/none/out.csv", "{}/file/out.csv", "{}/directory.csv"])
def test_where_nothing_can_be_written(ctl, crowd, tmp_path, place):
    (tmp_path / "file").write_text("x")
    (tmp_path / "directory.csv").mkdir()
    ctl.fails((1, 3), "user", "export", place.format(tmp_path))
    assert sorted(os.listdir(tmp_path)) == ["directory.csv", "file"]


def test_a_directory_of_somebody_else(program, ctl, crowd, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root, to be somebody else")
    home = Home(program, "user")
    closed = home.path / "closed"
    closed.mkdir(mode=0o755)
    try:
        reached = Ctl(home.program, ctl.database)
        failed = reached.fails(1, "user", "export", closed / "out.csv", prefix=AS_NOBODY)
        assert "ermission denied" in failed.stderr and os.listdir(closed) == []
    finally:
        home.remove()


@pytest.fixture(scope="module")
def many(program, new_database, tmp_path_factory) -> Ctl:
    """More than a pipe or a small disk holds."""
    ctl = Ctl(program, new_database())
    ctl.ok("user", "import", write(tmp_path_factory.mktemp("many") / "many.csv", [
        {"username": f"many{n}", "first_name": "x" * 100} for n in range(3_000)]))
    return ctl


def test_a_full_disk(many, tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("needs to mount a file system")
    try:
        (place / "out.csv").write_text("old")
        failed = many.fails(1, "user", "export", place / "out.csv")
        assert "space" in failed.stderr
        assert os.listdir(place) == ["out.csv"] and (place / "out.csv").read_text() == "old"
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_file_that_may_not_grow(many, tmp_path):
    place = tmp_path / "limited"
    place.mkdir()
    done = subprocess.run(
        [many.program, "user", "export", place / "out.csv"], env=many.env, capture_output=True, text=True, check=False,
        timeout=60, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536)))
    assert done.returncode == 1 and done.stderr.startswith("havocctl: "), done.stderr
    assert os.listdir(place) == []


def test_a_full_standard_output(many):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([many.program, "user", "export"], env=many.env, stdout=full, stderr=subprocess.PIPE,
                              text=True, check=False, timeout=60)
    assert done.returncode == 1 and "space" in done.stderr


def test_a_closed_pipe_ends_it_quietly(many):
    done = subprocess.run(["bash", "-c", "set -o pipefail; \"$0\" user export | head -n 1", many.program],
                          env=many.env, capture_output=True, text=True, check=False, timeout=60)
    assert "username" in done.stdout and done.stderr == ""
