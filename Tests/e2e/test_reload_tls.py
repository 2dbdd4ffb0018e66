"""SIGHUP after a certificate was renewed: new connections see the new one, and those that are open go on."""

import shutil
import socket
import ssl

import pytest

from support.api import create_account
from support.certificates import key_text
from support.community import PEOPLE
from support.configured import RESTART, Configured, TLSConfigured
from support.members import crowd, join
from support.sockets import Chat
from support.tls import Door, TLSStage, TLSWire, greeted, serial, serial_of, talk_over, trusting
from support.wire import request


@pytest.fixture
def pair(certificates):
    """The files that the server reads, which tests write anew."""
    return certificates.pair()


@pytest.fixture
def server(new_server, certificates, pair) -> TLSConfigured:
    started = new_server(kind=TLSConfigured, trust=certificates.trust, settings=pair.settings)
    yield started
    started.stop()


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_new_connections_see_the_new_one(server, certificates, pair, kind):
    assert serial(server.door) == pair.serial
    renewed = certificates.pair(kind)
    pair.become(renewed)
    assert serial(server.door) == pair.serial, "it was read before anybody asked"
    server.takes()
    assert {serial(server.door) for _ in range(10)} == {renewed.serial}


def test_other_files_by_the_configuration(server, certificates):
    renewed = certificates.pair()
    changed = server.takes(tls_cert=str(renewed.certificate), tls_key=str(renewed.key))
    assert {"tls-cert", "tls-key"} <= set(changed)
    assert serial(server.door) == renewed.serial


def test_a_renewal_without_another_key(server, certificates, pair):
    renewed = certificates.pair(key=pair.private)
    pair.certificate.write_bytes(renewed.certificate.read_bytes())
    server.takes()
    assert serial(server.door) == renewed.serial


def test_by_way_of_links(new_server, certificates, tmp_path):
    """As certbot does it."""
    live = {name: tmp_path / name for name in ("tls-cert", "tls-key")}
    pairs = [certificates.pair(), certificates.pair()]
    for name, link in live.items():
        link.symlink_to(pairs[0].settings[name])
    server = new_server(kind=TLSConfigured, trust=certificates.trust,
                        settings={name: str(link) for name, link in live.items()})
    for name, link in live.items():
        link.unlink()
        link.symlink_to(pairs[1].settings[name])
    server.takes()
    assert serial(server.door) == pairs[1].serial


def test_a_kept_connection_goes_on(server, certificates, pair):
    with TLSWire(server.door) as wire:
        for _ in range(5):
            pair.become(certificates.pair())
            server.takes()
            wire.send(request("GET", "/status/"))
            assert wire.response().status == 200


def test_a_handshake_that_has_begun_goes_on(server, certificates, pair):
    """It sees either, and what it sees is whole."""
    context = trusting(certificates.trust)
    with socket.create_connection(server.address, 30) as plain:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
        with pytest.raises(ssl.SSLWantReadError):
            tls.do_handshake()
        hello = outgoing.read()
        plain.sendall(hello[:50])
        old, new = pair.serial, certificates.pair()
        pair.become(new)
        server.takes()
        plain.sendall(hello[50:])
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                plain.sendall(outgoing.read())
                got = plain.recv(65536)
                assert got, "the connection was dropped"
                incoming.write(got)
        assert serial_of(tls) in (old, new.serial)


def test_sockets_stay_open(server, certificates, pair, ctl):
    talk = talk_over(server, ctl)
    token = server.api.tokens(create_account(ctl, 1))["access_token"]

    def opened(person) -> Chat:
        return talk.open(server, person, ssl=server.context)
    with opened(talk.one) as one, opened(talk.other) as other, TLSStage(server.api, token) as stage:
        publisher, watcher = stage.publish(), stage.watch()
        for number in range(5):
            pair.become(certificates.pair())
            server.takes()
            last = one.say(f"{number}")
            publisher.send(bytes([number]) * 100_000)
            assert watcher.recv(timeout=60) == bytes([number]) * 100_000
        assert other.read_to(last["id"]) == one.ids
    assert talk.texts() == [str(number) for number in range(5)]


def test_a_slow_download_and_an_upload_go_on(server, certificates, pair, database):
    member = join(server.api)
    crowd(database, 5_000, "slow" * 10)
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.settimeout(60)
    plain.connect(server.address)
    headers = [f"{name}: {value}" for name, value in member.headers.items()]
    body = b'{"username":"nobody","password":"wrong"}'
    with server.context.wrap_socket(plain, server_hostname="127.0.0.1") as down, TLSWire(server.door) as up:
        down.sendall(request("GET", PEOPLE, b"", "Connection: close", *headers))
        up.send(request("POST", "/api/auth/login/", body, "Content-Type: application/json")[:-10])
        got = down.recv(1_000)
        for _ in range(3):
            pair.become(certificates.pair())
            server.takes()
            got += down.recv(1_000)
        up.send(body[-10:])
        assert up.response().status == 401
        while more := down.recv(65536):
            got += more
    assert got.startswith(b"HTTP/1.1 200") and got.count(b"slow" * 10) == 5_000 and got.rstrip().endswith(b"0")


