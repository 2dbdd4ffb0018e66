"""Avatars by path, and how they are served."""

import io
import re

import pytest
from PIL import Image

from support.api import BODY_KINDS, assert_detail, assert_field_error, encoded
from support.community import DEFAULT_AVATAR, UPDATE, person
from support.members import Member, join
from support.pictures import KINDS, MEDIA_TYPES, picture
from support.wire import Wire, request


@pytest.fixture(scope="module")
def member(api) -> Member:
    return join(api)


@pytest.fixture(scope="module")
def uploads(api) -> dict[str, tuple[str, bytes]]:
    """One of each kind: its address and its bytes."""
    made = {}
    for kind in KINDS:
        data = picture(kind)
        answer = join(api).call("POST", UPDATE, files={"avatar": ("x", data)})
        assert answer.status_code == 200, answer.text
        made[kind] = (answer.json()["avatar"], data)
    return made


# Paths

@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("path", [
    "/media/avatars/fary.png", "/media/a", "/media/a/b/c/d", "/media/a.b-c_d.tar.gz", "/media/a..b",
    "/media/a.", "/media/-", "/media/_/0", "/media/avatars/" + "0" * 32 + ".png",
    "/media/" + "x" * 248, "/media/" + "/".join("abc" for _ in range(62))])
def test_a_path_that_may_be(member, kind, path):
    answer = member.call("POST", UPDATE, **encoded(kind, {"avatar": path}))
    assert answer.status_code == 200, answer.text
    assert answer.json()["avatar"] == path == person(member)["avatar"]


BAD_PATHS = [
    "", " ", "media/a", "/media", "/media/", "/media//a", "/media/a/", "/media/a//b", "//media/a",
    "/media/.", "/media/..", "/media/.a", "/media/a/.b", "/media/a/./b", "/media/a/../b",
    "/media/../etc/passwd", "/media/..../a", "/Media/a", "/MEDIA/a", "/medias/a", "/static/a",
    "/media/a b", "/media/a%2e", "/media/%2e%2e/a", "/media/a\\b", "\\media\\a", "/media/a?b",
    "/media/a#b", "/media/a;b", "/media/a:b", "/media/a'b", "/media/a\"b", "/media/<a>", "/media/a&b",
    "/media/a\nb", "/media/a\r\nX: y", "/media/a\tb", "/media/a\x7fb", "/media/a\u202eb",
    "/media/a\u2215b", "/media/\uff0e\uff0e/a", "http://example.org/media/a", "//example.org/media/a",
    "javascript:alert(1)", "data:image/png;base64,AAAA", "/media/" + "x" * 249,
    "/media/" + "x" * 100_000]


@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("path", BAD_PATHS, ids=lambda path: ascii(path)[:40])
def test_a_path_that_may_not(member, kind, path):
    before = person(member)
    answer = member.call("POST", UPDATE, **encoded(kind, {"avatar": path}))
    assert_field_error(answer, 400, "avatar")
    assert person(member) == before


@pytest.mark.parametrize("value", [5, True, [], {}, ["/media/a"], {"path": "/media/a"}, "/media/a\0b"])
def test_something_else(member, value):
    before = person(member)
    answer = member.post(UPDATE, {"avatar": value})
    assert answer.status_code == 400, answer.text
    assert person(member) == before


def test_one_bad_field_keeps_both(member):
    before = person(member)
    assert_field_error(member.post(UPDATE, {"username": "other", "avatar": "/x"}), 400, "avatar")
    answer = member.post(UPDATE, {"username": "semi;colon", "avatar": "/media/a.png"})
    assert_field_error(answer, 400, "username")
    assert person(member) == before


# Serving

@pytest.mark.parametrize("kind", KINDS)
def test_an_upload_is_served_as_what_it_is(api, uploads, kind):
    path, data = uploads[kind]
    assert re.fullmatch(rf"/media/avatars/[0-9a-f]{{32}}\.{kind}", path)
    answer = api.get(path)
    assert answer.status_code == 200 and answer.content == data
    assert answer.headers["Content-Type"] == MEDIA_TYPES[kind]
    assert_safe(answer)
    assert int(re.search(r"max-age=(\d+)", answer.headers["Cache-Control"])[1]) >= 86_400
    assert "no-store" not in answer.headers["Cache-Control"]


def assert_safe(answer) -> None:
    """Nothing that a browser takes for a page."""
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Request-ID"] and "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", [DEFAULT_AVATAR, f"{DEFAULT_AVATAR}?x=y"])
def test_the_default_is_always_there(api, path):
    answer = api.get(path)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "image/png"
    assert_safe(answer)
    image = Image.open(io.BytesIO(answer.content))
    image.load()
    assert image.format == "PNG" and min(image.size) >= 16


def test_whoever_has_no_other_has_the_default(api):
    assert person(join(api))["avatar"] == DEFAULT_AVATAR


