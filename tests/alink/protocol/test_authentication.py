"""Authentication over HTTPS."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from custom_components.aliyun_iot.alink.protocol.authentication import authentication_form, parse_session
from custom_components.aliyun_iot.alink.protocol.connection import HttpsLogin
from custom_components.aliyun_iot.alink.protocol.endpoints import Endpoint
from custom_components.aliyun_iot.alink.protocol.errors import AuthenticationRefusedError, MalformedAnswerError
from custom_components.aliyun_iot.alink.protocol.identity import Identity, SecretCredentials
from custom_components.aliyun_iot.alink.protocol.signing import SignMethod, sign

from . import DEVICE


def answer(**data: Any) -> bytes:
    mqtt = {"host": "public.iot-as-mqtt.us-east-1.aliyuncs.com", "port": 1883}
    full = {"iotId": "id", "iotToken": "word", "resources": {"mqtt": mqtt}, **data}
    return json.dumps({"code": 200, "data": full, "message": "success"}).encode()


def test_the_form_is_signed_as_in_the_documents_sample() -> None:
    """The sample signs `clientId123deviceNametestproductKey123timestamp123` with `secret` and gives this MD5."""
    sample = {"clientId": "123", "deviceName": "test", "productKey": "123", "timestamp": "123"}
    assert sign(sample, "secret", SignMethod.HMACMD5) == "7f9c0941a986fe6d3ad883eda7efda9c"


def test_the_form_carries_what_was_signed_and_where_it_may_be_used() -> None:
    fields = {
        key: value[0] for key, value in parse_qs(authentication_form(DEVICE, timestamp=2524608000000).decode()).items()
    }
    assert fields == {
        "clientId": "a1B2c3D4e5F.ha-gateway-01",
        "deviceName": "ha-gateway-01",
        "productKey": "a1B2c3D4e5F",
        "timestamp": "2524608000000",
        "sign": "454f3647a484e5a1425363273203a72ae48929b0736c6c58ee1a6b2b867d1510",
        "signmethod": "hmacsha256",
        "version": "default",
        "resources": "mqtt",
    }


def test_a_session_says_who_and_where() -> None:
    assert parse_session(answer()) == HttpsLogin(
        iot_id="id",
        iot_token="word",
        endpoint=Endpoint(host="public.iot-as-mqtt.us-east-1.aliyuncs.com", port=1883),
    )


@pytest.mark.parametrize(("code", "final"), [(6600, True), (6204, False), (6100, True), (429, False), (500, False)])
def test_a_refusal_keeps_its_code_and_knows_whether_it_is_final(code: int, final: bool) -> None:
    with pytest.raises(AuthenticationRefusedError) as caught:
        parse_session(json.dumps({"code": code, "message": "no"}).encode())
    assert (caught.value.code, caught.value.is_final) == (code, final)


@pytest.mark.parametrize(
    "payload",
    [
        b"<html>",
        b"{}",
        b'{"code":200}',
        answer(iotId=7),
        answer(iotToken=""),
        answer(resources=None),
        answer(resources={"mqtt": {"host": "h"}}),
        answer(resources={"mqtt": {"host": "a host", "port": 1883}}),
        answer(resources={"mqtt": {"host": "h", "port": 0}}),
    ],
)
def test_an_answer_of_another_form_is_an_error_of_ours(payload: bytes) -> None:
    with pytest.raises(MalformedAnswerError):
        parse_session(payload)


def test_a_name_with_reserved_characters_is_signed_raw_and_sent_encoded() -> None:
    identity = Identity(product_key="a1B2c3D4e5F", device_name="dev:01@x")
    form = authentication_form(SecretCredentials(identity=identity, device_secret="s"), timestamp=1)
    assert b"deviceName=dev%3A01%40x" in form


def test_the_form_names_the_method_that_it_is_signed_with() -> None:
    form = authentication_form(DEVICE, timestamp=2524608000000, method=SignMethod.HMACSHA1)
    fields = parse_qs(form.decode())
    assert fields["signmethod"] == ["hmacsha1"]
    assert fields["sign"] == ["b3b7669310e8d8995ac5c12b9f1e7f4388ad4c6f"]
