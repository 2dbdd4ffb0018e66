"""Equations of sets: what they come to, and where the result goes."""

import concurrent.futures
import secrets as random
import threading

import pytest

from support.api import BODY_KINDS, assert_detail, encoded
from support.equations import Sheet, in_order, mapped, read, refusal
from support.integers import OPERATION, SESSION, SET, SET_ID, Owner, join
from support.schemes import SCHEMES, prove

A = {0: (1, 10), 1: (2, 20), 5: (3, 30)}
B = {1: (7, 70), 5: (-4, 0), 9: (100, -1)}


@pytest.fixture(scope="module")
def owner(api) -> Owner:
    return join(api)


@pytest.fixture
def sheet(owner) -> Sheet:
    return Sheet(owner, f"sheet {random.token_hex(4)}").write(a=A, b=B, e={})


def zeros(*indexes: int) -> dict:
    return dict.fromkeys(indexes, (0, 0))


MEANING = {
    "a": A,
    "(a)": A,
    "a+b": {0: (1, 10), 1: (9, 90), 5: (-1, 30), 9: (100, -1)},
    "a-b": {0: (1, 10), 1: (-5, -50), 5: (7, 30), 9: (-100, 1)},
    "b-a": {0: (-1, -10), 1: (5, 50), 5: (-7, -30), 9: (100, -1)},
    "a*b": {0: (0, 0), 1: (14, 1400), 5: (-12, 0), 9: (0, 0)},
    "-b": {1: (-7, -70), 5: (4, 0), 9: (-100, 1)},
    # A literal stands at the indexes of the other side, and nowhere else.
    "a+3": {0: (4, 13), 1: (5, 23), 5: (6, 33)},
    "3+a": {0: (4, 13), 1: (5, 23), 5: (6, 33)},
    "a-3": {0: (-2, 7), 1: (-1, 17), 5: (0, 27)},
    "3-a": {0: (2, -7), 1: (1, -17), 5: (0, -27)},
    "a*3": {0: (3, 30), 1: (6, 60), 5: (9, 90)},
    "-3*a": {0: (-3, -30), 1: (-6, -60), 5: (-9, -90)},
    "a+007": {0: (8, 17), 1: (9, 27), 5: (10, 37)},
    "(a+1)+b": {0: (2, 11), 1: (10, 91), 5: (0, 31), 9: (100, -1)},
    "a+1+b": {0: (2, 11), 1: (10, 91), 5: (0, 31), 9: (100, -1)},
    "a+(1+b)": {0: (1, 10), 1: (10, 91), 5: (0, 31), 9: (101, 0)},
    "a+b+1": {0: (2, 11), 1: (10, 91), 5: (0, 31), 9: (101, 0)},
    # What comes to 0 is there all the same.
    "a-a": zeros(0, 1, 5),
    "0*b": zeros(1, 5, 9),
    "a*b*0": zeros(0, 1, 5, 9),
    # Rank, and from the left.
    "a+b*2": {0: (1, 10), 1: (16, 160), 5: (-5, 30), 9: (200, -2)},
    "2*a+b": {0: (2, 20), 1: (11, 110), 5: (2, 60), 9: (100, -1)},
    "(a+b)*2": {0: (2, 20), 1: (18, 180), 5: (-2, 60), 9: (200, -2)},
    "a-b-b": {0: (1, 10), 1: (-12, -120), 5: (11, 30), 9: (-200, 2)},
    "a-(b-b)": {0: (1, 10), 1: (2, 20), 5: (3, 30), 9: (0, 0)},
    "a-b+b": {0: (1, 10), 1: (2, 20), 5: (3, 30), 9: (0, 0)},
    "2*3+a": {0: (7, 16), 1: (8, 26), 5: (9, 36)},
    "10-2-3+a": {0: (6, 15), 1: (7, 25), 5: (8, 35)},
    "a*(2-5)": {0: (-3, -30), 1: (-6, -60), 5: (-9, -90)},
    "a+2*3-4*-5": {0: (27, 36), 1: (28, 46), 5: (29, 56)},
    # Minus of one side.
    "--a": A,
    "---a": {0: (-1, -10), 1: (-2, -20), 5: (-3, -30)},
    "a--b": {0: (1, 10), 1: (9, 90), 5: (-1, 30), 9: (100, -1)},
    "a+-b": {0: (1, 10), 1: (-5, -50), 5: (7, 30), 9: (-100, 1)},
    "a*-b": {0: (0, 0), 1: (-14, -1400), 5: (12, 0), 9: (0, 0)},
    "-a*-b": {0: (0, 0), 1: (14, 1400), 5: (-12, 0), 9: (0, 0)},
    "-(a+b)": {0: (-1, -10), 1: (-9, -90), 5: (1, -30), 9: (-100, 1)},
    "-a+b": {0: (-1, -10), 1: (5, 50), 5: (-7, -30), 9: (100, -1)},
    "a*-(2)": {0: (-2, -20), 1: (-4, -40), 5: (-6, -60)},
    # Nothing has no indexes of its own.
    "e": {}, "-e": {}, "e+e": {}, "e*e": {}, "e+1": {}, "1-e": {},
    "9223372036854775807*e*2": {},
    "a+e": A, "e+a": A, "a-e": A,
    "e-a": {0: (-1, -10), 1: (-2, -20), 5: (-3, -30)},
    "a*e": zeros(0, 1, 5), "e*a": zeros(0, 1, 5),
    "a+(e+1)": A,
    "a+e+1": {0: (2, 11), 1: (3, 21), 5: (4, 31)},
    # Space
    "  a\t+ b ": {0: (1, 10), 1: (9, 90), 5: (-1, 30), 9: (100, -1)},
    " - ( a ) ": {0: (-1, -10), 1: (-2, -20), 5: (-3, -30)},
}


