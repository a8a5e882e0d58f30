import asyncio
from collections.abc import AsyncGenerator
import json
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
import pytest

from . import Device, Emulator, Limits
from .client import DN, PK, PS, SYS, Client, normal, registration
from .conftest import Connect
from .test_modules import module
from .test_posts import HISTORY, IDENTITY, MODEL
from .test_tsl_file import modules, zipped
from .test_tsl_rules import put

PROPERTY = "thing/event/property/post"
DEVICE = f"/api/devices/{PK}/{DN}"
DEVICES = f"/api/products/{PK}/devices"
IMPORT = f"/api/products/{PK}/thing_model"


@pytest.fixture
async def console(emulator: Emulator) -> AsyncGenerator[ClientSession]:
    async with ClientSession(f"http://127.0.0.1:{emulator.console_port}") as session:
        yield session


async def get(console: ClientSession, path: str) -> Any:
    async with console.get(path) as response:
        assert response.status == 200
        return await response.json()


async def test_a_device_is_shown_with_what_it_sent(console: ClientSession, client: Client, device: Device) -> None:
    await client.request(PROPERTY, {"a": {"value": 1, "time": 1700000000000}, "b": {"value": 1, "time": "x"}})
    shown = await get(console, DEVICE)
    assert shown["online"]
    assert shown["activated"]
    assert shown["connects"] == 1
    assert [attempt["code"] for attempt in shown["recent_connects"]] == [0]
    assert shown["client_id"] == device.last_client_id
    assert shown["keep_alive"] == 60
    assert (shown["subscriptions"], shown["unacknowledged"]) == ([], 0)
    assert shown["properties"].keys() == {"a"}
    assert (shown["properties"]["a"]["value"], shown["properties"]["a"]["time"]) == (1, 1700000000000)
    assert (shown["properties"]["a"]["kind"], shown["properties"]["a"]["stored"]) == ("property", 1)
    assert (shown["rejected"]["b"]["code"], shown["rejected"]["b"]["count"]) == (6326, 1)
    assert not shown["rejected"]["b"]["over"]
    assert (shown["history"], shown["oldest"]) == (1, 1700000000000)
    assert shown["messages"] == {PROPERTY: 1}
    assert shown["values"] == {PROPERTY: 2}
    listed = await get(console, "/api/devices")
    assert listed["devices"] == [shown]


async def test_the_history_can_be_read_in_part(console: ClientSession, client: Client) -> None:
    for number in range(3):
        await client.request(PROPERTY, {"a": number, "b": number})
    history = await get(console, f"{DEVICE}/history?identifier=a&limit=2")
    assert history["total"] == 3
    assert [sample["value"] for sample in history["history"]] == [1, 2]
    assert history["history"][0]["kind"] == "property"
    assert (await get(console, f"{DEVICE}/history"))["total"] == 6


async def test_a_series_is_by_time_and_tells_what_came_as_history(console: ClientSession, client: Client) -> None:
    for value, time in ((3, 3000), (1, 1000), (2, 2000)):
        await client.request(PROPERTY, {"a": {"value": value, "time": time}, "b": value})
    await client.post(
        HISTORY, [{"identity": IDENTITY, "properties": [{"a": {"value": 9, "time": 1500}}], "events": []}]
    )
    series = await get(console, f"{DEVICE}/series?identifier=a&identifier=c&from=1500&to=2000")
    assert [(point["value"], point["kind"]) for point in series["a"]["points"]] == [(9, "history"), (2, "property")]
    assert (series["a"]["before"]["value"], series["a"]["total"], series["a"]["history"]) == (1, 2, 1)
    assert (series["c"]["total"], series.keys()) == (0, {"a", "c"})
    whole = await get(console, f"{DEVICE}/series?points=2")
    assert whole.keys() == {"a", "b"}
    assert whole["a"]["total"] == 4


async def test_it_is_shown_since_when_a_device_is_online_or_offline(
    console: ClientSession, connect: Connect, device: Device, emulator: Emulator
) -> None:
    assert (await get(console, DEVICE))["since"] is None
    async with connect(normal(device.secret)) as client:
        await client.connack()
        online = (await get(console, DEVICE))["since"]
    await emulator.wait_for(lambda: not device.online)
    assert (await get(console, DEVICE))["since"] >= online


async def test_no_secret_is_ever_shown(console: ClientSession, device: Device) -> None:
    device.token = "a-token-of-nobody"
    device.iot_token = "another-token-of-nobody"
    for path in ("/api/devices", DEVICE, f"{DEVICE}/history", "/api/faults", "/api/limits", f"{DEVICE}/series"):
        text = json.dumps(await get(console, path))
        assert device.secret not in text
        assert device.token not in text
        assert device.iot_token not in text
        assert PS not in text
    assert device.secret not in repr(device)


