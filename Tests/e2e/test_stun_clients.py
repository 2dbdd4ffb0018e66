"""STUN clients that others wrote: coturn's tools, aioice, pystun3, and a browser."""

import asyncio
import re
import socket
import subprocess
from typing import NamedTuple

import aioice
import aioice.stun
import pytest
import stun as pystun

from support import stun
from support.chromium import chromium
from support.ports import free_ports
from support.stun import Tcp, Udp
from support.stun_message import Address

# A page's own view of where it is reached: gathers candidates, then lets two peers talk to each
# other that know nothing but those which the server told.
GATHER = """
const [urls, done] = arguments;
const iceServers = urls.map(url => ({urls: url}));
const told = {candidates: [], errors: [], heard: null};
const peers = [0, 1].map(() => new RTCPeerConnection({iceServers}));
const reflexive = candidate => candidate.includes(" typ srflx ");
const complete = peer => new Promise(resolve => {
  peer.onicecandidate = event => {
    if (!event.candidate) resolve();
    // The second has no need of more than lets it connect.
    else if (peer === peers[0] && event.candidate.candidate) told.candidates.push(event.candidate.candidate);
  };
  peer.onicecandidateerror = event => told.errors.push(`${event.url}: ${event.errorText}`);
});
const onlyReflexive = description => ({type: description.type, sdp: description.sdp.split("\\r\\n")
  .filter(line => !line.startsWith("a=candidate:") || reflexive(line)).join("\\r\\n")});
async function run() {
  const channel = peers[0].createDataChannel("x");
  let gathered = complete(peers[0]);
  await peers[0].setLocalDescription();
  await gathered;
  if (!told.candidates.some(reflexive)) return;
  await peers[1].setRemoteDescription(onlyReflexive(peers[0].localDescription));
  gathered = complete(peers[1]);
  await peers[1].setLocalDescription();
  await gathered;
  const heard = new Promise(resolve => {
    peers[1].ondatachannel = event => { event.channel.onmessage = event => resolve(event.data); };
  });
  channel.onopen = () => channel.send("by way of what STUN told");
  await peers[0].setRemoteDescription(onlyReflexive(peers[1].localDescription));
  told.heard = await heard;
}
run().catch(error => told.errors.push(String(error))).finally(() => {
  for (const peer of peers) peer.close();
  done(told);
});
"""


class Places(NamedTuple):
    # Its HTTP.
    url: str
    # On every address of the machine.
    plain: int
    # The first two of the four addresses of RFC 5780.
    first: Address
    other: Address


@pytest.fixture(scope="module")
def places(new_server) -> Places:
    plain, = free_ports(1, ["0.0.0.0", *(["::"] if "::1" in stun.local_hosts() else [])])
    server = new_server("--stun", f":{plain}" if "::1" in stun.local_hosts() else f"0.0.0.0:{plain}")
    hosts = ("127.0.0.1", "127.0.0.2")
    first, other = zip(hosts, free_ports(2, hosts))
    new_server("--stun", stun.text(first), "--stun-other-address", stun.text(other))
    return Places(server.url, plain, first, other)


# coturn.

def run(tool: str, *args: str) -> str:
    done = subprocess.run([tool, *args], capture_output=True, timeout=60, check=False, text=True)
    assert done.returncode == 0, done
    return done.stdout + done.stderr


def seen(text: str) -> list[Address]:
    """What a tool says it was told of itself."""
    found = re.findall(r"UDP reflexive addr: (\S+):(\d+)$", text, re.MULTILINE)
    return [(host, int(port)) for host, port in found]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.7", "::1"])
def test_turnutils_stunclient(places, host):
    if not stun.can_bind(host):
        pytest.skip("this machine has no IPv6")
    said = run("turnutils_stunclient", "-p", str(places.plain), "-L", host, host)
    assert {told for told, _ in seen(said)} == {host}, said
    assert "RFC 5780" not in said


def test_turnutils_stunclient_finds_the_other_address(places):
    said = run("turnutils_stunclient", "-p", str(places.first[1]), places.first[0])
    assert said.count("RFC 5780 response") == 3, said
    assert "Other addr: : {}:{}".format(*places.other) in said
    # With both changed.
    assert "Response origin: : {}:{}".format(*places.other) in said
    assert {host for host, _ in seen(said)} == {"127.0.0.1"}


@pytest.mark.parametrize("options", [[], ["-P"]], ids=["short", "padded"])
def test_turnutils_natdiscovery_of_mapping_and_filtering(places, options):
    said = run("turnutils_natdiscovery", "-m", "-f", *options, "-p", str(places.first[1]),
               "-L", "127.0.0.1", places.first[0])
    assert said.count("RFC 5780 response") == 4, said
    assert "No NAT! (Endpoint Independent Mapping)" in said
    assert "NAT with Endpoint Independent Filtering!" in said
    for origin in (places.first, places.other, (places.other[0], places.first[1])):
        assert "Response origin: : {}:{}".format(*origin) in said, said
    assert {host for host, _ in seen(said)} == {"127.0.0.1"}


