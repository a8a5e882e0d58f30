"""Ends: every way a link or a delivery can end, what the user sees of it, and how it heals without anybody's help."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
import json
import time
from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import Event, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.aliyun_iot import coordinator
from custom_components.aliyun_iot.alink import session
from custom_components.aliyun_iot.alink.device import Device as AlinkDevice
from custom_components.aliyun_iot.alink.outbox import putting_off
from custom_components.aliyun_iot.alink.transport import platform_clock, supervision
from custom_components.aliyun_iot.verdict import proof
from tests.emulator import ClockFault, ConnackFault, Device, Emulator, HttpsFault, Only, ReplyFault

from . import CONNECTION, DEVICE_NAME, PRODUCT_KEY, VALUES_CONFIRMED, Home, tsl

WATT = {"unit_of_measurement": "W"}
VALUES_REJECTED = "sensor.ha_gateway_01_values_rejected"
REPLY = f"/sys/{PRODUCT_KEY}/{DEVICE_NAME}/thing/event/property/post_reply"
CLOCK = f"/ext/ntp/{PRODUCT_KEY}/{DEVICE_NAME}/response"
HOUR = 3_600_000


@pytest.fixture(autouse=True)
def _hours_in_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits that last minutes or hours; those of the same test stay in their order."""
    for module, name, seconds in (
        (supervision, "_FIRST", 1.0),
        (supervision, "_SHORTEST_STEP", 0.1),
        (supervision, "_SLOW_DOWN", 0.1),
        (supervision, "_SELDOM", 0.5),
        (supervision, "_REFUSED_FOR", 0.3),
        (coordinator, "_REFUSED_FOR", 0.0),
        (coordinator, "_AWAY_FOR", 0.0),
        (coordinator, "_PUT_OFF_FOR", 0.0),
        (platform_clock, "_PATIENCE", 0.1),
        (platform_clock, "_AGAIN", 0.2),
    ):
        monkeypatch.setattr(module, name, seconds)
    monkeypatch.setattr("custom_components.aliyun_iot.Device", partial(AlinkDevice, reply_timeout=0.3))


def issue(home: Home, kind: str) -> dict[str, str] | None:
    """Return the placeholders of an issue, or None if there is no such issue to be seen."""
    for found in ir.async_get(home.hass).issues.values():
        if found.translation_key == kind and found.active and found.dismissed_version is None:
            return found.translation_placeholders
    return None


async def until(home: Home, predicate: Callable[[], bool]) -> None:
    """Return as soon as the predicate holds, looked at whenever an issue, a state or the platform changes."""

    @callback
    def look(_event: Any) -> None:
        home.emulator.faults.set()  # the emulator's `wait_for` looks at every change of its own

    stops = [
        home.hass.bus.async_listen(event, look)
        for event in (ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, "state_changed", "data_entry_flow_progressed")
    ]
    try:
        await home.emulator.wait_for(predicate, timeout=15)
    finally:
        for stop in stops:
            stop()


def reauth(home: Home) -> Sequence[object]:
    return [
        flow for flow in home.hass.config_entries.flow.async_progress() if flow["context"]["source"] == SOURCE_REAUTH
    ]


def has(home: Home, value: float) -> bool:
    return value in home.stored("t")


def number(home: Home, entity_id: str) -> int:
    state = home.hass.states.get(entity_id)
    return 0 if state is None else int(state.state)


def decided(home: Home, count: int) -> bool:
    return number(home, VALUES_CONFIRMED) + number(home, VALUES_REJECTED) >= count


async def heals(home: Home, kind: str) -> None:
    """Prove that values arrive again by themselves, and that the issue goes."""
    home.hass.states.async_set("sensor.t", "42", WATT)
    await until(home, lambda: home.stored("t")[-1:] == [42.0])
    await until(home, lambda: issue(home, kind) is None)
    assert reauth(home) == []
    (entry,) = home.hass.config_entries.async_entries("aliyun_iot")
    assert entry.state is ConfigEntryState.LOADED


# Ends of a link