@pytest.mark.parametrize(
    ("verb", "fact", "value"),
    [
        ("kick", "online", False),
        ("reset", "activated", False),
        ("disable", "disabled", True),
        ("enable", "disabled", False),
        ("delete", "deleted", True),
    ],
)
@pytest.mark.usefixtures("client")
async def test_a_device_can_be_acted_upon(console: ClientSession, *, verb: str, fact: str, value: bool) -> None:
    async with console.post(f"{DEVICE}/{verb}") as response:
        assert (await response.json())[fact] is value
    assert (await get(console, DEVICE))[fact] is value


async def test_properties_are_set_and_services_called(console: ClientSession, client: Client) -> None:
    for verb, body in (("set", {"params": {"a": 1}}), ("service", {"identifier": "reboot", "params": {}})):
        asked = asyncio.ensure_future(console.post(f"{DEVICE}/{verb}", json=body))
        topic, request = await client.message()
        await client.publish(f"{topic}_reply", {"id": request["id"], "code": 200, "data": {}})
        async with await asked as response:
            assert (await response.json())["code"] == 200


async def test_a_device_that_does_not_answer_is_a_conflict(
    console: ClientSession, connect: Connect, device: Device
) -> None:
    async with console.post(f"{DEVICE}/set", json={"params": {}}) as response:
        assert (response.status, (await response.json())["code"]) == (409, 9200)
    async with connect(normal(device.secret)) as client:
        await client.connack()
        async with console.post(f"{DEVICE}/set", json={"params": {}, "timeout": 0.01}) as response:
            assert (response.status, (await response.json())["code"]) == (409, None)


async def test_any_bytes_can_be_pushed(console: ClientSession, client: Client) -> None:
    body = {"topic": "/any/topic", "payload_base64": "//57"}
    async with console.post(f"{DEVICE}/push", json=body) as response:
        assert (response.status, await response.json()) == (200, {"code": 200})
    assert await client.message() == ("/any/topic", b"\xff\xfe{")


async def test_nothing_can_be_pushed_to_a_device_that_is_not_there(console: ClientSession, device: Device) -> None:
    async with console.post(f"{DEVICE}/push", json={"topic": "/any", "payload_base64": ""}) as response:
        assert (response.status, (await response.json())["code"]) == (409, 9201)


async def test_the_clock_can_be_shifted(console: ClientSession, emulator: Emulator) -> None:
    async with console.post("/api/clock", json={"offset": -3_600_000}) as response:
        assert (await response.json())["offset"] == -3_600_000
    assert emulator.clock_offset == -3_600_000
    assert (await get(console, "/api/clock")).keys() == {"time", "offset"}


async def test_how_a_device_came_is_shown(console: ClientSession, connect: Connect) -> None:
    async with connect(registration(auth_type="regnwl", device_name="newcomer")) as client:
        await client.message()
    shown = await get(console, f"/api/devices/{PK}/newcomer")
    assert (shown["registration"], shown["authentications"]) == ("regnwl", 0)
    assert [(attempt["code"], attempt["transport"]) for attempt in shown["recent_connects"]] == [(0, "tls")]


async def test_a_thing_model_can_be_imported(console: ClientSession, client: Client) -> None:
    assert (await get(console, DEVICE))["thing_model"] is None
    model = Path(__file__).with_name("thing_model_example.json").read_bytes()
    async with console.post(IMPORT, data=model) as response:
        assert (response.status, await response.json()) == (200, {"properties": 8, "modules": 1})
    assert (await client.request(PROPERTY, {"unknown": 1}))["data"].keys() == {"unknown"}
    async with console.post(IMPORT, data=zipped(modules(20))) as response:
        assert (response.status, await response.json()) == (200, {"properties": 0, "modules": 20})
    assert (await get(console, DEVICE))["thing_model"] == {"properties": 8, "modules": 21}
    assert (await get(console, "/api/devices"))["products"] == [PK]


async def test_an_imported_thing_model_can_stay_a_draft_until_it_is_released(console: ClientSession) -> None:
    async with console.post("/api/faults", json={"unreleased": True}) as response:
        assert response.status == 200
    model = Path(__file__).with_name("thing_model_example.json").read_bytes()
    async with console.post(IMPORT, data=model) as response:
        assert response.status == 200
    assert (await get(console, DEVICE))["thing_model"] is None
    async with console.post("/api/faults", json={"clear": True}) as response:
        assert response.status == 200
    assert (await get(console, DEVICE))["thing_model"] == {"properties": 8, "modules": 1}


async def test_the_thing_model_of_a_published_product_cannot_be_changed(console: ClientSession) -> None:
    async with console.post("/api/faults", json={"published": True}) as response:
        assert response.status == 200
    model = Path(__file__).with_name("thing_model_example.json").read_bytes()
    async with console.post(IMPORT, data=model) as response:
        assert response.status == 400
        assert "is for a product that is published: unpublish it first" in (await response.json())["error"]
    assert (await get(console, DEVICE))["thing_model"] is None


