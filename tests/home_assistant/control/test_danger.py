"""Danger: what opens a house, and all that stands before it."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest

from custom_components.aliyun_iot.control.danger import opens_house

from .granting import AC, BED, CEILING, GARAGE, WINDOW, furnish, group, id_of, stand_in


@pytest.fixture(autouse=True)
async def _furnished(hass: HomeAssistant) -> None:
    await furnish(hass)


def change_class(hass: HomeAssistant, entity_id: str, device_class: str | None) -> None:
    er.async_get(hass).async_update_entity(entity_id, device_class=device_class)


@pytest.mark.parametrize(
    "entity_id", ["lock.front_door", "alarm_control_panel.security", GARAGE, WINDOW, "cover.not_there", "light.gone"]
)
def test_locks_alarms_and_covers_of_any_class_that_is_not_harmless_open_it(hass: HomeAssistant, entity_id: str) -> None:
    assert opens_house(hass, entity_id)


@pytest.mark.parametrize("entity_id", [BED, AC, "climate.hvac", "fan.living_room_fan", "media_player.walkman"])
def test_lights_and_the_like_do_not(hass: HomeAssistant, entity_id: str) -> None:
    assert not opens_house(hass, entity_id)


@pytest.mark.parametrize("device_class", ["awning", "blind", "curtain", "damper", "shade", "shutter"])
async def test_a_cover_that_shades_is_harmless(hass: HomeAssistant, device_class: str) -> None:
    change_class(hass, WINDOW, device_class)
    await hass.async_block_till_done()
    assert not opens_house(hass, WINDOW)


@pytest.mark.parametrize("device_class", ["door", "garage", "gate", "window", "something_new"])
async def test_a_cover_of_another_class_is_not(hass: HomeAssistant, device_class: str) -> None:
    hass.states.async_set("cover.yaml", "open", {"device_class": device_class})
    assert opens_house(hass, "cover.yaml")


async def test_a_garage_door_that_is_shown_as_a_curtain_still_opens_it(hass: HomeAssistant) -> None:
    change_class(hass, GARAGE, "curtain")
    await hass.async_block_till_done()
    assert hass.states.get(GARAGE).attributes["device_class"] == "curtain"  # type: ignore[union-attr]  # it is there
    assert opens_house(hass, GARAGE)


@pytest.mark.parametrize(("device_class", "opens"), [("gas", True), ("water", False)])
def test_a_valve_for_gas_opens_it_and_one_for_water_does_not(
    hass: HomeAssistant,
    device_class: str,
    opens: bool,  # a value of the table
) -> None:
    hass.states.async_set("valve.pipe", "open", {"device_class": device_class})
    assert opens_house(hass, "valve.pipe") is opens


async def test_a_group_is_as_dangerous_as_its_most_dangerous_member(hass: HomeAssistant) -> None:
    change_class(hass, WINDOW, "curtain")
    change_class(hass, "cover.hall_window", "blind")
    shades = await group(hass, "cover", "Shades", WINDOW, "cover.hall_window")
    everything = await group(hass, "cover", "Everything", WINDOW, GARAGE)
    lights = await group(hass, "light", "Lights", BED, CEILING)
    assert [opens_house(hass, one) for one in (shades, everything, lights)] == [False, True, False]


async def test_a_group_of_groups_is_followed_to_its_end(hass: HomeAssistant) -> None:
    change_class(hass, WINDOW, "curtain")
    inner = await group(hass, "cover", "Inner", WINDOW)
    outer = await group(hass, "cover", "Outer", inner)
    assert not opens_house(hass, outer)
    change_class(hass, WINDOW, "garage")
    assert opens_house(hass, outer)


async def test_groups_that_contain_each_other_come_to_an_end(hass: HomeAssistant) -> None:
    hass.states.async_set("switch.one", "on", {"entity_id": ["switch.other", BED]})
    hass.states.async_set("switch.other", "on", {"entity_id": ["switch.one"]})
    assert not opens_house(hass, "switch.one")
    hass.states.async_set("switch.other", "on", {"entity_id": ["switch.one", "lock.front_door"]})
    assert opens_house(hass, "switch.one")


@pytest.mark.parametrize("member", ["light.gone", "no entity", 5, None])
async def test_a_member_that_cannot_be_looked_up_may_be_anything(hass: HomeAssistant, member: object) -> None:
    hass.states.async_set("light.all", "on", {"entity_id": [BED, member]})
    assert opens_house(hass, "light.all")


async def test_an_unavailable_group_is_known_by_its_options(hass: HomeAssistant) -> None:
    lights = await group(hass, "light", "Lights", BED)
    hass.states.async_set(lights, "unavailable")
    assert not opens_house(hass, lights)
    switches = await group(hass, "switch", "Switches", AC, "lock.front_door")
    hass.states.async_set(switches, "unavailable")
    assert opens_house(hass, switches)


async def test_an_old_group_of_covers_is_followed(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "group", {"group": {"all": {"entities": [BED, GARAGE]}}})
    await hass.async_block_till_done()
    assert opens_house(hass, "group.all")


async def test_what_stands_for_a_switch_is_as_dangerous_as_that(hass: HomeAssistant) -> None:
    light = await stand_in(hass, AC, "light")
    assert light.startswith("light.")
    assert not opens_house(hass, light)
    assert opens_house(hass, light, {id_of(hass, AC)})


async def test_a_switch_as_a_cover_has_no_class_and_opens_it(hass: HomeAssistant) -> None:
    assert opens_house(hass, await stand_in(hass, AC, "cover"))


async def test_a_mark_of_the_owner_counts_behind_a_group_too(hass: HomeAssistant) -> None:
    switches = await group(hass, "switch", "Switches", AC)
    assert not opens_house(hass, switches)
    assert opens_house(hass, switches, {id_of(hass, AC)})
    hass.states.async_set("switch.opener", "off")
    hass.states.async_set("switch.all", "off", {"entity_id": ["switch.opener"]})
    assert opens_house(hass, "switch.all", {"switch.opener"})


@pytest.mark.parametrize("kind", ["lock", "cover"])
async def test_the_relay_behind_a_lock_or_a_door_opens_it_too(hass: HomeAssistant, kind: str) -> None:
    assert not opens_house(hass, AC)
    made = await stand_in(hass, AC, kind)
    assert opens_house(hass, AC)
    switches = await group(hass, "switch", "Switches", AC)
    assert opens_house(hass, switches)
    er.async_get(hass).async_update_entity(made, disabled_by=er.RegistryEntryDisabler.USER)
    assert opens_house(hass, AC)


async def test_the_relay_of_a_lock_is_found_by_its_registry_id_and_behind_a_group(hass: HomeAssistant) -> None:
    switches = await group(hass, "switch", "Switches", AC)
    await stand_in(hass, id_of(hass, switches), "lock")
    assert [opens_house(hass, one) for one in (switches, AC)] == [True, True]


async def test_what_a_harmless_thing_is_made_of_stays_harmless(hass: HomeAssistant) -> None:
    change_class(hass, WINDOW, "curtain")
    await stand_in(hass, AC, "light")
    await group(hass, "cover", "Everything", WINDOW, GARAGE)
    hass.states.async_set("cover.yaml", "open", {"entity_id": [WINDOW, GARAGE]})
    assert [opens_house(hass, one) for one in (AC, WINDOW)] == [False, False]


@pytest.mark.parametrize("entity_id", ["cover.gates", "lock.doors"])
async def test_the_members_of_a_group_that_opens_by_its_class_do_so_too(hass: HomeAssistant, entity_id: str) -> None:
    hass.states.async_set("cover.inner", "open", {"device_class": "shade", "entity_id": [AC]})
    hass.states.async_set(entity_id, "open", {"device_class": "gate", "entity_id": ["cover.inner", 5]})
    assert [opens_house(hass, one) for one in ("cover.inner", AC, BED)] == [True, True, False]


async def test_a_mark_of_what_stands_for_a_switch_counts_for_the_switch(hass: HomeAssistant) -> None:
    light = await stand_in(hass, AC, "light")
    assert opens_house(hass, AC, {id_of(hass, light)})
