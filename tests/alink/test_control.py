"""Control: what becomes of a command, and when it is carried out."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
import json
import time
from typing import Any, Final

import pytest

from custom_components.aliyun_iot.alink import control
from custom_components.aliyun_iot.alink.outbox.pump import Pace
from custom_components.aliyun_iot.alink.protocol.commands import Answer, Command, CommandKind
from custom_components.aliyun_iot.alink.protocol.data_types import Bool
from custom_components.aliyun_iot.alink.protocol.endpoints import Endpoint, Transport
from custom_components.aliyun_iot.alink.protocol.messages import Repetition, Sample, Value
from custom_components.aliyun_iot.alink.protocol.thing_model import ModelProperty, Module, module_file
from custom_components.aliyun_iot.alink.status import Connection
from custom_components.aliyun_iot.alink.transport import watch
from tests.emulator import Emulator, Limits, ReplyFault
from tests.emulator.device import JsonObject

from .client import IDENTITY, Client, running

OWN: Final = f"{IDENTITY.product_key}/{IDENTITY.device_name}"
SET: Final = "thing/service/property/set"
GET: Final = "thing/service/property/get"
SET_REPLY: Final = "thing/service/property/set_reply"
MODES: Final = {"t": "r", "u": "rw"}
DONE: Final = Answer(code=200, is_executed=True)


@dataclass(kw_only=True)
class Home:
    """A device that carries out commands, and every command that it was given."""

    emulator: Emulator
    answer: Answer = DONE
    error: BaseException | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    commands: list[Command] = field(default_factory=list)
    client: Client = field(init=False)
    pace: Pace = field(default_factory=lambda: Pace(rate=10.0))
    transport: Transport = Transport.TLS

    def __post_init__(self) -> None:
        self.gate.set()
        port = self.emulator.mqtts_port if self.transport is Transport.TLS else self.emulator.mqtt_port
        endpoint = Endpoint(host="127.0.0.1", port=port, transport=self.transport)
        self.client = Client(emulator=self.emulator, pace=self.pace, on_command=self._carry_out, endpoint=endpoint)

    async def _carry_out(self, command: Command) -> Answer:
        self.commands.append(command)
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.answer

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        async with running(self.client):
            await self.client.until(lambda status: status.connection is Connection.CONNECTED)
            yield

    async def push(self, document: Any, function: str = SET) -> None:
        payload = document if isinstance(document, bytes) else json.dumps(document).encode()
        await self.emulator.push(IDENTITY.product_key, IDENTITY.device_name, f"/sys/{OWN}/{function}", payload)

    async def replied(self, document: Any, function: str = SET) -> JsonObject:
        """Push a message with an id, and return the reply to it."""
        link = self.client.platform.link
        assert link is not None
        id_ = str(document["id"])
        answer = link.expect(id_)
        await self.push(document, function)
        try:
            async with asyncio.timeout(10):
                return await answer
        finally:
            link.forget(id_)

    async def set(self, **values: Value) -> JsonObject:
        return await self.emulator.set_properties(IDENTITY.product_key, IDENTITY.device_name, values)

    async def until_refused(self, **refused: int) -> None:
        await self.client.until(lambda status: dict(status.commands_refused) == refused)


def command(id_: str = "7", **values: Any) -> JsonObject:
    return {"id": id_, "version": "1.0", "params": values or {"t": 1}, "method": "thing.service.property.set"}


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name.startswith("custom_components")]


async def test_a_set_is_carried_out_and_answered(emulator: Emulator) -> None:
    home = Home(emulator=emulator)
    async with home.running():
        reply = await home.set(t=22.5, lamp="1")
        await home.client.until(lambda status: status.commands_executed == 1)
    (one,) = home.commands
    assert (one.kind, dict(one.values), one.id) == (CommandKind.SET, {"t": 22.5, "lamp": "1"}, reply["id"])
    assert {name: reply[name] for name in ("code", "data")} == {"code": 200, "data": {}}
    assert home.client.device.status.commands_refused == {}


async def test_the_answer_of_the_handler_is_the_reply_and_a_refusal_is_counted(emulator: Emulator) -> None:
    home = Home(emulator=emulator, answer=Answer(code=460, message="t: 5 to 30"))
    async with home.running():
        reply = await home.set(t=99)
        await home.until_refused(handler=1)
    assert (reply["code"], reply["message"]) == (460, "t: 5 to 30")
    assert home.client.device.status.commands_executed == 0


async def test_a_get_is_answered_with_values(emulator: Emulator) -> None:
    home = Home(emulator=emulator, answer=Answer(code=200, data={"t": 21.5, "mode": "eco"}))
    async with home.running():
        reply = await home.replied({"id": "8", "params": ["t", "mode"]}, GET)
    (one,) = home.commands
    assert (one.kind, one.names, dict(one.values)) == (CommandKind.GET, ("t", "mode"), {})
    assert reply == {"id": "8", "code": 200, "data": {"t": 21.5, "mode": "eco"}}
    assert home.client.device.status.commands_refused == {}


async def test_without_a_handler_each_command_is_answered_with_403_and_nothing_asks_for_any(emulator: Emulator) -> None:
    client = Client(emulator=emulator)
    async with running(client):
        await client.until(lambda status: status.connection is Connection.CONNECTED)
        reply = await emulator.set_properties(IDENTITY.product_key, IDENTITY.device_name, {"t": 1})
        assert reply["code"] == 403
        await client.until(lambda status: status.commands_refused == {"forbidden": 1})
        client.offer(1.0)
        await client.until(lambda status: status.confirmed == 1)
    assert not [name for name in client.platform.inbox.filters if "service" in name]
    assert not client.device.status.is_unencrypted_command


async def test_with_a_handler_the_exact_topics_are_asked_for(emulator: Emulator) -> None:
    home = Home(emulator=emulator)
    async with home.running():
        filters = home.client.platform.inbox.filters
        await emulator.wait_for(lambda: f"/sys/{OWN}/{GET}" in filters)
        assert {name for name in filters if "service" in name} == {f"/sys/{OWN}/{SET}", f"/sys/{OWN}/{GET}"}


async def test_over_plain_tcp_nothing_is_carried_out(emulator: Emulator) -> None:
    home = Home(emulator=emulator, transport=Transport.TCP)
    async with home.running():
        reply = await home.set(t=1)
        await home.until_refused(unencrypted=1)
    assert (reply["code"], home.commands) == (403, [])
    assert home.client.device.status.is_unencrypted_command


@pytest.mark.parametrize("params", [{}, [], None, {f"p{number}": 1 for number in range(201)}])
async def test_what_is_no_command_is_answered_with_400(emulator: Emulator, params: Any) -> None:
    home = Home(emulator=emulator)
    async with home.running():
        reply = await home.replied({"id": 7, "params": params})
        await home.until_refused(malformed=1)
    assert (reply["code"], home.commands) == (400, [])


@pytest.mark.parametrize("value", [b'"%s"' % (b"x" * 32768), b"9" * 5000])
async def test_what_is_too_large_to_read_is_answered_with_400(emulator: Emulator, value: bytes) -> None:
    home = Home(emulator=emulator)
    async with home.running():
        answer = home.client.platform.link
        assert answer is not None
        reply = answer.expect("7")
        await home.push(b'{"id":"7","version":"1.0","params":{"t":%s}}' % value)
        async with asyncio.timeout(10):
            assert (await reply)["code"] == 400
        await home.until_refused(malformed=1)
    assert home.commands == []


@pytest.mark.parametrize("payload", [b"", b"{}", b'{"params":{"t":1}}', b'{"params":{"t":1},"id":"7"}' + b" " * 32768])
async def test_what_has_nobody_to_answer_is_counted_as_unreadable(emulator: Emulator, payload: bytes) -> None:
    home = Home(emulator=emulator)
    async with home.running():
        await home.push(payload)
        await home.client.until(lambda status: status.unreadable == 1)
    assert home.client.device.status.commands_refused == {}
    assert SET_REPLY not in home.client.platform.messages


async def test_one_that_takes_longer_is_answered_in_time_and_goes_on(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "_PATIENCE", 0.1)
    home = Home(emulator=emulator)
    home.gate.clear()
    async with home.running():
        reply = await home.set(t=1)
        assert (reply["code"], reply["message"]) == (200, "still running")
        assert home.client.device.status.commands_executed == 0
        home.gate.set()
        await home.client.until(lambda status: status.commands_executed == 1)


async def test_one_that_runs_outlives_its_link(emulator: Emulator) -> None:
    home = Home(emulator=emulator)
    home.gate.clear()
    async with home.running():
        await home.push(command())
        await emulator.wait_for(lambda: home.commands != [])
        await emulator.cut()
        await home.client.until(lambda status: status.connection is not Connection.CONNECTED)
        home.gate.set()
        await home.client.until(lambda status: status.commands_executed == 1)


@pytest.mark.parametrize("error", [ValueError("hush"), asyncio.CancelledError()])
async def test_an_error_of_the_handlers_has_a_code_and_counts_as_carried_out(
    emulator: Emulator, error: BaseException
) -> None:
    home = Home(emulator=emulator, error=error)
    async with home.running():
        reply = await home.replied(command())
        again = await home.replied(command())
        assert home.client.device.status.commands_executed == 1
    assert (reply["code"], again["code"], len(home.commands)) == (100000, 100000, 1)


async def test_an_error_is_in_the_log_once_and_without_its_text(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    home = Home(emulator=emulator, error=ValueError("hush"))
    async with home.running():
        for _ in range(3):
            await home.set(t=1)
    (line,) = complaints(caplog)
    assert "ValueError" in line
    assert "hush" not in caplog.text


async def test_an_answer_that_json_has_no_form_for_is_an_error_of_ours(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    home = Home(emulator=emulator, answer=Answer(code=200, data={"t": float("nan")}))
    async with home.running():
        reply = await home.replied({"id": "8", "params": ["t"]}, GET)
    assert reply["code"] == 100000
    assert len(complaints(caplog)) == 1


# Never twice


async def test_a_repeat_gets_the_same_answer_and_runs_nothing(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "_BURST", 10)
    home = Home(emulator=emulator, answer=Answer(code=100005, message="lamp", is_executed=True))
    async with home.running():
        first = await home.replied(command())
        again = await home.replied(command())
        other = await home.replied(command(t=0))
    assert first == again == {"id": "7", "code": 100005, "data": {}, "message": "lamp"}
    assert other["code"] == 100005
    assert [dict(one.values) for one in home.commands] == [{"t": 1}, {"t": 0}]


async def test_a_repeat_during_a_run_joins_it(emulator: Emulator) -> None:
    home = Home(emulator=emulator)
    home.gate.clear()
    messages = home.client.platform.messages
    async with home.running():
        await home.push(command())
        await home.push(command())
        home.gate.set()
        await emulator.wait_for(lambda: messages[SET_REPLY] == 2)
    assert len(home.commands) == 1


async def test_one_that_was_refused_may_be_sent_again(emulator: Emulator) -> None:
    home = Home(emulator=emulator, answer=Answer(code=403))
    async with home.running():
        assert (await home.replied(command()))["code"] == 403
        home.answer = DONE
        assert (await home.replied(command()))["code"] == 200
    assert len(home.commands) == 2


# The budget


async def test_two_commands_may_come_at_once_and_more_are_too_many(emulator: Emulator) -> None:
    home = Home(emulator=emulator, pace=Pace(rate=0.5))
    async with home.running():
        replies = [await home.replied(command(str(number))) for number in range(3)]
        await home.push(command("3"))
        await home.until_refused(too_many=1, unanswered=1)
    assert [reply["code"] for reply in replies] == [200, 200, 429]
    assert [one.id for one in home.commands] == ["0", "1"]


async def test_a_repeat_beyond_the_budget_is_not_told_that_there_are_too_many(emulator: Emulator) -> None:
    home = Home(emulator=emulator, pace=Pace(rate=0.1))
    async with home.running():
        for number in range(2):
            await home.replied(command(str(number)))
        await home.push(command("0"))
        await home.until_refused(unanswered=1)
    assert home.client.platform.messages[SET_REPLY] == 2


async def test_handlers_that_hang_are_no_more_than_a_hundred(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "_RUNNING_MAX", 1)
    monkeypatch.setattr(control, "_BURST", 10)
    home = Home(emulator=emulator)
    home.gate.clear()
    async with home.running():
        await home.push(command("0"))
        assert (await home.replied(command("1")))["code"] == 429
        home.gate.set()
        await home.client.until(lambda status: status.commands_executed == 1)
        assert (await home.replied(command("2")))["code"] == 200


async def test_in_a_flood_values_are_confirmed_and_no_second_has_more_than_a_free_instance_allows(
    emulator: Emulator,
) -> None:
    home = Home(emulator=emulator, pace=Pace(rate=1.0))
    began = time.monotonic()
    async with home.running():
        await home.client.until(lambda status: status.is_clock_known)
        emulator.limits = Limits(instance_per_second=5)  # our messages and the replies to them; what is pushed is free
        for number in range(80):
            await home.push(command(str(number)))
            home.client.offer(float(number), start=number)
            home.client.device.offer_first([Repetition("lamp", 1, 1_700_000_000_000 + number)])
            await asyncio.sleep(0.05)
        lasted = time.monotonic() - began
        await home.client.until(lambda status: status.waiting == 0)
        status = home.client.device.status
    assert 2 <= status.commands_executed <= 2 + lasted / 2
    assert status.commands_executed == len(home.commands)
    assert sum(status.commands_refused.values()) == 80 - len(home.commands)
    assert status.commands_refused["too_many"] <= 1 + lasted / 4
    assert home.client.platform.throttled == 0
    assert sorted(home.client.stored, key=str) == sorted((float(number) for number in range(80)), key=str)


# Never late


async def test_one_that_is_not_begun_in_time_never_runs(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_LATE", -1.0)
    home = Home(emulator=emulator)
    async with home.running():
        reply = await home.set(t=1)
        await home.until_refused(late=1)
    assert (reply["code"], home.commands) == (100001, [])


async def test_after_a_stuck_event_loop_the_link_is_closed_unread(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(emulator=emulator)
    async with home.running():
        await home.push(command("before"))
        monkeypatch.setattr(watch, "_STUCK", -1.0)  # each look finds that the one before was long ago
        await home.client.until(lambda status: status.connection is not Connection.CONNECTED)
        assert home.client.device.status.problem is None
        monkeypatch.undo()
        await home.client.until(lambda status: status.connection is Connection.CONNECTED)
        assert (await home.replied(command("after")))["code"] == 200
    assert [one.id for one in home.commands] == ["after"]
    assert home.client.platform.connects == 2


async def test_without_a_handler_a_stuck_event_loop_ends_no_link(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_STUCK", -1.0)
    client = Client(emulator=emulator)
    client.offer(1.0)
    async with running(client):
        await client.until(lambda status: status.confirmed == 1)
    assert client.platform.connects == 1


# Confirming


async def test_a_new_value_goes_while_the_reply_to_another_message_is_awaited(emulator: Emulator) -> None:
    home = Home(emulator=emulator)
    async with home.running():
        home.client.offer(1.0)
        await home.client.until(lambda status: status.confirmed == 1)
        emulator.faults.set(reply=ReplyFault(delay=3600.0, times=1))
        home.client.offer(2.0, start=1)
        await emulator.wait_for(lambda: home.client.stored == [1.0, 2.0])
        home.client.device.offer_first([Sample("lamp", 1, 1_700_000_000_005)])
        await home.client.until(lambda status: status.confirmed == 2)
    assert [sample.value for sample in home.client.platform.history_of("lamp")] == [1]


async def test_a_new_value_is_ahead_of_a_thousand_that_wait(emulator: Emulator) -> None:
    home = Home(emulator=emulator, pace=Pace(rate=1.0))
    async with home.running():
        home.client.offer(*(float(number) for number in range(1000)))
        await home.client.until(lambda status: 0 < status.confirmed < 1000)
        home.client.device.offer_first([Sample("lamp", 1, 1_700_000_000_005)])
        await emulator.wait_for(lambda: home.client.platform.history_of("lamp") != [])
        assert home.client.device.status.waiting > 400


# The thing model


async def test_access_modes_are_told_and_are_current_while_the_link_lasts(emulator: Emulator) -> None:
    kind = {"type": "double", "specs": {}}
    properties = [{"identifier": name, "accessMode": mode, "dataType": kind} for name, mode in MODES.items()]
    emulator.import_thing_model(IDENTITY.product_key, {"properties": properties})
    home = Home(emulator=emulator)
    device = home.client.device
    async with home.running():
        await emulator.wait_for(device.ask_model)
        await home.client.until(lambda status: status.is_model_current)
        assert device.status.access == MODES
        await emulator.cut()
        await home.client.until(lambda status: not status.is_model_current)
        assert device.status.access == MODES
        await home.client.until(lambda status: status.connection is Connection.CONNECTED)
        assert not device.status.is_model_current


async def test_a_file_with_a_settable_property_is_imported(emulator: Emulator) -> None:
    lamp = ModelProperty(identifier="lamp", name="Lamp", data_type=Bool(off="off", on="on"), access_mode="rw")
    other = replace(lamp, name="Other lamp")
    module = Module(identifier="more", name="more")
    for file in (module_file(IDENTITY.product_key, [lamp]), module_file(IDENTITY.product_key, [other], module)):
        emulator.import_thing_model(IDENTITY.product_key, json.dumps(file).encode())
    home = Home(emulator=emulator)
    async with home.running():
        await emulator.wait_for(home.client.device.ask_model)
        await home.client.until(lambda status: status.is_model_current)
    status = home.client.device.status
    assert status.access == {"lamp": "rw", "more:lamp": "rw"}
    assert {name: list(service.inputs) for name, service in status.services.items()}["set"] == ["lamp"]