async def test_a_network_that_is_away_for_long_is_named_and_heals(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(refuse_tcp=True)
    await home.add_entry(["sensor.t"])
    await until(home, lambda: issue(home, "not_connected") is not None)
    said = issue(home, "not_connected")
    assert said == {
        "name": DEVICE_NAME,
        "problem": f"127&#46;0&#46;0&#46;1 refuses connections on port {emulator.mqtts_port}. Check host and port.",
    }
    emulator.faults.clear()
    await heals(home, "not_connected")


async def test_an_account_in_arrears_is_named_and_heals(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(overdue=True)
    await home.add_entry(["sensor.t"])
    await until(home, lambda: issue(home, "not_connected") is not None)
    said = issue(home, "not_connected")
    assert said is not None
    assert "(CONNACK 2)" in said["problem"]
    assert "overdue, suspended" in said["problem"]
    emulator.faults.clear()
    await heals(home, "not_connected")


async def test_a_host_that_is_not_the_devices_is_named_and_heals(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(mqtt_host="iot-other.mqtt.iothub.aliyuncs.com")
    entry = await home.add_entry(["sensor.t"])
    assert entry.state is ConfigEntryState.LOADED
    await until(home, lambda: issue(home, "not_connected") is not None)
    said = issue(home, "not_connected")
    assert said is not None
    assert "accepts the DeviceSecret over HTTPS, but 127&#46;0&#46;0&#46;1 refuses it" in said["problem"]
    assert reauth(home) == []
    state = home.hass.states.get(CONNECTION)
    assert state is not None
    assert state.attributes["problem"] == "misdirected"
    emulator.faults.clear()
    await heals(home, "not_connected")


async def test_one_refusal_while_https_is_away_asks_nobody(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(
        connack=ConnackFault(code=5, times=1), https=HttpsFault(status=500, body="", only=Only.AUTHENTICATION)
    )
    entry = await home.add_entry(["sensor.t"])
    assert entry.state is ConfigEntryState.LOADED
    await until(home, lambda: home.hass.states.is_state(CONNECTION, "on"))
    assert reauth(home) == []
    await heals(home, "not_connected")


async def test_refusals_over_minutes_ask_for_a_secret_until_the_platform_takes_this_one(
    home: Home, emulator: Emulator, device: Device
) -> None:
    emulator.faults.set(connack=ConnackFault(code=4), https=HttpsFault(status=500, body=""))
    await home.add_entry(["sensor.t"])
    await until(home, lambda: len(reauth(home)) == 1)
    assert device.connects >= 5
    emulator.faults.clear()
    await until(home, lambda: reauth(home) == [])
    await heals(home, "not_connected")


async def test_a_secret_that_https_refuses_too_is_asked_for_at_once(home: Home, emulator: Emulator) -> None:
    await home.add_entry(["sensor.t"])
    await home.until_state(CONNECTION, "on")
    secret = emulator.device(PRODUCT_KEY, DEVICE_NAME).secret
    emulator.device(PRODUCT_KEY, DEVICE_NAME).secret = "0" * 32
    await emulator.cut()
    await until(home, lambda: len(reauth(home)) == 1)
    state = home.hass.states.get(CONNECTION)
    assert state is not None
    assert (state.attributes["connection"], state.attributes["problem"]) == ("refused", "bad_device_secret")
    assert issue(home, "not_connected") is None
    emulator.device(PRODUCT_KEY, DEVICE_NAME).secret = secret
    await heals(home, "not_connected")


async def test_a_device_that_is_disabled_is_named_and_heals_when_it_is_enabled(home: Home, emulator: Emulator) -> None:
    await home.add_entry(["sensor.t"])
    await home.until_state(CONNECTION, "on")
    await emulator.disable(PRODUCT_KEY, DEVICE_NAME)
    named = "The device is disabled (code 6204)"
    await until(home, lambda: named in (issue(home, "not_connected") or {"problem": ""})["problem"])
    assert reauth(home) == []
    await emulator.enable(PRODUCT_KEY, DEVICE_NAME)
    await heals(home, "not_connected")


async def test_another_client_is_named_and_the_link_heals_alone(
    home: Home, emulator: Emulator, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.add_entry(["sensor.t"])
    for _ in range(3):
        await emulator.wait_for(lambda: device.online)
        await emulator.kick(PRODUCT_KEY, DEVICE_NAME)
        await emulator.wait_for(lambda: not device.online)
    await until(home, lambda: issue(home, "taken_over") is not None)
    monkeypatch.setattr(session, "SETTLED", 0.2)
    await heals(home, "taken_over")


async def test_a_platform_that_falls_silent_gets_a_new_link(
    home: Home, emulator: Emulator, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.add_entry(["sensor.t"])
    await home.until_state(CONNECTION, "on")
    connects = device.connects
    emulator.faults.set(half_open=True)
    await emulator.cut()
    emulator.faults.clear()
    await heals(home, "not_connected")
    assert device.connects > connects


# Ends of a delivery


@pytest.mark.parametrize("code", [429, 500, 6250, 6313])
async def test_a_message_that_is_put_off_for_long_is_named_with_code_and_text(
    home: Home, emulator: Emulator, code: int
) -> None:
    emulator.faults.set(reply=ReplyFault(code=code, text="not *now*"))
    home.hass.states.async_set("sensor.t", "1", WATT)
    await home.add_entry(["sensor.t"])
    await until(home, lambda: issue(home, "put_off") is not None)
    assert issue(home, "put_off") == {"name": DEVICE_NAME, "code": str(code), "text": "not &#42;now&#42;"}
    emulator.faults.clear()
    await until(home, lambda: home.stored("t") == [1.0])
    await heals(home, "put_off")


async def test_a_message_that_is_put_off_for_less_is_not_named(
    home: Home, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinator, "_PUT_OFF_FOR", 1.0)
    emulator.faults.set(reply=ReplyFault(code=500, text="system error"))
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    await until(home, lambda: entry.runtime_data.data.put_off is not None)
    assert issue(home, "put_off") is None
    await until(home, lambda: issue(home, "put_off") is not None)
    put_off = entry.runtime_data.data.put_off
    assert home.hass.loop.time() - put_off.since >= 1.0
    emulator.faults.clear()
    await heals(home, "put_off")


async def test_one_value_that_is_put_off_for_an_hour_is_set_aside_and_asked_again_another_day(
    home: Home, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(putting_off, "_SUSPECT", 0.1)
    monkeypatch.setattr(putting_off, "_SET_ASIDE", 0.3)
    emulator.faults.set(reply=ReplyFault(code=500, text="system error"))
    home.hass.states.async_set("sensor.t", "1", WATT)
    await home.add_entry(["sensor.t"])
    await until(home, lambda: home.hass.states.is_state(VALUES_REJECTED, "1"))
    (entry,) = home.hass.config_entries.async_entries("aliyun_iot")
    problems = entry.runtime_data.proof.problems
    assert [problem.words["text"] for problem in problems.values()] == ["system error (500)"]
    emulator.faults.clear()
    asked: list[str] = []
    monkeypatch.setattr(entry.runtime_data.bridge, "async_send_rejected", asked.append)
    async_fire_time_changed(home.hass, dt_util.utcnow() + timedelta(minutes=6))
    assert asked == []
    monkeypatch.setattr(proof, "_A_DAY", 0.0)
    async_fire_time_changed(home.hass, dt_util.utcnow() + timedelta(minutes=12))
    assert asked == ["t"]
    await heals(home, "put_off")


async def test_a_lost_answer_about_the_time_is_asked_for_again(home: Home, emulator: Emulator, device: Device) -> None:
    emulator.clock_offset = 48 * HOUR
    emulator.faults.set(clock=ClockFault(lost=True, times=1))
    home.hass.states.async_set("sensor.t", "1", WATT)
    await home.add_entry(["sensor.t"])
    await home.until_state(VALUES_CONFIRMED, "1")
    before = time.time() * 1000
    for value in range(2, 42):  # each asks again, if it is time
        home.hass.states.async_set("sensor.t", str(value), WATT)
        await until(home, partial(has, home, float(value)))
        if issue(home, "clock") is not None:
            break
    said = issue(home, "clock")
    assert said is not None
    assert said["minutes"] == "2880"
    home.hass.states.async_set("sensor.t", "99", WATT)
    await emulator.wait_for(lambda: 99.0 in home.stored("t"))
    (sample,) = [sample for sample in device.history_of("t") if sample.value == 99.0]
    assert sample.time - before == pytest.approx(48 * HOUR, abs=60_000)


async def test_values_that_are_refused_for_their_time_follow_once_the_time_is_known(
    recorder_mock: Recorder, home: Home, emulator: Emulator, device: Device
) -> None:
    emulator.clock_offset = -48 * HOUR
    emulator.faults.set(clock=ClockFault(lost=True))
    home.hass.states.async_set("sensor.t", "1", WATT)
    await async_wait_recording_done(home.hass)
    await home.add_entry(["sensor.t"])
    await home.until_state(VALUES_REJECTED, "1")
    emulator.faults.set(clock=None)
    for value in range(2, 42):  # each asks again, if it is time
        home.hass.states.async_set("sensor.t", str(value), WATT)
        await until(home, partial(decided, home, value))
        if number(home, VALUES_CONFIRMED):
            break
    await until(home, partial(has, home, 1.0))
    (first,) = [sample for sample in device.history_of("t") if sample.value == 1.0]
    assert first.time - time.time() * 1000 == pytest.approx(-48 * HOUR, abs=60_000)


@pytest.mark.parametrize("answered", ["1", "18 digits"])
async def test_an_answer_about_the_time_that_nobody_asked_for_changes_nothing(
    home: Home, emulator: Emulator, device: Device, answered: str
) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    await home.add_entry(["sensor.t"])
    await home.until_state(VALUES_CONFIRMED, "1")
    far = "9" * 18 if answered == "18 digits" else str(int(time.time() * 1000) + 139 * 24 * HOUR)
    payload = {"deviceSendTime": str(int(time.time() * 1000)), "serverRecvTime": far, "serverSendTime": far}
    await emulator.push(PRODUCT_KEY, DEVICE_NAME, CLOCK, json.dumps(payload).encode())
    home.hass.states.async_set("sensor.t", "2", WATT)
    await emulator.wait_for(lambda: home.stored("t") == [1.0, 2.0])
    assert abs(device.history_of("t")[-1].time - time.time() * 1000) < 60_000
    assert issue(home, "clock") is None


# Faults of ours, and of other integrations


async def test_a_listener_that_fails_touches_neither_the_others_nor_the_deliveries(
    home: Home, device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])

    def fail() -> None:
        raise RuntimeError("a listener's fault")

    stop = entry.runtime_data.async_add_listener(fail)
    for value in (2, 3, 4):
        home.hass.states.async_set("sensor.t", str(value), WATT)
        await until(home, partial(has, home, float(value)))
    await home.until_state(VALUES_CONFIRMED, "4")
    assert device.connects == 1
    assert caplog.text.count("Unexpected error while telling") == 1
    stop()


@pytest.mark.parametrize(
    "attributes",
    [
        {"friendly_name": 7},
        {"friendly_name": ["a", "b"]},
        {"unit_of_measurement": 5},
        {"unit_of_measurement": {"a": 1}},
        {"friendly_name": 1.5, "unit_of_measurement": ["W"], "device_class": 3, "state_class": 4, "options": 5},
        {"friendly_name": None, "icon": 3, "entity_picture": 4, "supported_features": "x"},
    ],
)
async def test_attributes_of_any_kind_end_nothing(
    home: Home, emulator: Emulator, attributes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    emulator.import_thing_model(PRODUCT_KEY, tsl("t"))
    home.hass.states.async_set("sensor.odd", "1", attributes)
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.odd", "sensor.t"])
    assert entry.state is ConfigEntryState.LOADED
    await until(home, lambda: home.stored("t") == [1.0])
    await until(home, lambda: issue(home, "thing_model") is not None)  # the product lacks the property
    home.hass.states.async_set("sensor.odd", "no number", attributes)
    home.hass.states.async_set("sensor.t", "2", WATT)
    await until(home, lambda: home.stored("t") == [1.0, 2.0])
    flow = await home.hass.config_entries.options.async_init(entry.entry_id)
    page = await home.hass.config_entries.options.async_configure(flow["flow_id"], {"next_step_id": "preview"})
    assert page["type"] in ("menu", "form")
    await home.hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert "Traceback" not in caplog.text


# Issues


async def test_an_issue_that_is_ignored_stays_so_over_a_reload_and_a_restart(home: Home, emulator: Emulator) -> None:
    emulator.faults.set(overdue=True)
    entry = await home.add_entry(["sensor.t"])
    await until(home, lambda: issue(home, "not_connected") is not None)
    registry = ir.async_get(home.hass)
    issue_id = f"not_connected_{entry.entry_id}"
    ir.async_ignore_issue(home.hass, "aliyun_iot", issue_id, True)
    await home.hass.config_entries.async_reload(entry.entry_id)
    assert issue(home, "not_connected") is None
    known = registry.async_get_issue("aliyun_iot", issue_id)
    assert known is not None
    assert known.dismissed_version is not None
    emulator.faults.clear()
    await until(home, lambda: home.hass.states.is_state(CONNECTION, "on"))
    await until(home, lambda: registry.async_get_issue("aliyun_iot", issue_id) is None)
    emulator.faults.set(overdue=True)
    await emulator.cut()
    await until(home, lambda: issue(home, "not_connected") is not None)
    await home.hass.config_entries.async_remove(entry.entry_id)
    assert registry.async_get_issue("aliyun_iot", issue_id) is None


async def test_each_answer_about_a_wrong_clock_is_not_news(home: Home, emulator: Emulator) -> None:
    emulator.clock_offset = 48 * HOUR
    changes: list[object] = []

    @callback
    def note(event: Event[ir.EventIssueRegistryUpdatedData]) -> None:
        changes.append(event)

    home.hass.bus.async_listen(ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, note)
    entry = await home.add_entry(["sensor.t"])
    await until(home, lambda: issue(home, "clock") is not None)
    known = len(changes)
    for number in range(5):
        emulator.clock_offset = 48 * HOUR + 7 * number
        await entry.runtime_data.bridge._device._session.ask_time()
    assert len(changes) == known


# Noise


async def test_unreadable_messages_do_not_fill_the_recorder(
    home: Home, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await home.add_entry(["sensor.t"])
    await home.until_state(CONNECTION, "on")
    coordinator_ = entry.runtime_data
    told: list[object] = []
    stop = coordinator_.async_add_listener(lambda: told.append(None))
    monkeypatch.setattr(coordinator, "QUIET", 60.0)
    for _ in range(500):
        await emulator.push(PRODUCT_KEY, DEVICE_NAME, REPLY, b"garbage")
    home.hass.states.async_set("sensor.t", "1", WATT)
    await emulator.wait_for(lambda: home.stored("t") == [1.0])
    await home.until_state(VALUES_CONFIRMED, "1")
    assert coordinator_.data.unreadable == 500
    assert len(told) <= 4  # the first unreadable message, the first value, and the time
    stop()


async def test_many_states_that_do_not_fit_are_one_line_of_the_log(
    home: Home, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.aliyun_iot.gathered_log.TOGETHER", 10.0)
    names = [f"sensor.n{number}" for number in range(300)]
    for name in names:
        home.hass.states.async_set(name, "1", WATT)
    await home.add_entry(names)
    await home.until_state(VALUES_CONFIRMED, "300")
    for name in names:
        home.hass.states.async_set(name, "no number", WATT)
    async_fire_time_changed(home.hass, dt_util.utcnow() + timedelta(seconds=11))
    await home.hass.async_block_till_done()
    lines = [record.message for record in caplog.records if "do not fit" in record.message]
    assert len(lines) == 1
    assert lines[0].startswith(
        "States of 300 properties do not fit and are counted and left out: n0: sensor.n0, type; "
    )
    assert lines[0].endswith("; and 295 more")


# Foreign text

ODD = [
    "half \ud83d of a pair",
    "x" * 100_000,
    "line\nforged\r\n2026-11-28 ERROR (MainThread) [homeassistant] on fire",
    "\u202egnirts\u2066 \u200fRTL",
    "see https://evil.example.com or www.evil.example.com or <a href='x'>this</a>",
    "# heading\n\n- list\n\n1. other\n\n| a | b |",
]


@pytest.mark.parametrize("text", ODD, ids=["surrogate", "long", "lines", "directions", "links", "markdown"])
async def test_foreign_text_passes_one_door(
    home: Home,
    emulator: Emulator,
    text: str,
    hass_ws_client: WebSocketGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert await async_setup_component(home.hass, "repairs", {})
    # Home Assistant itself cannot write a state with half of a surrogate pair.
    home.hass.states.async_set("sensor.t", "1", {**WATT, "friendly_name": text.replace("\ud83d", "?")})
    emulator.faults.set(reply=ReplyFault(code=6309, text=text))
    entry = await home.add_entry(["sensor.t"])
    await until(home, lambda: issue(home, "thing_model") is not None)
    said = issue(home, "thing_model")
    assert said is not None
    assert len(said["problems"]) < 4000
    assert "\n" not in said["problems"].removeprefix("- ")
    for forbidden in ("://", "www.", "<a", "\u202e", "\u2066", "\u200f", "# heading", "| a"):
        assert forbidden not in said["problems"]
    said["problems"].encode()
    await home.hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    socket = await hass_ws_client()
    for number, kind in enumerate(("get_states", "repairs/list_issues"), 1):
        await socket.send_json({"id": number, "type": kind})
        assert (await socket.receive_json())["success"]
    assert max(len(record.getMessage()) for record in caplog.records if "aliyun_iot" in record.name) < 4000
    assert not any("\n" in record.getMessage() for record in caplog.records if "aliyun_iot" in record.name)
