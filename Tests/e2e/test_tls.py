"""HTTPS: what a client is shown, which versions it may speak, and that nothing else differs from HTTP."""

import json
import socket
import ssl
from dataclasses import replace

import pytest
import requests
from cryptography.hazmat.primitives.serialization import PrivateFormat

from support import secrets, stun
from support.api import create_account
from support.browser import keep_all, set_cookies
from support.certificates import KINDS, key_text, pem
from support.integers import join, units, units_text
from support.ports import free_ports
from support.program import SCRATCH
from support.sclient import said
from support.stun import can_bind
from support.tls import Door, TLSWire, greeted, serial, trusting
from support.wire import UnixWire, assert_kept_alive, request

V1_0, V1_1, V1_2, V1_3 = (ssl.TLSVersion[name] for name in ("TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3"))
HSTS = "Strict-Transport-Security"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key(new_secure, certificates, kind):
    server = new_secure(pair=certificates.pair(kind))
    for version in (V1_2, V1_3):
        with greeted(Door(server.address, trusting(certificates.trust, version))) as connection:
            assert connection.version() == version.name.replace("_", ".")


def in_one_file(pair, file):
    both = file(key_text(pair.private) + pem(*pair.chain))
    return both, both


def with_remarks(pair, file):
    """As `openssl x509 -text` writes it, on a machine that ends lines otherwise, without the last end."""
    text = b"Certificate:\n    Data:\n" + pem(pair.leaf) + b"\nbelow it:\n" + pem(pair.chain[1])
    key = b"Bag Attributes\n" + key_text(pair.private)
    return [file(one.strip().replace(b"\n", b"\r\n")) for one in (text, key)]


def in_the_older_form(pair, file):
    """As `openssl ecparam -genkey` writes a key."""
    parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    return pair.certificate, file(parameters + key_text(pair.private, PrivateFormat.TraditionalOpenSSL))


@pytest.mark.parametrize("made", [in_one_file, with_remarks, in_the_older_form])
def test_every_way_to_write_the_files(new_secure, certificates, made):
    pair = certificates.pair()
    certificate, key = made(pair, certificates.file)
    assert serial(new_secure(pair=replace(pair, certificate=certificate, key=key)).door) == pair.serial


def test_the_chain_is_sent_whole(new_secure, certificates):
    pair = certificates.pair()
    whole = certificates.written(pair.private, *pair.chain, certificates.root.certificate)
    server = new_secure(pair=whole)
    shown = said(server.address, "-showcerts", wanted="Verify return code")
    assert [shown.index(pem(one).decode().strip()) for one in whole.chain] == sorted(
        shown.index(pem(one).decode().strip()) for one in whole.chain)
    assert shown.count("BEGIN CERTIFICATE") == 3


def test_who_doesn_t_trust_it_hears_so(secure):
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(secure.url + "/status/", timeout=30, verify=requests.certs.where())
    assert secure.status() == 200


@pytest.mark.parametrize("version", [V1_2, V1_3])
def test_versions_that_are_spoken(secure, certificates, version):
    with TLSWire(Door(secure.address, trusting(certificates.trust, version))) as wire:
        assert wire.socket.version() == version.name.replace("_", ".")
        wire.send(request("GET", "/status/"))
        assert wire.response().status == 200


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version", [V1_0, V1_1])
def test_versions_that_aren_t(secure, certificates, version):
    context = trusting(certificates.trust, version)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):
        greeted(Door(secure.address, context))


@pytest.mark.parametrize("ciphers", ["eNULL", "aNULL", "3DES:RC4:MD5:EXPORT:@SECLEVEL=0"])
def test_ciphers_that_aren_t(secure, certificates, ciphers):
    context = trusting(certificates.trust, V1_2)
    try:
        context.set_ciphers(ciphers + ":@SECLEVEL=0")
    except ssl.SSLError:
        pytest.skip("this client has none of them")
    with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
        greeted(Door(secure.address, context))


def test_renegotiation_is_refused(secure):
    said_then = said(secure.address, "-tls1_2", typed="R", wanted="no renegotiation")
    assert "RENEGOTIATING" in said_then and "no renegotiation" in said_then, said_then[-500:]
    assert secure.status() == 200


def test_nothing_is_taken_before_the_handshake_is_over(secure):
    """What comes so early, anybody could send again."""
    offered = "Max Early Data: 0"
    assert offered in said(secure.address, "-tls1_3", typed="GET /status/ HTTP/1.0\r\n\r\n", wanted=offered)


@pytest.mark.parametrize("offered", [["http/1.1"], ["h2", "http/1.1"]])
def test_it_speaks_http_1_1_to_who_offers_more(secure, certificates, offered):
    context = trusting(certificates.trust)
    context.set_alpn_protocols(offered)
    with TLSWire(Door(secure.address, context)) as wire:
        assert wire.socket.selected_alpn_protocol() in ("http/1.1", None)
        wire.send(request("GET", "/status/"))
        assert wire.response().status == 200


@pytest.mark.parametrize("name", ["localhost", "nobody.example.org", None])
def test_whatever_name_is_asked_for(secure, certificates, name):
    context = trusting(certificates.trust)
    context.check_hostname = False
    with socket.create_connection(secure.address, 30) as plain, \
            context.wrap_socket(plain, server_hostname=name) as connection:
        assert connection.getpeercert()