def test_a_session_of_before_is_taken_or_made_anew(server, certificates, pair):
    door = Door(server.address, trusting(certificates.trust))
    with TLSWire(door) as wire:
        wire.send(request("GET", "/status/"))
        assert wire.response().status == 200
        session = wire.socket.session
    pair.become(certificates.pair())
    server.takes()
    with greeted(door, session=session) as again:
        again.sendall(request("GET", "/status/"))
        assert again.recv(100).startswith(b"HTTP/1.1 200")


def mismatched(pair, certificates) -> str:
    pair.key.write_bytes(certificates.pair().key.read_bytes())
    return "isn't the key of the certificate"


def encrypted(pair, certificates) -> str:
    pair.key.write_bytes(key_text(pair.private, password=b"hush"))
    return "encrypted"


def key_gone(pair, certificates) -> str:
    pair.key.unlink()
    return "No such file"


def certificate_gone(pair, certificates) -> str:
    pair.certificate.unlink()
    return "No such file"


def empty(pair, certificates) -> str:
    pair.certificate.write_bytes(b"")
    return "holds no certificate"


def half_written(pair, certificates) -> str:
    pair.key.write_bytes(certificates.pair().key.read_bytes()[:100])
    return "holds no private key"


@pytest.mark.parametrize("spoil", [mismatched, encrypted, key_gone, certificate_gone, empty, half_written])
def test_a_bad_pair_keeps_the_old_one(server, certificates, pair, spoil):
    word = spoil(pair, certificates)
    server.write(max_body="4K")
    told = server.refuses()
    assert word in told["cause"] and ("tls-key" in told["cause"] or "tls-cert" in told["cause"]), told
    assert serial(server.door) == pair.serial
    with TLSWire(server.door) as wire:
        wire.send(request("POST", "/user/login", b"", "Content-Type: application/json", "Content-Length: 5000",
                          "Expect: 100-continue"))
        assert wire.response().status == 100, "half of it was taken"
    renewed = certificates.pair()
    pair.become(renewed)
    assert server.takes()
    assert serial(server.door) == renewed.serial


def test_one_without_the_other(server, pair):
    server.write(tls_key=None)
    assert "tls-key" in server.refuses()["cause"]
    assert serial(server.door) == pair.serial


def test_an_expired_one_is_taken_with_a_warning(server, certificates, pair):
    late = certificates.pair(days=(-9, -1))
    pair.become(late)
    since = len(server.log())
    server.takes()
    assert [line for line in server.lines(since) if line.get("msg") == "certificate has expired"
            and line["level"] == "warning"]
    assert serial(Door(server.address, trusting(None))) == late.serial
    pair.become(certificates.pair())
    server.takes()


def expiry(server) -> float:
    lines = server.api.get("/metrics").text.splitlines()
    name = "havocctl_tls_certificate_expiry_timestamp_seconds "
    return float(next(line for line in lines if line.startswith(name)).split()[1])


def test_the_figures_tell_until_when(server, certificates, pair):
    assert expiry(server) == pair.leaf.not_valid_after_utc.timestamp()
    renewed = certificates.pair(days=(-1, 200))
    pair.become(renewed)
    server.takes()
    assert expiry(server) == renewed.leaf.not_valid_after_utc.timestamp()


def test_credentials_are_read_again(new_server, certificates, tmp_path):
    pairs = [certificates.pair(), certificates.pair()]

    def lay(pair) -> None:
        for name, path in pair.settings.items():
            shutil.copy(path, tmp_path / name)
    lay(pairs[0])
    server = new_server(kind=TLSConfigured, trust=certificates.trust, CREDENTIALS_DIRECTORY=str(tmp_path))
    lay(pairs[1])
    server.takes()
    assert serial(server.door) == pairs[1].serial


@pytest.mark.parametrize("turned", ["on", "off"])
def test_turning_it_on_or_off(server, new_server, certificates, turned):
    """It happens, or it is said to want a restart; it is never forgotten."""
    if turned == "on":
        plain = new_server(kind=Configured)
        told = plain.reload(**{name.replace("-", "_"): value for name, value in certificates.pair().settings.items()})
        is_on = plain.status() is None
    else:
        told = server.reload(tls_cert=None, tls_key=None)
        is_on = server.status() == 200
    wants = [line for line in told if line["msg"] == RESTART]
    assert bool(wants) == (is_on != (turned == "on"))
    assert told[-1]["msg"] == "reloaded"
