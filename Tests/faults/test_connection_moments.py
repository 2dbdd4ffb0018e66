"""The way to PostgreSQL breaks in the middle of a question, of an answer, and around a transaction."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support.microblog import TWEETS
from support.program import until
from trouble.ledger import Ledger, Mover
from trouble.tcp_proxy import DOWN, FAULTS, LOUD, UP
from trouble.writing import ANSWER_SECONDS, BACK_SECONDS, assert_back, kinds, mended, moments


@pytest.fixture(autouse=True)
def as_before(proxy, far, member):
    with mended(proxy, far, member):
        yield


# In the middle of a question

@pytest.mark.parametrize("fault, part", moments([0, 1, 7], held=1, vanished=7))
def test_in_the_middle_of_a_write(proxy, member, fault, part):
    """Part of its message has been sent."""
    key = member.key()
    trap = proxy.trap(UP, key, FAULTS[fault], part)
    assert member.write(key) == 503
    trap.wait()
    assert_back(member)
    assert member.stored(key) == 0


@pytest.mark.parametrize("fault", kinds("held"))
def test_in_the_middle_of_a_read_it_is_asked_again(proxy, member, fault):
    """Where the loss is noticed before its time is up."""
    trap = proxy.trap(UP, b"B", FAULTS[fault], 1)
    status = member.read()
    trap.wait()
    assert status == 200 if fault in LOUD else status in (200, 503)


# In the middle of an answer

@pytest.mark.parametrize("fault, part", moments([0, 1, 9], vanished=1))
def test_in_the_middle_of_an_answer_to_a_read(proxy, member, fault, part):
    key = member.key()
    assert member.write(key) == 201
    trap = proxy.trap(DOWN, key, FAULTS[fault], part)
    answer = member.timed("GET", TWEETS + "?limit=5")
    trap.wait()
    if answer.status_code == 200:
        assert [tweet["content"] for tweet in answer.json()].count(key) == 1
    assert answer.status_code == 200 if fault in LOUD else answer.status_code in (200, 503)


@pytest.mark.parametrize("fault", kinds("vanished"))
def test_the_answer_to_a_write_is_lost(proxy, member, fault):
    """It is done, nobody knows it, and it isn't done again."""
    key = member.key()
    trap = proxy.trap(UP, key, lambda line: line.hold(DOWN))
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(member.write, key)
        line = trap.wait()
        until(lambda: member.stored(key) == 1, "it is stored")
        FAULTS[fault](line)
        assert writing.result() == 503
    assert_back(member)
    assert member.stored(key) == 1


@pytest.mark.parametrize("fault, word", moments(["BEGIN", "COMMIT"], held="COMMIT"))
def test_around_a_transaction(proxy, far, member, fault, word):
    """Its beginning or its end has been sent, and what comes back is lost."""
    writer = Mover([far])
    trap = proxy.trap(UP, word, lambda line: (line.hold(DOWN), FAULTS[fault](line)))
    with Ledger(writer) as ledger:
        trap.wait()
        proxy.traps.clear()
        ledger.wait_for(2, BACK_SECONDS + ANSWER_SECONDS)
    ledger.check(member.database)
