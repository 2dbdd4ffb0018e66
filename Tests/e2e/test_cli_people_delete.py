"""havocctl conversation, tweet and stream: what they end and delete, and what the audit keeps."""

import pytest

from support.api import assert_detail
from support.cluster import contents, query
from support.community import CONVERSATIONS, START, conversation
from support.members import Member, join
from support.microblog import TWEETS, follow, timeline, tweet
from support.nouns import NOUNS, audited, listed, made, several, write
from support.program import rows
from support.terminal import Terminal


@pytest.fixture
def one(api) -> Member:
    return join(api, "one")


@pytest.fixture
def two(api) -> Member:
    return join(api, "two")


def without_audit(ctl) -> dict:
    """Every table but the record of what was done, and what servers note by themselves."""
    return {name: lines for name, lines in contents(ctl.database).items()
            if name not in ("public.audit", "public.server", "public.session", "public.credential")}


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("number", ["x", "", "1.5", "99999999999999999999", "' OR '1'='1"])
def test_what_is_no_id(ctl, noun, number):
    before = without_audit(ctl)
    ctl.fails((2, 3), noun, "show", number)
    ctl.fails((2, 3), noun, "delete", number, "--yes")
    ctl.fails(2, noun, "show")
    assert without_audit(ctl) == before


@pytest.mark.parametrize("noun", NOUNS)
def test_delete_asks(api, ctl, one, noun):
    first, second = several(api, noun, one, 2)
    ctl.fails(5, noun, "delete", first)
    ctl.ok(noun, "delete", first, "--dry-run")
    terminal = Terminal(ctl, noun, "delete", first)
    terminal.asks(r"\?|\[y/N\]")
    terminal.types("n")
    assert terminal.ends() == 5
    assert len(listed(ctl, noun, one)) == 2 and audited(ctl, f"{noun}-delete", first) == []
    [row] = rows(ctl.json(noun, "delete", first, "--yes"))
    assert row == {"id": first, "changed": True}
    assert [row["id"] for row in listed(ctl, noun, one)] == [second]
    ctl.fails(3, noun, "delete", first, "--yes")
    [record] = audited(ctl, f"{noun}-delete", first)
    assert record["actor"].startswith("cli:") and record["result"] == "done"


@pytest.mark.parametrize("noun", NOUNS)
def test_many_want_their_count(api, ctl, one, noun):
    ids = several(api, noun, one, 3)
    unknown = "00000000-0000-4000-8000-000000000000" if noun == "stream" else 999_999_999
    for answer in ([], ["--yes"], ["--confirm=2"]):
        ctl.fails(5, noun, "delete", *ids, *answer)
    ctl.fails(3, noun, "delete", *ids, unknown, "--confirm=4")
    assert len(listed(ctl, noun, one)) == 3
    found = rows(ctl.json(noun, "delete", "-", "--confirm=3", input="\n".join(map(str, ids))))
    assert sorted(row["id"] for row in found) == sorted(ids)
    assert all(row["changed"] is True for row in found) and listed(ctl, noun, one) == []


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "yaml", "plain", "table", "name"])
@pytest.mark.parametrize("noun", NOUNS)
def test_a_deletion_is_answered_in_every_format(ctl, one, two, noun, form):
    number = made(noun, one, two)
    assert str(number) in ctl.ok(noun, "delete", number, "--yes", "-o", form).stdout


def test_a_deleted_conversation_is_gone_for_both(ctl, database, one, two):
    number = conversation(one, two)
    write(database, number, (one, "Hello"))
    ctl.ok("conversation", "delete", number, "--yes")
    for member in (one, two):
        assert_detail(member.get(f"{CONVERSATIONS}{number}/"), 404)
        assert member.seen(CONVERSATIONS) == []
    assert query(database, "SELECT count(*) FROM message WHERE conversation = %s", number) == [(0,)]
    answer = two.post(START, {"username": one.name})
    assert answer.status_code == 201 and answer.json()["conversation_id"] != number


def test_a_deleted_tweet_is_gone_from_timelines(ctl, one, two):
    follow(two, one)
    kept, number = tweet(one)["id"], tweet(one)["id"]
    reply = tweet(two, "Yes", reply_to=number)["id"]
    ctl.ok("tweet", "delete", number, "--yes")
    assert timeline(two) == [reply, kept]
    assert two.seen(f"{TWEETS}{reply}/")["reply_to"] is None
    assert_detail(one.get(f"{TWEETS}{number}/"), 404)


def test_a_stream_ends(api, ctl, one):
    first, second, third = several(api, "stream", one, 3)
    ctl.fails(5, "stream", "end", first)
    assert rows(ctl.json("stream", "end", first, "--yes")) == [{"id": first, "changed": True}]
    assert rows(ctl.json("stream", "end", first, "--yes")) == [{"id": first, "changed": False}]
    assert sorted(row["id"] for row in listed(ctl, "stream", one)) == sorted([second, third])
    whole = {row["id"]: row["ended"] for row in listed(ctl, "stream", one, "--all", "--wide")}
    assert set(whole) == {first, second, third} and whole[first] and not whole[second]
    assert one.get("/stream/sessions/end/", params={"session_id": first}).status_code == 404
    ctl.fails(5, "stream", "end", second, third, "--yes")
    assert len(rows(ctl.json("stream", "end", second, third, "--confirm=2"))) == 2
    assert listed(ctl, "stream", one) == []
    assert all(len(audited(ctl, "stream-end", number)) == 1 for number in (first, second, third))


def test_help_lists_the_words_of_the_audit(ctl):
    text = ctl.ok("help", "audit", "list").stdout
    for what in ("conversation-read", "conversation-delete", "tweet-delete", "stream-end", "stream-delete"):
        assert what in text
