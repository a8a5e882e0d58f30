"""A house of 300 entities of every kind: its thing model passes the import, and every value arrives."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
import io
import json
from typing import Any
import zipfile

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.aliyun_iot.alink.transport import supervision
from custom_components.aliyun_iot.control.model_files import async_packed
from custom_components.aliyun_iot.mapping.property import Property
from tests.emulator import Device

from . import CONNECTION, PRODUCT_KEY, Home, reference
from .house import async_build

RESERVED = ("set", "get", "post", "time", "value")
# Their state is no property, but their availability is: a group without members has no kind, and a password is private.
WITHOUT_STATE = {"group.nothing": "nothing", "text.password": "password"}
HOSTILE = (
    "💡", "💡💡", "客厅的灯", "客厅的灯", "Wohnzimmerlampe über der Tür, links", "L" * 255, f"{'L' * 254}1", "灯" * 255,
    "time", "value", "  ", "_", "-.-", "Lamp", "Lamp", "lamp", "Lamp_2", "1", "0", "a" * 30, f"{'a' * 29}b", "شقة",
    "Кухня", *(f"The temperature of the room upstairs, sensor number {number}" for number in range(9)),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Living:
    """A house that is published."""

    home: Home
    entry: MockConfigEntry
    body: bytes  # of the file that was imported

    @property
    def properties(self) -> list[Property]:
        """The published properties, in no order."""
        return [one for several in self.entry.runtime_data.bridge.selection.properties.values() for one in several]

    @property
    def documents(self) -> list[dict[str, Any]]:
        """The modules of the file."""
        if not zipfile.is_zipfile(io.BytesIO(self.body)):
            return [json.loads(self.body)]
        with zipfile.ZipFile(io.BytesIO(self.body)) as archive:
            return [json.loads(archive.read(name)) for name in archive.namelist()]

    @cached_property
    def facets(self) -> list[tuple[str, str, str]]:
        """The name in messages, the entity id and the facet of each property, from the imported file."""
        found = []
        by_entity: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for document in self.documents:
            module = f"{document['functionBlockId']}:" if "functionBlockId" in document else ""
            for one in document["properties"]:
                by_entity[one["desc"].split(" ")[0]].append((module, one["identifier"]))
        for entity_id, several in by_entity.items():
            stem = WITHOUT_STATE.get(entity_id) or min((identifier for _, identifier in several), key=len)
            for module, identifier in several:
                assert identifier.startswith(stem)
                found.append((module + identifier, entity_id, identifier.removeprefix(stem)[1:] or reference.STATE))
        return found

    def expected(self) -> dict[str, Any]:
        """Return the values that the platform must have of the states of now."""
        hass = self.home.hass
        there = [(wire, hass.states.get(entity_id), facet) for wire, entity_id, facet in self.facets]
        values = {
            wire: reference.value(state, facet, hass.config.time_zone)
            for wire, state, facet in there
            if state is not None
        }
        return {wire: value for wire, value in values.items() if value is not None}

    def say(self, title: str) -> None:
        """Print the size of the house."""
        chosen = self.entry.runtime_data.bridge.selection.chosen.values()
        domains = Counter(entity_id.partition(".")[0] for entity_id in chosen)
        print(
            f"\n{title}: {len(chosen)} entities of {len(domains)} domains, {len(self.properties)} properties in "
            f"{len(self.documents)} modules, {len(self.body)} bytes, {len(self.expected())} values"
        )


@pytest.fixture(autouse=True)
def _quick_to_connect_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "_SHORTEST_STEP", 0.2)


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let the demo poll until the end."""
    return True


async def published(home: Home, *, availability: bool = False) -> Living:
    """Publish all domains, import the file of it before anything can be sent, and wait for all values."""
    domains = sorted({state.domain for state in home.hass.states.async_all()})
    home.emulator.faults.set(refuse_tcp=True)
    selection = {"include": {"domains": domains}, "availability": availability}
    entry = await home.add_entry(selection=selection, delivery={"rate": 10})
    packed = await async_packed(home.hass, entry)
    home.emulator.import_thing_model(PRODUCT_KEY, packed.body)
    home.emulator.faults.clear()
    await home.until_state(CONNECTION, "on")
    return Living(home=home, entry=entry, body=packed.body)


async def assert_everything_arrives(house: Living, device: Device) -> None:
    await house.home.emulator.wait_for(lambda: values(device) == house.expected())
    assert device.rejected == {}
    assert house.entry.runtime_data.bridge.misfits.total == 0
    published = {one.identifier for one in house.properties}
    assert {wire for wire, _, _ in house.facets} == published
    missing = [raw(house, entity_id, facet) for wire, entity_id, facet in house.facets if wire not in values(device)]
    assert set(missing) <= {None, "", STATE_UNKNOWN, STATE_UNAVAILABLE}


def values(device: Device) -> dict[str, Any]:
    return {identifier: sample.value for identifier, sample in device.properties.items()}


def raw(house: Living, entity_id: str, facet: str) -> Any:
    """Return the text or the attribute in Home Assistant."""
    state = house.home.hass.states.get(entity_id)
    assert state is not None
    return reference.raw(state, facet)


async def test_everything_in_a_house_arrives_in_the_model_that_was_made_of_it(home: Home, device: Device) -> None:
    await async_build(home.hass)
    house = await published(home)
    house.say("The house")
    chosen = house.entry.runtime_data.bridge.selection.chosen
    assert len(chosen) >= 300
    assert len({entity_id.partition(".")[0] for entity_id in chosen.values()}) >= 20
    await assert_everything_arrives(house, device)


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
async def test_hostile_names_and_every_availability_arrive_in_every_language(
    home: Home, device: Device, language: str
) -> None:
    home.hass.config.language = language
    for word in RESERVED:
        home.hass.states.async_set(f"sensor.{word}", "1", {"unit_of_measurement": "W", "friendly_name": word})
        home.hass.states.async_set(f"light.{word}", "on", {"brightness": 7, "friendly_name": word})
    await async_build(home.hass, HOSTILE)
    house = await published(home, availability=True)
    house.say(f"With hostile names, in {language}")
    await assert_everything_arrives(house, device)
    assert len({one.definition.name for one in house.properties}) == len(house.properties)
