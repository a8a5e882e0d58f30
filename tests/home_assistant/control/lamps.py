"""A house of lamps that the cloud may control, and that do as a test wants."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
import json
from typing import Any

from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.components.light import ATTR_BRIGHTNESS, ColorMode, LightEntity
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, setup_test_component_platform

from custom_components.aliyun_iot.control.model_files import async_packed
from tests.emulator import Device, Limits

from .. import DEVICE_NAME, PRODUCT_KEY, Home

SWITCH = "switch.ha_gateway_01_control_from_the_cloud"
SWITCH_ALL = "switch.control_from_alibaba_cloud"
EVENT = "event.ha_gateway_01_cloud_command"
EXECUTED = "sensor.ha_gateway_01_commands_executed"
REFUSED = "sensor.ha_gateway_01_commands_refused"
SET = f"/sys/{PRODUCT_KEY}/{DEVICE_NAME}/thing/service/property/set"

# Messages a second, so that no test waits for the budget.
FAST = {"rate": 200, "burst": 200}


class Lamp(LightEntity):
    """A lamp that notes what it is asked for, and that can hang or fail."""

    _attr_should_poll = False
    _attr_color_mode = ColorMode.BRIGHTNESS

    def __init__(self, name: str, *, is_on: bool = False) -> None:
        self._attr_name = self._attr_unique_id = name
        self._attr_supported_color_modes = {ColorMode.BRIGHTNESS}
        self._attr_is_on = is_on
        self.asked: list[str] = []
        self.users: list[str | None] = []
        self.is_broken = False
        self.is_mute = False  # does as asked, and does not tell
        self.lets_go = asyncio.Event()
        self.lets_go.set()

    async def async_turn_on(self, **kwargs: Any) -> None:
        await self._act("on", is_on=True, brightness=kwargs.get(ATTR_BRIGHTNESS))

    async def async_turn_off(self, **_kwargs: Any) -> None:
        await self._act("off", is_on=False, brightness=None)

    async def _act(self, asked: str, *, is_on: bool, brightness: int | None) -> None:
        self.asked.append(asked)
        self.users.append(None if self._context is None else self._context.user_id)
        await self.lets_go.wait()
        if self.is_broken:
            raise HomeAssistantError("the number is 4711")
        self._attr_is_on = is_on
        self._attr_brightness = brightness if brightness is not None else self._attr_brightness
        if not self.is_mute:
            self.async_write_ha_state()


@dataclass(frozen=True, kw_only=True)
class House:
    """Lamps, and the entry through which the cloud may control them."""

    home: Home
    entry: MockConfigEntry
    lamps: Mapping[str, Lamp]

    @property
    def hass(self) -> HomeAssistant:
        return self.home.hass

    @property
    def device(self) -> Device:
        return self.home.emulator.device(PRODUCT_KEY, DEVICE_NAME)

    def state(self, name: str) -> str:
        state = self.hass.states.get(f"light.{name}")
        assert state is not None
        return state.state

    async def set(self, params: Mapping[str, Any]) -> tuple[int, str]:
        """Set properties as the cloud does; returns the code and the message of the reply."""
        reply = await self.home.emulator.set_properties(PRODUCT_KEY, DEVICE_NAME, dict(params))
        return reply["code"], reply.get("message", "")

    async def push(self, params: Any, *, id_: str) -> None:
        """Send a set with an id of the test's choice."""
        payload = {"id": id_, "version": "1.0", "params": params, "method": "thing.service.property.set"}
        await self.home.emulator.push(PRODUCT_KEY, DEVICE_NAME, SET, json.dumps(payload).encode())

    async def until_event(self, kind: str, **wanted: Any) -> Mapping[str, Any]:
        """Return the attributes of the event entity once it tells of such a command."""
        attributes: dict[str, Any] = {}

        def fits(state: Any) -> bool:
            attributes.update(state.attributes)
            told = {"event_type": kind, **wanted}
            return all(state.attributes.get(name) == value for name, value in told.items())

        await self.home.until(EVENT, fits)
        return attributes


def reference_of(hass: HomeAssistant, entity_id: str) -> str:
    entry = er.async_get(hass).async_get(entity_id)
    assert entry is not None
    return entry.id


def granting(hass: HomeAssistant, entity_ids: Sequence[str]) -> dict[str, Any]:
    """Return the options of an entry with these entities granted one by one."""
    single = {reference_of(hass, entity_id): entity_id for entity_id in entity_ids}
    lives = dict.fromkeys(single, "")  # lamps have no config entry
    return {"control": {"by": {}, "granted": {}, "single": single, "lives": lives, "never": [], "opens": []}}


async def administrator(hass: HomeAssistant) -> Context:
    """Return the context of an administrator's action."""
    return Context(user_id=(await hass.auth.async_create_user("Admin", group_ids=[GROUP_ID_ADMIN])).id)


async def async_furnish(hass: HomeAssistant, lamps: Sequence[Lamp]) -> None:
    """Put lamps into the house."""
    setup_test_component_platform(hass, "light", lamps)
    assert await async_setup_component(hass, "light", {"light": {"platform": "test"}})
    assert await async_setup_component(hass, "homeassistant", {})
    await hass.async_block_till_done()


async def async_import(home: Home, entry: MockConfigEntry) -> None:
    """Import the file of an entry in the console, and let the entry read the model over a new link."""
    packed = await async_packed(home.hass, entry)
    home.emulator.import_thing_model(PRODUCT_KEY, packed.body)
    await async_read_model(home, entry)


async def async_read_model(home: Home, entry: MockConfigEntry) -> None:
    """Reload an entry, and return once it has read the product's model over the new link."""
    await home.hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: entry.runtime_data.data.is_model_current)


async def until(predicate: Callable[[], bool]) -> None:
    """Return once something holds that tells nobody of its changes."""
    async with asyncio.timeout(10):
        while not predicate():  # noqa: ASYNC110  # nothing to wait for
            await asyncio.sleep(0.01)


async def build(
    home: Home,
    lamps: Sequence[Lamp],
    *,
    granted: Sequence[str] | None = None,
    delivery: Mapping[str, Any] = FAST,
    data: Mapping[str, Any] | None = None,
) -> House:
    """Set up an entry that publishes lamps and grants some of them; all, unless they are named."""
    hass = home.hass
    home.emulator.limits = Limits.none()
    await async_furnish(hass, lamps)
    entity_ids = [f"light.{lamp.name}" for lamp in lamps]
    entry = await home.add_entry(entity_ids, delivery=delivery, **(data or {}))
    names = [str(lamp.name) for lamp in lamps] if granted is None else granted
    options = {**entry.options, **granting(hass, [f"light.{name}" for name in names])}
    hass.config_entries.async_update_entry(entry, options=options)
    await async_import(home, entry)
    return House(home=home, entry=entry, lamps={str(lamp.name): lamp for lamp in lamps})
