"""havocctl session revoke and token revoke by every filter, with effect on the next request."""

import pytest

from support.api import Api
from support.attempts import fresh_address
from support.browser import Place
from support.cluster import query
from support.microblog import obtain
from support.program import rows
from support.schemes import SCHEMES, SIGN_INS, prove, sign_in

NOUNS = ["session", "token"]
DIALECTS = dict(zip(["integers", "trainer", "community", "havoc", "microblog"], SIGN_INS.values(),
                    strict=True))
KINDS = {"access": "Bearer", "opaque": "Token", "session_token": "session_token", "web": "cookie"}


@pytest.fixture(scope="module")
def server(servers):
    return servers[0]


@pytest.fixture
def held(server, account) -> dict:
    """A session in each scheme, no two of them the same."""
    return {scheme: prove(Api(server.url), account, scheme) for scheme in SCHEMES}


def listed(ctl, noun: str, account, *options) -> list[str]:
    return [row["id"] for row in ctl.json(noun, "list", "--user", account.username, *options)]


def revoke(ctl, noun: str, account, *options) -> list[dict]:
    """Revokes what the filters choose of this account, and confirms the right count."""
    count = len(listed(ctl, noun, account, *options))
    answer = ("--yes",) if count < 2 else (f"--confirm={count}",)
    return rows(ctl.json(noun, "revoke", "--user", account.username, *options, *answer))


def living(servers, held: dict) -> set[str]:
    """The schemes that are still good; all servers say the same."""
    found = [{scheme for scheme, proof in held.items()
              if proof.probe(Api(server.url), "trainer") == 200} for server in servers]
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize("noun", NOUNS)
def test_by_user(servers, ctl, account, held, user, noun):
    other = prove(Api(servers[0].url), user, "Token")
    revoked = revoke(ctl, noun, account)
    assert len(revoked) >= len(SCHEMES) and all(row["changed"] is True for row in revoked)
    assert living(servers, held) == set()
    assert listed(ctl, noun, account) == []
    assert other.probe(Api(servers[1].url), "trainer") == 200


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_by_dialect(servers, ctl, account, noun, dialect):
    for path in DIALECTS.values():
        assert sign_in(Api(servers[0].url), path, account).status_code == 200
    chosen = listed(ctl, noun, account, "--dialect", dialect)
    assert chosen
    revoked = revoke(ctl, noun, account, "--dialect", dialect)
    assert {row["id"] for row in revoked} == set(chosen)
    left = {row["dialect"] for row in ctl.json(noun, "list", "--user", account.username)}
    assert left == set(DIALECTS) - {dialect}


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("network", [False, True])
def test_by_address(servers, ctl, account, noun, network):
    near, far = (Place(servers[0].url, fresh_address()) for _ in range(2))
    here, there = near.tokens(account), far.tokens(account)
    revoked = revoke(ctl, noun, account, "--address", near.address + ("/32" if network else ""))
    # A login of the trainer dialect makes both JWTs and the cookie.
    assert len(revoked) == {"session": 1, "token": 3}[noun]
    for server in servers:
        assert not Api(server.url).alive(here["access_token"])
        assert Api(server.url).alive(there["access_token"])


@pytest.mark.parametrize("noun", NOUNS)
def test_by_a_network_of_many(servers, ctl, account, noun):
    pairs = [Place(servers[0].url, f"127.99.{number}.1").tokens(account) for number in range(3)]
    revoke(ctl, noun, account, "--address", "127.99.0.0/23")
    assert [Api(servers[1].url).alive(pair["access_token"]) for pair in pairs] == [
        False, False, True]


def age(database: str, table: str, column: str, number: str) -> None:
    assert query(database, f"UPDATE {table} SET {column} = now() - interval '3 days'"
                           " WHERE id = %s::uuid RETURNING id", number)


@pytest.mark.parametrize("noun, table", [("session", "session"), ("token", "credential")])
@pytest.mark.parametrize("option, columns", [
    ("--before", {"session": "created", "token": "created"}),
    ("--idle-since", {"session": "last_seen", "token": "last_used"})])
def test_by_age(servers, ctl, account, database, noun, table, option, columns):
    api = Api(servers[0].url)
    # Nobody has used them, or a server would write when, some time later.
    old, new = (prove(api, account, "Token") for _ in range(2))
    first = query(database, f"SELECT {table}.id FROM {table}" + (
        "" if noun == "session" else " JOIN session ON session.id = credential.session")
        + " WHERE account = (SELECT id FROM account WHERE username = %s)"
        " ORDER BY session.created LIMIT 1", account.username)[0][0]
    age(database, table, columns[noun], str(first))
    revoked = revoke(ctl, noun, account, option, "1d")
    assert [row["id"] for row in revoked] == [str(first)]
    assert [proof.probe(Api(servers[1].url), "trainer") for proof in (old, new)] == [401, 200]


