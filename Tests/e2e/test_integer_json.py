"""The JSON of sets is read as strictly as any other, however large it is and wherever its fault is."""

import pytest

from support.api import assert_detail
from support.integers import REQUIRED, SESSION, SET, Owner, join, units, units_text

JSON = {"Content-Type": "application/json"}

# Somewhat over 1 MiB, where a body is no longer read at one go.
COUNT = 45_000

# What stands in place of one unit.
FAULTY_UNITS = {
    "a name twice": b'{"index":%d,"X":1,"q":1,"X":1}',
    "an index twice in one unit": b'{"index":%d,"X":1,"q":1,"index":9999999}',
    "a name twice, escaped": b'{"index":%d,"X":1,"q":1,"\\u0071":1}',
    "another name twice": b'{"index":%d,"X":1,"q":1,"a":1,"a":2}',
    "a name twice, deeper": b'{"index":%d,"X":1,"q":1,"a":[{"b":1,"b":2}]}',
    "a raw NUL in a string": b'{"index":%d,"X":1,"q":1,"a":"\0"}',
    "an escaped NUL": b'{"index":%d,"X":1,"q":1,"a":"\\u0000"}',
    "an escaped NUL in a name": b'{"index":%d,"X":1,"q":1,"a\\u0000":1}',
    "a raw NUL between": b'{"index":%d,\0"X":1,"q":1}',
    "a raw control character": b'{"index":%d,"X":1,"q":1,"a":"\x1f"}',
    "a lone continuation byte": b'{"index":%d,"X":1,"q":1,"a":"\x80"}',
    "a cut character": b'{"index":%d,"X":1,"q":1,"a":"\xe2\x82"}',
    "an overlong slash": b'{"index":%d,"X":1,"q":1,"\xc0\xaf":1}',
    "a raw surrogate": b'{"index":%d,"X":1,"q":1,"a":"\xed\xa0\x80"}',
    "past U+10FFFF": b'{"index":%d,"X":1,"q":1,"a":"\xf4\x90\x80\x80"}',
    "latin-1 outside of a string": b'{"index":%d,"X":1,"q":1}\xe9',
    "a lone high surrogate": b'{"index":%d,"X":1,"q":1,"a":"\\ud800"}',
    "a lone low surrogate": b'{"index":%d,"X":1,"q":1,"a":"\\udc00\\ud800"}',
    "depth 65": b'{"index":%d,"X":1,"q":1,"a":' + b"[" * 62 + b"]" * 62 + b"}",
    "depth 65 of objects": b'{"index":%d,"X":1,"q":1,"a":' + b'{"a":' * 62 + b"1" + b"}" * 62 + b"}",
    "depth 100,000": b'{"index":%d,"X":1,"q":1,"a":' + b"[" * 100_000,
    "a leading zero": b'{"index":%d,"X":01,"q":1}',
    "a plus sign": b'{"index":%d,"X":+1,"q":1}',
    "a bare minus": b'{"index":%d,"X":-,"q":1}',
    "NaN": b'{"index":%d,"X":NaN,"q":1}',
    "single quotes": b"{'index':%d,'X':1,'q':1}",
    "no quotes, as the reference has it": b'{index:%d,"X":1,"q":1}',
    "a comment": b'{"index":%d,"X":1,"q":1}/**/',
    "a comma too many": b'{"index":%d,"X":1,"q":1,}',
    "a comma too few": b'{"index":%d "X":1,"q":1}',
    "two commas": b'{"index":%d,"X":1,"q":1},',
    "a colon too few": b'{"index"%d,"X":1,"q":1}',
    "the wrong end": b'{"index":%d,"X":1,"q":1]'}

# What stands behind the whole of a sound body.
TRAILING = {"a brace": b"}", "a letter": b"x", "a NUL": b"\0", "a second body": b"{}", "a comma": b",",
            "a byte order mark": b"\xef\xbb\xbf", "no-break space": b"\xc2\xa0", "many": b" " * 100_000 + b"1"}

# A whole body, of which `integers` is a sound list.
FAULTY_BODIES = {
    "the units twice": b'{"set_id":"new","integers":%(integers)s,"integers":[]}',
    "the units twice, escaped": b'{"set_id":"new","integers":[],"inte\\u0067ers":%(integers)s}',
    "the name twice": b'{"set_id":"new","integers":%(integers)s,"set_id":"new"}',
    "another name twice": b'{"a":1,"set_id":"new","integers":%(integers)s,"a":1}',
    "not closed": b'{"set_id":"new","integers":%(integers)s', "cut behind a comma": b'{"integers":%(integers)s,',
    "cut in a name": b'{"set_id":"new","integers":%(integers)s,"no', "a list": b"[%(integers)s]",
    "the list alone": b"%(integers)s", "a byte order mark": b'\xef\xbb\xbf{"set_id":"new","integers":%(integers)s}',
    "UTF-16": '{"set_id":"new","integers":[]}'.encode("utf-16-le")}


@pytest.fixture(scope="module")
def owner(api) -> Owner:
    return join(api)


@pytest.fixture(scope="module")
def sound() -> list[bytes]:
    """Units of a large body, one by one."""
    return [b'{"index":%d,"X":%d,"q":-1}' % (index, index) for index in range(COUNT)]


def refused(owner: Owner, path: str, body: bytes) -> None:
    """About the body, not about fields that a body read as empty would lack."""
    owner.keep("old", units(3))
    owner.delete(SESSION, session_id="new")
    answer = owner.call("POST", path, data=body, headers=JSON)
    assert_detail(answer, 400)
    assert REQUIRED[0] not in answer.text
    assert owner.session() == {"old": units(3)} and owner.lacks_session("new")


