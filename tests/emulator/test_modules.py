import json
from pathlib import Path
from typing import Any

import pytest

from . import Device, Emulator, ImportRefusedError, Limits, Product
from .client import DN, PK, SYS, Client, normal
from .test_posts import BATCH, HISTORY, IDENTITY, MODEL, PACK, PROPERTY
from .test_tsl_file import zipped
from .test_tsl_rules import event, properties

TEMPLATE = "thing/dsltemplate/get"


def module(name: str, *, count: int = 1, **more: Any) -> dict[str, Any]:
    """Return a module with the properties k0, k1 ... from 0 to 1, and without events."""
    named = [one | {"name": f"{name} {one['name']}"} for one in properties(count, "k")]
    parts = {"properties": named, "events": [], "services": []}
    return {**MODEL, **parts, "functionBlockId": name, "functionBlockName": f"The {name}", **more}


def file(*documents: dict[str, Any]) -> bytes:
    return zipped({f"{number}.json": json.dumps(document).encode() for number, document in enumerate(documents)})


@pytest.fixture
def _modules(emulator: Emulator) -> None:
    emulator.limits = Limits.none()
    kitchen = module("kitchen", events=[event("burnt", outputs=1) | {"name": "Burnt"}])
    emulator.import_thing_model(PK, file(MODEL, kitchen, module("attic")))


@pytest.mark.usefixtures("_modules")
async def test_a_modules_properties_are_posted_with_its_id(client: Client, device: Device) -> None:
    await client.subscribe(*(f"{SYS}/{function}_reply" for function in (BATCH, HISTORY, PACK)))
    point = {"value": 0, "time": 1000}
    for function, params in (
        (PROPERTY, {"kitchen:k0": 1, "attic:k0": point, "counter": 5}),
        (BATCH, {"properties": {"kitchen:k0": [point, point]}, "events": {"kitchen:burnt": [{"value": {"p0": 1}}]}}),
        (HISTORY, [{"identity": IDENTITY, "properties": [{"kitchen:k0": point}], "events": []}]),
        (PACK, {"properties": {"kitchen:k0": point}, "events": {}}),
        ("thing/event/kitchen:burnt/post", {"value": {"p0": 1}}),
    ):
        reply = await client.request(function, params)
        assert (reply["code"], reply["data"]) == (200, {})
    assert len(device.history_of("kitchen:k0")) == 5
    assert device.properties.keys() == {"kitchen:k0", "attic:k0", "counter"}
    assert [one.identifier for one in device.events] == ["kitchen:burnt", "kitchen:burnt"]


@pytest.mark.usefixtures("_modules")
async def test_a_modules_properties_are_checked(client: Client, device: Device) -> None:
    params = {"k0": 1, "kitchen:counter": 1, "garden:k0": 1, "attic:k0": 2, "kitchen:k0": "1"}
    assert (await client.request(PROPERTY, params))["data"] == {
        "k0": "tsl parse: params not exist -> k0",
        "kitchen:counter": "tsl parse: params not exist -> kitchen:counter",
        "garden:k0": "tsl parse: params not exist -> garden:k0",
        "attic:k0": "tsl parse: int value is bigger than max 1 -> attic:k0",
        "kitchen:k0": "tsl parse: data type is not int -> kitchen:k0",
    }
    assert (await client.request("thing/event/attic:burnt/post", {"value": {"p0": 1}}))["code"] == 6304
    assert (await client.request("thing/event/kitchen:burnt/post", {"value": {"p0": 2}}))["code"] == 6306
    assert device.history == device.events == []


@pytest.mark.usefixtures("_modules")
async def test_an_import_replaces_no_other_modules(emulator: Emulator) -> None:
    emulator.import_thing_model(PK, json.dumps(module("attic", count=2)).encode())
    (product,) = emulator.products
    assert product.thing_model == MODEL
    assert [len(one["properties"]) for one in product.modules.values()] == [1, 2]
    smaller = MODEL | {"properties": MODEL["properties"][:1]}
    emulator.import_thing_model(PK, json.dumps(smaller).encode())
    (product,) = emulator.products
    assert product.thing_model == smaller
    assert product.modules.keys() == {"kitchen", "attic"}


