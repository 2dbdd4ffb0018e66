"""SIGHUP reads the configuration again: what changed holds from then on, without a restart."""

import re
import signal
import time
from pathlib import Path

import pytest

from support import forge, secrets
from support.api import bearer, create_account
from support.attempts import fail
from support.cluster import query
from support.community import send_code
from support.configured import RESTART, Configured
from support.frames import FrameSocket, frame
from support.oauth_client import secret_file
from support.ports import free_port
from support.program import ROOT, until
from support.smtp import MailServer
from support.sockets import begin
from support.wire import Wire, request


@pytest.fixture(scope="module")
def configured(new_server) -> Configured:
    return new_server(kind=Configured)


@pytest.fixture
def server(configured):
    """One for all; each test gets it as it was at first."""
    configured.write()
    yield configured
    configured.write()
    configured.takes()


def posted(server, size: int) -> int:
    """What a body of this length is answered, which its head alone decides."""
    with Wire(server.address) as wire:
        wire.send(request("POST", "/api/auth/login/", b"", "Content-Type: application/json", f"Content-Length: {size}",
                          "Expect: 100-continue"))
        return wire.response().status


def test_nothing_changed(server):
    assert server.takes() == []
    assert server.status() == 200


def test_a_comment_is_no_change(server):
    server.write_text("# another comment\n\n" + server.path.read_text())
    assert server.takes() == []


def test_a_default_written_out_is_no_change(server):
    assert server.takes(max_body="1M", docs="on", log_level="info") == []


def test_max_body(server):
    assert posted(server, 5_000) == 100
    assert server.takes(max_body="4K") == ["max-body"]
    assert [posted(server, size) for size in (4_096, 4_097)] == [100, 413]
    assert server.takes(max_body=None) == ["max-body"]
    assert posted(server, 5_000) == 100


def test_max_body_on_a_connection_that_is_open(server):
    head = request("POST", "/user/login", b"", "Content-Type: application/json", "Content-Length: 5000",
                   "Expect: 100-continue")
    with Wire(server.address) as wire:
        wire.send(request("GET", "/status/"))
        assert wire.response().status == 200
        server.takes(max_body="4K")
        # It asks every loop, all of which have heard of it then.
        assert server.api.get("/metrics").status_code == 200
        wire.send(head)
        assert wire.response().status == 413


def test_log_level(server):
    """The line that tells of the reload may be missing too, so that another setting tells when it is over."""
    def number(docs: int) -> str:
        server.hang_up()
        until(lambda: server.api.get("/docs/").status_code == docs, "the reload")
        return server.api.get("/status/").headers["X-Request-ID"]
    server.write(log_level="error", docs="off")
    silent = number(404)
    server.write()
    heard = number(200)
    until(lambda: heard in server.log(), "it is logged again")
    assert silent not in server.log()


def test_several_at_once(server):
    assert sorted(server.takes(max_body="4K", docs="off", chat_rate="5")) == ["chat-rate", "docs", "max-body"]


def test_allowed_origins(server):
    app = {"Origin": "https://app.example.org"}
    assert "Access-Control-Allow-Origin" not in server.api.get("/status/", headers=app).headers
    assert server.takes(allowed_origins="https://app.example.org") == ["allowed-origins"]
    assert server.api.get("/status/", headers=app).headers["Access-Control-Allow-Origin"] == app["Origin"]


def test_trusted_proxies(server, ctl):
    def seen() -> str:
        account = create_account(ctl, 1)
        answer = server.api.post("/api/auth/login/", {"username": account.username, "password": account.password},
                                 headers={"X-Forwarded-For": "198.51.100.7"})
        assert answer.status_code == 200
        return ctl.json("session", "list", "--user", account.username)[0]["address"]
    assert seen() == "127.0.0.1"
    assert server.takes(trusted_proxies="127.0.0.0/8") == ["trusted-proxies"]
    assert seen() == "198.51.100.7"
    assert server.takes(trusted_proxies=None) == ["trusted-proxies"]
    assert seen() == "127.0.0.1"