async def test_the_thing_model_can_be_read_and_tells_when_it_changes(console: ClientSession) -> None:
    async with console.get(IMPORT) as response:
        assert response.status == 404
    assert (await get(console, "/api/devices"))["thing_models"] == {}
    for number, document in enumerate((MODEL, module("kitchen")), 1):
        async with console.post(IMPORT, data=json.dumps(document)) as response:
            assert response.status == 200
        assert (await get(console, "/api/devices"))["thing_models"] == {PK: number}
    shown = await get(console, IMPORT)
    assert shown["properties"] == MODEL["properties"]
    assert [block["functionBlockId"] for block in shown["functionBlocks"]] == ["kitchen"]


async def test_a_device_can_be_registered_and_once_it_is_deleted_anew(console: ClientSession, device: Device) -> None:
    async with console.post(DEVICES, json={"device_name": "attic"}) as response:
        assert (response.status, (await response.json())["activated"]) == (200, False)
    async with console.post(DEVICES, json={"device_name": DN}) as response:
        assert response.status == 400
    async with console.post(f"{DEVICE}/delete"), console.post(DEVICES, json={"device_name": DN}) as response:
        assert (await response.json())["deleted"] is False
        assert device.secret not in await response.text()
    shown = await get(console, "/api/devices")
    assert [one["device_name"] for one in shown["devices"]] == [DN, "attic"]


async def test_the_limits_can_be_as_documented_again(console: ClientSession, emulator: Emulator) -> None:
    emulator.limits = Limits.none()
    async with console.post("/api/limits", json={"reset": True, "connects_per_minute": 9}) as response:
        assert response.status == 200
        assert await response.json() == {
            "qos0_per_second": 30,
            "qos1_per_second": 10,
            "connects_per_minute": 9,
            "shortest_keep_alive": 30,
            "longest_keep_alive": 1200,
            "largest_payload": 262144,
            "instance_per_second": None,
        }
    assert emulator.limits == Limits(connects_per_minute=9)


async def test_an_import_that_is_refused_says_why_and_changes_nothing(console: ClientSession) -> None:
    model = put(put(MODEL, "properties[3].identifier", "status text"), "properties[4].dataType.specs.min", 0)
    files = {"default.json": json.dumps(MODEL).encode(), "wrong.json": json.dumps(model).encode()}
    async with console.post(IMPORT, data=zipped(files)) as response:
        answer = await response.json()
        assert response.status == 400
    assert answer.keys() == {"error", "problems"}
    assert {problem["path"] for problem in answer["problems"]} >= {
        "wrong.json: properties[3].identifier",
        "wrong.json: properties[4].dataType.specs.min",
    }
    assert all(problem.keys() == {"path", "problem"} for problem in answer["problems"])
    assert (await get(console, DEVICE))["thing_model"] is None


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"{"])
async def test_an_upload_of_any_size_is_refused_politely(console: ClientSession, start: bytes) -> None:
    async with console.post(IMPORT, data=start.ljust(8_000_000)) as response:
        (problem,) = (await response.json())["problems"]
        assert (response.status, "must be of at most" in problem["problem"]) == (400, True)
    assert (await get(console, DEVICE))["thing_model"] is None


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"/api/devices/{PK}/stranger/kick", "", 404),
        ("/api/products/a1Unknown00/thing_model", "{}", 404),
        (f"/api/products/{PK}/thing_model", '{"properties": [{}]}', 400),
        (f"/api/products/{PK}/thing_model", "", 400),
        (f"/api/products/{PK}/thing_model", "[]", 400),
        (f"{DEVICE}/set", "{", 400),
        (f"{DEVICE}/set", "{}", 404),
        (f"{DEVICE}/explode", "", 404),
        (f"{DEVICE}/push", "{}", 404),
        (f"{DEVICE}/push", '{"topic": "/any", "payload_base64": "?"}', 400),
        (f"{DEVICE}/push", '{"topic": 1, "payload_base64": ""}', 400),
        (DEVICES, "{}", 404),
        (DEVICES, '{"device_name": "a b"}', 400),
        ("/api/products/a1Unknown00/devices", '{"device_name": "attic"}', 404),
        ("/api/clock", "{}", 404),
        ("/api/clock", '{"offset": "soon"}', 400),
    ],
)
async def test_wrong_requests_are_complained_about(console: ClientSession, path: str, body: str, status: int) -> None:
    async with console.post(path, data=body) as response:
        assert response.status == status


async def test_messages_both_ways_are_told_with_their_times(
    emulator: Emulator, console: ClientSession, client: Client, device: Device
) -> None:
    await client.request(PROPERTY, {"a": 1})
    await emulator.push(PK, DN, "/any", b"")
    (first, _, _) = device.passages
    async with console.get(f"{DEVICE}/passages", params={"since": str(first.time)}) as response:
        seen = await response.json()
    ways = [(one["topic"].removeprefix(f"{SYS}/"), one["is_up"]) for one in seen]
    assert ways == [(PROPERTY, True), (f"{PROPERTY}_reply", False), ("/any", False)]
    assert sorted(one["time"] for one in seen) == [one["time"] for one in seen]
    async with console.get(f"{DEVICE}/passages", params={"since": str(device.passages[-1].time)}) as response:
        assert len(await response.json()) == 1
