"""Certificate: has the keys and the usages of the platform's own ones."""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
import pytest

from .authority import OF_THIS_PROCESS

CA = x509.load_pem_x509_certificate(OF_THIS_PROCESS.ca_pem)
(LEAF,) = x509.load_pem_x509_certificates(OF_THIS_PROCESS.server_pem)


@pytest.mark.parametrize("certificate", [CA, LEAF])
def test_all_keys_are_rsa(certificate: x509.Certificate) -> None:
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 2048


def test_the_servers_key_signs_and_enciphers_keys() -> None:
    usage = LEAF.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.key_encipherment) == (True, True)
    assert (usage.value.key_cert_sign, usage.value.crl_sign, usage.value.key_agreement) == (False, False, False)


def test_the_authoritys_key_signs_certificates_only() -> None:
    usage = CA.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.crl_sign) == (True, True)
    assert (usage.digital_signature, usage.key_encipherment) == (False, False)