@pytest.mark.parametrize("noun, table", [("session", "session"), ("token", "credential")])
def test_expired_ones_only(servers, ctl, account, database, noun, table):
    api = Api(servers[0].url)
    proofs = [prove(api, account, "Token") for _ in range(2)]
    first, second = listed(ctl, noun, account)
    age(database, table, "expires", first)
    assert listed(ctl, noun, account, "--expired") == [first]
    assert [row["id"] for row in revoke(ctl, noun, account, "--expired")] == [first]
    assert listed(ctl, noun, account) == [second]
    assert sorted(proof.probe(Api(servers[1].url), "trainer") for proof in proofs) == [200, 401]


@pytest.mark.parametrize("kind, scheme", KINDS.items())
def test_tokens_by_kind(servers, ctl, account, held, kind, scheme):
    revoked = revoke(ctl, "token", account, "--kind", kind)
    assert all(row["changed"] is True for row in revoked) and revoked
    gone = {scheme, "JWT"} if kind == "access" else {scheme}
    assert living(servers, held) == set(SCHEMES) - gone
    assert listed(ctl, "token", account, "--kind", kind) == []


def test_refresh_tokens_by_kind(servers, ctl, account):
    api = Api(servers[0].url)
    pair, microblog = api.tokens(account), obtain(api, account)
    revoke(ctl, "token", account, "--kind", "refresh")
    for server in servers:
        other = Api(server.url)
        assert other.alive(pair["access_token"])
        assert other.refresh(pair["refresh_token"]).status_code == 401
        for path in ("/api/auth/refresh_token/", "/api/jwt/refresh/"):
            assert other.post(path, {"refresh": microblog["refresh"]}).status_code == 401


def test_filters_together_choose_what_meets_all(servers, ctl, account):
    near, far = (Place(servers[0].url, fresh_address()) for _ in range(2))
    pair, token, other = near.tokens(account), prove(near, account, "Token"), far.tokens(account)
    revoke(ctl, "session", account, "--dialect", "trainer", "--address", near.address)
    api = Api(servers[1].url)
    assert not api.alive(pair["access_token"])
    assert token.probe(api, "trainer") == 200 and api.alive(other["access_token"])


@pytest.mark.parametrize("noun", NOUNS)
def test_many_by_id_want_their_count(servers, ctl, account, held, noun):
    numbers = listed(ctl, noun, account)
    for answer in ([], ["--yes"], [f"--confirm={len(numbers) - 1}"], ["--confirm=1"]):
        ctl.fails(5, noun, "revoke", *numbers, *answer)
    assert living(servers, held) == set(SCHEMES)
    ctl.ok(noun, "revoke", *numbers, f"--confirm={len(numbers)}")
    assert living(servers, held) == set()


@pytest.mark.parametrize("noun", NOUNS)
def test_ids_from_standard_input(servers, ctl, account, held, noun):
    numbers = listed(ctl, noun, account)
    ctl.fails(5, noun, "revoke", "-", "--yes", input="\n".join(numbers))
    ctl.ok(noun, "revoke", "-", f"--confirm={len(numbers)}", input="\n".join(numbers))
    assert living(servers, held) == set()


@pytest.mark.parametrize("noun", NOUNS)
def test_again_changes_nothing(ctl, account, held, noun):
    number = listed(ctl, noun, account)[0]
    assert rows(ctl.json(noun, "revoke", number, "--yes"))[0]["changed"] is True
    assert rows(ctl.json(noun, "revoke", number, "--yes"))[0]["changed"] is False


@pytest.mark.parametrize("noun", NOUNS)
def test_nothing_chosen_is_done_already(ctl, account, noun):
    assert ctl.json(noun, "revoke", "--user", account.username, "--yes") == []


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("options", [
    ["--dialect", "esperanto"], ["--address", "nowhere"], ["--address", "10.0.0.0/33"],
    ["--before", "soonish"], ["--idle-since", "1x"]])
def test_a_filter_that_is_none(servers, ctl, account, held, noun, options):
    ctl.fails(2, noun, "revoke", "--user", account.username, *options, "--yes")
    assert living(servers, held) == set(SCHEMES)


def test_all_with_its_count_leaves_nobody(servers, ctl, account, held):
    count = len(ctl.json("session", "list"))
    ctl.fails(5, "session", "revoke", "--all", "--yes")
    assert living(servers, held) == set(SCHEMES)
    ctl.ok("session", "revoke", "--all", f"--confirm={count}")
    assert living(servers, held) == set()
    assert ctl.json("session", "list") == []


def test_a_revoked_session_is_on_record(ctl, account, held):
    revoke(ctl, "session", account)
    found = ctl.json("audit", "list", "--what", "session-revoke", "--user", account.username)
    assert found and all(row["actor"].startswith("cli:") for row in found)
