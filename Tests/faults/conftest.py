"""Fixtures: clusters and servers to be broken, and the scale of it."""

import signal

import pytest

from support.cluster import Cluster, assert_no_secret_in
from support.load import QUICK, quick_ctl
from support.order import longest_first
from support.program import Ctl, binary
from support.server import Server, starting
from trouble.scale import SHORT
from trouble.tcp_proxy import Proxy
from trouble.writing import REQUEST_TIMEOUT, Writing

# Whoever started the tests with nohup ignores it, and the programs under test would too.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


# Those files that take longest, so that nobody waits for one of them in the end.
LONGEST = ["test_connection.py", "test_patroni.py", "test_overload.py", "test_connection_moments.py"]


def pytest_collection_modifyitems(items):
    longest_first(items, LONGEST)
    for item in items:
        if SHORT and item.get_closest_marker("full"):
            item.add_marker(pytest.mark.skip(reason="only at full scale"))


@pytest.fixture(scope="session")
def program():
    return binary()


@pytest.fixture
def told(capsys):
    """Says a figure in the output of a run that succeeds, too."""
    def say(text: str) -> None:
        with capsys.disabled():
            print(f"\n    {text}", end="")
    return say


@pytest.fixture(scope="module")
def cluster():
    """One that nobody else uses, to be broken."""
    with Cluster() as made:
        yield made


@pytest.fixture(scope="module")
def database(cluster, program) -> str:
    url = cluster.create("faults")
    Ctl(program, url).ok("db", "migrate")
    yield url
    if cluster.process.poll() is None:
        assert_no_secret_in(url)


@pytest.fixture(scope="module")
def ctl(program, database) -> Ctl:
    return quick_ctl(program, database)


@pytest.fixture(scope="module")
def new_server(program, database):
    """Starts servers whose passwords cost little."""
    with starting(program, database, *QUICK) as start:
        yield start


@pytest.fixture(scope="module")
def server(new_server) -> Server:
    return new_server()


@pytest.fixture(scope="module")
def proxy(cluster):
    with Proxy(cluster.port) as made:
        yield made


@pytest.fixture(scope="module")
def far(new_server, proxy, database) -> Server:
    """One whose way to the database can be broken."""
    return new_server("--chat-rate=0", f"--request-timeout={REQUEST_TIMEOUT}s", url=proxy.url(database))


@pytest.fixture(scope="module")
def member(far, database) -> Writing:
    return Writing(far, database)