@pytest.mark.parametrize("version", [V1_2, V1_3])
def test_who_comes_again(secure, certificates, version):
    """With the session of an earlier connection."""
    door = Door(secure.address, trusting(certificates.trust, version))
    with TLSWire(door) as wire:
        wire.send(request("GET", "/status/"))
        assert wire.response().status == 200
        session = wire.socket.session
    with greeted(door, session=session) as again:
        again.sendall(request("GET", "/nothing/", b"", "Connection: close"))
        assert again.recv(100).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/status/", 200), ("GET", "/nothing/", 404), ("GET", "/exercises/list/", 401), ("POST", "/user/login", 400),
    ("GET", "/docs/", 200), ("GET", "/admin/sign-in/", 200), ("TRACE", "/status/", 405)])
def test_answers_say_to_come_by_tls_alone(secure, server, method, path, status):
    answer = secure.api.call(method, path)
    assert answer.status_code == status
    said_so = answer.headers[HSTS].replace(" ", "").split(";")
    assert int(dict(word.partition("=")[::2] for word in said_so)["max-age"]) >= 15_552_000
    plain = requests.request(method, server.url + path, timeout=30)
    assert plain.status_code == status and HSTS not in plain.headers


def test_cookies_are_secure(secure, server, ctl):
    account = create_account(ctl, 1)
    for given, is_secure in ((secure.api.login(account), True), (requests.post(server.url + "/api/auth/login/", json={
            "username": account.username, "password": account.password}, timeout=30), False)):
        assert given.status_code == 200
        assert {name: bool(morsel["secure"]) for name, morsel in set_cookies(given).items()} == \
            {"sessionid": is_secure, "csrftoken": is_secure}


@pytest.mark.parametrize("referer, status", [
    ("{}/page", 200), ("http://127.0.0.1/", 403), ("https://evil.example/", 403), (None, 403)])
def test_a_change_by_cookie_wants_a_referer_of_its_own(secure, ctl, referer, status):
    signed_in = set_cookies(secure.api.login(create_account(ctl, 1)))
    cookies = {name: secrets.keep(morsel.value) for name, morsel in signed_in.items()}
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
               "X-CSRFToken": cookies["csrftoken"]}
    if referer:
        headers["Referer"] = referer.format(secure.url)
    answer = secure.api.post("/api/jwt/", {}, headers=headers)
    keep_all(answer.json())
    assert answer.status_code == status, answer.text


def test_keep_alive_and_pipelining(secure):
    with TLSWire(secure.door) as wire:
        assert_kept_alive(wire)


def test_the_end_of_a_connection_can_be_told_from_its_loss(secure):
    """An answer without an end of TLS might have been cut off by somebody between."""
    with greeted(secure.door, suppress_ragged_eofs=False) as connection:
        connection.sendall(request("GET", "/status/", b"", "Connection: close"))
        while connection.recv(65536):
            pass


def test_a_byte_in_each_record(secure):
    with TLSWire(secure.door) as wire:
        for byte in request("GET", "/nothing/"):
            wire.send(bytes([byte]))
        assert wire.response().status == 404


def test_bodies_of_several_mebibytes(secure):
    owner = join(secure.api)
    text = units_text(150_000)
    assert len(text) > 4 << 20
    owner.made(owner.post_text(text, set_id="big"))
    assert owner.integers("big") == json.loads(text)


def test_a_body_over_the_limit(secure):
    with TLSWire(secure.door) as wire:
        wire.send(request("POST", "/api/auth/login/", b"", "Content-Type: application/json",
                          f"Content-Length: {1 << 21}"))
        assert wire.response().status == 413


def test_many_at_once(secure):
    """All greet before anybody asks, and ask before anybody reads."""
    wires = [TLSWire(secure.door) for _ in range(100)]
    for number, wire in enumerate(wires):
        wire.send(request("GET", "/status/" if number % 2 else "/nothing/"))
    assert [wire.response().status for wire in wires] == [404, 200] * 50
    for wire in wires:
        wire.socket.close()


def test_a_unix_socket_beside_it_stays_plain(new_secure):
    path = f"{SCRATCH.name}/beside.sock"
    server = new_secure(also=f"unix:{path}")
    with UnixWire(path) as wire:
        wire.send(request("GET", "/status/"))
        answer = wire.response()
    assert answer.status == 200 and HSTS.lower() not in answer.headers
    assert server.status() == 200


def test_every_tcp_address_has_it(new_secure, certificates):
    if not can_bind("::1"):
        pytest.skip("this machine has no IPv6")
    port, = free_ports(1, ["::1"])
    server = new_secure(also=f"[::1]:{port}", pair=certificates.pair(names=("127.0.0.1", "::1")))
    assert server.status() == 200
    assert requests.get(f"https://[::1]:{port}/status/", timeout=30, verify=str(certificates.trust)).status_code == 200


def test_stun_goes_on_as_it_was(new_secure):
    place = ("127.0.0.1", free_ports()[0])
    server = new_secure(HAVOCCTL_STUN=stun.text(place))
    stun.assert_served(place)
    assert server.status() == 200


def test_sets_are_what_they_are_without_it(secure, server, ctl):
    """The same account by either way."""
    owner = join(secure.api)
    owner.keep("one", units(3))
    plain = requests.get(server.url + "/integers/set/", params={"set_id": "one"}, headers=owner.headers, timeout=30)
    assert plain.json()["integers"] == units(3) == owner.integers("one")
