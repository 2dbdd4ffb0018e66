"""`havocctl doctor`: what it asks of a STUN server, and what it makes of the answers."""

import socket
import threading

import pytest

from support import stun
from support.ports import free_port, free_ports
from support.program import Ctl, until
from support.stun_message import ERROR, SUCCESS, XOR_MAPPED_ADDRESS, Address, attribute, message, signed

KEYS = {"check", "result", "detail", "hint"}


@pytest.fixture(scope="module")
def place(new_server) -> Address:
    place = ("127.0.0.1", free_ports()[0])
    new_server("--stun", stun.text(place))
    return place


@pytest.fixture
def away() -> Address:
    """Where nobody is."""
    return "127.0.0.1", free_ports()[0]


@pytest.fixture
def doctor(ctl):
    def run(listen: str, status: int = 0, on: Ctl = ctl) -> dict[str, dict]:
        """Its findings by their names."""
        result = on.run("-o", "json", "doctor", env={"HAVOCCTL_STUN": listen})
        assert result.status == status, str(result)
        findings = result.json()
        assert all(set(one) == KEYS and one["result"] in ("ok", "warning", "failed") for one in findings)
        assert all((one["hint"] is None) == (one["result"] == "ok") for one in findings), findings
        assert status == any(one["result"] == "failed" for one in findings), findings
        found = {one["check"]: one for one in findings}
        assert len(found) == len(findings) and {"clock", "servers"} < set(found)
        return found
    return run


def results(found: dict[str, dict]) -> dict[str, str]:
    """Of the checks of STUN alone."""
    return {name: one["result"] for name, one in found.items() if name.startswith("stun")}


def test_a_server_that_answers(doctor, place):
    found = doctor(stun.text(place))
    assert results(found) == {f"stun {stun.text(place)}": "ok"}
    assert found["servers"]["result"] == found["clock"]["result"] == "ok"


def test_the_server_counts_the_question(doctor, new_server):
    place = ("127.0.0.1", free_ports()[0])
    server = new_server("--stun", stun.text(place))
    doctor(stun.text(place))
    until(lambda: (now := stun.figures(server.url))["requests"] == now["answers"] >= 1 and not now["bad_requests"],
          "it is answered")


def test_off(doctor):
    found = doctor("off")
    assert results(found) == {"stun": "ok"} and found["stun"]["detail"] == "off"


def test_nobody_there(doctor, away):
    found = doctor(stun.text(away), status=1)
    name = f"stun {stun.text(away)}"
    assert results(found) == {name: "failed"}
    assert found[name]["detail"] and "havocctl serve" in found[name]["hint"]


def test_each_of_several_is_asked(doctor, place, away):
    found = doctor(f"{stun.text(away)}, {stun.text(place)}", status=1)
    assert results(found) == {f"stun {stun.text(away)}": "failed", f"stun {stun.text(place)}": "ok"}


@pytest.mark.parametrize("listen", ["0.0.0.0:{}", "[::]:{}", ":{}", "localhost:{}", "[::1]:{}"])
def test_however_the_server_listens(doctor, new_server, listen):
    """Where it listens on all addresses it is asked on one of them."""
    hosts = ["0.0.0.0", "::"] if "::1" in stun.local_hosts() else ["0.0.0.0"]
    if listen.startswith("[") and len(hosts) == 1:
        pytest.skip("this machine has no IPv6")
    listen = listen.format(*free_ports(1, hosts))
    server = new_server("--stun", listen)
    assert results(doctor(listen)) == {f"stun {listen}": "ok"}
    server.stop()
    assert results(doctor(listen, status=1)) == {f"stun {listen}": "failed"}


@pytest.mark.parametrize(
    "listen", ["127.0.0.1", "127.0.0.1:", "127.0.0.1:abc", "127.0.0.1:99999", "127.0.0.1:0"])
def test_what_is_no_address(doctor, listen):
    assert results(doctor(listen, status=1)) == {f"stun {listen}": "failed"}


