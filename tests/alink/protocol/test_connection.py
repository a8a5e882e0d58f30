"""The CONNECT of a registered device."""

from custom_components.aliyun_iot.alink.protocol.connection import (
    HttpsLogin,
    connect_with_secret,
    connect_with_session,
    connect_with_token,
)
from custom_components.aliyun_iot.alink.protocol.endpoints import Endpoint, Transport
from custom_components.aliyun_iot.alink.protocol.identity import TokenCredentials
from custom_components.aliyun_iot.alink.protocol.limits import KEEP_ALIVE_MAX, KEEP_ALIVE_MIN
from custom_components.aliyun_iot.alink.protocol.signing import SignMethod, sign

from . import DEVICE, IDENTITY, TIMESTAMP


def test_the_bare_client_id_and_the_timestamp_are_signed() -> None:
    connect = connect_with_secret(DEVICE, timestamp=2524608000000)
    assert connect.client_id == (
        "a1B2c3D4e5F.ha-gateway-01|securemode=2,signmethod=hmacsha256,timestamp=2524608000000,_ss=1|"
    )
    assert connect.username == "ha-gateway-01&a1B2c3D4e5F"
    assert connect.password == "454f3647a484e5a1425363273203a72ae48929b0736c6c58ee1a6b2b867d1510"


def test_each_method_is_named_and_used() -> None:
    for method in SignMethod:
        connect = connect_with_secret(DEVICE, timestamp=TIMESTAMP, method=method)
        signed = {
            "clientId": "a1B2c3D4e5F.ha-gateway-01",
            "deviceName": "ha-gateway-01",
            "productKey": "a1B2c3D4e5F",
            "timestamp": str(TIMESTAMP),
        }
        assert f"signmethod={method}," in connect.client_id
        assert connect.password == sign(signed, DEVICE.device_secret, method)


def test_plain_tcp_is_another_secure_mode() -> None:
    connect = connect_with_secret(DEVICE, timestamp=TIMESTAMP, transport=Transport.TCP)
    assert "|securemode=3," in connect.client_id


def test_a_token_is_the_password_and_nothing_is_signed() -> None:
    credentials = TokenCredentials(identity=IDENTITY, client_id="abc", device_token="^1^token")
    connect = connect_with_token(credentials)
    assert connect.client_id == "abc|securemode=-2,authType=connwl,_ss=1|"
    assert (connect.username, connect.password) == ("ha-gateway-01&a1B2c3D4e5F", "^1^token")
    assert "token" not in repr((credentials, connect)).replace("device_token", "")


def test_a_session_stands_in_for_name_and_signature() -> None:
    session = HttpsLogin(iot_id="id", iot_token="word", endpoint=Endpoint(host="h", port=1883))
    connect = connect_with_session(IDENTITY, session)
    assert connect.client_id == "a1B2c3D4e5F.ha-gateway-01|securemode=-1,_ss=1|"
    assert (connect.username, connect.password) == ("id", "word")
    assert "word" not in repr((session, connect)).replace("password", "")


def test_the_keep_alive_is_one_that_the_platform_takes() -> None:
    assert KEEP_ALIVE_MIN <= connect_with_secret(DEVICE, timestamp=TIMESTAMP).keep_alive <= KEEP_ALIVE_MAX
