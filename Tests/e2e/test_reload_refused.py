"""A configuration with a mistake: refused at start, kept as it was at reload, and said in the same words."""

import os

import pytest

from support.configured import Configured
from support.home import AS_NOBODY
from support.program import Ctl, until
from support.wire import Wire, request

QUICKLY = 60

# name: (lines behind the good ones, what the message must name)
MISTAKES = {
    "an unknown setting": ("maxbody = 4K\n", ["there is no setting “maxbody”"]),
    "one that nothing resembles": ("qqqqqq = 1\n", ["there is no setting “qqqqqq”"]),
    "a number that is none": ("head-timeout = soon\n", ["head-timeout"]),
    "a size that is none": ("max-avatar = large\n", ["max-avatar"]),
    "a span that is negative": ("ping-interval = -1s\n", ["ping-interval"]),
    "a number too large": ("chat-rate = 99999999999999999999\n", ["chat-rate"]),
    "neither on nor off": ("dashboard = perhaps\n", ["dashboard"]),
    "a network that is none": ("metrics-allow = 10.0.0.0/33\n", ["metrics-allow"]),
    "a proxy that is none": ("trusted-proxies = proxy.example.org\n", ["trusted-proxies"]),
    "an address that is none": ("smtp-url = gopher://mail\n", ["smtp-url"]),
    "a level that is none": ("log-level = loud\n", ["log-level"]),
    "a setting given twice": ("max-avatar = 2M\nmax-avatar = 3M\n", ["max-avatar", "second time"]),
    "a line without an equals sign": ("max-avatar 2M\n", []),
    "a line without a name": ("= 2M\n", []),
    "a section": ("[server]\n", []),
    "a secret's file that is gone": ("smtp-password-file = /nowhere/secret\n", ["smtp-password", "/nowhere/secret"]),
    "a certificate without its key": ("tls-cert = /etc/ssl/cert.pem\n", ["tls-cert", "tls-key"])}

# Of these no line can be named.
NO_LINE = {"a secret's file that is gone", "a certificate without its key"}


@pytest.fixture(scope="module")
def configured(new_server) -> Configured:
    return new_server(kind=Configured)


@pytest.fixture
def server(configured):
    """One for all; each test gets it as it was at first."""
    yield configured
    configured.write()
    configured.takes()
    assert configured.status() == 200


def takes_five_thousand(server) -> bool:
    with Wire(server.address) as wire:
        wire.send(request("POST", "/user/login", b"", "Content-Type: application/json", "Content-Length: 5000",
                          "Expect: 100-continue"))
        return wire.response().status == 100


def break_off(server, text: str) -> None:
    """A good change, and a mistake behind it."""
    server.write(max_body="4K")
    server.write_text(server.path.read_text() + text)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake(server, program, name):
    text, words = MISTAKES[name]
    break_off(server, text)
    told = server.refuses()
    for word in words + [str(server.path)] * (name not in NO_LINE):
        assert word in told["cause"] + told.get("hint", ""), told
    assert takes_five_thousand(server), "half of it was taken"
    failed = Ctl(program, None).fails(
        (1, 2) if name in NO_LINE else 2, "serve", "--config", server.path, timeout=QUICKLY)
    assert told["cause"] in failed.stderr, f"{told}\n{failed}"
    assert told.get("hint", "") in failed.stderr


@pytest.mark.parametrize("place", [0, 3, 5])
def test_the_line_is_named(server, place):
    lines = server.path.read_text().splitlines(keepends=True)
    lines = ["# a comment\n", "\n", *lines]
    server.write_text("".join(lines[:place] + ["foo = 1\n"] + lines[place:]))
    assert server.refuses()["cause"] == f"{server.path}:{place + 1}: there is no setting “foo”"


def test_the_nearest_name_is_suggested(server):
    break_off(server, "max-bdy = 4K\n")
    assert "max-body" in server.refuses()["hint"]