@pytest.mark.parametrize("equation", MEANING)
def test_what_it_means(sheet, equation):
    made = sheet.made(equation, set_id="made")
    assert mapped(made["integers"]) == MEANING[equation]
    assert made == {"set_id": "made", "session_id": sheet.session_id,
                    "equation": equation.strip(), "integers": made["integers"]}
    stored = sheet.get("made")
    assert stored.status_code == 200, stored.text
    del made["equation"]
    assert read(stored) == made


def test_letters_tell_names_apart(sheet):
    long = "x" * 64
    sheet.write(A={0: (5, 5)}, _={0: (7, 7)}, _1={0: (11, 11)}, e1={0: (13, 13)},
                null={0: (17, 17)}, **{long: {0: (19, 19)}})
    assert sheet.result("a") == A
    assert sheet.result(f"A*_1*e1+_*null*{long}") == {0: (2976, 2976)}


# Where it goes

@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_every_kind_of_body(sheet, kind, slash):
    answer = sheet.owner.call("POST", OPERATION.rstrip("/") + slash, **encoded(kind, {
        "equation": "a + b", "set_id": "made", "session_id": sheet.session_id}))
    assert answer.status_code == 201, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    assert mapped(answer.json()["integers"]) == MEANING["a+b"] == sheet.stored()["made"]


