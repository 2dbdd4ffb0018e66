"""No password, token, code or session_token is in any log, be it at the most talkative."""

import secrets as random
import signal
from dataclasses import replace

import pytest

from support import logs, secrets
from support.api import Account, Api, bearer, create_account
from support.cluster import Cluster
from support.community import login, send_code
from support.office import mail_options
from support.program import Ctl, until
from support.schemes import PROBES, SCHEMES, SIGN_INS, prove, sign_in
from support.smtp import MailServer
from support.sockets import begin, open_socket, refusal

TALKATIVE = ("--log-level", "debug", "--slow-request", "1ms", "--slow-query", "1ms", "--sql-comments", "on")


@pytest.fixture(scope="module", params=list(logs.READERS))
def server(new_server, request):
    return new_server(*TALKATIVE, "--log-format", request.param)


def wrong(account: Account) -> Account:
    return replace(account, password=secrets.password())


def assert_nothing_in(server) -> None:
    number = Api(server.url).get("/nothing/").headers["X-Request-ID"]
    until(lambda: number in server.log(), "the log is written")
    log = server.log()
    assert not (found := secrets.leaked(log)), found
    # And in none of the shapes that a whole token has.
    for shape in ("$argon2", "eyJ", "Bearer ", "sessionid=", "password=", "token=ey"):
        assert shape not in log, shape


def test_signing_in_in_every_dialect_and_failing(server, ctl):
    api = Api(server.url)
    account = create_account(ctl, 3)
    for path in SIGN_INS.values():
        assert sign_in(api, path, account).status_code == 200
        assert sign_in(api, path, wrong(account)).status_code == 401
        api.call("POST", f"{path}?password={account.password}&username={account.username}")
        api.call("POST", path, data={"username": account.username, "password": secrets.password()})
        api.call("POST", path, data=f'{{"password": "{secrets.password()}', headers={"Content-Type": "application/json"})
    assert_nothing_in(server)


def test_every_scheme_of_every_dialect(server, ctl):
    api = Api(server.url)
    account = create_account(ctl, 3)
    for scheme in SCHEMES:
        proof = prove(api, account, scheme)
        for dialect in PROBES:
            proof.probe(api, dialect)
    for scheme in ("Bearer", "JWT", "Token", "Basic", "Digest"):
        api.get("/exercises/list/", headers=bearer(secrets.keep(random.token_hex(20)), scheme))
    pair = api.tokens(account)
    api.refresh(pair["refresh_token"])
    api.refresh(pair["refresh_token"] + "x")
    api.post("/api/auth/logout/", {"refresh": pair["refresh_token"]}, token=pair["access_token"])
    assert_nothing_in(server)


def test_tokens_in_the_query_of_sockets(server, ctl):
    talk = begin(ctl, server)
    for token in (talk.one.access, talk.one.opaque):
        with open_socket(server, f"{talk.path}?token={token}"):
            assert refusal(server, f"{talk.path}?token={token}x") in (401, 403)
            assert refusal(server, f"/ws/chat/999999/?after=0&token={token}") in (403, 404)
        assert refusal(server, f"{talk.path}?token%3D={token}&token={token[:-1]}") in (401, 403)
        Api(server.url).get(f"{talk.path}?token={token}")
        Api(server.url).get(f"/nothing/?access_token={token}&code={token}&state={token}")
        Api(server.url).get("/oauth/authorize", params={"code": secrets.password(), "state": secrets.password()})
    assert_nothing_in(server)


def test_a_session_token_in_a_body_that_is_refused(server, ctl):
    api = Api(server.url)
    account = create_account(ctl, 3)
    held = api.credential(account)
    for path in ("/user/check_status", "/user_admin/get_all_users", "/user_admin/create_user", "/user/logout"):
        api.post(path, held | {"session_token": secrets.keep(random.token_hex(32))})
        api.call("GET", path, params=held)
        api.call("POST", path, data=held)
        api.post(path, held)
    assert_nothing_in(server)


def test_codes(new_server, new_database, program):
    url = new_database()
    with MailServer() as smtp:
        server = new_server(*TALKATIVE, *mail_options(smtp), url=url)
        account = create_account(ctl := Ctl(program, url), 1)
        ctl.ok("user", "two-factor", account.username, "on")
        api = Api(server.url)
        assert send_code(api, account).status_code == 200
        code = smtp.wait_for(account.email).code
        assert login(api, account, "000000" if code != "000000" else "111111").status_code == 401
        assert login(api, account, code).status_code == 200
        assert_nothing_in(server)
        # Six digits may stand in any line by chance; not as a value, or behind a word for it.
        assert not [line for line in server.log().splitlines() if f"={code}" in line or f" {code} " in line]


def test_settings_that_are_changed(new_server, tmp_path):
    """A reload tells what changed, not from what to what."""
    config = tmp_path / "havocctl.conf"
    config.write_text(f"oauth-client-secret = {secrets.password()}\nkey = {secrets.password()}\n")
    server = new_server(*TALKATIVE, "--config", str(config))
    for text in (f"oauth-client-secret = {secrets.password()}\n", f"smtp-password = {secrets.password()}\n",
                 f"pasword = {secrets.password()}\n", f"max-body = {secrets.password()}\n", f"{secrets.password()}\n"):
        config.write_text(text)
        before = server.log().count("reloaded")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: server.log().count("reloaded") > before, "an answer")
    log = server.log()
    leaked = secrets.leaked(log)
    # Where a line isn't a setting at all, or the value of a harmless one, nobody can know that it is a secret.
    assert len(leaked) <= 2 and "oauth-client-secret" not in [line for line in log.splitlines() if "error" in line]
    for secret in leaked:
        secrets.forget(secret)


def test_a_database_that_refuses_the_password(program, cluster: Cluster, new_database):
    """What libpq says is passed on, without the URL's password."""
    url = new_database().replace("postgres@", f"nobody:{secrets.password()}@")
    ctl = Ctl(program, url)
    done = ctl.run("serve", "--listen", "127.0.0.1:1", "--stun", "off", "--log-level", "debug", timeout=60)
    assert done.status in (1, 5, 6) and not secrets.leaked(done.stderr), str(done)
