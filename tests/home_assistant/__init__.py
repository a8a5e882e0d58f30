"""The integration in Home Assistant, over real sockets to the emulator."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import instance_id
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.aliyun_iot.const import DOMAIN
from custom_components.aliyun_iot.selection.criteria import references
from tests.emulator import Emulator

PRODUCT_KEY = "a1B2c3D4e5F"
PRODUCT_SECRET = "Px7QkLm2Nv9RtYw3"
DEVICE_NAME = "ha-gateway-01"
CONNECTION = "binary_sensor.ha_gateway_01_mqtt_client"
LAST_CONFIRMED = "sensor.ha_gateway_01_last_confirmed"
VALUES_CONFIRMED = "sensor.ha_gateway_01_values_confirmed"
VALUES_LOST = "sensor.ha_gateway_01_values_lost"


def chosen(*entity_ids: str, **more: Any) -> dict[str, Any]:
    """Return the user's input on the page for the entities: these ones, chosen one by one, and `more`."""
    return {"target": {"entity_id": list(entity_ids)}, "exclude": {}, **more}


def tsl(*names: str, **specs: str) -> dict[str, Any]:
    """Return a thing model with numbers of these names."""
    return {
        "properties": [
            {"identifier": name, "name": name, "accessMode": "r", "dataType": {"type": "double", "specs": specs}}
            for name in names
        ],
        "events": [],
        "services": [],
    }


@dataclass(frozen=True, kw_only=True)
class Home:
    """One Home Assistant beside one platform, with the actions of a user."""

    hass: HomeAssistant
    emulator: Emulator

    def network(self, **changes: Any) -> dict[str, Any]:
        """Return the section that leads to the emulator."""
        return {
            "host": "127.0.0.1",
            "port": self.emulator.mqtts_port,
            "registration": "mqtt",
            "https_host": f"127.0.0.1:{self.emulator.https_port}",
            **changes,
        }

    def typed(self, network: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        """Return the user's input on the first page."""
        return {
            "product_key": PRODUCT_KEY,
            "product_secret": PRODUCT_SECRET,
            "device_name": DEVICE_NAME,
            "region": "cn-shanghai",
            "network": self.network() if network is None else dict(network),
            **changes,
        }

    async def start_flow(self) -> str:
        """Open the dialog."""
        result = await self.hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
        return result["flow_id"]

    async def submit(self, flow_id: str, user_input: Mapping[str, Any]) -> ConfigFlowResult:
        """Submit a page, and wait for the next one when the dialog shows progress."""
        result = await self.hass.config_entries.flow.async_configure(flow_id, dict(user_input))
        if result["type"] == "progress":
            await self.hass.async_block_till_done()
            result = await self.hass.config_entries.flow.async_configure(flow_id)
        return result

    async def choose(self, flow_id: str, *entity_ids: str, **more: Any) -> ConfigFlowResult:
        """Choose entities, look at the preview, and save the entry."""
        page = await self.submit(flow_id, chosen(*entity_ids, **more))
        assert (page["type"], page["step_id"]) == (FlowResultType.MENU, "preview")
        return await self.submit(flow_id, {"next_step_id": "save"})

    async def add_entry(
        self,
        entity_ids: Iterable[str] = (),
        *,
        selection: Mapping[str, Any] | None = None,
        delivery: Mapping[str, Any] | None = None,
        **data: Any,
    ) -> MockConfigEntry:
        """Set up an entry of a device that is registered already."""
        home = await self.instance_id()
        entry = self.entry(entity_ids, selection=selection, delivery=delivery, **{"home": home, **data})
        await self.set_up(entry)
        return entry

    async def instance_id(self) -> str:
        """Return the id of this Home Assistant."""
        return await instance_id.async_get(self.hass)

    async def set_up(self, entry: MockConfigEntry) -> None:
        """Add an entry and wait until it is set up."""
        entry.add_to_hass(self.hass)
        await self.hass.config_entries.async_setup(entry.entry_id)
        await self.hass.async_block_till_done()

    def entry(
        self,
        entity_ids: Iterable[str] = (),
        *,
        selection: Mapping[str, Any] | None = None,
        delivery: Mapping[str, Any] | None = None,
        **data: Any,
    ) -> MockConfigEntry:
        """Make an entry as the flow would have made it, of entities by their ids or of `selection`."""
        include = {"entities": references(self.hass, entity_ids)}
        return MockConfigEntry(
            domain=DOMAIN,
            title=DEVICE_NAME,
            unique_id=f"{PRODUCT_KEY}_{DEVICE_NAME}",
            data={
                "product_key": PRODUCT_KEY,
                "device_name": DEVICE_NAME,
                "device_secret": self.emulator.device(PRODUCT_KEY, DEVICE_NAME).secret,
                "region": "cn-shanghai",
                "host": "127.0.0.1",
                "port": self.emulator.mqtts_port,
                "https_host": f"127.0.0.1:{self.emulator.https_port}",
                **data,
            },
            options={
                "selection": {"include": include} if selection is None else dict(selection),
                **({"delivery": dict(delivery)} if delivery else {}),
            },
        )

    async def until_state(self, entity_id: str, wanted: str) -> None:
        """Return as soon as an entity has a state."""
        await self.until(entity_id, lambda state: state.state == wanted)

    async def until(self, entity_id: str, predicate: Callable[[State], bool]) -> None:
        """Return as soon as an entity's state is as wanted; TimeoutError when it never is."""
        reached = self.hass.loop.create_future()

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            look()

        def look() -> None:
            now = self.hass.states.get(entity_id)
            if now is not None and predicate(now) and not reached.done():
                reached.set_result(None)

        stop = self.hass.bus.async_listen(EVENT_STATE_CHANGED, changed)
        look()
        try:
            async with asyncio.timeout(20):
                await reached
        finally:
            stop()

    def stored(self, identifier: str) -> list[Any]:
        """Return every value that the platform has stored for a property, in the order of their own times."""
        device = self.emulator.device(PRODUCT_KEY, DEVICE_NAME)
        return [sample.value for sample in sorted(device.history_of(identifier), key=lambda sample: sample.time)]