def test_a_plus_in_a_form_that_is_not_escaped_is_space(sheet):
    answer = sheet.owner.call(
        "POST", OPERATION, data=f"session_id={sheet.session_id}&equation=a+b",
        headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert "column 3" in refusal(answer)


def test_a_name_is_made_where_none_is_given(sheet):
    made = [sheet.made("a+b")["set_id"] for _ in range(5)]
    assert len(set(made)) == 5 and all(SET_ID.fullmatch(name) for name in made)
    assert sheet.stored() == {"a": A, "b": B, "e": {}} | dict.fromkeys(made, MEANING["a+b"])
    # As good a name as any.
    assert sheet.result(f"{made[0]}-b*1") == {0: (1, 10), 1: (2, 20), 5: (3, 30), 9: (0, 0)}


@pytest.mark.parametrize("set_id", ["made", "b", "a"])
def test_a_set_of_that_name_is_replaced(sheet, set_id):
    sheet.write(made={3: (3, 3)})
    assert sheet.result("a+b", set_id=set_id) == MEANING["a+b"]
    assert sheet.stored() == {"a": A, "b": B, "e": {}, "made": {3: (3, 3)}} | {set_id: MEANING["a+b"]}


def test_an_operand_is_replaced_again_and_again(sheet):
    for _ in range(10):
        sheet.made("a+a*2-e", set_id="a")
    assert sheet.stored()["a"] == {index: (x * 3**10, q * 3**10) for index, (x, q) in A.items()}


def test_the_current_session(api):
    owner = join(api)
    current, named = Sheet(owner).write(a=A), Sheet(owner, "named").write(a={0: (-1, -1)})
    made = current.made("a*2", set_id="twice")
    assert named.result("a*2") == {0: (-2, -2)}, "ids are those of the session that is named"
    stored = current.stored()
    assert stored == {"a": A, "twice": {0: (2, 20), 1: (4, 40), 5: (6, 60)}}
    assert Sheet(owner, made["session_id"]).stored() == stored


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme(api, account, scheme):
    proof = prove(api, account, scheme)
    assert proof.call(api, "POST", SET, set_id="a", integers=in_order(A)).status_code == 201
    answer = proof.call(api, "POST", OPERATION, equation="-a")
    assert answer.status_code == 201, answer.text
    assert mapped(answer.json()["integers"]) == {0: (-1, -10), 1: (-2, -20), 5: (-3, -30)}
    if scheme == "cookie":
        answer = api.post(OPERATION, {"equation": "-a"}, headers={"Cookie": proof.headers["Cookie"]})
        assert_detail(answer, 403)


def test_nobody_is_401(api):
    assert_detail(api.post(OPERATION, {"equation": "a"}), 401)


def test_get_is_405(sheet):
    answer = sheet.owner.call("GET", OPERATION)
    assert answer.status_code == 405 and "POST" in answer.headers["Allow"]


# While others write

def test_an_operand_is_one_state_of_its_set(server, sheet):
    states = [{2 * at: (value, -value) for at in range(9_000)} for value in (1, 2)]
    sheet.write(c=states[0])
    stop = threading.Event()

    def rewrite():
        writer, turn = Sheet(sheet.owner.elsewhere(server.url), sheet.session_id), 0
        while not stop.is_set():
            turn += 1
            writer.write(c=states[turn % 2])
        return turn

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        writing = pool.submit(rewrite)
        try:
            for _ in range(20):
                assert set(sheet.result("c", set_id="copy").values()) in ({(1, -1)}, {(2, -2)})
                assert set(sheet.result("c*2-c-c", set_id="copy").values()) == {(0, 0)}
        finally:
            stop.set()
        assert writing.result() > 1


def test_a_session_that_comes_and_goes(server, sheet):
    """Whoever is late is told so; nobody finds half of a session."""
    many = {at: (at, 1) for at in range(5_000)}
    sheet.write(c=many)
    stop = threading.Event()

    turns = []

    def recreate():
        other = Sheet(sheet.owner.elsewhere(server.url), sheet.session_id)
        while not stop.is_set():
            assert other.owner.delete(SESSION, session_id=sheet.session_id).status_code == 204
            other.write(c=many)
            turns.append(len(turns))

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        turning = pool.submit(recreate)
        try:
            asked = 0
            while asked < 60 or len(turns) < 2 and not turning.done():
                asked += 1
                answer = sheet.operate("c+c-c")
                assert answer.status_code in (201, 400, 404, 409), answer.text[:1000]
                if answer.status_code == 201:
                    assert mapped(read(answer)["integers"]) == many
        finally:
            stop.set()
        turning.result()
