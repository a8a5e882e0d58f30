"""Downlinks: whatever the platform sends, on whichever topic, ends no link, loses no value and raises no error.

The suite sends 2,000 messages; `DOWNLINKS=100000 pytest tests/alink/test_downlinks.py` sends that many.
"""

import json
import logging
import os
import random
from typing import Any, Final

import pytest

from custom_components.aliyun_iot.alink.status import Connection
from tests.emulator import Emulator

from .client import IDENTITY, Client, running
from .test_fuzz import bent, broken

MESSAGES: Final = int(os.environ.get("DOWNLINKS", "2000"))
AT_ONCE: Final = 200  # then a value has to be confirmed
OWN: Final = f"{IDENTITY.product_key}/{IDENTITY.device_name}"
REPLY: Final = {"code": 200, "data": {"t": "tsl parse"}, "id": "1", "message": "success", "version": "1.0"}
MODEL: Final = {
    "code": 200,
    "data": {
        "properties": [
            {"identifier": "t", "name": "t", "dataType": {"type": "double", "specs": {"min": "0", "max": "1e9"}}},
            {"identifier": "e", "name": "e", "dataType": {"type": "enum", "specs": {"0": "off", "1": "on"}}},
        ],
        "functionBlocks": [{"functionBlockId": "more", "properties": []}],
    },
    "id": "2",
}
TIME: Final = {"deviceSendTime": "1", "serverRecvTime": "1700000000002", "serverSendTime": "1700000000003"}
SET: Final = {"id": "3", "method": "thing.service.property.set", "params": {"t": 1.5}, "version": "1.0"}
# Each topic that the device asks for, those that come without being asked for, and some of no use.
TOPICS: Final[dict[str, dict[str, Any]]] = {
    f"/sys/{OWN}/thing/event/property/post_reply": REPLY,
    f"/sys/{OWN}/thing/event/property/batch/post_reply": REPLY,
    f"/sys/{OWN}/thing/event/property/history/post_reply": REPLY,
    f"/sys/{OWN}/thing/dsltemplate/get_reply": MODEL,
    f"/ext/ntp/{OWN}/response": TIME,
    f"/sys/{OWN}/thing/service/property/set": SET,
    f"/sys/{OWN}/thing/service/property/get": {**SET, "params": ["t"]},
    f"/sys/{OWN}/rrpc/request/1234567890": SET,
    f"/ext/error/{OWN}": {"code": 520, "message": "no session"},
    f"/ota/device/upgrade/{OWN}": {"code": "1000", "data": {"size": 1}, "id": 1},
    f"/shadow/get/{OWN}": {"method": "control", "payload": {}},
    f"/{OWN}/user/get": {"any": "thing"},
    "/": {},
    "no/such/topic/of/ours": REPLY,
}


def payload(document: dict[str, Any], dice: random.Random) -> bytes:
    changed: Any = document
    for _ in range(dice.randrange(4)):
        changed = bent(changed, dice)
    written = json.dumps(changed, ensure_ascii=dice.random() < 0.5).encode(errors="surrogatepass")
    return broken(written, dice) if dice.random() < 0.5 else written


async def test_no_downlink_ends_anything(emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    dice = random.Random("downlinks 2026")
    client = Client(emulator=emulator)
    async with running(client):
        await client.until(lambda status: status.connection is Connection.CONNECTED)
        for number in range(MESSAGES):
            topic = dice.choice(list(TOPICS))
            await emulator.push(IDENTITY.product_key, IDENTITY.device_name, topic, payload(TOPICS[topic], dice))
            if number % AT_ONCE == 0:
                client.offer(float(number), start=number)
                await emulator.wait_for(lambda value=float(number): value in client.stored)  # type: ignore[misc]  # bound now
        client.offer(-1.0, start=MESSAGES)
        await emulator.wait_for(lambda: -1.0 in client.stored)
        await client.until(lambda status: status.waiting == 0)
    status = client.device.status
    assert status.unreadable > MESSAGES / 10
    assert client.platform.connects == 1
    assert sorted(value for value in client.stored if isinstance(value, float)) == [
        -1.0, *map(float, range(0, MESSAGES, AT_ONCE)),
    ]  # fmt: skip
    assert [record.message for record in caplog.records if "custom_components" in record.name] == []
