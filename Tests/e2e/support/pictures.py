"""Pictures as real encoders make them, and then bent."""

import io
import struct
import zlib

from PIL import Image

MEDIA_TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
KINDS = list(MEDIA_TYPES)
LARGEST = 4_096

PNG_HEAD = 8 + 8 + 13 + 4


def picture(kind: str, size: tuple[int, int] = (48, 32), **options) -> bytes:
    """A gradient, so that it isn't all of one colour."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    made = io.BytesIO()
    image.save(made, {"jpg": "jpeg"}.get(kind, kind), **options)
    return made.getvalue()


def other(kind: str, **options) -> bytes:
    """A picture in a format that isn't one of the four."""
    made = io.BytesIO()
    Image.new("RGB", (32, 32), "teal").save(made, kind, **options)
    return made.getvalue()


def varieties() -> dict[str, tuple[str, bytes]]:
    """The kinds of file that each format knows, by a name: what it is, and its bytes."""
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "lime", "blue")]

    def animated(kind: str) -> bytes:
        made = io.BytesIO()
        frames[0].save(made, kind, save_all=True, append_images=frames[1:], duration=80, loop=0)
        return made.getvalue()

    def moded(kind: str, mode: str, **options) -> bytes:
        made = io.BytesIO()
        Image.new(mode, (33, 17)).save(made, {"jpg": "jpeg"}.get(kind, kind), **options)
        return made.getvalue()

    return {
        "png": ("png", picture("png")), "png of one pixel": ("png", picture("png", (1, 1))),
        "png with a palette": ("png", moded("png", "P")), "png of 16 bits": ("png", moded("png", "I;16")),
        "png with alpha": ("png", moded("png", "RGBA")), "animated png": ("png", animated("png")),
        "jpeg": ("jpg", picture("jpg")), "progressive jpeg": ("jpg", picture("jpg", progressive=True)),
        "grey jpeg": ("jpg", moded("jpg", "L")), "cmyk jpeg": ("jpg", moded("jpg", "CMYK")),
        "jpeg with exif": ("jpg", picture("jpg", exif=exif(), comment=b"\xff\xd9 in a comment")),
        "jpeg with restarts": ("jpg", picture("jpg", (320, 320), restart_marker_blocks=4)),
        "gif": ("gif", picture("gif")), "interlaced gif": ("gif", picture("gif", interlace=1)),
        "animated gif": ("gif", animated("gif")), "gif with a comment": (
            "gif", picture("gif", comment=b"; a comment" * 40)),
        "webp": ("webp", picture("webp")), "lossless webp": ("webp", picture("webp", lossless=True)),
        "webp with alpha": ("webp", moded("webp", "RGBA")), "animated webp": ("webp", animated("webp")),
        "webp with exif": ("webp", picture("webp", exif=exif()))}


def exif() -> Image.Exif:
    made = Image.Exif()
    # Orientation and a description; a thumbnail's end isn't the picture's.
    made[0x0112], made[0x010E] = 6, "A description\xff\xd9"
    return made


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(length: int) -> bytes:
    """A whole PNG of exactly so many bytes."""
    plain = picture("png")
    text = b"Comment\0" + b"x" * (length - len(plain) - 12 - 8)
    made = plain[:PNG_HEAD] + chunk(b"tEXt", text) + plain[PNG_HEAD:]
    assert len(made) == length
    return made


def claiming(kind: str, width: int, height: int) -> list[bytes]:
    """Small files whose header tells of a picture that large, one for each way to tell it."""
    if kind == "png":
        whole = picture("png")
        head = struct.pack(">II", width, height) + whole[24:29]
        return [whole[:8] + chunk(b"IHDR", head) + whole[PNG_HEAD:]]
    if kind == "gif":
        whole = bytearray(picture("gif"))
        struct.pack_into("<HH", whole, 6, width, height)
        return [bytes(whole)]
    if kind == "jpg":
        return [sof_patched(picture("jpg", progressive=progressive), width, height)
                for progressive in (False, True)]
    lossy, lossless, extended = (bytearray(made) for made in (
        picture("webp"), picture("webp", lossless=True), picture("webp", exif=exif())))
    assert (lossy[12:16], lossless[12:16], extended[12:16]) == (b"VP8 ", b"VP8L", b"VP8X")
    made = []
    if max(width, height) < 1 << 14:
        struct.pack_into("<HH", lossy, 26, width, height)
        struct.pack_into("<I", lossless, 21, (width - 1) | (height - 1) << 14)
        made = [bytes(lossy), bytes(lossless)]
    struct.pack_into("<I", extended, 24, width - 1)
    extended[27:30] = struct.pack("<I", height - 1)[:3]
    return made + [bytes(extended)]


def start_of_frame(data: bytes) -> int:
    """Where a JPEG's header of that name begins."""
    at = 2
    while data[at + 1] not in (0xC0, 0xC2):
        at += 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
    return at


def frame_header(data: bytes) -> bytes:
    at = start_of_frame(data)
    return data[at:at + 2 + struct.unpack(">H", data[at + 2:at + 4])[0]]


def sof_patched(data: bytes, width: int, height: int) -> bytes:
    at = start_of_frame(data)
    return data[:at + 5] + struct.pack(">HH", height, width) + data[at + 9:]
