"""Foreign: payloads that no documentation knows, and the topics that they come on."""

from base64 import b64encode
from collections.abc import Mapping
import json
from random import Random
from typing import Any

from ..platform import DEVICE_NAME, PRODUCT_KEY

SYSTEM = f"/sys/{PRODUCT_KEY}/{DEVICE_NAME}/"
TOPICS = (
    f"{SYSTEM}thing/event/property/post_reply",
    f"{SYSTEM}thing/event/property/batch/post_reply",
    f"{SYSTEM}thing/event/property/history/post_reply",
    f"{SYSTEM}thing/dsltemplate/get_reply",
    f"{SYSTEM}thing/service/property/set",
    f"{SYSTEM}thing/nobody/knows",
    f"/ext/ntp/{PRODUCT_KEY}/{DEVICE_NAME}/response",
    f"/ext/error/{PRODUCT_KEY}/{DEVICE_NAME}",
    f"/{PRODUCT_KEY}/{DEVICE_NAME}/user/月亮",
    "/any",
    "no/slash\x7f\u202e in front",
)
# Small, so that a flood of them is a burst and no outage.
FLOOD = 300


def _json(**fields: Any) -> bytes:
    return json.dumps({"id": "1", "code": 200, "data": {}} | fields).encode()


PAYLOADS: Mapping[str, bytes] = {
    "nothing": b"",
    "not JSON": b"<html>502 Bad Gateway</html>",
    "not UTF-8": b'{"id": "1", "code": 500, "message": "\xff\xfe\xc3"}',
    "half a surrogate pair": _json(code=500, message="\ud800 and \udfff", data={"\ud800": "\udc00"}),
    "10 kB of text": _json(code=500, message="月" * 10_000, data={"x" * 10_000: "y" * 10_000}),
    "deep brackets": b"[" * 10_000 + b"]" * 10_000,
    "deep objects": b'{"data":' * 5_000 + b"1" + b"}" * 5_000,
    "400 digits": b'{"id": "1", "code": ' + b"9" * 400 + b', "deviceSendTime": 1e400, "serverRecvTime": NaN}',
    "wrong types": _json(id={"a": []}, code="two hundred", data=[[], None, True]),
    "codes of all kinds": _json(code=-1, data={"number_0": {"code": None}, "": 3, "text_1": ["a"]}),
    "times of nowhere": _json(
        deviceSendTime="\uff11\uff12", serverRecvTime="-5", serverSendTime="18446744073709551616"
    ),
    "lines and markdown": _json(code=500, message="a\nb\r\n2026-11-28 00:00:00.000 ERROR # [x](http://y) \u202e`|`"),
    "a list": b"[1, 2, 3]",
    "a null": b"null",
}


def message(dice: Random, payload: str) -> Mapping[str, Any]:
    """Draw a topic and a number of copies for a payload."""
    encoded = b64encode(PAYLOADS[payload]).decode()
    few = len(PAYLOADS[payload]) > FLOOD
    return {"topic": dice.choice(TOPICS), "base64": encoded, "times": 1 if few else dice.choice((1, 3, FLOOD))}
