"""A house of 300 entities of every kind: its thing model passes the import, and all that it is arrives."""

from collections import Counter
from dataclasses import dataclass
import io
import json
from typing import Any
import zipfile

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.aliyun_iot.alink.transport import supervision
from custom_components.aliyun_iot.mapping.property import Property
from custom_components.aliyun_iot.selection.published import async_packed
from tests.emulator import Device

from . import CONNECTION, PRODUCT_KEY, Home
from .house import async_build

RESERVED = ("set", "get", "post", "time", "value")
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
        """What is published, in no order."""
        return [one for several in self.entry.runtime_data.bridge.selection.properties.values() for one in several]

    @property
    def documents(self) -> list[dict[str, Any]]:
        """The modules of the file."""
        if not zipfile.is_zipfile(io.BytesIO(self.body)):
            return [json.loads(self.body)]
        with zipfile.ZipFile(io.BytesIO(self.body)) as archive:
            return [json.loads(archive.read(name)) for name in archive.namelist()]

    def expected(self) -> dict[str, Any]:
        """Return what the platform has to have of the states of now."""
        selection, states = self.entry.runtime_data.bridge.selection, self.home.hass.states
        there = [(one, states.get(selection.sources[one.identifier][0])) for one in self.properties]
        values = {one.identifier: one.value(state) for one, state in there if state is not None}
        return {identifier: value for identifier, value in values.items() if value is not None}

    def say(self, title: str) -> None:
        """Print how much it is."""
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
    missing = {one.identifier for one in house.properties} - values(device).keys()
    assert {missing_of(house, identifier) for identifier in missing} <= {None, "", STATE_UNKNOWN, STATE_UNAVAILABLE}


def values(device: Device) -> dict[str, Any]:
    return {identifier: sample.value for identifier, sample in device.properties.items()}


def missing_of(house: Living, identifier: str) -> Any:
    """Return what Home Assistant has where the platform has nothing."""
    entity_id, property_ = house.entry.runtime_data.bridge.selection.sources[identifier]
    state = house.home.hass.states.get(entity_id)
    assert state is not None
    return property_.raw(state)


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
