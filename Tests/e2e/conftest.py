"""Fixtures: a PostgreSQL cluster for the run; a database, a server and an admin for each module."""

import secrets as random
import signal
from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from support import forge, oauth_client
from support.admin import Dashboard
from support.api import Account, Api, create_account
from support.authority import Authority
from support.certificates import Certificates, Pair
from support.chromium import chromium
from support.cluster import Cluster, assert_no_secret_in
from support.oauth import Provider
from support.office import Office
from support.order import longest_first
from support.program import Ctl, binary
from support.repl import Repl
from support.screen import Screen
from support.server import Server, end, starting
from support.smtp import MailServer
from support.tls import TLSServer


# Whoever started the tests with nohup ignores it, and the programs under test would too.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


# Few tests, but long ones, so that nobody waits for one of them in the end.
LONGEST = [
    "test_dashboard_axe.py", "test_schemathesis.py", "test_mail_trouble.py", "test_package.py", "test_chat_limits.py",
    "test_stream_servers.py", "test_progress.py", "test_booted.py", "test_microblog_counters.py",
    "test_http_limits.py", "test_stun_tcp.py", "test_people.py", "test_replica_away.py", "test_status_figures.py",
    "test_chat_servers.py", "test_load.py", "test_trouble.py", "test_integer_durability.py",
]


def pytest_collection_modifyitems(items):
    longest_first(items, LONGEST)


@pytest.fixture(scope="session")
def program():
    return binary()


@pytest.fixture(scope="session")
def cluster():
    with Cluster() as made:
        yield made


@pytest.fixture(scope="session")
def migrated(cluster, program) -> str:
    """The name of a migrated database; copying it is quicker than migrating again."""
    url = cluster.create("migrated")
    Ctl(program, None).ok("db", "migrate", "--database", url)
    return "migrated"


@pytest.fixture(scope="module")
def new_database(cluster, migrated):
    """Makes a fresh migrated database; what a module made is searched for secrets behind it."""
    made = []

    def create() -> str:
        name = f"test_{random.token_hex(4)}"
        made.append(name)
        return cluster.create(name, migrated)

    yield create
    for name in made:
        assert_no_secret_in(cluster.url(name))


@pytest.fixture(scope="module")
def database(new_database) -> str:
    return new_database()


@pytest.fixture(scope="module")
def ctl(program, database) -> Ctl:
    return Ctl(program, database)


@pytest.fixture(scope="module")
def new_server(program, database):
    """Starts servers, with options where they are given."""
    with starting(program, database) as start:
        yield start


@pytest.fixture(scope="module")
def server(new_server) -> Server:
    return new_server()


@pytest.fixture(scope="module")
def servers(new_server) -> list[Server]:
    """Two of them on one database."""
    return [new_server() for _ in range(2)]


@pytest.fixture(scope="module")
def api(server) -> Api:
    return Api(server.url)


@pytest.fixture(scope="module")
def admin(ctl) -> Account:
    return create_account(ctl, 3, "root")


@pytest.fixture(scope="module")
def staff(ctl) -> Account:
    return create_account(ctl, 2, "staff")


@pytest.fixture(scope="module")
def user(ctl) -> Account:
    return create_account(ctl, 1, "plain")


@pytest.fixture
def account(ctl) -> Account:
    """An account of each test's own."""
    return create_account(ctl, 1)


@pytest.fixture
def attackers(api, user, database) -> dict[str, forge.Attacker]:
    """One for each kind of token of a session that lives throughout."""
    pair = api.tokens(user)
    keys = forge.signing_keys(database)
    return {kind: forge.Attacker(token, keys[str(forge.header_of(token)["kid"])])
            for kind, token in (("access", pair["access_token"]), ("refresh", pair["refresh_token"]))}


# Within TLS.

@pytest.fixture(scope="session")
def certificates(tmp_path_factory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def new_secure(new_server, certificates):
    """Starts servers that have a certificate, a new one where none is given."""
    def start(*options: str, pair: Pair | None = None, **more) -> TLSServer:
        return new_server(*options, kind=TLSServer, pair=pair or certificates.pair(),
                          **{"trust": certificates.trust} | more)
    return start


@pytest.fixture(scope="module")
def secure(new_secure) -> TLSServer:
    return new_secure()


# The dashboard, and who may change what is in it, or look.

@pytest.fixture(scope="module")
def dashboard(server, admin) -> Dashboard:
    return Dashboard(server.url).sign_in(admin)


@pytest.fixture(scope="module")
def onlooker(server, staff) -> Dashboard:
    return Dashboard(server.url).sign_in(staff)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with chromium() as driver:
        yield driver


# Mail and OAuth: servers that others run, and ours beside them.

@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def new_smtp():
    """Starts mail servers."""
    started = []

    def start(*args, **options) -> MailServer:
        started.append(MailServer(*args, **options).start())
        return started[-1]

    yield start
    for smtp in started:
        smtp.stop()


def closed(offices: list[Office]) -> None:
    """Every server of theirs must end well, with no secret in its log."""
    for office in offices:
        office.close()
    end(server for office in offices for server in office.servers)


@pytest.fixture
def new_office(program, new_database):
    """A database of its own, with a server that uses the given mail server."""
    opened = []

    def create(smtp: MailServer, *options: str) -> Office:
        opened.append(Office(program, new_database(), smtp))
        return opened[-1].serve(*options)

    yield create
    closed(opened)


@pytest.fixture(scope="module")
def office(program, new_database):
    """One with a well-behaved mail server, for all tests that leave it so."""
    with MailServer() as smtp:
        made = Office(program, new_database(), smtp).serve()
        yield made
        closed([made])


@pytest.fixture
def provider():
    """An authorization server in its best mood."""
    with Provider() as made:
        yield made


@pytest.fixture
def new_client(program, new_database):
    """Starts servers that send people to an authorization server; they share a database."""
    started = []
    databases = []

    def start(provider: Provider, *options: str, **more) -> Server:
        if not databases:
            databases.append(new_database())
        started.append(oauth_client.start(program, databases[0], provider, *options, **more))
        return started[-1]

    yield start
    end(started)


# At a terminal: the REPL, and screens that can be read.

@pytest.fixture
def new_repl(ctl, tmp_path):
    """Opens REPLs; they share a home of the test's own."""
    opened = []

    def start(*options, on: Ctl | None = None, **more) -> Repl:
        opened.append(Repl(on or ctl, tmp_path, *options, **more))
        return opened[-1]

    yield start
    for repl in opened:
        repl.close()


@pytest.fixture
def repl(new_repl) -> Repl:
    return new_repl()


@pytest.fixture
def new_screen(ctl):
    opened = []

    def start(*words, **options) -> Screen:
        opened.append(Screen(ctl, *words, **options))
        return opened[-1]

    yield start
    for screen in opened:
        screen.close()
