"""First choice: the pages of the set-up that choose by one click, and the numbers that they tell before."""

from collections.abc import Iterable, Mapping
import time
from typing import Any, Final

from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.const import EntityCategory
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from tests.emulator import Device, Emulator

from .. import Home, chosen
from ..house import async_build
from ..recorder import DAY, HOUR, write
from .test_options_flow import opened, said, shown

SECOND: Final = "ha-gateway-02"
MEASURED: Final = {"unit_of_measurement": "W", "device_class": "power", "state_class": "measurement"}
STATE_CLASS: Final = {"state_class": "measurement"}
WATT: Final = {"unit_of_measurement": "W"}


def put(
    home: Home,
    entity_id: str,
    area: str | None = None,
    *,
    measures: bool = True,
    at: float | None = None,
    **changes: Any,
) -> None:
    """Add an entity to the registry, and its state; it may be in an area, which is made when it is new."""
    domain, _, name = entity_id.partition(".")
    registry, areas = er.async_get(home.hass), ar.async_get(home.hass)
    told: dict[str, Any] = {"capabilities": STATE_CLASS, "original_device_class": "power"} if measures else {}
    registry.async_get_or_create(domain, "test", name, suggested_object_id=name, **told)
    area_id = None if area is None else areas.async_get_or_create(area).id
    registry.async_update_entity(entity_id, area_id=area_id, **changes)
    home.hass.states.async_set(entity_id, "7", MEASURED if measures else WATT, timestamp=at)


def furnish(home: Home, at: float | None = None) -> None:
    """Measure in two rooms and in none; and have a third room, of which nothing is published."""
    put(home, "sensor.stove", "Kitchen", at=at)
    put(home, "sensor.scale", "Kitchen", measures=False, at=at)
    put(home, "sensor.attic", "Attic", at=at)
    put(home, "sensor.nowhere", at=at)
    put(home, "sensor.signal", "Cellar", at=at, entity_category=EntityCategory.DIAGNOSTIC)
    put(home, "sensor.secret", "Cellar", at=at, hidden_by=er.RegistryEntryHider.USER)


async def published(home: Home, **typed: Any) -> ConfigFlowResult:
    """Go to the page that offers the choices."""
    page = await home.submit(await home.start_flow(), home.typed(**typed))
    assert (page["type"], page["step_id"]) == (FlowResultType.MENU, "publish")
    return page


async def clicked(home: Home, page: ConfigFlowResult, step: str) -> ConfigFlowResult:
    return await home.submit(page["flow_id"], {"next_step_id": step})


async def saved(home: Home, page: ConfigFlowResult) -> Mapping[str, Any]:
    """Save the entry from the preview, see it loaded, and return what it includes."""
    assert (page["type"], page["step_id"]) == (FlowResultType.MENU, "preview")
    result = await clicked(home, page, "save")
    await home.hass.async_block_till_done()
    assert result["result"].state is ConfigEntryState.LOADED
    include: Mapping[str, Any] = result["options"]["selection"]["include"]
    return include


def offered(page: ConfigFlowResult) -> dict[str, str]:
    """Return the labels of the areas by their ids."""
    assert page["data_schema"] is not None
    options = page["data_schema"].schema["areas"].config["options"]
    return {option["value"]: option["label"] for option in options}


