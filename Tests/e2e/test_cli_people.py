"""havocctl conversation, tweet and stream: what they list and show."""

import json

import pytest

from support import formats
from support.community import CONVERSATIONS, conversation
from support.members import Member, join
from support.microblog import TWEETS, tweet
from support.nouns import AWKWARD, COLUMNS, NOUNS, WIDE, audited, listed, made, several, write


@pytest.fixture
def one(api) -> Member:
    return join(api, "one")


@pytest.fixture
def two(api) -> Member:
    return join(api, "two")


def test_conversations(ctl, database, one, two):
    number = conversation(one, two)
    [row] = listed(ctl, "conversation", one)
    assert list(row) == COLUMNS["conversation"]
    assert (row["id"], row["initiator"], row["receiver"], row["messages"]) == (
        number, one.name, two.name, 0)
    write(database, number, (one, "Hello"), (two, AWKWARD))
    [row] = listed(ctl, "conversation", two, "--wide")
    assert list(row) == COLUMNS["conversation"] + WIDE["conversation"]
    assert row["messages"] == 2
    assert AWKWARD not in row.values() or audited(ctl, "conversation-read", number)


def test_tweets(ctl, one, two):
    first = tweet(one, "é" * 10)["id"]
    second = tweet(two, AWKWARD, reply_to=first)["id"]
    assert two.put(f"{TWEETS}like/{first}/").status_code == 200
    [row] = listed(ctl, "tweet", one)
    assert list(row) == COLUMNS["tweet"]
    assert (row["id"], row["username"], row["size"], row["likes"], row["replies"]) == (
        first, one.name, 10, 1, 1)
    [row] = listed(ctl, "tweet", two, "--wide")
    assert list(row) == COLUMNS["tweet"] + WIDE["tweet"]
    assert (row["content"], row["reply_to"], row["id"]) == (AWKWARD, first, second)


def test_streams(ctl, one, two):
    number = made("stream", one, two)
    [row] = listed(ctl, "stream", one)
    assert list(row) == COLUMNS["stream"]
    assert (row["id"], row["username"]) == (number, one.name)
    assert (row["watchers"], row["frames"], row["bytes"], row["dropped"]) == (0, 0, 0, 0)
    assert list(listed(ctl, "stream", one, "--wide")[0]) == COLUMNS["stream"] + WIDE["stream"]


@pytest.mark.parametrize("noun", NOUNS)
def test_only_those_of_one_user(api, ctl, one, two, noun):
    mine, theirs = several(api, noun, one, 2), several(api, noun, two, 2)
    assert sorted(row["id"] for row in listed(ctl, noun, one)) == sorted(mine)
    by_id = ctl.json(noun, "list", "--user", two.id)
    assert sorted(row["id"] for row in by_id) == sorted(theirs)
    everybody = [row["id"] for row in ctl.json(noun, "list")]
    assert set(mine + theirs) <= set(everybody)
    ctl.fails(3, noun, "list", "--user", "nobody-of-this-name")


@pytest.mark.parametrize("noun", NOUNS)
def test_every_format(api, ctl, one, noun):
    several(api, noun, one, 3)
    expected = listed(ctl, noun, one)

    def text(form: str) -> str:
        return ctl.ok(noun, "list", "--user", one.name, "-o", form).stdout

    ids = [str(row["id"]) for row in expected]
    assert len(ids) == 3
    assert formats.read_jsonl(text("jsonl")) == expected
    assert [row["id"] for row in formats.read_csv(text("csv"))] == ids
    assert [list(row) for row in formats.read_csv(text("csv"))] == [COLUMNS[noun]] * 3
    assert [str(row["id"]) for row in formats.read_yaml(text("yaml"))] == ids
    assert [row[0] for row in formats.read_plain(text("plain"))] == ids
    assert text("name").splitlines() == ids
    header, lines = formats.read_table(text("table"))
    assert len(lines) == 3 and [word.lower() for word in header] == COLUMNS[noun]
    assert text("table") == ctl.ok(noun, "list", "--user", one.name).stdout


@pytest.mark.parametrize("noun", NOUNS)
def test_the_options_of_every_list(api, ctl, one, noun):
    ids = several(api, noun, one, 3)
    found = listed(ctl, noun, one, "--sort", "id", "--limit", 2)
    assert [row["id"] for row in found] == sorted(ids)[:2]
    found = listed(ctl, noun, one, "--sort=-id", "--columns", "id")
    assert found == [{"id": number} for number in sorted(ids, reverse=True)]
    ctl.fails(2, noun, "list", "--columns", "colour")
    ctl.fails(2, noun, "list", "--where", "colour=red")


@pytest.mark.parametrize("noun, column", [
    (noun, column) for noun in NOUNS for column in COLUMNS[noun] + WIDE[noun]])
def test_every_column_sorts_and_filters(api, database, ctl, one, noun, column):
    ids = several(api, noun, one, 2)
    if noun == "conversation":
        write(database, ids[0], (one, "Hello"))
    if noun == "tweet":
        tweet(one, "A reply", reply_to=ids[0])
    whole = listed(ctl, noun, one, "--wide", "--sort", f"{column},id")
    assert set(ids) <= {row["id"] for row in whole}
    for row in whole:
        if row[column] is None:
            continue
        value = json.dumps(row[column]) if isinstance(row[column], bool) else row[column]
        found = listed(ctl, noun, one, "--wide", "--where", f"{column}={value}")
        assert row in found and {json.dumps(same[column]) for same in found} == {
            json.dumps(row[column])}
        others = listed(ctl, noun, one, "--wide", "--where", f"{column}!={value}")
        assert row not in others


# One of them

def test_a_conversation_is_shown_with_its_messages(ctl, database, one, two):
    number = conversation(one, two)
    assert ctl.json("conversation", "show", number) == []
    ids = write(database, number, (one, "Hello"), (two, AWKWARD), (one, "line\nfeed"))
    found = ctl.json("conversation", "show", number)
    assert all(list(row) == ["id", "sender", "message", "timestamp"] for row in found)
    assert [(row["id"], row["sender"], row["message"]) for row in found] == [
        (ids[0], one.name, "Hello"), (ids[1], two.name, AWKWARD), (ids[2], one.name, "line\nfeed")]
    records = audited(ctl, "conversation-read", number)
    assert len(records) == 2 and all(row["actor"].startswith("cli:") for row in records)
    assert "Hello" not in json.dumps(records)


def test_reading_it_leaves_its_two_people_none_the_wiser(ctl, database, one, two):
    number = conversation(one, two)
    write(database, number, (one, "Hello"))
    before = one.seen(CONVERSATIONS)
    ctl.ok("conversation", "show", number)
    assert one.seen(CONVERSATIONS) == before


@pytest.mark.parametrize("noun", ["tweet", "stream"])
def test_one_is_an_object(ctl, one, two, noun):
    number = made(noun, one, two)
    found = ctl.json(noun, "show", number)
    assert isinstance(found, dict) and found["id"] == number and found["username"] == one.name
    if noun == "tweet":
        assert ctl.json(noun, "show", number, "--wide")["content"] == AWKWARD
    assert ctl.ok(noun, "show", number, "-o", "name").stdout.strip() == str(number)


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("number", ["999999999", "00000000-0000-4000-8000-000000000000"])
def test_what_is_not_there(ctl, noun, number):
    if (noun == "stream") != ("-" in number):
        ctl.fails((2, 3), noun, "show", number)
    else:
        ctl.fails(3, noun, "show", number)
        ctl.fails(3, noun, "delete", number, "--yes")
