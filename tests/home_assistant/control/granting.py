"""A house to grant from: the core demo in an area, with helpers that stand before other entities."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from unittest.mock import patch

from homeassistant.components import demo
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .. import Home

BED, CEILING, WINDOW, GARAGE, AC = (
    "light.bed_light",
    "light.ceiling_lights",
    "cover.kitchen_window",
    "cover.garage_door",
    "switch.ac",
)
_KINDS = [
    *(Platform.ALARM_CONTROL_PANEL, Platform.CLIMATE, Platform.COVER, Platform.FAN, Platform.LIGHT, Platform.LOCK),
    *(Platform.MEDIA_PLAYER, Platform.NUMBER, Platform.SWITCH),
]
type Json = dict[str, Any]


async def furnish(hass: HomeAssistant) -> None:
    """Set up the demo, without the kinds of entities that nothing here asks for: they take seconds."""
    assert await async_setup_component(hass, "homeassistant", {})
    with patch.object(demo, "COMPONENTS_WITH_CONFIG_ENTRY_DEMO_PLATFORM", _KINDS):
        await set_up(hass, MockConfigEntry(domain="demo", title="Demo"))


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def group(hass: HomeAssistant, kind: str, name: str, *members: str) -> str:
    """Make a group as a person does it under Helpers, and return its entity id."""
    options = {"group_type": kind, "name": name, "entities": list(members), "hide_members": False, "all": False}
    await set_up(hass, MockConfigEntry(domain="group", title=name, options=options))
    return f"{kind}.{name.lower()}"


async def stand_in(hass: HomeAssistant, source: str, kind: str) -> str:
    """Change the device type of a switch, and return the entity that stands for it."""
    options = {"entity_id": source, "target_domain": kind, "invert": False}
    entry = MockConfigEntry(domain="switch_as_x", title="Other", options=options, version=1, minor_version=3)
    await set_up(hass, entry)
    (made,) = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return made.entity_id


def place(hass: HomeAssistant, *entity_ids: str, area: str = "Kitchen") -> str:
    """Put entities into an area, with their devices where they have some, and return its id."""
    area_id = ar.async_get(hass).async_get_or_create(area).id
    for entity_id in entity_ids:
        if (device_id := er.async_get(hass).entities[entity_id].device_id) is not None:
            dr.async_get(hass).async_update_device(device_id, area_id=area_id)
        else:
            er.async_get(hass).async_update_entity(entity_id, area_id=area_id)
    return area_id


async def until(predicate: Callable[[], bool]) -> None:
    """Return as soon as the next look at the registries has made the predicate true; nothing tells of all of it."""
    async with asyncio.timeout(10):
        while not predicate():  # noqa: ASYNC110  # see above
            await asyncio.sleep(0.01)


def id_of(hass: HomeAssistant, entity_id: str) -> str:
    found = er.async_get(hass).async_get(entity_id)
    assert found is not None
    return found.id


async def stepped(home: Home, page: ConfigFlowResult, typed: Mapping[str, Any]) -> ConfigFlowResult:
    result = await home.hass.config_entries.options.async_configure(page["flow_id"], dict(typed))
    await home.hass.async_block_till_done()
    return result


async def reviewed(
    home: Home, entry: MockConfigEntry, opens: tuple[str, ...] = (), **target: list[str]
) -> ConfigFlowResult:
    """Fill the form in, and return the preview."""
    page = await home.hass.config_entries.options.async_init(entry.entry_id)
    page = await stepped(home, page, {"next_step_id": "control"})
    assert (page["type"], page["step_id"]) == (FlowResultType.FORM, "control")
    page = await stepped(home, page, {"target": target, "opens": list(opens)})
    assert (page["type"], page["step_id"]) == (FlowResultType.MENU, "control_review")
    return page


async def grant(
    home: Home, entry: MockConfigEntry, opens: tuple[str, ...] = (), **target: list[str]
) -> Mapping[str, str]:
    """Grant, and return what the preview says."""
    page = await reviewed(home, entry, opens, **target)
    said = page["description_placeholders"]
    assert said is not None
    page = await stepped(home, page, {"next_step_id": "control_save"})
    assert page["type"] is FlowResultType.CREATE_ENTRY
    return said


async def settable(home: Home, entry: MockConfigEntry, mode: str = "rw") -> list[str]:
    """Return the identifiers that the file for the console lets the cloud set, or has in another access mode."""
    answer = await home.hass.services.async_call(
        "aliyun_iot", "get_thing_model", {"config_entry_id": entry.entry_id}, blocking=True, return_response=True
    )
    assert answer is not None
    files: Any = answer["files"]
    return sorted(
        one["identifier"] for file in files.values() for one in file["properties"] if one["accessMode"] == mode
    )


def issue(home: Home, kind: str) -> ir.IssueEntry | None:
    found = [one for (_, name), one in ir.async_get(home.hass).issues.items() if name.startswith(f"{kind}_")]
    return found[0] if found else None
