"""The certificate's settings: where they come from, what is wrong with a file, and what doctor says of it."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, PublicFormat

from support.certificates import Pair, key_text, pem
from support.home import AS_NOBODY
from support.program import SCRATCH
from support.tls import TLSServer, serial

QUICKLY = 60
NO_CERTIFICATE, NO_KEY = "holds no certificate in PEM", "holds no private key in PEM"


@pytest.fixture(scope="module")
def pair(certificates):
    return certificates.pair()


@pytest.fixture(scope="module")
def other(certificates):
    return certificates.pair("rsa")


@pytest.fixture
def refused(ctl):
    """What `serve` says of these two files, which end it."""
    def serve(certificate, key, status: int = 1, **more) -> str:
        failed = ctl.fails(status, "serve", "--listen", "127.0.0.1:0", "--tls-cert", certificate, "--tls-key", key,
                           timeout=QUICKLY, **more)
        first, *rest = failed.stderr.splitlines()
        assert len(rest) == 1 and rest[0].startswith("hint: ") and len(rest[0]) > 12, failed.stderr
        return first
    return serve


@pytest.fixture
def secured(program, database, certificates):
    """A server whose certificate comes from elsewhere than its options."""
    started = []

    def start(*options: str, **env: str) -> TLSServer:
        started.append(TLSServer(program, database, *options, trust=certificates.trust, **env))
        return started[-1].start()
    yield start
    for server in started:
        server.stop()


def credentials(directory: Path, pair) -> dict[str, str]:
    """What LoadCredential= makes of the two files."""
    directory.mkdir()
    for name, source in (("tls-cert", pair.certificate), ("tls-key", pair.key)):
        (directory / name).write_bytes(source.read_bytes())
        (directory / name).chmod(0o400)
    return {"CREDENTIALS_DIRECTORY": str(directory)}


def test_as_options(secured, pair):
    assert serial(secured(*pair.options).door) == pair.serial


def test_in_the_environment(secured, pair):
    server = secured(HAVOCCTL_TLS_CERT=str(pair.certificate), HAVOCCTL_TLS_KEY=str(pair.key))
    assert serial(server.door) == pair.serial


def test_in_the_file(secured, pair, tmp_path):
    path = tmp_path / "havocctl.conf"
    path.write_text(f"tls-cert = {pair.certificate}\ntls-key = {pair.key}\n")
    assert serial(secured("--config", str(path)).door) == pair.serial


def test_as_credentials(secured, pair, tmp_path):
    assert serial(secured(**credentials(tmp_path / "credentials", pair)).door) == pair.serial


def test_settings_come_before_credentials(secured, pair, other, tmp_path):
    server = secured(*pair.options, **credentials(tmp_path / "credentials", other))
    assert serial(server.door) == pair.serial


def test_a_credentials_directory_without_them_means_no_tls(new_server, tmp_path):
    assert new_server(CREDENTIALS_DIRECTORY=str(tmp_path)).status() == 200


@pytest.mark.parametrize("name", ["tls-cert", "tls-key"])
def test_one_without_the_other(ctl, pair, name, tmp_path):
    file = tmp_path / "havocctl.conf"
    file.write_text(f"{name} = {pair.settings[name]}\n")
    missing = {"tls-cert": "tls-key", "tls-key": "tls-cert"}[name]
    for options, env in (([f"--{name}", pair.settings[name]], {}), (["--config", file], {}),
                         ([], {f"HAVOCCTL_{name.upper().replace('-', '_')}": pair.settings[name]})):
        failed = ctl.fails(2, "serve", "--listen", "127.0.0.1:0", *options, env=env, timeout=QUICKLY)
        assert name in failed.stderr and missing in failed.stderr


@pytest.mark.parametrize("name", ["tls-cert", "tls-key"])
def test_no_such_file(refused, pair, tmp_path, name):
    gone = tmp_path / "gone.pem"
    files = pair.settings | {name: gone}
    assert refused(*files.values()) == f"havocctl: {name}: {gone}: No such file or directory"


@pytest.mark.parametrize("name", ["tls-cert", "tls-key"])
def test_a_directory(refused, pair, tmp_path, name):
    files = pair.settings | {name: tmp_path}
    assert refused(*files.values()) == f"havocctl: {name}: {tmp_path}: Is a directory"


@pytest.mark.parametrize("name", ["tls-cert", "tls-key"])
def test_a_file_that_may_not_be_read(refused, pair, name):
    """The other one may."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to be somebody else")
    place = Path(tempfile.mkdtemp(dir=SCRATCH.name))
    place.chmod(0o755)
    files = {one: Path(shutil.copy(path, place / one)) for one, path in pair.settings.items()}
    for one, path in files.items():
        path.chmod(0o600 if one == name else 0o644)
    assert refused(*files.values(), prefix=AS_NOBODY) == f"havocctl: {name}: {files[name]}: Permission denied"


