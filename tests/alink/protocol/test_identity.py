"""Names and secrets: the forms that the platform allows."""

import pytest

from custom_components.aliyun_iot.alink.protocol.errors import InvalidInputError
from custom_components.aliyun_iot.alink.protocol.identity import (
    Identity,
    ProductCredentials,
    SecretCredentials,
    TokenCredentials,
)

from . import IDENTITY


@pytest.mark.parametrize("device_name", ["abcd", "a" * 32, "dev:01@x.y_z-1"])
def test_a_device_name_within_the_rules_is_taken(device_name: str) -> None:
    assert Identity(product_key="a1B2c3D4e5F", device_name=device_name).username == f"{device_name}&a1B2c3D4e5F"


@pytest.mark.parametrize("device_name", ["", "abc", "a" * 33, "living room", "a&bcd", "家里的网关", "abcd\n"])
def test_a_device_name_beyond_the_rules_is_refused(device_name: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Identity(product_key="a1B2c3D4e5F", device_name=device_name)
    assert caught.value.field == "device_name"


@pytest.mark.parametrize("product_key", ["", "a" * 21, "a1/b2", "a1 b2"])
def test_a_product_key_beyond_the_rules_is_refused(product_key: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Identity(product_key=product_key, device_name="ha-gateway-01")
    assert caught.value.field == "product_key"


@pytest.mark.parametrize("secret", ["", "x" * 65, "with space", "密钥"])
def test_a_secret_that_cannot_be_one_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(InvalidInputError) as product:
        ProductCredentials(identity=IDENTITY, product_secret=secret)
    with pytest.raises(InvalidInputError) as device:
        SecretCredentials(identity=IDENTITY, device_secret=secret)
    assert (str(product.value), str(device.value)) == ("invalid product_secret", "invalid device_secret")


@pytest.mark.parametrize("client_id", ["", "a|b", "a b", "x" * 257])
def test_a_client_id_that_cannot_be_one_is_refused(client_id: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        TokenCredentials(identity=IDENTITY, client_id=client_id, device_token="t")
    assert caught.value.field == "client_id"


@pytest.mark.parametrize("token", ["", "a b", "x" * 1025])
def test_a_token_that_cannot_be_one_is_refused(token: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        TokenCredentials(identity=IDENTITY, client_id="c", device_token=token)
    assert caught.value.field == "device_token"
