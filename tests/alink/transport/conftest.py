"""An authority of the tests' own, and contexts that trust it."""

import pytest
import trustme

from custom_components.aliyun_iot.alink.transport.trust import Trust, make_trust


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trust(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Trust:
    with authority.cert_pem.tempfile() as ca_file:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca_file)
        return make_trust()
