"""A real Home Assistant in this process, without its front door."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
import tempfile
from types import MappingProxyType
from typing import Any, Final

from homeassistant import bootstrap, loader
from homeassistant.config_entries import SOURCE_USER, ConfigEntries, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.helpers import instance_id, recorder
from homeassistant.setup import async_setup_component

from tests.demo.processes import free_port

DOMAIN: Final = "aliyun_iot"
PRODUCT_KEY: Final = "a1B2c3D4e5F"
DEVICE_NAME: Final = "ha-gateway-01"
DEVICE_SECRET: Final = "4c0a9e1b7d3f5a6288e1d0c3b5a79f42"
FASTEST: Final = 10.0  # messages a second


@asynccontextmanager
async def home(folder: Path | None = None, **components: dict[str, Any]) -> AsyncIterator[HomeAssistant]:
    """Start Home Assistant with some components, in a folder that stays or in one of its own."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as temporary:
        (Path(folder or temporary) / "configuration.yaml").touch()
        hass = HomeAssistant(str(folder or temporary))
        loader.async_setup(hass)
        hass.config.skip_pip = True
        hass.config_entries = ConfigEntries(hass, {})
        await loader.async_get_custom_components(hass)
        assert await bootstrap.async_load_base_functionality(hass)
        await async_process_ha_core_config(hass, {})
        recorder.async_initialize_recorder(hass)
        for domain, configuration in components.items():
            assert await async_setup_component(hass, domain, {domain: configuration}), domain
        await hass.async_start()
        try:
            yield hass
        finally:
            await hass.async_stop(force=True)


async def add_statestream(hass: HomeAssistant, broker_port: int) -> None:
    """Set up the exporter that Home Assistant brings along, without attributes, as most people have it."""
    http = {"server_host": ["127.0.0.1"], "server_port": free_port()}
    assert await async_setup_component(hass, "http", {"http": http})
    data = {"broker": "127.0.0.1", "port": broker_port, "protocol": "5", "discovery": False}
    await _add(hass, domain="mqtt", title="mosquitto", data=data, options={}, unique_id=None)
    statestream = {"base_topic": "statestream", "publish_attributes": False, "publish_timestamps": False}
    assert await async_setup_component(hass, "mqtt_statestream", {"mqtt_statestream": statestream})
    await hass.async_block_till_done()


async def add_ours(
    hass: HomeAssistant,
    broker_port: int,
    properties: Mapping[str, str] | None = None,
    *,
    include: Mapping[str, Any] | None = None,
    transport: str = "tcp",
    granted: Mapping[str, str] | None = None,
    **delivery: Any,
) -> ConfigEntry[Any]:
    """Set up the integration as its flow would have done; over TCP, as nearly everything else here.

    It publishes the entities of `properties` by name, or what `include` reaches. The cloud may control those that are
    `granted`, by their registry ids.
    """
    data = {
        "product_key": PRODUCT_KEY,
        "device_name": DEVICE_NAME,
        "device_secret": DEVICE_SECRET,
        "region": "cn-shanghai",
        "host": "127.0.0.1",
        "port": broker_port,
        "transport": transport,
        "home": await instance_id.async_get(hass),
    }
    options = {
        "selection": {"include": include or {"entities": {entity_id: entity_id for entity_id in properties or ()}}},
        "delivery": {"mode": "every_change", "interval": 0, "rate": FASTEST, "burst": 5, "repeat": 0, **delivery},
    }
    if granted:
        options["control"] = {"single": dict(granted)}
    return await _add(
        hass, domain=DOMAIN, title=DEVICE_NAME, data=data, options=options, unique_id=f"{PRODUCT_KEY}_{DEVICE_NAME}"
    )


async def _add(
    hass: HomeAssistant,
    *,
    domain: str,
    title: str,
    data: dict[str, Any],
    options: dict[str, Any],
    unique_id: str | None,
) -> ConfigEntry[Any]:
    entry: ConfigEntry[Any] = ConfigEntry(
        data=data,
        discovery_keys=MappingProxyType({}),
        domain=domain,
        entry_id=f"benchmark_{domain}",
        minor_version=1,
        options=options,
        source=SOURCE_USER,
        subentries_data=(),
        title=title,
        unique_id=unique_id,
        version=1,
    )
    await hass.config_entries.async_add(entry)
    return entry
