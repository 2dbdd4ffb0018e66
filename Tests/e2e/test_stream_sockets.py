"""What goes over a stream's sockets: frames to the watchers, and words back to the publisher."""

import threading

import pytest
from websockets.exceptions import ConnectionClosed

from support.program import until
from support.schemes import SCHEMES, prove
from support.streams import (
    MIB, Stage, active, close_code, cut, frames, open_socket, received, row, shows, status_of,
    watch_path)


@pytest.fixture(scope="module")
def tokens(api, user, staff, admin) -> dict[str, str]:
    people = {"owner": user, "other": api.registered(), "staff": staff, "admin": admin}
    return {name: api.tokens(person)["access_token"] for name, person in people.items()}


@pytest.fixture
def stage(api, tokens):
    with Stage(api, tokens["owner"]) as made:
        yield made


@pytest.mark.parametrize("caller, status", [
    ("owner", 101), ("staff", 101), ("admin", 101), ("other", 403), (None, 401)])
def test_who_may_watch(api, tokens, stage, caller, status):
    path = watch_path(stage.id)
    assert status_of(api, path, tokens.get(caller)) == status
    stage.publish()
    assert status_of(api, path, tokens.get(caller)) == status


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme_opens_a_watcher(api, account, scheme):
    proof = prove(api, account, scheme)
    with Stage(api, api.tokens(account)["access_token"]) as stage:
        publisher = stage.publish()
        if scheme == "session_token":
            # For which there is no header.
            path, headers = f"{watch_path(stage.id)}?token={proof.body['session_token']}", {}
        else:
            path, headers = watch_path(stage.id), proof.headers
        with open_socket(api, path, headers=headers) as watcher:
            publisher.send("hello")
            assert watcher.recv(timeout=60) == "hello"


def test_a_browsers_watcher_brings_its_token_as_a_subprotocol(api, stage):
    word = f"token.{stage.token}"
    with open_socket(api, watch_path(stage.id), subprotocols=[word]) as watcher:
        assert watcher.subprotocol == word
    assert status_of(api, watch_path(stage.id), subprotocols=["token.none"]) == 401
    assert status_of(api, watch_path(stage.id) + "?token=none") == 401


def test_frames_reach_every_watcher_in_order_and_whole(stage, tokens):
    publisher = stage.publish()
    watchers = [stage.watch(tokens[name]) for name in ("owner", "owner", "staff", "admin")]
    for seed in range(5):
        sent = frames(seed)
        for frame in sent:
            publisher.send(frame)
        for watcher in watchers:
            assert received(watcher, len(sent)) == sent


def test_frames_of_the_largest_size(stage, ctl):
    publisher, watchers = stage.publish(), [stage.watch(), stage.watch()]
    sent = [bytes(range(256)) * 4096, "x" * (MIB - 4) + "😀"]
    for frame in sent * 4:
        publisher.send(frame)
        assert [watcher.recv(timeout=60) == frame for watcher in watchers] == [True, True]
    shows(ctl, stage.id, frames=8, bytes=8 * MIB, dropped=0)


