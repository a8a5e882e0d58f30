"""Downlinks: whatever the platform sends, on whichever topic, ends no link, loses no value and raises no error.

Nor does it make anything happen at home: commands are carried out that are whole, each once, and no others.

The suite sends 2,000 messages; `DOWNLINKS=100000 pytest tests/alink/test_downlinks.py` sends that many.
"""

import json
import logging
import os
import random
from typing import Any, Final

import pytest

from custom_components.aliyun_iot.alink import control, repeats
from custom_components.aliyun_iot.alink.outbox import bucket
from custom_components.aliyun_iot.alink.outbox.pump import Pace
from custom_components.aliyun_iot.alink.protocol.commands import Answer, Command, CommandKind
from custom_components.aliyun_iot.alink.status import Connection
from tests.emulator import Emulator, Limits

from .client import IDENTITY, Client, running
from .test_fuzz import bent, broken

MESSAGES: Final = int(os.environ.get("DOWNLINKS", "1000"))
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


COMMANDS: Final[dict[CommandKind, list[Any]]] = {
    CommandKind.SET: [{"t": 1.5}, {"lamp": "1", "color": {"hue": 1, "saturation": 2}}, {"list": [{"a": 1}]}],
    CommandKind.GET: [["t"], ["t", "lamp"]],
}


def is_whole(command: Command) -> bool:
    names = list(command.values) if command.kind is CommandKind.SET else list(command.names)
    return 1 <= len(names) <= 200 and all(isinstance(name, str) for name in names) and 1 <= len(command.id) <= 64


@pytest.mark.parametrize("takes_commands", [True, False])
async def test_of_all_messages_on_the_topics_of_commands_only_whole_ones_are_carried_out(
    emulator: Emulator, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, takes_commands: bool
) -> None:
    caplog.set_level(logging.WARNING)
    for module in (bucket, control):  # the budget would hide nearly all of them
        monkeypatch.setattr(module, "MESSAGES_PER_SECOND", 10**6)
    monkeypatch.setattr(repeats, "_MOST", MESSAGES)  # of a thousand that were carried out the oldest may run again
    dice = random.Random("commands 2026")
    carried_out: list[Command] = []

    async def carry_out(command: Command) -> Answer:
        carried_out.append(command)
        return Answer(code=200, is_executed=command.kind is CommandKind.SET)

    client = Client(emulator=emulator, pace=Pace(rate=1e6), on_command=carry_out if takes_commands else None)
    emulator.limits = Limits.none()
    async with running(client):
        await client.until(lambda status: status.connection is Connection.CONNECTED)
        for number in range(MESSAGES):
            kind = dice.choice(list(CommandKind))
            document = {"id": str(dice.randrange(MESSAGES)), "params": dice.choice(COMMANDS[kind]), "version": "1.0"}
            topic = f"/sys/{OWN}/thing/service/property/{kind}"
            await emulator.push(IDENTITY.product_key, IDENTITY.device_name, topic, payload(document, dice))
            if number % AT_ONCE == 0:
                client.offer(float(number), start=number)
                await emulator.wait_for(lambda value=float(number): value in client.stored)  # type: ignore[misc]  # bound now
        client.offer(-1.0, start=MESSAGES)
        await emulator.wait_for(lambda: -1.0 in client.stored)
    status = client.device.status
    assert client.platform.connects == 1
    assert [record.message for record in caplog.records if "custom_components" in record.name] == []
    assert [command for command in carried_out if not is_whole(command)] == []
    executed = [command for command in carried_out if command.kind is CommandKind.SET]
    assert status.commands_executed == len(executed) == len({(one.id, json.dumps(one.values)) for one in executed})
    assert (len(carried_out) > MESSAGES / 10) is takes_commands
    assert status.commands_refused["malformed"] > MESSAGES / 20
    assert status.unreadable > MESSAGES / 10
    assert ("forbidden" in status.commands_refused) is not takes_commands
    assert not {"handler", "late", "unencrypted"} & status.commands_refused.keys()
