"""Dynamic registration: the requests, and the answers as they are read."""

import json

import pytest

from custom_components.aliyun_iot.alink.protocol.errors import MalformedAnswerError, RegistrationRefusedError
from custom_components.aliyun_iot.alink.protocol.identity import (
    Identity,
    ProductCredentials,
    SecretCredentials,
    TokenCredentials,
)
from custom_components.aliyun_iot.alink.protocol.registration import (
    AuthType,
    parse_answer,
    parse_push,
    registration_connect,
    registration_form,
)
from custom_components.aliyun_iot.alink.protocol.signing import SignMethod

from . import IDENTITY, PRODUCT, RANDOM

SECRET = "KGQQFFlGinIipW9Xn7xQ5U6d6MokPZD4"
PUSH = {"productKey": "a1B2c3D4e5F", "deviceName": "ha-gateway-01", "deviceSecret": SECRET}


def test_registration_over_mqtt_on_an_old_instance() -> None:
    connect = registration_connect(PRODUCT, random=RANDOM)
    assert connect.client_id == (
        "ha-gateway-01.a1B2c3D4e5F|securemode=2,authType=register,random=567345,signmethod=hmacsha256|"
    )
    assert connect.username == "ha-gateway-01&a1B2c3D4e5F"
    assert connect.password == "ab28244cf839b7cec1004da19dbc87ab9501964ae14e0563391d430311aae690"
    assert connect.clean_session


def test_registration_over_mqtt_on_an_instance_with_an_id() -> None:
    connect = registration_connect(PRODUCT, random=RANDOM, instance_id="iot-0a1b2c3d", method=SignMethod.HMACSHA1)
    assert connect.client_id == (
        "ha-gateway-01.a1B2c3D4e5F|securemode=-2,authType=register,random=567345,signmethod=hmacsha1,"
        "instanceId=iot-0a1b2c3d|"
    )
    assert connect.password == "ee480d81f86895f322a6a29e5a19c20db9cb5e0c"


def test_registration_over_https_as_documented() -> None:
    assert registration_form(PRODUCT, random=RANDOM) == (
        b"productKey=a1B2c3D4e5F&deviceName=ha-gateway-01&random=567345"
        b"&sign=ab28244cf839b7cec1004da19dbc87ab9501964ae14e0563391d430311aae690&signMethod=hmacsha256"
    )


def test_a_name_with_reserved_characters_is_signed_raw_and_sent_encoded() -> None:
    identity = Identity(product_key="a1B2c3D4e5F", device_name="dev:01@x")
    product = ProductCredentials(identity=identity, product_secret="Px7QkLm2Nv9RtYw3")
    form = registration_form(product, random=RANDOM)
    assert b"deviceName=dev%3A01%40x" in form
    assert b"sign=13411c5c33fdbc2abf971d07e01158d2ab87e1d1d0f17005ea4150a05b996a8c" in form


def test_the_pushed_secret_is_read() -> None:
    credentials = parse_push(json.dumps(PUSH).encode(), IDENTITY)
    assert credentials == SecretCredentials(identity=IDENTITY, device_secret=SECRET)


def test_registration_without_pre_registration_gives_a_client_id_and_a_token() -> None:
    connect = registration_connect(PRODUCT, random=RANDOM, auth_type=AuthType.REGNWL, instance_id="iot-0a1b2c3d")
    assert connect.client_id == (
        "ha-gateway-01.a1B2c3D4e5F|securemode=-2,authType=regnwl,random=567345,signmethod=hmacsha256,"
        "instanceId=iot-0a1b2c3d|"
    )
    assert AuthType.REGNWL.push_topic == "/ext/regnwl"
    push = {"productKey": "a1B2c3D4e5F", "deviceName": "ha-gateway-01", "clientId": "c1", "deviceToken": "^1^t"}
    credentials = parse_push(json.dumps(push).encode(), IDENTITY, AuthType.REGNWL)
    assert credentials == TokenCredentials(identity=IDENTITY, client_id="c1", device_token="^1^t")


@pytest.mark.parametrize("missing", ["clientId", "deviceToken"])
def test_half_a_token_is_none(missing: str) -> None:
    push = {"productKey": "a1B2c3D4e5F", "deviceName": "ha-gateway-01", "clientId": "c1", "deviceToken": "t"}
    del push[missing]
    with pytest.raises(MalformedAnswerError):
        parse_push(json.dumps(push).encode(), IDENTITY, AuthType.REGNWL)


def test_the_secret_in_an_answer_is_read() -> None:
    answer = {"code": 200, "data": PUSH, "message": "success"}
    assert parse_answer(json.dumps(answer).encode(), IDENTITY) == SecretCredentials(
        identity=IDENTITY, device_secret=SECRET
    )


def test_a_refusal_keeps_its_code() -> None:
    with pytest.raises(RegistrationRefusedError) as caught:
        parse_answer(b'{"code":6289,"message":"device is already active"}', IDENTITY)
    assert caught.value.code == 6289


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"code":true}',
        b'{"code":"two hundred"}',
        b'{"code":200}',
        b'{"code":200,"data":[]}',
        b'{"code":200,"data":{"productKey":"a1B2c3D4e5F","deviceName":"ha-gateway-01"}}',
        b'{"code":200,"data":{"productKey":"a1B2c3D4e5F","deviceName":"ha-gateway-01","deviceSecret":7}}',
        b'{"code":200,"data":{"productKey":"a1B2c3D4e5F","deviceName":"ha-gateway-01","deviceSecret":""}}',
        b'{"code":200,"data":{"productKey":"a1B2c3D4e5F","deviceName":"somebody","deviceSecret":"x"}}',
    ],
)
def test_an_answer_of_another_form_is_an_error_of_ours(answer: bytes) -> None:
    with pytest.raises(MalformedAnswerError):
        parse_answer(answer, IDENTITY)


def test_no_secret_shows_in_a_representation() -> None:
    shown = repr((PRODUCT, parse_push(json.dumps(PUSH).encode(), IDENTITY), registration_connect(PRODUCT, random="1")))
    assert SECRET not in shown
    assert PRODUCT.product_secret not in shown
    assert registration_connect(PRODUCT, random="1").password not in shown