def test_turnutils_natdiscovery_of_lifetime_and_collision(places):
    common = ("-p", str(places.first[1]), "-L", "127.0.0.1", places.first[0])
    # The second question's answer goes to the first one's port.
    said = run("turnutils_natdiscovery", "-t", "-T", "1", *common)
    assert said.count("RFC 5780 response") == 2 and len(set(seen(said))) == 2, said
    said = run("turnutils_natdiscovery", "-c", "-A", "127.0.0.3", *common)
    assert {host for host, _ in seen(said)} == {"127.0.0.1", "127.0.0.3"}, said


# aioice.

@pytest.mark.parametrize("kind", [Udp, Tcp])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_aioice_reads_what_it_is_answered(places, kind, host):
    if not stun.can_bind(host):
        pytest.skip("this machine has no IPv6")
    question = aioice.stun.Message(aioice.stun.Method.BINDING, aioice.stun.Class.REQUEST)
    question.attributes["SOFTWARE"] = "aioice"
    question.add_fingerprint()
    with kind((host, places.plain)) as client:
        client.send(bytes(question))
        # It throws where a FINGERPRINT is wrong.
        answer = aioice.stun.parse_message(client.socket.recv(2048))
        assert answer.message_class == aioice.stun.Class.RESPONSE
        assert answer.transaction_id == question.transaction_id
        assert answer.attributes["XOR-MAPPED-ADDRESS"] == client.address
        assert answer.attributes["SOFTWARE"] == "havocctl" and "FINGERPRINT" in answer.attributes
        # Of ICE's attributes this one asks for more than a STUN server does.
        question = aioice.stun.Message(aioice.stun.Method.BINDING, aioice.stun.Class.REQUEST)
        question.attributes["PRIORITY"] = 1
        client.send(bytes(question))
        answer = aioice.stun.parse_message(client.socket.recv(2048))
        assert answer.message_class == aioice.stun.Class.ERROR
        assert answer.attributes["ERROR-CODE"] == (420, "Unknown Attribute")


def test_aioice_gathers_a_reflexive_candidate(places):
    if not any(":" not in host for host in stun.interface_hosts()):
        pytest.skip("this machine has no address but loopback's, which ICE leaves out")

    async def gather() -> list[aioice.Candidate]:
        connection = aioice.Connection(
            ice_controlling=True, stun_server=("127.0.0.1", places.plain), use_ipv6=False)
        try:
            await connection.gather_candidates()
            return connection.local_candidates
        finally:
            await connection.close()

    found = {kind: {(one.host, one.port) for one in candidates if one.type == kind}
             for candidates in [asyncio.run(gather())] for kind in ("host", "srflx")}
    # There is no NAT on the way.
    assert found["srflx"] and found["srflx"] == found["host"]


# pystun3, which speaks RFC 3489.

@pytest.mark.parametrize("source, kind", [("127.0.0.1", pystun.OpenInternet), ("0.0.0.0", pystun.FullCone)])
def test_pystun3_explores(places, source, kind):
    port, = free_ports(1, [source])
    assert pystun.get_ip_info(source, port, *places.first) == (kind, "127.0.0.1", port)


def test_pystun3_asks(places):
    pystun._initialize()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(stun.PATIENCE_SECONDS)
        client.bind(("127.0.0.9", 0))
        own = client.getsockname()
        plain = pystun.stun_test(client, "127.0.0.1", places.plain, *own)
        assert plain["Resp"] and (plain["ExternalIP"], plain["ExternalPort"]) == own
        assert plain["ChangedIP"] is None
        found = pystun.stun_test(client, *places.first, *own)
        assert (found["ExternalIP"], found["ExternalPort"]) == own
        assert (found["SourceIP"], found["SourcePort"]) == places.first
        assert (found["ChangedIP"], found["ChangedPort"]) == places.other


# Chromium.

@pytest.fixture(scope="module")
def browser():
    if not stun.interface_hosts():
        pytest.skip("this machine has no address but loopback's, which browsers leave out")
    with chromium() as driver:
        yield driver


def candidates(told: dict, kind: str) -> set[Address]:
    """Those of a kind, each `candidate:… COMPONENT udp PRIORITY HOST PORT typ KIND …`."""
    words = [one.split() for one in told["candidates"]]
    assert all(one[2] == "udp" for one in words if one[7] != "host"), told
    return {(one[4], int(one[5])) for one in words if one[7] == kind}


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_a_page_learns_where_it_is_reached(places, browser, host):
    if not any((":" in one) == (":" in host) for one in stun.interface_hosts()):
        pytest.skip("this machine has no address of this family but loopback's")
    # Any page may ask.
    browser.get(places.url + "/status/")
    before = stun.figures(places.url)
    told = browser.execute_async_script(GATHER, [f"stun:{host}:{places.plain}"])
    assert not told["errors"], told
    found = candidates(told, "srflx")
    assert {one for one, _ in found} == {host.strip("[]")}, told
    # The page's addresses are hidden from it, but not the ports: there is no NAT on the way.
    assert {port for _, port in found} <= {port for _, port in candidates(told, "host")}, told
    assert told["heard"] == "by way of what STUN told"
    after = stun.figures(places.url)
    assert after["answers"] > before["answers"] and after["ignored"] == before["ignored"]


def test_and_without_a_server_it_does_not(places, browser):
    browser.get(places.url + "/status/")
    told = browser.execute_async_script(GATHER, [])
    assert not candidates(told, "srflx") and told["heard"] is None, told
