"""The list of people where there are thousands: streamed, and part by part."""

import re
from pathlib import Path

import psycopg
import pytest
import requests

from support.api import Api, assert_field_error
from support.cluster import query
from support.community import FRIENDS, PEOPLE, person
from support.members import analyze, crowd, join
from support.program import until
from support.wire import Wire, request


@pytest.fixture(scope="module")
def many(new_database, new_server):
    """A database with 5,000 people, of whom every second one has the next for a friend."""
    url = new_database()
    server = new_server(url=url)
    member = join(Api(server.url))
    ids = crowd(url, 5_000, "crowd")
    query(url, "INSERT INTO friendship (low, high) SELECT n, n + 1 FROM unnest(%s::bigint[]) n"
               " RETURNING 1", ids[::2])
    analyze(url)
    return server, member


def test_thousands_in_full(many):
    _, member = many
    people = member.seen(PEOPLE)
    names = [one["username"] for one in people]
    assert names == [member.name] + [f"crowd{number}" for number in range(1, 5_001)]
    for at, one in enumerate(people[1:], 1):
        assert one["friends"] == [f"crowd{at + 1 if at % 2 else at - 1}"]


def test_somebody_with_thousands_of_friends(new_database, new_server):
    url = new_database()
    member = join(Api(new_server(url=url).url))
    ids = crowd(url, 3_000, "friend")
    query(url, "INSERT INTO friendship (low, high) SELECT %s, n FROM unnest(%s::bigint[]) n"
               " RETURNING 1", member.id, ids)
    analyze(url)
    names = [f"friend{number}" for number in range(1, 3_001)]
    assert [one["username"] for one in member.seen(FRIENDS)] == names
    assert person(member)["friends"] == sorted(names)
    pages = member.pages(f"{FRIENDS}?limit=999")
    assert [one["username"] for page in pages for one in page] == names


@pytest.mark.parametrize("limit", [1_000, 1_667, 5_001, 10_000])
def test_thousands_part_by_part(many, limit):
    _, member = many
    pages = member.pages(f"{PEOPLE}?limit={limit}")
    assert all(len(page) == limit for page in pages[:-1]) and len(pages[-1]) <= limit
    assert [one for page in pages for one in page] == member.seen(PEOPLE)


def test_a_part_begins_behind_an_id(many):
    _, member = many
    people = member.seen(PEOPLE)
    assert member.seen(f"{PEOPLE}?after=0") == people
    assert member.seen(f"{PEOPLE}?after={member.id}") == people[1:]
    assert member.seen(f"{PEOPLE}?after={member.id}&limit=2") == people[1:3]
    assert member.seen(f"{PEOPLE}?after={2**63 - 1}") == []


@pytest.mark.parametrize("part, field", [
    ("limit=0", "limit"), ("limit=-1", "limit"), ("limit=10001", "limit"), ("limit=x", "limit"),
    ("limit=", "limit"), ("limit=1.5", "limit"), (f"limit={2**64}", "limit"),
    ("after=-1", "after"), ("after=x", "after"), (f"after={2**63}", "after")])
def test_a_part_that_makes_no_sense(many, part, field):
    _, member = many
    assert_field_error(member.get(f"{PEOPLE}?{part}"), 400, field)


def test_clients_that_go_away_in_the_middle_harm_nobody(many):
    server, member = many
    line = f"Authorization: {member.headers['Authorization']}"
    for _ in range(60):
        with Wire(server.address) as wire:
            wire.send(request("GET", PEOPLE, b"", line))
            assert wire.socket.recv(100).startswith(b"HTTP/1.1 200")
    assert len(member.seen(PEOPLE)) == 5_001


def test_many_who_read_slowly_are_all_answered(many):
    server, member = many
    line = f"Authorization: {member.headers['Authorization']}"
    wires = [Wire(server.address) for _ in range(40)]
    for wire in wires:
        wire.send(request("GET", PEOPLE, b"", line, "Connection: close"))
    assert len(member.seen(PEOPLE)) == 5_001
    bodies = set()
    for wire in wires:
        with wire:
            bodies.add(wire.response().body)
    assert len(bodies) == 1 and bodies.pop().endswith(b"]")


def test_head_has_no_body(many):
    _, member = many
    answer = member.call("HEAD", PEOPLE)
    assert answer.status_code == 200 and answer.content == b""


# A hundred thousand of them: more than the buffers between server and client hold.

MANY = 100_000


@pytest.fixture(scope="module")
def too_many(new_database, new_server):
    url = new_database()
    server = new_server(url=url)
    crowd(url, MANY, "x" * 100)
    yield server, join(Api(server.url)), url
    # Searching so many rows for every secret of the run would take longer than all the tests here.
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE account CASCADE")


def peak(server) -> int:
    """The most memory that the server has had, in MiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024


def test_readers_who_wait_take_no_memory(too_many):
    server, member, _ = too_many
    before = peak(server)
    length = len(member.get(PEOPLE).content)
    line = f"Authorization: {member.headers['Authorization']}"
    wires = [Wire(server.address) for _ in range(20)]
    for wire in wires:
        wire.send(request("GET", PEOPLE, b"", line))
        assert wire.socket.recv(100).startswith(b"HTTP/1.1 200")
    assert len(member.get(PEOPLE).content) == length
    assert peak(server) - before < len(wires) * length // 4 >> 20
    for wire in wires:
        wire.socket.close()


def test_a_list_that_breaks_off_does_not_look_whole(too_many, cluster):
    _, member, url = too_many
    name = url.rpartition("/")[2]
    with member.get(PEOPLE, stream=True) as answer:
        assert answer.status_code == 200
        cluster.execute("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
        query(cluster.url(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                             " WHERE datname = %s", name)
        with pytest.raises(requests.RequestException):
            assert answer.content
    cluster.execute("ALTER DATABASE {} ALLOW_CONNECTIONS true", name)
    until(lambda: member.get(PEOPLE).status_code == 200, "the server has its database again")
    assert len(member.seen(PEOPLE)) == MANY + 1
