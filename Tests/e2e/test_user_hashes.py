"""Password hashes from elsewhere sign in, and become argon2id hashes of ours when they do."""

import concurrent.futures
import hashlib

import pytest

from support import bulk, secrets
from support.api import Account, Api, new_account
from support.bulk import CURRENT, counts, stored, write

PBKDF2 = "pbkdf2_sha256$"

HASHES = {
    "Django": bulk.django, "Django's own count": lambda password: bulk.django(password, 1_000_000),
    "Django's one": lambda password: bulk.django(password, 1),
    "argon2id with little memory": lambda password: bulk.argon2id(password, 64, 1),
    "argon2id with one pass": lambda password: bulk.argon2id(password, iterations=1),
    "argon2id with lanes": lambda password: bulk.argon2id(password, 1_024, 3, 4)}


@pytest.fixture
def bring(ctl, tmp_path):
    """Imports an account with the hash of its password; gives the account."""
    def run(make, account: Account | None = None, ending: str = "csv") -> Account:
        account = account or new_account("hashed")
        record = {"username": account.username, "email": account.email, "password_hash": make(account.password)}
        done = ctl.json("user", "import", write(tmp_path / f"people.{ending}", [record]))
        assert done["added"] + done["changed"] == 1
        return account
    return run


def kept(database: str, account: Account) -> str | None:
    return stored(database, account.username)["password_hash"]


def wrong(account: Account) -> Account:
    return Account(account.username, account.password + "x", account.email)


def test_the_hash_is_made_as_django_makes_it():
    """Its documentation's: PBKDF2 with HMAC-SHA-256 over 32 bytes."""
    kind, count, salt, digest = bulk.django("secret", 5).split("$")
    wanted = hashlib.pbkdf2_hmac("sha256", b"secret", salt.encode(), int(count), 32)
    assert (kind, bulk.base64.b64decode(digest)) == ("pbkdf2_sha256", wanted)


@pytest.mark.parametrize("kind", HASHES)
def test_it_signs_in_and_is_made_anew(bring, api, database, kind):
    account = bring(HASHES[kind])
    old = kept(database, account)
    assert not old.startswith(CURRENT)
    assert api.login(wrong(account)).status_code == 401
    assert kept(database, account) == old, "a wrong password makes no new hash"
    assert api.login(account).status_code == 200
    new = kept(database, account)
    assert new.startswith(CURRENT) and new != old
    assert api.login(account).status_code == 200 and api.login(wrong(account)).status_code == 401
    assert kept(database, account) == new


@pytest.mark.parametrize("sign_in", [
    lambda api, account: api.havoc_login(account),
    lambda api, account: api.post("/api/auth/obtain/", {
        "username": account.username, "password": account.password})], ids=["havoc", "integers"])
def test_in_the_other_dialects(bring, api, database, sign_in):
    account = bring(bulk.django)
    assert sign_in(api, wrong(account)).status_code in (400, 401)
    assert kept(database, account).startswith(PBKDF2)
    answer = sign_in(api, account)
    assert answer.status_code == 200, answer.text
    secrets.keep(str(answer.json().get("token") or answer.json()["data"]["session_token"]))
    assert kept(database, account).startswith(CURRENT)


def test_a_good_argon2id_stays(bring, api, database):
    account = bring(bulk.argon2id)
    old = kept(database, account)
    assert api.login(account).status_code == 200
    assert kept(database, account) == old


@pytest.mark.parametrize("password", ["Pässwörd – ünïcode", "with $ dollar $ signs", " blanks around ", "x" * 200])
def test_awkward_passwords(bring, api, password):
    made = new_account("awkward")
    account = bring(bulk.django, Account(made.username, password, made.email))
    assert api.login(account).status_code == 200
    assert api.login(wrong(account)).status_code == 401


def test_at_once(bring, server, database):
    """Whoever is first makes it anew; nobody is turned away."""
    account = bring(bulk.django)
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: Api(server.url).login(account).status_code, range(6)))
    assert found == [200] * 6
    assert kept(database, account).startswith(CURRENT)


def test_a_changed_password_is_not_put_back(bring, api, ctl, database):
    account = bring(bulk.django)
    other = Account(account.username, secrets.password(), account.email)
    ctl.ok("user", "passwd", account.username, "--password-stdin", input=other.password)
    assert api.login(account).status_code == 401 and api.login(other).status_code == 200
    assert kept(database, account).startswith(CURRENT)


@pytest.mark.parametrize("column", ["password", "password_hash"])
def test_an_empty_one_is_none(ctl, api, database, tmp_path, column):
    made = new_account("none")
    path = write(tmp_path / "people.csv", [{"username": made.username, column: ""}])
    assert ctl.json("user", "import", path) == counts(added=1)
    assert kept(database, made) is None
    assert ctl.json("user", "import", path) == counts(unchanged=1)
    answer = api.login(Account(made.username, "", made.email))
    assert answer.status_code in (400, 401)
    assert api.login(made).status_code == 401


@pytest.mark.parametrize("ending", bulk.ENDINGS)
def test_a_password_is_hashed(ctl, api, database, tmp_path, ending):
    made = new_account("plain")
    path = write(tmp_path / f"people.{ending}", [{"username": made.username, "password": made.password}])
    assert ctl.json("user", "import", path) == counts(added=1)
    first = kept(database, made)
    assert first.startswith(CURRENT) and api.login(made).status_code == 200
    assert ctl.json("user", "import", path) == counts(unchanged=1)
    assert kept(database, made) == first
    other = Account(made.username, secrets.password(), made.email)
    write(path, [{"username": made.username, "password": other.password}])
    assert ctl.json("user", "import", path) == counts(changed=1)
    assert api.login(made).status_code == 401 and api.login(other).status_code == 200


def test_a_password_that_matches_a_hash_from_elsewhere_is_no_change(bring, ctl, tmp_path):
    account = bring(bulk.django)
    path = write(tmp_path / "plain.csv", [{"username": account.username, "password": account.password}])
    assert ctl.json("user", "import", path)["added"] == 0


def test_without_a_column_the_password_stays(ctl, api, tmp_path, account):
    path = write(tmp_path / "people.csv", [{"username": account.username, "first_name": "Ada"}])
    assert ctl.json("user", "import", path) == counts(changed=1)
    assert api.login(account).status_code == 200


@pytest.mark.parametrize("fields", [{"locked": True}, {"password": secrets.password()}], ids=["locked", "password"])
def test_what_ends_access_holds_at_once(ctl, api, tmp_path, account, fields):
    held = api.tokens(account)["access_token"]
    path = write(tmp_path / "people.csv", [{"username": account.username} | fields])
    assert ctl.json("user", "import", path) == counts(changed=1)
    assert not api.alive(held)
    assert api.login(account).status_code == 401