@pytest.mark.parametrize("place", [0, COUNT // 2, COUNT - 1])
@pytest.mark.parametrize("what", FAULTY_UNITS)
def test_a_fault_in_a_large_set(owner, sound, what, place):
    fault = FAULTY_UNITS[what].replace(b"%d", b"%d" % place)
    integers = b",".join([*sound[:place], fault, *sound[place + 1:]])
    refused(owner, SET, b'{"set_id":"old","integers":[%s]}' % integers)


@pytest.mark.parametrize("what", FAULTY_UNITS)
def test_a_fault_in_a_large_session(owner, sound, what):
    fault = FAULTY_UNITS[what].replace(b"%d", b"%d" % COUNT)
    sets = (b'{"set_id":"a","integers":[%s]},{"set_id":"b","integers":[%s]}' % (b",".join(sound), fault))
    refused(owner, SESSION, b'{"session_id":"new","integer_sets":[%s]}' % sets)


@pytest.mark.parametrize("count", [0, COUNT])
@pytest.mark.parametrize("what", TRAILING)
def test_trailing_bytes(owner, what, count):
    integers = units_text(count).encode()
    refused(owner, SET, b'{"set_id":"old","integers":%s}%s' % (integers, TRAILING[what]))
    refused(owner, SESSION, b'{"session_id":"new","integer_sets":[{"set_id":"a","integers":%s}]}%s' % (
        integers, TRAILING[what]))


@pytest.mark.parametrize("count", [0, COUNT])
@pytest.mark.parametrize("what", FAULTY_BODIES)
def test_a_faulty_body(owner, what, count):
    refused(owner, SET, FAULTY_BODIES[what].replace(b"%(integers)s", units_text(count).encode()))


@pytest.mark.parametrize("body", [
    b'{"session_id":"new","integer_sets":[],"integer_sets":[]}',
    b'{"session_id":"new","session_id":"new","integer_sets":[]}',
    b'{"session_id":"new","integer_sets":[{"set_id":"a","set_id":"a","integers":[]}]}',
    b'{"session_id":"new","integer_sets":[{"set_id":"a","integers":[],"integers":[]}]}',
    b'{"session_id":"new","integer_sets":[{"set_id":"a","integers":[]},]}',
    b'{"session_id":"new","integer_sets":[{"set_id":"a","integers":[]}}',
    b'{"session_id":"ne\\u0000w","integer_sets":[]}', b'{"session_id":"new\xff","integer_sets":[]}'])
def test_a_faulty_session(owner, body):
    refused(owner, SESSION, body)


@pytest.mark.parametrize("deep", [b"[" * 61 + b"]" * 61, b'{"a":' * 61 + b"1" + b"}" * 61])
def test_depth_64_is_taken(api, deep):
    owner = join(api)
    body = b'{"set_id":"a","integers":[{"index":0,"more":%s,"X":1,"q":-1}]}' % deep
    answer = owner.call("POST", SET, data=body, headers=JSON)
    assert owner.made(answer)["integers"] == units(1)
    body = b'{"set_id":"a","more":[[%s]],"integers":[]}' % deep
    assert owner.made(owner.call("POST", SET, data=body, headers=JSON))["integers"] == []


@pytest.mark.parametrize("space", [b" ", b"\n", b" \t\r\n" * 20_000])
def test_space_is_no_trailing_byte(api, space):
    owner = join(api)
    body = b'%s{"set_id":%s"a","integers"%s:[%s]}%s' % (space, space, space, space, space)
    assert owner.made(owner.call("POST", SET, data=body, headers=JSON))["integers"] == []


@pytest.mark.parametrize("order", [
    ["session_id", "set_id", "user_id", "integers"], ["integers", "user_id", "set_id", "session_id"],
    ["set_id", "integers", "session_id", "user_id"]])
def test_members_in_any_order(api, order):
    owner = join(api)
    fields = {"session_id": "named", "set_id": "a", "user_id": owner.user_id, "integers": units(COUNT)}
    answer = owner.call("POST", SET, {name: fields[name] for name in order})
    assert answer.json() == {"session_id": "named", "set_id": "a", "integers": units(COUNT)}
    fields = {"session_id": "more", "user_id": owner.user_id, "integer_sets": [
        {"set_id": "a", "integers": units(COUNT)}, {"integers": units(5), "set_id": "b"}]}
    answer = owner.call("POST", SESSION, {name: fields[name] for name in reversed(fields)})
    assert answer.status_code == 201, answer.text[:2000]
    assert owner.session(session_id="more") == {"a": units(COUNT), "b": units(5)}


def test_a_body_of_numbers_that_nobody_reads(api):
    """What is left out may be large too, but no less sound, and not without end."""
    owner = join(api)
    padding = b"[" + b",".join(b"%d" % number for number in range(90_000)) + b"]"
    body = b'{"padding":%s,"set_id":"a","integers":[]%s}'
    answer = owner.call("POST", SET, data=body % (padding, b""), headers=JSON)
    assert owner.made(answer)["integers"] == []
    answer = owner.call("POST", SET, data=body % (padding, b',"more":[1,2,'), headers=JSON)
    assert_detail(answer, 400)
    answer = owner.call("POST", SET, data=body % (b"[" + b"0," * 100_000 + b"0]", b""), headers=JSON)
    assert_detail(answer, 400)