# The numbers


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let the demo poll until the end."""
    return True


async def test_each_choice_tells_its_properties_before_it_is_made(home: Home) -> None:
    furnish(home)
    page = await published(home)
    assert page["menu_options"] == ["measuring", "areas", "entities"]
    assert said(page) == {
        "measuring": "properties: 3",
        "areas": "properties: 3",
        "device": "",
        "rate": "5",
        "allowed": "432,000",
    }
    page = await clicked(home, page, "areas")
    assert offered(page) == {"attic": "Attic (properties: 1)", "kitchen": "Kitchen (properties: 2)"}
    assert shown(page) == {"areas": ["attic", "kitchen"]}


def change(home: Home, entity_id: str, begun: Iterable[float], times: int) -> None:
    """Have so many values recorded, ten seconds apart, from each of these moments on."""
    for number, at in enumerate(begun):
        write(home.hass, entity_id, [(str(10 * number + one), at + 10 * one) for one in range(times)], MEASURED)


async def test_each_choice_tells_its_messages_a_day(recorder_mock: Recorder, home: Home) -> None:
    now = time.time()
    furnish(home, now - 2 * DAY)
    parts = [now - ago * HOUR for ago in (16.5, 8.5, 0.5)]
    # In 3 of 24 hours: six values, nine values, and three.
    change(home, "sensor.stove", parts, 2)
    change(home, "sensor.nowhere", [at + 600 for at in parts], 3)
    change(home, "sensor.attic", parts, 1)
    await async_wait_recording_done(home.hass)
    page = await published(home)
    # The attic's values share messages of the stove: 6 + 9 messages in 3 of 24 hours, and 6 without those of no room.
    assert said(page)["measuring"] == "properties: 3, messages a day: about 120"
    assert said(page)["areas"] == "properties: 3, messages a day: about 48"
    assert offered(await clicked(home, page, "areas")) == {
        "attic": "Attic (properties: 1, messages a day: about 24)",
        "kitchen": "Kitchen (properties: 2, messages a day: about 48)",
    }


async def test_the_numbers_are_those_of_the_preview_in_a_house_as_large_as_they_come(
    home: Home, emulator: Emulator
) -> None:
    await async_build(home.hass)
    emulator.add_device("a1B2c3D4e5F", SECOND)
    rooms = {"domains": ["light", "climate", "input_text"], "label_id": ["every_third"]}
    home.entry(selection={"include": rooms, "availability": True}).add_to_hass(home.hass)
    page = await published(home, device_name=SECOND)
    assert page["menu_options"] == ["alike", "measuring", "areas", "entities"]
    told = {name: said(page)[name].removeprefix("properties: ") for name in ("alike", "measuring")}
    for name, count in told.items():
        preview = await clicked(home, page, name)
        assert (name, said(preview)["properties"]) == (name, count)
        page = await clicked(home, preview, "publish")
    areas = offered(await clicked(home, page, "areas"))
    for area_id, label in areas.items():
        preview = await home.submit(page["flow_id"], {"areas": [area_id]})
        assert label.endswith(f"(properties: {said(preview)['properties']})")
        page = await clicked(home, await clicked(home, preview, "publish"), "areas")
    preview = await home.submit(page["flow_id"], {"areas": list(areas)})
    page = await clicked(home, preview, "publish")
    assert said(page)["areas"] == f"properties: {said(preview)['properties']}"


# The choices


async def test_all_sensors_that_measure_are_published_by_one_click_and_those_that_come_later(
    home: Home, device: Device
) -> None:
    furnish(home)
    page = await clicked(home, await published(home), "measuring")
    assert await saved(home, page) == {"measuring": True}
    await home.emulator.wait_for(lambda: device.properties.keys() == {"stove", "attic", "nowhere"})
    put(home, "sensor.later")
    await home.emulator.wait_for(lambda: home.stored("later") == [7.0])
    assert device.properties.keys() == {"stove", "attic", "nowhere", "later"}


@pytest.mark.parametrize(
    ("areas", "identifiers"),
    [
        (["kitchen"], {"stove", "scale"}),
        (["attic"], {"attic"}),
        (["attic", "kitchen"], {"stove", "scale", "attic"}),
    ],
)
async def test_everything_in_the_chosen_areas_is_published(
    home: Home, device: Device, areas: list[str], identifiers: set[str]
) -> None:
    furnish(home)
    page = await clicked(home, await published(home), "areas")
    page = await home.submit(page["flow_id"], {"areas": areas})
    assert await saved(home, page) == {"area_id": areas}
    await home.emulator.wait_for(lambda: device.properties.keys() == identifiers)


@pytest.mark.parametrize("typed", [{}, {"areas": []}])
async def test_no_area_is_no_choice(home: Home, typed: dict[str, Any]) -> None:
    furnish(home)
    page = await clicked(home, await published(home), "areas")
    page = await home.submit(page["flow_id"], typed)
    assert (page["step_id"], page["errors"]) == ("areas", {"base": "nothing_chosen"})
    assert shown(page) == {"areas": []}
    page = await home.submit(page["flow_id"], {"areas": ["attic"]})
    assert await saved(home, page) == {"area_id": ["attic"]}


async def test_areas_that_were_chosen_before_are_chosen_again_as_far_as_they_are_there(home: Home) -> None:
    furnish(home)
    put(home, "sensor.tub", "Bath")
    page = await clicked(home, await published(home), "areas")
    page = await home.submit(page["flow_id"], {"areas": ["attic", "bath"]})
    ar.async_get(home.hass).async_delete("bath")
    page = await clicked(home, await clicked(home, page, "publish"), "areas")
    assert shown(page) == {"areas": ["attic"]}
    ar.async_get(home.hass).async_delete("attic")
    page = await home.submit(page["flow_id"], {})
    assert offered(page) == {"attic": "attic (properties: 1)", "kitchen": "Kitchen (properties: 2)"}


async def test_the_choice_of_another_device_of_the_product_is_taken_over_by_one_click(
    home: Home, emulator: Emulator
) -> None:
    furnish(home)
    second = emulator.add_device("a1B2c3D4e5F", SECOND)
    selection = {"include": {"area_id": ["kitchen"]}, "exclude": {"device_classes": ["power"]}, "availability": True}
    home.hass.config_entries.async_update_entry(await home.add_entry(selection=selection), title="The *first*")
    page = await published(home, device_name=SECOND)
    assert page["menu_options"] == ["alike", "measuring", "areas", "entities"]
    # The scale and its availability.
    assert (said(page)["device"], said(page)["alike"]) == ("The *first*", "properties: 2")
    page = await clicked(home, page, "alike")
    page = await clicked(home, await clicked(home, page, "publish"), "entities")
    assert shown(page) == {
        "target": {"area_id": ["kitchen"]},
        "domains": [],
        "device_classes": [],
        "measuring": False,
        "availability": True,
        "exclude": {"target": {}, "domains": [], "device_classes": ["power"]},
    }
    page = await clicked(
        home, await clicked(home, await home.submit(page["flow_id"], chosen("sensor.attic")), "publish"), "alike"
    )
    assert await saved(home, page) == {"area_id": ["kitchen"]}
    await emulator.wait_for(lambda: "scale_available" in second.properties)


async def test_a_device_that_publishes_nothing_offers_no_choice_to_take_over(home: Home, emulator: Emulator) -> None:
    furnish(home)
    emulator.add_device("a1B2c3D4e5F", SECOND)
    await home.add_entry([])
    page = await published(home, device_name=SECOND)
    assert page["menu_options"] == ["measuring", "areas", "entities"]


@pytest.mark.parametrize(
    ("measures", "area", "options"),
    [(True, None, ["measuring", "entities"]), (False, "Kitchen", ["areas", "entities"])],
)
async def test_what_a_home_has_nothing_of_is_not_offered(
    home: Home, measures: bool, area: str | None, options: list[str]
) -> None:
    put(home, "sensor.a", area, measures=measures)
    ar.async_get(home.hass).async_create("Empty")
    page = await published(home)
    assert page["menu_options"] == options


async def test_a_home_without_anything_to_offer_gets_the_form_at_once(home: Home) -> None:
    put(home, "sensor.a", measures=False)
    page = await home.submit(await home.start_flow(), home.typed())
    assert page["step_id"] == "entities"
    page = await home.submit(page["flow_id"], chosen("sensor.a"))
    put(home, "sensor.b")
    page = await clicked(home, page, "publish")
    assert page["menu_options"] == ["measuring", "entities"]


async def test_a_device_that_was_registered_before_comes_to_the_choices_as_well(home: Home) -> None:
    furnish(home)
    page = await published(home)
    home.hass.config_entries.flow.async_abort(page["flow_id"])
    page = await home.submit(await home.start_flow(), home.typed())
    assert page["step_id"] == "kept"
    page = await home.submit(page["flow_id"], {})
    assert (page["type"], page["step_id"]) == (FlowResultType.MENU, "publish")


# Back and forth


async def test_the_form_has_the_choice_made_last_and_loses_nothing_of_it(recorder_mock: Recorder, home: Home) -> None:
    furnish(home)
    page = await clicked(home, await published(home), "entities")
    assert shown(page) == {"exclude": {}}
    page = await home.submit(page["flow_id"], chosen("sensor.scale", history_days=2))
    page = await clicked(home, await clicked(home, page, "publish"), "measuring")
    page = await clicked(home, await clicked(home, page, "publish"), "entities")
    assert shown(page) == {
        "target": {},
        "domains": [],
        "device_classes": [],
        "measuring": True,
        "availability": False,
        "history_days": 2,
        "exclude": {"target": {}, "domains": [], "device_classes": []},
    }
    page = await home.submit(page["flow_id"], {"measuring": True, "domains": ["sensor"], "exclude": {}})
    assert await saved(home, page) == {"domains": ["sensor"], "measuring": True}


async def test_a_later_edit_shows_the_choice_of_all_sensors_and_can_end_it(home: Home, device: Device) -> None:
    furnish(home)
    await saved(home, await clicked(home, await published(home), "measuring"))
    (entry,) = home.hass.config_entries.async_entries("aliyun_iot")
    options = home.hass.config_entries.options
    (file,) = options.async_progress_by_handler(entry.entry_id)  # which the set-up has opened
    options.async_abort(file["flow_id"])
    page = await opened(home, entry, "selection")
    assert shown(page)["measuring"] is True
    page = await options.async_configure(page["flow_id"], {"measuring": False, "exclude": {}})
    assert page["errors"] == {"base": "nothing_chosen"}
    page = await options.async_configure(page["flow_id"], chosen("sensor.scale", measuring=False))
    await options.async_configure(page["flow_id"], {"next_step_id": "save"})
    await home.hass.async_block_till_done()
    assert "measuring" not in entry.options["selection"]["include"]
    await home.emulator.wait_for(lambda: "scale" in device.properties)
