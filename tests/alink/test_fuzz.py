"""Random answers: each is read or raises an error of ours, and no secret gets into a text."""

from collections.abc import Callable
import json
import logging
import random
from typing import Any

import pytest

from custom_components.aliyun_iot.alink.protocol.authentication import parse_session
from custom_components.aliyun_iot.alink.protocol.clock import clock_offset
from custom_components.aliyun_iot.alink.protocol.errors import AlinkError
from custom_components.aliyun_iot.alink.protocol.identity import Identity
from custom_components.aliyun_iot.alink.protocol.messages import parse_reply
from custom_components.aliyun_iot.alink.protocol.registration import AuthType, parse_answer, parse_push

CASES = 20_000  # for each kind of answer
SECRET = "KGQQFFlGinIipW9Xn7xQ5U6d6MokPZD4"
IDENTITY = Identity(product_key="a1B2c3D4e5F", device_name="ha-gateway-01")
NAMES = {"productKey": "a1B2c3D4e5F", "deviceName": "ha-gateway-01"}
ODD: list[Any] = [
    None, True, False, 0, -1, 200, "200", 2**63, -(2**63), 1e308, "", "\x00", "²", "9" * 5000, [], [[]], {}, {"": None},
    SECRET, [SECRET], {"message": SECRET}, "\ud800", "😀" * 300,
]  # fmt: skip

type Reader = Callable[[bytes], object]

KINDS: dict[str, tuple[dict[str, Any], Reader]] = {
    "registration over HTTPS": (
        {"code": 200, "data": {**NAMES, "deviceSecret": SECRET}, "message": "success"},
        lambda payload: parse_answer(payload, IDENTITY),
    ),
    "pushed secret": ({**NAMES, "deviceSecret": SECRET}, lambda payload: parse_push(payload, IDENTITY)),
    "pushed token": (
        {**NAMES, "clientId": "abc", "deviceToken": SECRET},
        lambda payload: parse_push(payload, IDENTITY, AuthType.REGNWL),
    ),
    "authentication": (
        {
            "code": 200,
            "data": {"iotId": "id", "iotToken": SECRET, "resources": {"mqtt": {"host": "h", "port": 1883}}},
            "message": "success",
        },
        parse_session,
    ),
    "reply": (
        {"code": 200, "data": {"t": "tsl parse"}, "id": "1", "message": "success", "version": "1.0"},
        parse_reply,
    ),
    "clock": (
        {"deviceSendTime": "1", "serverRecvTime": "1700000000002", "serverSendTime": "1700000000003"},
        lambda payload: clock_offset(payload, received=4),
    ),
}


def bent(document: Any, dice: random.Random) -> Any:
    """Return a document with something in it replaced, removed, doubled or put inside something else."""
    if not isinstance(document, dict) or not document or dice.random() < 0.1:
        return dice.choice(ODD)
    result = dict(document)
    key = dice.choice(list(result))
    match dice.randrange(4):
        case 0:
            del result[key]
        case 1:
            result[dice.choice(["", "code", "data", "id", key.upper()])] = result[key]
        case 2:
            result[key] = [result[key]]
        case _:
            result[key] = bent(result[key], dice)
    return result


def broken(payload: bytes, dice: random.Random) -> bytes:
    """Return a payload with bytes changed, cut or doubled."""
    at = dice.randrange(len(payload) + 1)
    match dice.randrange(4):
        case 0:
            return payload[:at]
        case 1:
            return payload[:at] + dice.randbytes(dice.randrange(1, 9)) + payload[at:]
        case 2:
            return payload[:at] + payload[at + dice.randrange(1, 9) :]
        case _:
            return payload * dice.randrange(2, 4)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_answer_is_read_or_is_an_error_of_ours(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    document, read = KINDS[kind]
    dice = random.Random(f"{kind} 2026")
    texts: set[str] = set()
    outcomes = {"read": 0, "refused": 0}
    for _ in range(CASES):
        changed = document
        for _ in range(dice.randrange(3)):
            changed = bent(changed, dice)
        payload = json.dumps(changed, ensure_ascii=dice.random() < 0.5).encode(errors="surrogatepass")
        if dice.random() < 0.5:
            payload = broken(payload, dice)
        try:
            read(payload)
            outcomes["read"] += 1
        except AlinkError as error:
            texts.add(
                f"{error} {error!r} {error.__cause__} {error.__context__ if not error.__suppress_context__ else ''}"
            )
            outcomes["refused"] += 1
    assert min(outcomes.values()) > CASES / 20
    assert not [text for text in texts if SECRET in text]
    assert SECRET not in caplog.text