@pytest.mark.parametrize("which", [*KINDS, "default"])
def test_a_copy_that_is_still_good_is_304(api, uploads, which):
    path = DEFAULT_AVATAR if which == "default" else uploads[which][0]
    tag = api.get(path).headers["ETag"]
    assert re.fullmatch(r'(W/)?"[^"]+"', tag)
    for given in (tag, f'"other", {tag}', "*", "W/" + tag.removeprefix("W/")):
        answer = api.get(path, headers={"If-None-Match": given})
        assert answer.status_code == 304 and answer.content == b"", given
        assert answer.headers["ETag"] == tag
    for given in ('"other"', tag.strip('"'), "", "nonsense"):
        assert api.get(path, headers={"If-None-Match": given}).status_code == 200, given


def test_304_claims_no_other_length_than_the_whole_has(api, uploads):
    """RFC 9110, section 8.6: its Content-Length, if any, is that of the 200."""
    path, data = uploads["png"]
    answer = api.get(path, headers={"If-None-Match": "*"})
    assert answer.headers.get("Content-Length", str(len(data))) == str(len(data))


def test_every_upload_has_a_tag_of_its_own(api, uploads):
    paths = [path for path, _ in uploads.values()] + [DEFAULT_AVATAR]
    assert len({api.get(path).headers["ETag"] for path in paths}) == len(paths)


@pytest.mark.parametrize("which", [*KINDS, "default"])
def test_head(api, uploads, which):
    path = DEFAULT_AVATAR if which == "default" else uploads[which][0]
    whole, head = api.get(path), api.call("HEAD", path)
    assert head.status_code == 200 and head.content == b""
    for name in ("Content-Type", "Content-Length", "ETag", "Cache-Control",
                 "Content-Security-Policy", "X-Content-Type-Options"):
        assert head.headers[name] == whole.headers[name]
    answer = api.call("HEAD", path, headers={"If-None-Match": whole.headers["ETag"]})
    assert answer.status_code == 304 and answer.content == b""
    assert api.call("HEAD", "/media/avatars/none.png").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_405(api, uploads, method):
    for path in (uploads["png"][0], DEFAULT_AVATAR):
        answer = api.call(method, path)
        assert_detail(answer, 405)
        assert "GET" in answer.headers["Allow"]
        assert api.get(path).status_code == 200


UNKNOWN = [
    "/media/avatars/" + "0" * 32 + ".png", "/media/avatars/none.png", "/media/avatars/",
    "/media/avatars",
    "/media/", "/media", "/media/default.png", "/media/avatars/default.jpg", "/media/avatars/default",
    "/media/avatars/DEFAULT.PNG", "/media/avatars/default.png.png", "/media/avatars/x/default.png",
    "/media/media/avatars/default.png"]


@pytest.mark.parametrize("path", UNKNOWN)
def test_what_is_not_there_is_404(api, path):
    answer = api.get(path)
    assert_detail(answer, 404)
    assert answer.headers["Content-Type"].startswith("application/json")


def test_a_name_is_exact(api, uploads):
    path, _ = uploads["png"]
    stem = path.removesuffix(".png")
    number = stem.removeprefix("/media/avatars/")
    for wrong in (stem, stem + ".jpg", stem + ".PNG", stem[:-1] + ".png", stem + "0.png",
                  f"/media/other/{number}.png", f"/media/{number}.png", stem + ".png%00.jpg",
                  stem + ".png.jpg", f"/media/avatars/A{number[1:].upper()}.png"):
        assert api.get(wrong).status_code in (400, 404), wrong


TRAVERSALS = [
    "../{0}", "../../{0}", "../../../../../../../../{0}", "..%2f..%2f..%2f..%2f..%2f{0}",
    "%2e%2e/%2e%2e/%2e%2e/{0}", "%2e%2e%2f%2e%2e%2f{0}", "..%252f..%252f{0}", "%252e%252e%252f{0}",
    "..\\..\\..\\{0}", "..%5c..%5c..%5c{0}", "....//....//{0}", "..;/..;/{0}", "..%c0%af..%c0%af{0}",
    "%c0%ae%c0%ae/{0}", "..%ef%bc%8f..%ef%bc%8f{0}", "./../../{0}", "x/../../../{0}", "/{0}", "//{0}",
    "file:///{0}", "default.png/../../../{0}", "default.png/{0}", "..%00/{0}", "~/{0}", "%2f{0}",
    "..%u2215{0}"]


@pytest.mark.parametrize("target", ["etc/passwd", "proc/self/environ", "default.png"])
@pytest.mark.parametrize("shape", TRAVERSALS)
def test_no_spelling_leads_out_of_it(server, shape, target):
    with Wire(server.address) as wire:
        wire.send(request("GET", "/media/avatars/" + shape.format(target), b"", "Connection: close"))
        answer = wire.response()
    assert answer.status in (400, 404), answer
    assert b"root:" not in answer.body and b"PATH=" not in answer.body
    assert answer.headers["content-type"].startswith("application/json")