def der(pair) -> bytes:
    return pair.leaf.public_bytes(Encoding.DER)


UNREADABLE = {
    "empty": lambda pair: b"", "blank": lambda pair: b"\n \n", "words": lambda pair: b"certificate\n", "DER": der,
    "a certificate without BEGIN": lambda pair: pem(pair.leaf).partition(b"\n")[2],
    "a certificate without END": lambda pair: pem(pair.leaf).rpartition(b"-----END")[0],
    "a request": lambda pair: pem(pair.leaf).replace(b"CERTIFICATE", b"CERTIFICATE REQUEST"),
    "nothing between BEGIN and END": lambda pair: b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    "garbage between them": lambda pair: b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "NUL": lambda pair: bytes(4096)}


@pytest.mark.parametrize("made", UNREADABLE.values(), ids=UNREADABLE)
def test_no_certificate_in_it(refused, certificates, pair, made):
    path = certificates.file(made(pair))
    assert refused(path, pair.key) == f"havocctl: tls-cert: {path} {NO_CERTIFICATE}"


def test_a_key_in_place_of_the_certificate(refused, pair):
    assert refused(pair.key, pair.key) == f"havocctl: tls-cert: {pair.key} {NO_CERTIFICATE}"


@pytest.mark.parametrize("made", UNREADABLE.values(), ids=UNREADABLE)
def test_no_key_in_it(refused, certificates, pair, made):
    path = certificates.file(made(pair).replace(b"CERTIFICATE", b"PRIVATE KEY"))
    assert refused(pair.certificate, path) == f"havocctl: tls-key: {path} {NO_KEY}"


def test_a_certificate_in_place_of_the_key(refused, pair):
    assert refused(pair.certificate, pair.certificate) == f"havocctl: tls-key: {pair.certificate} {NO_KEY}"


def test_a_public_key_in_place_of_the_key(refused, certificates, pair):
    path = certificates.file(pair.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert refused(pair.certificate, path) == f"havocctl: tls-key: {path} {NO_KEY}"


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_an_encrypted_key(refused, certificates, pair, form):
    """Nobody is asked for its password, and it isn't tried."""
    path = certificates.file(key_text(pair.private, form, b"hush"))
    said = refused(pair.certificate, path)
    assert said.startswith(f"havocctl: tls-key: {path} {NO_KEY}") and "encrypted" in said


@pytest.mark.parametrize("kinds", [("ecdsa", "ecdsa"), ("ecdsa", "rsa"), ("rsa", "ecdsa"), ("rsa", "rsa")])
def test_a_key_of_another_certificate(refused, certificates, kinds):
    one, another = map(certificates.pair, kinds)
    assert refused(one.certificate, another.key) == (
        f"havocctl: tls-key: {another.key} isn't the key of the certificate in {one.certificate}")


def test_a_chain_that_begins_at_the_wrong_end(refused, certificates, pair):
    path = certificates.file(pem(*reversed(pair.chain)))
    assert refused(path, pair.key) == f"havocctl: tls-key: {pair.key} isn't the key of the certificate in {path}"


def test_a_chain_that_breaks_off(refused, certificates, pair):
    path = certificates.file(pem(*pair.chain)[:-100])
    assert str(path) in refused(path, pair.key)


def test_a_key_that_is_too_small_to_be_safe(refused, certificates):
    weak = certificates.pair(key=rsa.generate_private_key(65537, 1024))
    assert "tls-cert" in refused(weak.certificate, weak.key)


def test_files_that_openssl_made(new_secure, tmp_path):
    """The other tests' come from one library."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", key, "-out", certificate, "-days", "9",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    made = Pair(certificate, key, (), None)
    assert new_secure(pair=made, trust=certificate).status() == 200


@pytest.mark.parametrize("days, word", [((-30, -1), "expired"), ((1, 30), "valid")])
def test_one_out_of_its_time_is_served_with_a_warning(new_secure, certificates, days, word):
    server = new_secure(pair=certificates.pair(days=days), trust=None)
    warning = [line for line in server.log().splitlines() if "level=warning" in line and "certificate" in line]
    assert len(warning) == 1 and word in warning[0], server.log()


def test_a_sound_one_is_served_without_a_warning(secure):
    assert "certificate" not in "".join(line for line in secure.log().splitlines() if "level=warning" in line)
