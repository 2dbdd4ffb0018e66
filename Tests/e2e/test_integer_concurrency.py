"""Sets and sessions that several hands write at once, on two servers."""

import concurrent.futures
import threading

import pytest

from support.api import Api
from support.integers import SESSION, SET, Owner, join, listed, many, sets_of, units

ROUNDS = 8


@pytest.fixture
def owner(servers) -> Owner:
    return join(Api(servers[0].url))


def at_once(*works) -> list:
    """Lets all of them begin together; gives what they return."""
    gate = threading.Barrier(len(works))

    def run(work):
        gate.wait(30)
        return work()

    with concurrent.futures.ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(run, work) for work in works]]


def hands(servers, owner: Owner, count: int) -> list[Owner]:
    """So many clients of the same sign-in, on both servers."""
    return [owner.elsewhere(servers[at % 2].url) for at in range(count)]


def test_two_posts_of_one_session(servers, owner):
    """Each answer and each set is of one hand."""
    first, second = hands(servers, owner, 2)
    versions = [{f"s{at:02}": units(30, value) for at in range(40)} for value in (1, 2)]
    for number in range(ROUNDS):
        name = f"session {number}"
        answers = at_once(
            lambda: first.post_session(listed(versions[0]), session_id=name),
            # The other way round, so that locks in the order of the post would meet.
            lambda: second.post_session(listed(versions[1])[::-1], session_id=name))
        for answer in answers:
            assert answer.status_code == 201, answer.text
        for sets in (*(sets_of(answer.json()) for answer in answers), owner.session(session_id=name)):
            assert set(sets) == set(versions[0])
            assert all(integers in (versions[0][name], versions[1][name]) for name, integers in sets.items())
        assert owner.session(session_id=name) in versions, "one came after the other"


def test_posts_of_different_sets_of_one_session(servers, owner):
    clients = hands(servers, owner, 6)
    for number in range(ROUNDS):
        name = f"session {number}"
        answers = at_once(*(
            lambda at=at, client=client: client.post_session(
                listed(many(20, prefix=f"p{at}_")), session_id=name)
            for at, client in enumerate(clients)))
        assert [answer.status_code for answer in answers] == [201] * 6
        whole = {name: integers for at in range(6) for name, integers in many(20, prefix=f"p{at}_").items()}
        assert owner.session(session_id=name) == whole


def test_one_set_by_many(servers, owner):
    clients = hands(servers, owner, 6)
    versions = [units(500 + at, at + 1) for at in range(6)]
    for number in range(ROUNDS):
        answers = at_once(*(lambda at=at, client=client: client.post_set(versions[at], set_id=f"a{number}")
                            for at, client in enumerate(clients)))
        assert [answer.status_code for answer in answers] == [201] * 6
        assert [answer.json()["integers"] for answer in answers] == versions
        assert owner.integers(f"a{number}") in versions


def test_posts_that_read_each_other(servers, owner):
    """A set is always one of its versions, and is always there."""
    versions = [units(5_000, 1), units(3_000, 2), []]
    owner.keep("a", versions[0])
    writer, reader, lister = hands(servers, owner, 3)
    done = threading.Event()

    def write() -> None:
        try:
            for number in range(40):
                writer.keep("a", versions[number % 3])
        finally:
            done.set()

    def watch(look) -> int:
        looks = 0
        while not done.is_set():
            assert look() in versions
            looks += 1
        return looks

    looks = at_once(write, lambda: watch(lambda: reader.integers("a")),
                    lambda: watch(lambda: lister.session()["a"]))
    assert all(looks[1:])


def test_a_post_and_a_deletion(servers, owner):
    """Whichever comes first, the session is whole or not there, and so is what the post is answered."""
    poster, deleter = hands(servers, owner, 2)
    whole = many(50)
    for number in range(5 * ROUNDS):
        name = f"s{number}"
        owner.keep_session(name, {"before": []})
        posted, deleted = at_once(
            lambda: poster.post_session(listed(whole), session_id=name),
            lambda: deleter.delete(SESSION, session_id=name))
        assert deleted.status_code == 204
        if posted.status_code == 201:
            assert sets_of(posted.json()) in (whole, {"before": []} | whole)
        else:
            # The ground was taken from under it.
            assert posted.status_code == 409 and owner.lacks_session(name), posted.text
        if not owner.lacks_session(name):
            assert owner.session(session_id=name) == whole


def test_one_deletion_of_many_succeeds(servers, owner):
    clients = hands(servers, owner, 6)
    for fields, path in (({"set_id": "a"}, SET), ({"session_id": "s"}, SESSION)):
        owner.keep("a", units(3))
        owner.keep_session("s", many(20))
        answers = at_once(*(lambda client=client: client.delete(path, **fields) for client in clients))
        assert sorted(answer.status_code for answer in answers) == [204] + [404] * 5


def test_posts_and_leaving_for_good(servers, owner):
    """What del-logout found is gone, and what came later is whole."""
    for _ in range(ROUNDS):
        leaving, staying = owner.again(), owner.again().elsewhere(servers[1].url)
        posted, left = at_once(
            lambda: staying.post_session(listed(many(50)), session_id="s"),
            lambda: leaving.call("POST", "/api/auth/del-logout/"))
        assert left.status_code == 204 and posted.status_code in (201, 409), posted.text
        again = owner.again()
        if not again.lacks_session("s"):
            assert again.session(session_id="s") == many(50)
