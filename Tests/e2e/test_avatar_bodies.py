"""Uploaded avatars in bodies of every shape and size, one after another and at once."""

import concurrent.futures

import pytest

from support.api import Api, assert_detail, assert_field_error
from support.avatars import UPLOADED, upload, uploaded
from support.cluster import query
from support.community import DEFAULT_AVATAR, UPDATE, person
from support.members import Member, join
from support.pictures import KINDS, MEDIA_TYPES, picture, png_of
from support.schemes import SCHEMES, prove
from support.wire import Wire, request

MIB = 1024 * 1024


@pytest.fixture
def member(api) -> Member:
    return join(api)


def test_two_mebibytes_and_one_byte_more(member):
    path = uploaded(member, png_of(2 * MIB))
    for length in (2 * MIB + 1, 2 * MIB + 60_000):
        assert_detail(upload(member, png_of(length)), 413)
    assert person(member)["avatar"] == path


def test_a_body_that_says_it_is_huge_is_refused_by_its_head(server, member):
    with Wire(server.address) as wire:
        wire.send(request("POST", UPDATE, b"", f"Authorization: {member.headers['Authorization']}",
                          "Content-Type: multipart/form-data; boundary=b", f"Content-Length: {3 * MIB}"))
        answer = wire.response()
        assert answer.status == 413 and b'"detail"' in answer.body
        assert wire.response() is None and wire.eof


def test_a_limit_of_ones_own(new_server):
    member = join(Api(new_server("--max-avatar", "100k").url))
    uploaded(member, png_of(100 * 1024))
    assert_detail(upload(member, png_of(100 * 1024 + 1)), 413)


# One at a time

def test_a_new_one_replaces_the_old_one(member):
    paths = []
    for kind in KINDS:
        paths.append(uploaded(member, picture(kind)))
    assert len(set(paths)) == len(paths)
    assert [member.api.get(path).status_code for path in paths] == [404, 404, 404, 200]


def test_what_comes_back_as_it_was_stays(member):
    path = uploaded(member, picture("png"))
    answer = member.post(UPDATE, {"avatar": path})
    assert answer.status_code == 200 and answer.json()["avatar"] == path
    assert member.api.get(path).status_code == 200
    assert member.post(UPDATE, {"username": f"{member.name}.2"}).status_code == 200
    assert member.api.get(path).status_code == 200


def test_it_goes_with_its_account(ctl, member):
    path = uploaded(member, picture("webp"))
    ctl.ok("user", "delete", member.name, "--purge", "--yes")
    assert member.api.get(path).status_code == 404


def test_of_many_at_once_one_stays(server, database, member):
    files = [picture(KINDS[number % 4], (20 + number, 20)) for number in range(12)]
    with concurrent.futures.ThreadPoolExecutor(len(files)) as pool:
        answers = list(pool.map(lambda data: upload(member.elsewhere(server.url), data), files))
    assert [answer.status_code for answer in answers] == [200] * len(files)
    path = person(member)["avatar"]
    answered = [answer.json()["avatar"] for answer in answers]
    assert len(set(answered)) == len(files), "each is told of its own"
    assert path in answered and member.api.get(path).content == files[answered.index(path)]
    assert [member.api.get(one).status_code for one in answered if one != path] == [404] * 11
    assert query(database, "SELECT count(*) FROM avatar WHERE account = %s", member.id) == [(1,)]


def test_the_same_file_of_two_people_is_two(api, member):
    data = picture("gif")
    mine, theirs = uploaded(member, data), uploaded(join(api), data)
    assert mine != theirs
    uploaded(member, picture("png"))
    assert api.get(theirs).content == data


# Other shapes of the body

def test_with_a_name_beside_it(member):
    answer = member.call("POST", UPDATE, files={
        "avatar": ("a.png", picture("png")), "username": (None, f"{member.name} II")})
    assert answer.status_code == 200 and answer.json()["username"] == f"{member.name} II", answer.text


def test_a_bad_name_beside_it_keeps_both(member):
    answer = member.call("POST", UPDATE, files={
        "avatar": ("a.png", picture("png")), "username": (None, "semi;colon")})
    assert_field_error(answer, 400, "username")
    assert person(member)["avatar"] == DEFAULT_AVATAR


@pytest.mark.parametrize("parameters", [
    'name="avatar"; filename="a; name=username; b.png"', 'name=avatar; filename=a.png',
    'filename="a; name=username; b.png"; name="avatar"',
    'name="avatar"; filename="a\\"; name=\\"b.png"'])
def test_a_file_name_is_no_parameter(member, parameters):
    """Semicolons and escaped quotes may stand in a quoted one (RFC 9110, section 5.6.4)."""
    body = (f"--b\r\nContent-Disposition: form-data; {parameters}\r\n\r\n".encode()
            + picture("png") + b"\r\n--b--\r\n")
    answer = member.call("POST", UPDATE, data=body, headers={
        "Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 200 and UPLOADED.fullmatch(answer.json()["avatar"]), answer.text


def test_two_files_are_400(member):
    for second in (picture("gif"), b"text"):
        answer = member.call("POST", UPDATE, files=[
            ("avatar", ("a.png", picture("png"))), ("avatar", ("b.gif", second))])
        assert answer.status_code == 400 and answer.json(), answer.text
    answer = member.call("POST", UPDATE, files=[
        ("avatar", ("a.png", picture("png"))), ("avatar", (None, "/media/a.png"))])
    assert answer.status_code == 400, answer.text
    assert person(member)["avatar"] == DEFAULT_AVATAR


def test_a_file_where_none_belongs(member):
    answer = member.call("POST", UPDATE, files={"username": ("a.png", picture("png"))})
    assert_field_error(answer, 400, "username")
    answer = member.call("POST", UPDATE, files={"photo": ("a.png", picture("png"))})
    assert answer.status_code == 200 and answer.json()["avatar"] == DEFAULT_AVATAR, answer.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_as_the_whole_body_is_415(member, kind):
    answer = member.call("POST", UPDATE, data=picture(kind), headers={"Content-Type": MEDIA_TYPES[kind]})
    assert_detail(answer, 415)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme(api, scheme):
    proof = prove(api, api.registered(), scheme)
    fields = {name: (None, value) for name, value in proof.body.items()}
    answer = api.call("POST", UPDATE, headers=proof.headers, files=fields | {
        "avatar": ("a.png", picture("png"))})
    assert answer.status_code == 200 and UPLOADED.fullmatch(answer.json()["avatar"]), answer.text


def test_a_form_carries_the_csrf_token_too(api, member):
    proof = prove(api, member.account, "cookie")
    token = proof.headers.pop("X-CSRFToken")
    files = {"avatar": ("a.png", picture("png"))}
    assert_detail(api.call("POST", UPDATE, headers=proof.headers, files=files), 403)
    answer = api.call("POST", UPDATE, headers=proof.headers, files=files | {
        "csrfmiddlewaretoken": (None, token)})
    assert answer.status_code == 200, answer.text


def test_a_credential_is_needed(api):
    assert_detail(api.call("POST", UPDATE, files={"avatar": ("a.png", picture("png"))}), 401)