@pytest.mark.parametrize("content", [
    b"docs = \xff\n", b"docs = on\0\n", b"\x7fELF\x02\x01\x01\0\0", b"\xff\xfed\0o\0c\0s\0"],
    ids=["not UTF-8", "NUL", "a program", "UTF-16"])
def test_a_file_that_is_no_text(server, program, content):
    server.write_text(server.path.read_bytes() + content)
    told = server.refuses()
    assert str(server.path) in told["cause"] + told.get("hint", "")
    Ctl(program, None).fails((1, 2), "serve", "--config", server.path, timeout=QUICKLY)


def test_a_file_that_is_gone(server):
    server.path.unlink()
    told = server.refuses()
    assert str(server.path) in told["cause"] and "No such file" in told["cause"]


def test_a_directory_in_its_place(server):
    server.path.unlink()
    server.path.mkdir()
    try:
        assert str(server.path) in server.refuses()["cause"]
    finally:
        server.path.rmdir()


def test_a_pipe_in_its_place(server):
    """Which nobody writes to: the server must not wait for it."""
    server.path.unlink()
    os.mkfifo(server.path)
    try:
        server.hang_up()
        for _ in range(5):
            assert server.status() == 200
        # Whoever waits for a writer gets one, and goes on.
        writer = os.open(server.path, os.O_RDWR | os.O_NONBLOCK)
        os.close(writer)
    finally:
        server.path.unlink()
    until(lambda: [line for line in server.lines() if str(server.path) in line.get("cause", "")], "it is refused")


def test_a_file_that_may_not_be_read(new_server):
    if os.geteuid() != 0:
        pytest.skip("needs root, to be somebody else")
    server = new_server(kind=Configured, prefix=AS_NOBODY)
    server.write(max_body="4K")
    server.path.chmod(0)
    told = server.refuses()
    assert str(server.path) in told["cause"] and "Permission denied" in told["cause"]
    assert takes_five_thousand(server)
    server.path.chmod(0o644)
    assert server.takes() == ["max-body"]


def test_a_long_file_is_no_mistake(server):
    server.write_text("# comment\n" * 100_000 + server.path.read_text())
    assert server.takes() == []


def test_an_empty_one_is_none_either(server):
    """All defaults: some of them want a restart, and the rest holds."""
    server.write_text("")
    told = server.reloaded()
    assert told[-1]["msg"] == "reloaded" and "attempt-limit" in told[-1]["changed"]


def test_one_mistake_after_the_other(server):
    for text in ("foo = 1\n", "max-body = x\n", "foo = 1\n"):
        break_off(server, text)
        server.refuses()
    server.write(max_body="4K")
    assert server.takes() == ["max-body"]
    assert not takes_five_thousand(server)


def test_the_figures_tell(server):
    def figure(name: str) -> float:
        lines = server.api.get("/metrics").text.splitlines()
        return float(next(line for line in lines if line.startswith(f"havocctl_config_last_reload_{name} ")).split()[1])
    server.takes()
    good = figure("success_timestamp_seconds")
    assert figure("successful") == 1
    break_off(server, "foo = 1\n")
    server.refuses()
    assert (figure("successful"), figure("success_timestamp_seconds")) == (0, good)
    server.write()
    server.takes()
    assert figure("successful") == 1 and figure("success_timestamp_seconds") >= good


def test_nothing_secret_is_said(server):
    """A value that is wrong may be a secret that slipped into the wrong line."""
    break_off(server, "smtp-password\n= canary-behind-the-sign\n")
    server.refuses()
    assert "canary-behind-the-sign" not in server.log()


def test_at_start_it_is_refused_before_anything_else(server, program):
    """The database isn't even asked."""
    break_off(server, "foo = 1\n")
    text = server.path.read_text().replace(server.base["database"], "postgresql://postgres@127.0.0.1:1/nowhere")
    server.write_text(text)
    failed = Ctl(program, None).fails(2, "serve", "--config", server.path, timeout=QUICKLY)
    assert "there is no setting “foo”" in failed.stderr
