"""Authority: a private certificate authority and the server certificate that it issued."""

from collections.abc import Iterator
from dataclasses import dataclass, field
import datetime as dt
from ipaddress import ip_address
from pathlib import Path
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

REGIONS = (
    "cn-shanghai",
    "ap-southeast-1",
    "ap-northeast-1",
    "us-west-1",
    "us-east-1",
    "eu-central-1",
    "cn-beijing",
    "cn-shenzhen",
)

# The C SDKs, as shipped, offer suites with RSA key exchange only; other clients get forward secrecy.
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:RSA+AESGCM:RSA+AES"

# Fixed dates: OpenSSL reads the real clock, even under a test's frozen one.
_NOT_BEFORE = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_NOT_AFTER = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)

_CA_NAME = "ca.pem"
_SERVER_NAME = "server.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The CA certificate for devices to trust, and the server's certificate and key."""

    ca_pem: bytes
    server_pem: bytes = field(repr=False)

    @classmethod
    def kept_in(cls, directory: Path) -> Authority:
        """Return the authority of the directory, or for a new directory this process's one, to be written there."""
        ca_file, server_file = directory / _CA_NAME, directory / _SERVER_NAME
        if ca_file.exists() and server_file.exists():
            return cls(ca_pem=ca_file.read_bytes(), server_pem=server_file.read_bytes())
        return OF_THIS_PROCESS

    def write(self, directory: Path) -> Path:
        """Write both files and return the path of the CA certificate."""
        ca_file, server_file = directory / _CA_NAME, directory / _SERVER_NAME
        ca_file.write_bytes(self.ca_pem)
        server_file.touch(mode=0o600)
        server_file.write_bytes(self.server_pem)
        return ca_file


def server_context(directory: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The platform's documents end at TLS 1.2.
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.load_cert_chain(directory / _SERVER_NAME)
    return context


def _issue() -> Authority:
    ca_key = _key()
    ca_name = _name("Alibaba Cloud IoT Platform emulator CA")
    ca = (
        _certificate(subject=ca_name, issuer=ca_name, key=ca_key, issuer_key=ca_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    key = _key()
    server = (
        _certificate(subject=_name("*.iot-as.emulator"), issuer=ca_name, key=key, issuer_key=ca_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(list(_names())), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = serialization.Encoding.PEM
    return Authority(ca_pem=ca.public_bytes(pem), server_pem=private + server.public_bytes(pem))


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _names() -> Iterator[x509.GeneralName]:
    yield x509.DNSName("localhost")
    yield x509.IPAddress(ip_address("127.0.0.1"))
    yield x509.DNSName("*.mqtt.iothub.aliyuncs.com")
    for region in REGIONS:
        yield x509.DNSName(f"*.iot-as-mqtt.{region}.aliyuncs.com")
        yield x509.DNSName(f"iot-auth.{region}.aliyuncs.com")
        yield x509.DNSName(f"iot-auth-x.{region}.aliyuncs.com")


def _certificate(
    *,
    subject: x509.Name,
    issuer: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer_key: rsa.RSAPrivateKey,
) -> x509.CertificateBuilder:
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOT_BEFORE)
        .not_valid_after(_NOT_AFTER)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority, critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        # The C SDKs exchange keys by RSA alone.
        key_encipherment=not signs_certificates,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


# Issued on import: cryptography refuses the datetimes of a test's frozen clock.
OF_THIS_PROCESS = _issue()
