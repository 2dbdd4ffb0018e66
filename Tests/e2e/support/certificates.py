"""Certificates of every kind that a server may be given: chains, RSA and elliptic curves, sound ones and others."""

import datetime
import itertools
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (BestAvailableEncryption, Encoding, NoEncryption,
                                                          PrivateFormat)
from cryptography.x509.oid import ExtendedKeyUsageOID

from support.authority import LOOPBACK, Authority, alternative, common_name

KINDS = {
    "ecdsa": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate}


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


def key_text(key, form: PrivateFormat = PrivateFormat.PKCS8, password: bytes | None = None) -> bytes:
    return key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(password) if password else NoEncryption())


@dataclass(frozen=True)
class Pair:
    """A server's certificate and key in files, and what they were written from."""

    certificate: Path
    key: Path
    chain: tuple[x509.Certificate, ...]
    private: object

    @property
    def leaf(self) -> x509.Certificate:
        return self.chain[0]

    @property
    def serial(self) -> int:
        return self.leaf.serial_number

    @property
    def options(self) -> tuple[str, ...]:
        return "--tls-cert", str(self.certificate), "--tls-key", str(self.key)

    @property
    def settings(self) -> dict[str, str]:
        return {"tls-cert": str(self.certificate), "tls-key": str(self.key)}

    def become(self, other: "Pair") -> None:
        """Puts the other's words into these files, as a renewal does."""
        self.key.write_bytes(other.key.read_bytes())
        self.certificate.write_bytes(other.certificate.read_bytes())


class Certificates:
    """An authority, one below it, and what that signs; clients trust `trust` alone."""

    def __init__(self, directory: Path):
        self.directory = directory
        self.numbers = itertools.count(1)
        self.root = Authority(directory, "Root of the tests", path_length=1)
        self.trust = self.root.ca_file
        self.middle_key = KINDS["ecdsa"]()
        self.middle = self.signed(
            self.root.key, self.root.name, self.middle_key, "Below the root", (-30, 3000), signs=True)

    def signed(self, by, issuer: x509.Name, key, name: str, days: tuple[int, int], signs: bool = False,
               names: tuple[str, ...] = ()) -> x509.Certificate:
        """Good from so many days on, for so many days."""
        now = datetime.datetime.now(datetime.timezone.utc)
        since, until = (now + datetime.timedelta(days=count) for count in days)
        builder = (
            x509.CertificateBuilder().subject_name(common_name(name)).issuer_name(issuer)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(since).not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=signs, path_length=0 if signs else None), critical=True)
            .add_extension(Authority.usage(signs=signs), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), False))
        if names:
            builder = (builder.add_extension(x509.SubjectAlternativeName(list(map(alternative, names))), False)
                       .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False))
        return builder.sign(by, hashes.SHA256())

    def pair(self, kind: str = "ecdsa", days: tuple[int, int] = (-1, 90), names: tuple[str, ...] = LOOPBACK,
             key=None) -> Pair:
        """A new one, its chain in the file but for the root."""
        key = key or KINDS[kind]()
        leaf = self.signed(self.middle_key, self.middle.subject, key, names[0], days, names=names)
        return self.written(key, leaf, self.middle)

    def written(self, key, *chain: x509.Certificate) -> Pair:
        return Pair(self.file(pem(*chain), 0o644), self.file(key_text(key)), chain, key)

    def file(self, content: bytes, mode: int = 0o600) -> Path:
        path = self.directory / f"{next(self.numbers)}.pem"
        path.write_bytes(content)
        path.chmod(mode)
        return path
