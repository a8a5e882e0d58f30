import json
from pathlib import Path
import time
from typing import Any

import pytest

from . import Device, Emulator, Kind, Limits
from .client import DN, PK, SYS, Client, normal
from .conftest import Connect

MODEL = json.loads(Path(__file__).with_name("thing_model_example.json").read_text("utf-8"))

PROPERTY = "thing/event/property/post"
BATCH = "thing/event/property/batch/post"
HISTORY = "thing/event/property/history/post"
PACK = "thing/event/property/pack/post"
IDENTITY = {"productKey": PK, "deviceName": DN}

EVERYTHING = {
    "relayOn": 1,
    "fanMode": 2,
    "indoorTemperature": 23.5,
    "statusText": "ok",
    "counter": 42,
    "lastSeen": "1700000000000",
    "position": {"value": {"lat": 48.1, "lon": 11.5}, "time": 1700000000000},
    "samples": [1, 2, 3],
}


@pytest.fixture
def model(emulator: Emulator) -> None:
    emulator.limits = Limits.none()
    emulator.import_thing_model(PK, MODEL)


async def test_a_post_is_stored_and_answered(client: Client, device: Device) -> None:
    before = time.time_ns() // 1_000_000
    reply = await client.request(PROPERTY, {"a": 1.5, "b": {"value": "x", "time": 1700000000000}}, id="77")
    after = time.time_ns() // 1_000_000
    assert reply == {
        "code": 200,
        "data": {},
        "id": "77",
        "message": "success",
        "method": "thing.event.property.post",
        "version": "1.0",
    }
    assert device.properties["a"].value == 1.5
    assert before <= device.properties["a"].time == device.properties["a"].received <= after
    assert (device.properties["b"].value, device.properties["b"].time) == ("x", 1700000000000)
    assert device.messages[PROPERTY] == 1
    assert device.values[PROPERTY] == 2


@pytest.mark.parametrize("identifier", ["1|exp-topic|x", 12, ""])
async def test_the_id_is_echoed_as_it_came(client: Client, identifier: Any) -> None:
    assert (await client.request(PROPERTY, {"a": 1}, id=identifier))["id"] == identifier


async def test_the_method_may_be_absent(client: Client) -> None:
    await client.publish(f"{SYS}/{PROPERTY}", {"id": "1", "version": "1.0", "params": {"a": 1}})
    _, reply = await client.message()
    assert (reply["code"], reply["method"]) == (200, "thing.event.property.post")


async def test_no_reply_comes_when_none_is_wanted(client: Client, device: Device) -> None:
    await client.post(PROPERTY, {"a": 1}, sys={"ack": 0})
    assert (await client.request(PROPERTY, {"a": 2}, sys={"ack": 1}, id="2"))["id"] == "2"
    assert [sample.value for sample in device.history] == [1, 2]


async def test_replies_need_a_subscription_without_system_subscribe(connect: Connect, device: Device) -> None:
    async with connect(normal(device.secret)) as client:
        await client.connack()
        await client.post(PROPERTY, {"a": 1}, id="unheard")
        assert await client.subscribe(f"{SYS}/thing/event/+/post_reply") == [1]
        assert (await client.request(PROPERTY, {"a": 1}, id="heard"))["id"] == "heard"


async def test_replies_to_batch_and_history_posts_always_need_a_subscription(client: Client, device: Device) -> None:
    series = {"properties": {"a": [{"value": 1, "time": 1000}]}}
    await client.post(BATCH, series, id="unheard")
    assert await client.subscribe(f"{SYS}/{BATCH}_reply", f"{SYS}/{HISTORY}_reply") == [1, 1]
    assert (await client.request(BATCH, series, id="heard"))["id"] == "heard"
    history = [{"identity": IDENTITY, "properties": [{"a": {"value": 1, "time": 1000}}]}]
    assert (await client.request(HISTORY, history))["code"] == 200
    assert len(device.history) == 3