@pytest.mark.parametrize("frame", [
    b"\0" * (MIB + 1), "x" * (MIB + 1), [b"\0" * MIB, b"\0"], ["x" * (MIB // 2)] * 3],
    ids=["binary", "text", "binary in parts", "text in parts"])
def test_a_larger_frame_is_1009_and_the_end(api, stage, frame):
    publisher, watcher = stage.publish(), stage.watch()
    publisher.send("before")
    try:
        publisher.send(frame)
    except ConnectionClosed:
        pass  # The server needn't read all of it to refuse it.
    assert close_code(publisher) == 1009
    assert received(watcher, 1) == ["before"]
    assert close_code(watcher) == 1000
    until(lambda: stage.id not in active(api, stage.token), "it is over")


@pytest.mark.parametrize("parts", [
    ["one", "", " and ", "the other"], [b"\0\1", b"", b"\2" * 70_000, b"\3"],
    [b"x" * 1024] * 1024, ["only"], [b""]], ids=["text", "binary", "a MiB", "one", "none"])
def test_fragments_are_put_together(stage, parts):
    publisher, watcher = stage.publish(), stage.watch()
    publisher.send(parts)
    publisher.send("and on")
    whole = type(parts[0])().join(parts)
    assert list(watcher.recv_streaming()) == [whole]
    assert watcher.recv(timeout=60) == "and on"


def test_a_ping_between_fragments(stage):
    publisher, watcher = stage.publish(), stage.watch()

    def parts():
        yield "before "
        assert publisher.ping().wait(60), "no pong"
        yield "and after"

    publisher.send(parts())
    assert watcher.recv(timeout=60) == "before and after"


def test_what_watchers_say_goes_back_to_the_publisher(stage, tokens):
    publisher = stage.publish()
    watchers = [stage.watch(tokens[name]) for name in ("owner", "staff", "admin")]
    for number in range(20):
        for name, watcher in zip("abc", watchers, strict=True):
            watcher.send(f"{name} {number} ä€😀")
    heard = received(publisher, 60)
    for name in "abc":
        assert [one for one in heard if one.startswith(name)] == [
            f"{name} {number} ä€😀" for number in range(20)]
    # It goes to nobody else.
    publisher.send("enough")
    assert [watcher.recv(timeout=60) for watcher in watchers] == ["enough"] * 3


def test_both_ways_at_once(stage):
    publisher, watcher = stage.publish(), stage.watch()

    def answer() -> None:
        for question in received(watcher, 60):
            watcher.send(f"re: {question}")

    answering = threading.Thread(target=answer)
    answering.start()
    for number in range(60):
        publisher.send(str(number))
    assert received(publisher, 60) == [f"re: {number}" for number in range(60)]
    answering.join()


def test_a_watcher_hears_all_that_is_published_after_its_handshake(api, tokens):
    for number in range(200):
        with Stage(api, tokens["owner"]) as stage:
            publisher, watcher = stage.publish(), stage.watch()
            publisher.send("first")
            publisher.send("second")
            assert watcher.recv(timeout=60) == "first", f"of {number + 1} watchers the last"


def test_a_watchers_binary_frame_is_1003_for_it_alone(stage):
    publisher, silly, sane = stage.publish(), stage.watch(), stage.watch()
    silly.send("first words")
    silly.send(b"then bytes")
    assert close_code(silly) == 1003
    sane.send("words")
    assert sorted(received(publisher, 2)) == ["first words", "words"]
    publisher.send("on we go")
    assert sane.recv(timeout=60) == "on we go"


def test_early_and_late_watchers(stage, ctl):
    early = stage.watch()
    shows(ctl, stage.id, watchers=1)
    publisher = stage.publish()
    publisher.send("one")
    assert early.recv(timeout=60) == "one"
    late = stage.watch()
    publisher.send("two")
    assert [early.recv(timeout=60), late.recv(timeout=60)] == ["two", "two"]
    early.close()
    publisher.send("three")
    assert late.recv(timeout=60) == "three"
    latest = stage.watch()
    publisher.send("four")
    assert [late.recv(timeout=60), latest.recv(timeout=60)] == ["four", "four"]
    shows(ctl, stage.id, frames=4, bytes=15, watchers=2, dropped=0)


@pytest.mark.parametrize("how", ["close", "cut"])
def test_a_watcher_that_leaves_is_missed_by_nobody(stage, ctl, how):
    publisher, leaving, staying = stage.publish(), stage.watch(), stage.watch()
    shows(ctl, stage.id, watchers=2)
    leaving.close() if how == "close" else cut(leaving)
    for number in range(10):
        publisher.send(str(number))
    assert received(staying, 10) == [str(number) for number in range(10)]
    shows(ctl, stage.id, watchers=1, dropped=0)


def test_a_watcher_that_sleeps_loses_frames_and_holds_nobody_up(stage, ctl, tokens):
    publisher, awake, asleep = stage.publish(), stage.watch(), stage.sleeper(tokens["staff"])
    count = 64
    sent = [number.to_bytes(4, "big") * (MIB // 4) for number in range(count)]
    for frame in sent:
        # At the pace of whoever listens, and of nobody else.
        publisher.send(frame)
        assert awake.recv(timeout=60) == frame
    publisher.send("end")
    assert awake.recv(timeout=60) == "end"
    shows(ctl, stage.id, frames=count + 1, bytes=count * MIB + 3)
    heard = []
    while (frame := asleep.recv(timeout=60)) != "end":
        assert frame == frame[:4] * (MIB // 4), "a frame is mixed up"
        heard.append(int.from_bytes(frame[:4], "big"))
    assert heard == sorted(set(heard)), "out of order"
    assert heard[-1] == count - 1, "the newest ones were lost, not the oldest"
    lost = count - len(heard)
    assert lost >= count // 2, "far more than 4 MiB waited"
    shows(ctl, stage.id, dropped=lost, watchers=2)
    # And it is all ears again.
    publisher.send("awake?")
    assert asleep.recv(timeout=60) == "awake?"
    assert row(ctl, stage.id)["dropped"] == lost


def test_a_sleeper_doesn_t_keep_a_stream_alive(api, stage, tokens):
    publisher, asleep, awake = stage.publish(), stage.sleeper(), stage.watch(tokens["admin"])
    for number in range(24):
        publisher.send(bytes([number]) * MIB)
        assert awake.recv(timeout=60) == bytes([number]) * MIB
    publisher.close()
    assert close_code(awake) == 1000
    until(lambda: stage.id not in active(api, stage.token), "it is over")
    assert close_code(asleep) in (1000, 1006)


def test_many_streams_don_t_mix(api, account):
    token = api.tokens(account)["access_token"]
    stages = [Stage(api, token) for _ in range(8)]
    try:
        pairs = [(stage.publish(), stage.watch()) for stage in stages]
        for number, (publisher, _) in enumerate(pairs):
            for turn in range(20):
                publisher.send(f"{number}.{turn}")
        for number, (publisher, watcher) in enumerate(pairs):
            assert received(watcher, 20) == [f"{number}.{turn}" for turn in range(20)]
            watcher.send(f"thanks {number}")
            assert publisher.recv(timeout=60) == f"thanks {number}"
    finally:
        for stage in stages:
            stage.__exit__()
