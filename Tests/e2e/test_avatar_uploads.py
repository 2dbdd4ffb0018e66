"""Avatars as uploaded files: told by their content, never by what they say of themselves."""

import gzip
import io
import zipfile

import pytest

from support.avatars import assert_refused, upload, uploaded
from support.members import Member, join
from support.pictures import (
    KINDS, LARGEST, MEDIA_TYPES, claiming, frame_header, other, picture, varieties)

VARIETIES = varieties()


@pytest.fixture
def member(api) -> Member:
    return join(api)


@pytest.mark.parametrize("variety", VARIETIES)
def test_every_kind_of_every_format(member, variety):
    kind, data = VARIETIES[variety]
    assert uploaded(member, data).endswith(f".{kind}")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name, claimed", [
    ("evil.php", "text/html"), ("../../../etc/cron.d/x", "image/png"), ("a.svg", "image/svg+xml"),
    ("x" * 300, "nonsense"), ("a\\..\\b.gif", "image/gif"),
    ("a\"b.png", "image/jpeg"), ("ü😀.png", "image/webp")])
def test_neither_the_name_nor_the_claimed_type_counts(member, kind, name, claimed):
    path = uploaded(member, picture(kind), name, claimed)
    answer = member.api.get(path)
    assert path.endswith(f".{kind}") and answer.headers["Content-Type"] == MEDIA_TYPES[kind]


SCRIPT = b"<html><script>alert(1)</script></html>"


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", "a" * 1000)
    return made.getvalue()


IMPOSTORS = {
    "nothing": b"", "one byte": b"\x89", "text": b"just text", "a page": SCRIPT,
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n", "an archive": zipped(),
    "a gzipped png": gzip.compress(picture("png")), "bmp": other("BMP"), "tiff": other("TIFF"),
    "icon": other("ICO"), "avif": other("AVIF"), "jpeg 2000": other("JPEG2000"), "ppm": other("PPM"),
    "zeros": bytes(5000), "gif's name alone": b"GIF89a", "gif's name and a script": b"GIF89a/*" + SCRIPT,
    "png's name alone": b"\x89PNG\r\n\x1a\n", "png's name and a script": b"\x89PNG\r\n\x1a\n" + SCRIPT,
    "jpeg's beginning alone": b"\xff\xd8\xff", "jpeg's beginning and end": b"\xff\xd8\xff\xd9",
    "jpeg's beginning and a script": b"\xff\xd8\xff\xe0" + SCRIPT + b"\xff\xd9",
    "riff that is sound": b"RIFF\x24\0\0\0WAVEfmt \x10" + bytes(19) + b"data\0\0\0\0",
    "riff that is empty": b"RIFF\4\0\0\0WEBP",
    "webp without a picture": b"RIFF\x0c\0\0\0WEBPEXIF\0\0\0\0",
    "something before it": b"\n" + picture("png"), "a picture in base64": b"iVBORw0KGgo="}


@pytest.mark.parametrize("claimed", MEDIA_TYPES.values())
@pytest.mark.parametrize("what", IMPOSTORS)
def test_what_only_says_that_it_is_a_picture(member, what, claimed):
    assert_refused(member, IMPOSTORS[what], "avatar.png", claimed)


@pytest.mark.parametrize("variety", VARIETIES)
def test_one_that_was_cut_off(member, variety):
    _, data = VARIETIES[variety]
    for length in sorted({4, 12, 20, 30, len(data) // 4, len(data) // 2, len(data) * 3 // 4,
                          len(data) - 12, len(data) - 2, len(data) - 1}):
        assert_refused(member, data[:length])


@pytest.mark.parametrize("kind", KINDS)
def test_the_largest_and_one_pixel_more(member, kind):
    for size in ((LARGEST, 1), (1, LARGEST), (LARGEST, LARGEST)):
        uploaded(member, picture(kind, size))
    for size in ((LARGEST + 1, 1), (1, LARGEST + 1)):
        assert_refused(member, picture(kind, size))


@pytest.mark.parametrize("kind", KINDS)
def test_a_header_that_would_fill_the_memory(member, kind):
    for size in ((LARGEST + 1, 16), (16, LARGEST + 1), (5_000, 5_000), (16_383, 16_383),
                 (65_535, 65_535)):
        for data in claiming(kind, *size):
            assert_refused(member, data)


@pytest.mark.parametrize("size", [(2**31 - 1, 2**31 - 1), (2**32 - 1, 1), (1, 2**31), (0, 1), (1, 0)])
def test_sizes_that_no_png_has(member, size):
    for data in claiming("png", *size):
        assert_refused(member, data)


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (0, 0)])
def test_sizes_that_no_jpeg_has(member, size):
    for data in claiming("jpg", *size):
        assert_refused(member, data)


@pytest.mark.parametrize("first, second", [(65_535, 48), (48, 65_535)])
def test_two_headers_of_which_one_is_too_large(member, first, second):
    small = claiming("jpg", second, second)[0]
    header = frame_header(claiming("jpg", first, first)[0])
    assert_refused(member, small[:2] + header + small[2:])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("behind", [SCRIPT, zipped(), picture("png"), b"\0"])
def test_what_stands_behind_a_picture_is_not_kept(member, kind, behind):
    data = picture(kind)
    answer = upload(member, data + behind)
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 200:
        assert member.api.get(answer.json()["avatar"]).content == data
