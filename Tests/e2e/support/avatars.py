"""Avatars as a client uploads them."""

import re

from support.api import assert_field_error
from support.community import UPDATE, person
from support.members import Member

UPLOADED = re.compile(r"/media/avatars/[0-9a-f]{32}\.(png|jpg|gif|webp)")


def upload(member: Member, data: bytes, name: str = "x.png", kind: str | None = None):
    """`kind` is the media type that the client claims."""
    part = (name, data) if kind is None else (name, data, kind)
    return member.call("POST", UPDATE, files={"avatar": part})


def uploaded(member: Member, data: bytes, *claims: str) -> str:
    """Uploads it; gives its address, where it must be served unchanged."""
    answer = upload(member, data, *claims)
    assert answer.status_code == 200, answer.text
    path = answer.json()["avatar"]
    assert UPLOADED.fullmatch(path) and person(member)["avatar"] == path
    assert member.api.get(path).content == data
    return path


def assert_refused(member: Member, data: bytes, *claims: str) -> None:
    before = person(member)
    assert_field_error(upload(member, data, *claims), 400, "avatar")
    assert person(member) == before