async def test_a_file_is_checked_and_what_a_test_made_is_not(emulator: Emulator) -> None:
    minimal = {"properties": [{"identifier": "t", "dataType": {"type": "float"}}]}
    with pytest.raises(ImportRefusedError) as refused:
        emulator.import_thing_model(PK, json.dumps(minimal).encode())
    assert "properties[0].accessMode" in [problem.path for problem in refused.value.problems]
    assert emulator.products == [Product()]
    emulator.import_thing_model(PK, minimal)
    emulator.import_thing_model(PK, minimal | {"functionBlockId": "attic"})
    assert emulator.products == [
        Product(thing_model=minimal, modules={"attic": minimal | {"functionBlockId": "attic"}})
    ]
    with pytest.raises(KeyError):
        emulator.import_thing_model("a1Unknown00", json.dumps(MODEL).encode())


# The thing model in a reply


async def test_without_a_thing_model_there_is_none_to_get(client: Client) -> None:
    reply = await client.request(TEMPLATE, {})
    assert (reply["code"], reply["data"]) == (6313, {})


async def test_the_other_modules_are_in_the_default_ones_reply(emulator: Emulator, client: Client) -> None:
    emulator.import_thing_model(PK, file(MODEL))
    assert (await client.request(TEMPLATE, {}))["data"] == MODEL
    emulator.import_thing_model(PK, file(module("kitchen"), module("attic")))
    blocks = [module("kitchen"), module("attic")]
    assert (await client.request(TEMPLATE, {}))["data"] == MODEL | {"functionBlocks": blocks}


async def test_a_default_module_that_was_never_imported_is_empty(emulator: Emulator, client: Client) -> None:
    emulator.import_thing_model(PK, file(module("kitchen")))
    empty: dict[str, Any] = {"properties": [], "events": [], "services": []}
    assert (await client.request(TEMPLATE, {}))["data"] == empty | {"functionBlocks": [module("kitchen")]}


async def test_a_reply_that_is_too_large_is_lost(emulator: Emulator, client: Client, device: Device) -> None:
    several = [module(f"room{number}", count=300) for number in range(10)]
    emulator.import_thing_model(PK, file(*several))
    await client.post(TEMPLATE, {}, id="lost")
    assert (await client.request(PROPERTY, {"room5:k299": 1}, id="next"))["id"] == "next"
    assert device.dropped == 1
    emulator.limits = Limits.none()
    assert len((await client.request(TEMPLATE, {}))["data"]["functionBlocks"]) == 10


# After a restart


async def test_a_restart_remembers_modules(tmp_path: Path) -> None:
    async with Emulator(devices=[(PK, DN)], data=tmp_path) as emulator:
        emulator.import_thing_model(PK, file(MODEL, module("kitchen"), module("attic")))
        before = emulator.products
    async with Emulator(devices=[(PK, DN)], data=tmp_path) as emulator:
        assert emulator.products == before
        credentials = normal(emulator.device(PK, DN).secret, extra=",_ss=1")
        async with Client(credentials, port=emulator.mqtts_port, ca_file=emulator.ca_file) as client:
            await client.connack()
            params = {"kitchen:k0": 1, "attic:k0": 1, "relayOn": 1}
            assert (await client.request(PROPERTY, params | {"kitchen:k1": 1}))["data"].keys() == {"kitchen:k1"}


async def test_what_was_kept_before_there_were_modules_is_read(tmp_path: Path) -> None:
    kept = {"devices": [], "thing_models": {PK: MODEL}}
    (tmp_path / "devices.json").write_text(json.dumps(kept), "utf-8")
    assert Emulator(data=tmp_path).products == [Product(thing_model=MODEL)]
