"""Switches: end all control from the cloud, for one entry or for all.

An entity is only the face of its switch (control/permission.py): disabling or removing it changes nothing.

The one for all entries belongs to none of them, so it has no device. Each entry that is set up makes sure that it is
there; it stays for as long as Home Assistant runs, and goes with the last entry.
"""

from typing import Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import discovery, entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback, AddEntitiesCallback
from homeassistant.helpers.typing import ConfigType, DiscoveryInfoType
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .control.permission import ALL, OvertakenError, Permission, async_permission
from .control.runs import is_run
from .coordinator import AliyunIotConfigEntry, AliyunIotCoordinator
from .durable import reason
from .entity import AliyunIotEntity

PARALLEL_UPDATES = 0

_HAS_ALL: Final[HassKey[bool]] = HassKey(f"{DOMAIN}_has_switch_for_all")

CONTROL: Final = SwitchEntityDescription(
    key="control", translation_key="control", entity_category=EntityCategory.CONFIG
)
CONTROL_ALL: Final = SwitchEntityDescription(
    key="control_all", translation_key="control_all", entity_category=EntityCategory.CONFIG
)


async def async_setup_entry(
    hass: HomeAssistant, entry: AliyunIotConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the switch of an entry."""
    async_add_entities([EntryControlSwitch(entry.runtime_data, await async_permission(hass))])
    if not hass.data.get(_HAS_ALL):
        hass.data[_HAS_ALL] = True
        await discovery.async_load_platform(hass, Platform.SWITCH, DOMAIN, {}, {})


async def async_setup_platform(
    hass: HomeAssistant,
    _config: ConfigType,
    async_add_entities: AddEntitiesCallback,
    _discovered: DiscoveryInfoType | None = None,
) -> None:
    """Add the switch for all entries."""
    async_add_entities([ControlSwitch(await async_permission(hass), ALL, CONTROL_ALL)])


@callback
def async_remove_switch_for_all(hass: HomeAssistant) -> None:
    """Remove the switch for all entries after the last one."""
    registry = er.async_get(hass)
    hass.data.pop(_HAS_ALL, None)
    if (entity_id := registry.async_get_entity_id(Platform.SWITCH, DOMAIN, CONTROL_ALL.key)) is not None:
        registry.async_remove(entity_id)


class ControlSwitch(SwitchEntity):
    """One of the switches of the permission."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, permission: Permission, switch: str, description: SwitchEntityDescription) -> None:
        """Show one switch."""
        self.entity_description = description
        self._attr_unique_id = description.key
        self._permission = permission
        self._switch = switch

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self._permission.async_listen(self.async_write_ha_state))

    @property
    @override
    def is_on(self) -> bool:
        return self._permission.is_on(self._switch)

    @override
    async def async_turn_off(self, **_kwargs: Any) -> None:
        try:
            await self._permission.async_turn_off(self._switch)
        except OSError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="control_off_not_kept",
                translation_placeholders={"reason": reason(err)},
            ) from err

    @override
    async def async_turn_on(self, **_kwargs: Any) -> None:
        # Home Assistant sets the context before it calls, and gives no other way to it.
        if not await _async_may_turn_on(self.hass, self._context):
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="control_needs_administrator")
        try:
            await self._permission.async_turn_on(self._switch)
        except OvertakenError as err:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="control_on_overtaken") from err
        except OSError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="control_on_not_kept",
                translation_placeholders={"reason": reason(err)},
            ) from err


class EntryControlSwitch(AliyunIotEntity, ControlSwitch):
    """The switch of one entry."""

    def __init__(self, coordinator: AliyunIotCoordinator, permission: Permission) -> None:
        """Show the switch of the coordinator's entry."""
        ControlSwitch.__init__(self, permission, coordinator.config_entry.entry_id, CONTROL)
        AliyunIotEntity.__init__(self, coordinator, CONTROL)


async def _async_may_turn_on(hass: HomeAssistant, context: Context | None) -> bool:
    """Tell whether an action comes from an administrator, or from an automation that has started by itself.

    An automation that follows a change has a parent, and the cause of that change may be a guest, or the cloud itself.
    """
    if context is None:
        return False
    if context.user_id is None:
        return is_run(hass, context)
    user = await hass.auth.async_get_user(context.user_id)
    return user is not None and user.is_active and user.is_admin