def test_the_option_and_the_table(ctl, place, away):
    good = ctl.ok("doctor", "--stun", stun.text(place))
    assert all(word in good.stdout for word in ("check", "result", "detail", "hint", stun.text(place)))
    assert "failed" not in good.stdout and good.stderr == ""
    bad = ctl.run("doctor", "--stun", stun.text(away))
    assert bad.status == 1 and "failed" in bad.stdout and stun.text(away) in bad.stdout


def test_a_database_without_a_server(doctor, program, new_database):
    """Which isn't a failure by itself: it may be about to start."""
    found = doctor("off", on=Ctl(program, new_database()))
    assert found["servers"]["result"] == "warning" and found["servers"]["hint"] == "havocctl serve"


def test_an_absent_database(program):
    away = Ctl(program, f"postgresql://postgres@127.0.0.1:{free_port()}/x", HAVOCCTL_STUN="off")
    found = away.run("-o", "json", "doctor")
    assert found.status == 1
    assert {row["check"]: row["result"] for row in found.json()}["database"] == "failed"


# What others might answer.

MAPPED = attribute(XOR_MAPPED_ADDRESS, bytes.fromhex("0001") + bytes(6))


def good(asked: bytes) -> bytes:
    return message(MAPPED, kind=SUCCESS, transaction=asked[4:20])


WRONG = {
    "another's answer": lambda asked: message(MAPPED, kind=SUCCESS),
    "an error": lambda asked: message(MAPPED, kind=ERROR, transaction=asked[4:20]),
    "no address": lambda asked: message(kind=SUCCESS, transaction=asked[4:20]),
    "a short address": lambda asked: message(
        attribute(XOR_MAPPED_ADDRESS, b"\0\1\0\0"), kind=SUCCESS, transaction=asked[4:20]),
    "an address of no family": lambda asked: message(
        attribute(XOR_MAPPED_ADDRESS, b"\0\3" + bytes(6)), kind=SUCCESS, transaction=asked[4:20]),
    "its question": lambda asked: asked,
    "half an answer": lambda asked: good(asked)[:-1],
    "an attribute that is too long": lambda asked: message(
        b"\x80\0\xff\xff", kind=SUCCESS, transaction=asked[4:20]),
    "something else": lambda asked: b"HTTP/1.1 200 OK\r\n\r\n",
    "nothing in it": lambda asked: b""}


class Impostor:
    """Answers each datagram with what it is told to; None for nothing."""

    def __init__(self, *answers):
        self.answers = answers
        self.asked: list[bytes] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.place = stun.text(self.socket.getsockname())
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self) -> "Impostor":
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        # An empty datagram ends it.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()

    def run(self) -> None:
        while True:
            data, sender = self.socket.recvfrom(2048)
            if not data:
                return
            answer = self.answers[min(len(self.asked), len(self.answers) - 1)]
            self.asked.append(data)
            if answer:
                self.socket.sendto(answer(data), sender)


@pytest.mark.parametrize("answer", WRONG.values(), ids=WRONG)
def test_a_wrong_answer_is_none(doctor, answer):
    with Impostor(answer) as impostor:
        found = doctor(impostor.place, status=1)
    assert results(found) == {f"stun {impostor.place}": "failed"}
    assert len(impostor.asked) > 1


@pytest.mark.parametrize("answers", [[good], [None, good], [WRONG["something else"], None, good]],
                         ids=["at once", "a lost question", "twice in vain"])
def test_it_asks_again(doctor, answers):
    with Impostor(*answers) as impostor:
        found = doctor(impostor.place)
    assert results(found) == {f"stun {impostor.place}": "ok"}
    # A slow answer is asked for once more.
    assert len(impostor.asked) >= len(answers)
    # Each is a good question, with a FINGERPRINT, and like no other.
    assert len({data[4:20] for data in impostor.asked}) == len(impostor.asked)
    assert all(data == signed(data[:20]) for data in impostor.asked)