def test_attempt_limit(server, ctl):
    account = create_account(ctl, 1)
    assert server.takes(attempt_limit="3") == ["attempt-limit"]
    assert fail(server.api, account, 4) == [401, 401, 401, 429]
    assert server.takes(attempt_limit="0") == ["attempt-limit"]
    assert server.api.login(account).status_code == 200


def lifetime(token: str) -> int:
    claims = forge.claims_of(token)
    return claims["exp"] - claims["iat"]


def test_access_lifetime(server, ctl):
    account = create_account(ctl, 1)
    before = server.api.tokens(account)["access_token"]
    assert lifetime(before) == 7 * 86_400
    assert server.takes(access_lifetime="1h") == ["access-lifetime"]
    assert lifetime(server.api.tokens(account)["access_token"]) == 3_600
    assert server.api.alive(before)


def test_docs(server):
    paths = ["/openapi.json", "/docs/"]
    assert [server.api.get(path).status_code for path in paths] == [200] * 2
    assert server.takes(docs="off") == ["docs"]
    assert [server.api.get(path).status_code for path in paths] == [404] * 2
    assert server.takes(docs="on") == ["docs"]
    assert [server.api.get(path).status_code for path in paths] == [200] * 2


def test_dashboard(server):
    assert server.api.get("/admin/sign-in/").status_code == 200
    assert server.takes(dashboard="off") == ["dashboard"]
    assert server.api.get("/admin/sign-in/").status_code == 404


def test_dashboard_allow(server):
    assert server.takes(dashboard_allow="192.0.2.0/24") == ["dashboard-allow"]
    assert server.api.get("/admin/sign-in/").status_code in (403, 404)
    assert server.takes(dashboard_allow="127.0.0.0/8") == ["dashboard-allow"]
    assert server.api.get("/admin/sign-in/").status_code == 200


def test_metrics_allow(server):
    assert server.takes(metrics_allow="192.0.2.0/24") == ["metrics-allow"]
    assert server.api.get("/metrics").status_code == 403
    assert server.takes(metrics_allow="127.0.0.1") == ["metrics-allow"]
    assert server.api.get("/metrics").status_code == 200


def test_argon2(server, database):
    """New passwords are hashed so at once, and others when their owners sign in."""
    def parameters(account) -> str:
        found = query(database, "SELECT password_hash FROM account WHERE username = %s", account.username)
        return found[0][0].split("$")[3]
    old = server.api.registered()
    assert parameters(old) == "m=19456,t=2,p=1"
    assert sorted(server.takes(argon2_memory="8192", argon2_iterations="3", argon2_parallelism="2")) == [
        "argon2-iterations", "argon2-memory", "argon2-parallelism"]
    assert parameters(server.api.registered()) == "m=8192,t=3,p=2"
    assert server.api.login(old).status_code == 200
    assert parameters(old) == "m=8192,t=3,p=2"


def test_chat_rate(server, ctl):
    """At one a second another message comes a second later, at the least."""
    talk = begin(ctl, server)

    def seconds(count: int) -> float:
        with FrameSocket(server.address, talk.path, bearer(talk.one.access)) as socket:
            began = time.monotonic()
            socket.send(b"".join(frame(b'{"message":"%d"}' % number) for number in range(count)))
            for _ in range(count):
                assert b"error" not in socket.receive().payload
            return time.monotonic() - began
    assert server.takes(chat_rate="0") == ["chat-rate"]
    seconds(60)
    assert server.takes(chat_rate="1") == ["chat-rate"]
    assert seconds(2) > 0.5


def test_mail(server, ctl):
    """Another mail server, none, and one with a password."""
    account = create_account(ctl, 1)
    ctl.ok("user", "two-factor", account.username, "on")

    def asked(expected: int) -> None:
        query(ctl.database, "DELETE FROM login_code RETURNING 1")
        assert send_code(server.api, account).status_code == expected
    asked(503)
    with MailServer() as one, MailServer(user="mailer", password=secrets.password()) as other:
        assert server.takes(smtp_url=one.url) == ["smtp-url"]
        asked(200)
        assert one.wait_for(account.email).code
        changed = server.takes(smtp_url=other.url, smtp_tls="off", smtp_password_file=secret_file(other.password))
        assert sorted(changed) == ["smtp-password", "smtp-tls", "smtp-url"]
        asked(200)
        assert other.wait_for(account.email).user == "mailer"
        assert len(one.messages) == 1
        server.takes(smtp_url=None)
        asked(503)


