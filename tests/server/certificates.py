"""A certificate authority for tests, good leaves and bad ones."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Kind = Literal["good", "expired", "wrong-name", "unknown-issuer"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_HERE = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]
_ELSEWHERE = [x509.DNSName("elsewhere.invalid")]
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        """Certificate and key in one file, as OpenSSL and nginx take them."""
        return self.certificate.public_bytes(serialization.Encoding.PEM) + self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


class Certificates:
    """Files in `folder`: `ca_file` to be trusted by clients, and one PEM for each kind of leaf.

    Attributes:
        terse_leaf_file: as good as the good one, but it does not say which key it is signed with.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ca_file = folder / "ca.pem"
        authority, stranger = _authority("Test authority"), _authority("Unknown authority")
        self.ca_file.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
        leaves = {
            "good": _leaf(authority, _HERE),
            "expired": _leaf(authority, _HERE, ends_in=-_DAY),
            "wrong-name": _leaf(authority, _ELSEWHERE),
            "unknown-issuer": _leaf(stranger, _HERE),
        }
        self.terse_leaf_file = folder / "terse.pem"
        self.terse_leaf_file.write_bytes(_leaf(authority, _HERE, is_terse=True).pem())
        for kind in KINDS:
            self.leaf_file(kind).write_bytes(leaves[kind].pem())

    def leaf_file(self, kind: Kind = "good") -> Path:
        """Certificate and key for localhost and 127.0.0.1, or what `kind` makes of it."""
        return self._folder / f"{kind}.pem"

    def server_context(self, kind: Kind = "good") -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.leaf_file(kind))
        return context

    def client_context(self) -> ssl.SSLContext:
        """Trusts the authority of these certificates and nothing else."""
        return ssl.create_default_context(cafile=self.ca_file)


def _authority(name: str) -> KeyPair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    builder = _builder(subject, subject, key, ends_in=30 * _DAY)
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return KeyPair(certificate, key)


def _leaf(
    issuer: KeyPair,
    names: Sequence[x509.GeneralName],
    ends_in: timedelta = 30 * _DAY,
    *,
    is_terse: bool = False,
) -> KeyPair:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    builder = (
        _builder(_name("Test server"), issuer.certificate.subject, key, ends_in)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
    )
    if not is_terse:
        builder = builder.add_extension(issuer_key, critical=False)
    return KeyPair(builder.sign(issuer.key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, ends_in: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    subject_key = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 10 * _DAY)
        .not_valid_after(now + ends_in)
        .add_extension(subject_key, critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