async def test_the_current_value_is_the_newest_by_its_own_time(client: Client, device: Device) -> None:
    await client.subscribe(f"{SYS}/thing/event/property/+/post_reply")
    await client.request(PROPERTY, {"a": {"value": "now", "time": 3000}})
    batch = {"properties": {"a": [{"value": "older", "time": 1000}, {"value": "old", "time": 2000}]}}
    await client.request(BATCH, batch)
    history = [{"identity": IDENTITY, "properties": [{"a": {"value": "oldest", "time": 500}}], "events": []}]
    await client.request(HISTORY, history)
    await client.request(PACK, {"properties": {"b": {"value": 1, "time": 1}}, "events": {}})
    assert device.properties["a"].value == "now"
    assert [(sample.value, sample.kind) for sample in device.history_of("a")] == [
        ("now", Kind.PROPERTY),
        ("older", Kind.BATCH),
        ("old", Kind.BATCH),
        ("oldest", Kind.HISTORY),
    ]
    assert device.properties["b"].kind is Kind.PACK


@pytest.mark.usefixtures("model")
async def test_a_post_that_fits_the_model_is_stored_whole(client: Client, device: Device) -> None:
    assert (await client.request(PROPERTY, EVERYTHING))["data"] == {}
    assert device.properties.keys() == EVERYTHING.keys()
    assert device.properties["position"].value == {"lat": 48.1, "lon": 11.5}


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    ("identifier", "value", "code", "text"),
    [
        ("unknown", 1, 6304, "tsl parse: params not exist -> unknown"),
        ("counter", "15", 6306, "tsl parse: data type is not int -> counter"),
        ("counter", 1.0, 6306, "tsl parse: data type is not int -> counter"),
        ("counter", True, 6306, "tsl parse: data type is not int -> counter"),
        ("counter", -1, 6306, "tsl parse: int value is smaller than min 0 -> counter"),
        ("counter", 100000, 6306, "tsl parse: int value is bigger than max 99999 -> counter"),
        ("indoorTemperature", "x", 6307, "tsl parse: data type is not float -> indoorTemperature"),
        ("indoorTemperature", 85.1, 6307, "tsl parse: float value is bigger than max 85 -> indoorTemperature"),
        ("relayOn", True, 6308, "tsl parse: value of bool type must be int -> relayOn"),
        ("relayOn", 2, 6308, "tsl parse: bool specs error -> relayOn"),
        ("fanMode", "auto", 6309, "tsl parse: value of enum type must be int -> fanMode"),
        ("fanMode", 3, 6309, "tsl parse: enum specs error -> fanMode"),
        ("statusText", 0, 6310, "tsl parse: data type is not string -> statusText"),
        ("statusText", "x" * 256, 6310, "tsl parse: string length bigger than max length 255 -> statusText"),
        ("lastSeen", 1, 6311, "tsl parse: date type must be a string of long(UTC ms) -> lastSeen"),
        ("position", 1, 6312, "tsl parse: struct type must be json -> position"),
        ("position", {"lat": 1.0}, 6312, "tsl parse: struct param size error -> position"),
        ("position", {"alt": 1.0}, 6304, "tsl parse: field alt not exist in struct position"),
        ("position", {"lat": 1.0, "lon": "x"}, 6322, "tsl parse: data type is not double -> lon"),
        ("samples", 1, 6328, "tsl parse: date type is not array -> samples"),
        ("samples", [1] * 11, 6324, "tsl parse: array size is bigger than max size 10 -> samples"),
        ("samples", [1, "x"], 6306, "tsl parse: data type is not int -> samples"),
        ("relayOn", None, 6302, "tsl parse: params value is null -> relayOn"),
        ("relayOn", {"value": 1, "time": "soon"}, 6326, "tsl parse: time format error -> relayOn"),
        (
            "relayOn",
            {"value": 1, "time": 99999999999999},
            6326,
            "tsl parse: time is too far in the future -> relayOn",
        ),
    ],
)
async def test_a_value_that_does_not_fit_is_rejected_alone_and_the_code_is_still_200(
    client: Client, device: Device, *, identifier: str, value: Any, code: int, text: str
) -> None:
    reply = await client.request(PROPERTY, {identifier: value})
    assert reply["code"] == 200
    assert reply["data"] == {identifier: text}
    assert (device.rejected[identifier].code, device.rejected[identifier].text) == (code, text)
    assert identifier not in device.properties


