"""Strikes: lightning as an integration of Home Assistant tells of it, each strike an entity that comes and goes."""

from dataclasses import dataclass, field
from typing import Final, override

from homeassistant.components.geo_location import GeolocationEvent
from homeassistant.config_entries import ConfigEntry, ConfigFlow
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddEntitiesCallback
from homeassistant.helpers.typing import ConfigType, DiscoveryInfoType
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_config_flow,
    mock_integration,
    mock_platform,
)

DOMAIN: Final = "lightning"


class Strike(GeolocationEvent):
    """One strike."""

    _attr_should_poll = False
    _attr_unit_of_measurement = "km"

    def __init__(self, name: str, distance: float, *, is_registered: bool, is_located: bool) -> None:
        self.entity_id = f"geo_location.{name}"
        self._attr_name = name
        self._attr_distance = distance
        self._attr_latitude, self._attr_longitude = (31.0, 121.0) if is_located else (None, None)
        self._attr_unique_id = name if is_registered else None

    def move(self, distance: float) -> None:
        """Be at another distance."""
        self._attr_distance = distance
        self.async_write_ha_state()

    @property
    @override
    def source(self) -> str:
        return DOMAIN


@dataclass(kw_only=True)
class Storm:
    """The strikes of now; with a config entry also of an integration that can be unloaded."""

    hass: HomeAssistant
    entry: MockConfigEntry
    is_registered: bool = False  # whether strikes have entries in the registry
    is_located: bool = False  # whether strikes tell their location, which is a property of its own
    add_entities: list[AddEntitiesCallback] = field(default_factory=list)
    strikes: dict[str, Strike] = field(default_factory=dict)

    async def strike(self, *names: str, distance: float = 1.0) -> None:
        """Let strikes appear, each one kilometre further away than the one before."""
        new = {
            name: Strike(name, distance + number, is_registered=self.is_registered, is_located=self.is_located)
            for number, name in enumerate(names)
        }
        self.strikes |= new
        self.add_entities[-1](new.values())
        await self.hass.async_block_till_done()

    def move(self, name: str, distance: float) -> None:
        """Let a strike be at another distance."""
        self.strikes[name].move(distance)

    async def fade(self, *names: str) -> None:
        """Let strikes disappear, with their entries in the registry as far as they have any."""
        for name in names:
            strike = self.strikes.pop(name)
            if strike.registry_entry is not None:
                er.async_get(self.hass).async_remove(strike.entity_id)
            else:
                await strike.async_remove()
        await self.hass.async_block_till_done()


async def storm(hass: HomeAssistant, *, is_registered: bool = False, is_located: bool = False) -> Storm:
    """Set up an integration without any strikes yet."""
    found = Storm(hass=hass, entry=MockConfigEntry(domain=DOMAIN), is_registered=is_registered, is_located=is_located)

    async def set_up(
        _hass: HomeAssistant,
        _config: ConfigType | ConfigEntry,
        add_entities: AddEntitiesCallback,
        _info: DiscoveryInfoType | None = None,
    ) -> None:
        found.add_entities.append(add_entities)

    async def set_up_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        await hass.config_entries.async_forward_entry_setups(entry, ["geo_location"])
        return True

    async def unload_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        return await hass.config_entries.async_unload_platforms(entry, ["geo_location"])

    mock_integration(
        hass, MockModule(DOMAIN, async_setup_entry=set_up_entry, async_unload_entry=unload_entry), built_in=False
    )
    mock_platform(hass, f"{DOMAIN}.geo_location", MockPlatform(async_setup_entry=set_up))
    mock_platform(hass, f"{DOMAIN}.config_flow", None)
    assert await async_setup_component(hass, "geo_location", {})
    found.entry.add_to_hass(hass)
    with mock_config_flow(DOMAIN, ConfigFlow):
        assert await hass.config_entries.async_setup(found.entry.entry_id)
    await hass.async_block_till_done()
    return found
