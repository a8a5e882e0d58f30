"""A real emulator on this machine, and a Home Assistant that trusts it."""

from collections.abc import AsyncGenerator
import logging

from homeassistant.components.recorder.pool import MutexPool
from homeassistant.core import HomeAssistant
import pytest

# Home Assistant finds the integration by this package; imported too late, it finds the test plugin's own.
from custom_components.aliyun_iot import coordinator, gathered_log
from custom_components.aliyun_iot.pages import connect_pages
from custom_components.aliyun_iot.selection import live
from custom_components.aliyun_iot.verdict import check
from tests.emulator import Device, Emulator, Product

from . import DEVICE_NAME, PRODUCT_KEY, Home

# The test plugin makes SQLAlchemy log every statement of the recorder's database. Its `caplog` adds all debug
# lines, and a recorder's threads write one for each use of the database, also while pytest does not capture them:
# between the set-up, the call and the teardown of a test.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
logging.getLogger("homeassistant.components.recorder.pool").setLevel(logging.INFO)


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Give each test a configuration folder of its own, since stored files outlive their entry."""
    return hass_tmp_config_dir


@pytest.fixture
async def emulator(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Emulator]:
    """Run the platform with one product and one device added to it."""
    async with Emulator(
        products=[Product(product_key=PRODUCT_KEY)], devices=[(PRODUCT_KEY, DEVICE_NAME)], registration_cut=0.2
    ) as running:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(running.ca_file))
        yield running


@pytest.fixture
def device(emulator: Emulator) -> Device:
    """Return the device as the platform sees it."""
    return emulator.device(PRODUCT_KEY, DEVICE_NAME)


@pytest.fixture(autouse=True)
def _nothing_waits_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Update the entities, the selection, the dialog and the log without the pauses that are made for people."""
    monkeypatch.setattr(coordinator, "QUIET", 0.0)
    monkeypatch.setattr(gathered_log, "TOGETHER", 0.0)
    monkeypatch.setattr(live, "_QUIET", 0.0)
    monkeypatch.setattr(connect_pages, "SHOWN_AT_LEAST", 0.0)
    monkeypatch.setattr(check, "SHOWN_AT_LEAST", 0.0)
    monkeypatch.setattr(check, "PAUSE", 0.2)


@pytest.fixture(autouse=True)
def _a_query_ends_before_its_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a recorder in memory wait for its last query, as Home Assistant does since 2026.8: before, Python crashed."""
    dispose = MutexPool.dispose

    def wait_and_dispose(pool: MutexPool) -> None:
        with MutexPool.pool_lock:
            dispose(pool)

    monkeypatch.setattr(MutexPool, "dispose", wait_and_dispose)


@pytest.fixture
async def home(emulator: Emulator, hass: HomeAssistant, enable_custom_integrations: None) -> AsyncGenerator[Home]:
    """Return a Home Assistant that finds the integration, after the platform is up."""
    yield Home(hass=hass, emulator=emulator)
    # In a test, the recorder ends before Home Assistant does; at home it outlives the entries. So they are unloaded
    # first.
    for entry in hass.config_entries.async_loaded_entries("aliyun_iot"):
        await hass.config_entries.async_unload(entry.entry_id)