@pytest.mark.usefixtures("model")
async def test_rejections_are_counted(client: Client, device: Device) -> None:
    await client.subscribe(f"{SYS}/{BATCH}_reply")
    await client.request(PROPERTY, {"unknown": 1})
    batch = {"properties": {"unknown": [{"value": 2, "time": 5}], "counter": [{"value": 3, "time": 5}]}}
    reply = await client.request(BATCH, batch)
    assert (reply["code"], list(reply["data"])) == (200, ["unknown"])
    rejection = device.rejected["unknown"]
    assert (rejection.count, rejection.value, rejection.time) == (2, 2, 5)
    assert device.properties["counter"].value == 3


@pytest.mark.parametrize(
    ("function", "params", "code"),
    [
        (PROPERTY, {}, 460),
        (PROPERTY, [], 460),
        (PROPERTY, None, 460),
        (PROPERTY, {f"p{number}": number for number in range(201)}, 6106),
        (BATCH, {"properties": {"a": [{"value": 1, "time": 1}] * 201}}, 6106),
        (BATCH, {"properties": {"a": 1}}, 460),
        (BATCH, {"properties": []}, 460),
        (HISTORY, {}, 460),
        (HISTORY, [{}], 460),
        (HISTORY, [{"identity": {"productKey": PK, "deviceName": "other"}}], 6401),
        (PACK, {"subDevices": [{}]}, 6401),
        (PACK, {"events": {f"e{number}": {} for number in range(21)}}, 6356),
        (PACK, {"properties": {"a": {"value": 1, "time": 99999999999999}}}, 6326),
        ("thing/event/overheat/post", [], 460),
        ("thing/event/overheat/post", {"value": {}, "time": "x"}, 6326),
    ],
)
async def test_a_message_that_is_wrong_as_a_whole_says_so_in_its_code(
    client: Client, device: Device, function: str, params: Any, code: int
) -> None:
    await client.subscribe(f"{SYS}/{function}_reply")
    reply = await client.request(function, params)
    assert reply["code"] == code
    assert reply["message"] != "success"
    assert device.history == []


@pytest.mark.parametrize(("payload", "code"), [("{", 6207), ('{"params":{"a":NaN}}', 6207), ("[]", 460), ("", 6207)])
async def test_what_is_no_json_is_answered_all_the_same(client: Client, payload: str, code: int) -> None:
    await client.publish(f"{SYS}/{PROPERTY}", payload)
    _, reply = await client.message()
    assert (reply["code"], reply["id"]) == (code, "")


async def test_200_values_are_not_too_many(client: Client, device: Device) -> None:
    assert (await client.request(PROPERTY, {f"p{number}": number for number in range(200)}))["code"] == 200
    assert len(device.properties) == 200


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("params", [{"value": {"peak": 91.5}, "time": 1700000000000}, {"peak": 91.5}])
async def test_events_come_in_two_shapes(client: Client, device: Device, params: Any) -> None:
    assert (await client.request("thing/event/overheat/post", params))["code"] == 200
    assert [event.value for event in device.events] == [{"peak": 91.5}]


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    ("event", "params", "code"),
    [
        ("overheat", {"value": {"peak": "hot"}}, 6307),
        ("overheat", {"value": 1}, 6312),
        ("unknown", {"value": {}}, 6304),
    ],
)
async def test_an_event_that_does_not_fit_fails_by_its_code(
    client: Client, device: Device, event: str, params: Any, code: int
) -> None:
    assert (await client.request(f"thing/event/{event}/post", params))["code"] == code
    assert device.events == []


@pytest.mark.usefixtures("model")
async def test_a_pack_is_all_or_nothing(client: Client, device: Device) -> None:
    await client.subscribe(f"{SYS}/{PACK}_reply")
    events = {"overheat": {"value": {"peak": 91.5}, "time": 1}}
    reply = await client.request(PACK, {"properties": {"counter": 1, "unknown": 1}, "events": events})
    assert reply["code"] == 6304
    assert device.history == []
    assert (await client.request(PACK, {"properties": {"counter": 1}, "events": events}))["code"] == 200
    assert (len(device.history), len(device.events)) == (1, 1)