def test_a_secret_in_a_file_of_its_own_is_read_again(server, ctl):
    """The configuration is the same; what it points to isn't."""
    account = create_account(ctl, 1)
    ctl.ok("user", "two-factor", account.username, "on")
    with MailServer(user="mailer", password=secrets.password()) as smtp:
        path = secret_file("not the password")
        server.takes(smtp_url=smtp.url, smtp_tls="off", smtp_password_file=path, mail_retry="1s")
        assert send_code(server.api, account).status_code == 200
        until(lambda: smtp.connections, "it tries")
        Path(path).write_text(smtp.password)
        assert server.takes() == ["smtp-password"]
        assert smtp.wait_for(account.email)


def test_what_mail_waits_is_sent_by_the_new_one(server, ctl):
    account = create_account(ctl, 1)
    ctl.ok("user", "two-factor", account.username, "on")
    server.takes(smtp_url=f"smtp://127.0.0.1:{free_port()}", mail_retry="1s")
    assert send_code(server.api, account).status_code == 200
    until(lambda: query(ctl.database, "SELECT 1 FROM mail WHERE recipient = %s AND attempts > 0", account.email),
          "it fails")
    with MailServer() as smtp:
        server.takes(smtp_url=smtp.url, mail_retry="1s")
        assert smtp.wait_for(account.email)


def test_options_and_environment_of_the_start_win(new_server):
    server = new_server("--max-body", "4K", kind=Configured, HAVOCCTL_DOCS="off")
    assert server.takes(max_body="1M", docs="on") == []
    assert [posted(server, size) for size in (4_096, 4_097)] == [100, 413]
    assert server.api.get("/docs/").status_code == 404
    assert server.takes(max_body="2M", docs="on", dashboard="off") == ["dashboard"]


def test_without_a_file_nothing_changes(new_server):
    server = new_server()
    since = len(server.log())
    server.process.send_signal(signal.SIGHUP)
    until(lambda: re.search(r"msg=reloaded .*changed=nothing", server.log()[since:]), "it says so")
    assert server.status() == 200


RESTARTS = {
    "listen": "127.0.0.1:1", "threads": "1", "key": "sixteen-letters-at-least", "stun": "127.0.0.1:3479",
    "database": "postgresql://postgres@127.0.0.1:1/other"}


@pytest.mark.parametrize("name", RESTARTS)
def test_what_wants_a_restart(server, name):
    """It is named, and the rest applies."""
    told = server.reload(**{name: RESTARTS[name], "max_body": "4K"})
    assert [line["msg"] for line in told] == [RESTART, "reloaded"], told
    assert told[0]["level"] == "warning" and told[0]["settings"] == name
    assert told[1]["changed"] == "max-body"
    assert posted(server, 4_097) == 413
    assert server.status() == 200 and server.api.registered()


def test_several_that_want_a_restart(server):
    told = server.reload(threads="1", listen="127.0.0.1:1")
    assert sorted(told[0]["settings"].split(", ")) == ["listen", "threads"]
    assert told[1]["changed"] == "nothing"


def test_it_is_said_until_the_restart_or_the_way_back(server):
    for _ in range(2):
        assert server.reload(threads="1")[0]["settings"] == "threads"
    server.write()
    assert server.takes() == []


def test_the_example_says_the_same(server):
    """Every setting that it says needs one is one of those, and no other."""
    example = (ROOT / "packaging/havocctl.conf.example").read_text()
    marked = set()
    for comment, name in re.findall(r"((?:^# .*\n)+)#([a-z0-9-]+) =", example, re.MULTILINE):
        if RESTART in comment:
            marked.add(name)
    assert set(RESTARTS) <= marked
    assert not marked & {"max-body", "log-level", "docs", "dashboard", "metrics-allow", "chat-rate", "argon2-memory",
                         "smtp-url", "allowed-origins", "trusted-proxies", "attempt-limit", "access-lifetime"}
