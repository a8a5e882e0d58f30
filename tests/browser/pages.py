"""Home Assistant's own pages about an integration: integration, device, diagnostics, system, actions."""

import json

from playwright.async_api import Locator, expect

from tests.demo.home_assistant import INTEGRATION as SOURCE
from tests.demo.platform import DEVICE_NAME, PRODUCT_KEY, PRODUCT_SECRET
from tests.demo.rig import Rig

from .dialogs import DOMAIN, ENTRIES, INTEGRATION
from .registered import secret_of
from .screen import Screen
from .texts import ENTRY, Texts

CONNECTED = "1 / 1"
CONSOLE = "https://iot.console.aliyun.com/product/region/cn-shanghai"


async def look(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Look at each, after the entry was reloaded."""
    (entry,) = await rig.client.get(ENTRIES, domain=DOMAIN)
    await rig.client.post(f"{ENTRIES}/{entry['entry_id']}/reload")
    await _integration(screen, texts)
    await _diagnostics(screen, texts, rig)
    await _device(screen, texts)
    await _attributes(screen, texts)
    await _action(screen, texts, "send_history", "config_entry_id", "days")
    await _system(screen, texts)
    await _action(screen, texts, "get_thing_model", "config_entry_id")


async def open_menu(screen: Screen, texts: Texts, name: str = DEVICE_NAME) -> None:
    """Open the menu of an entry, on the page of the integration."""
    entry = screen.page.locator("ha-config-entry-row").filter(has_text=name)
    await screen.click(entry.get_by_role("button", name=texts.frontend("ui.common.menu")).first)


async def _integration(screen: Screen, texts: Texts) -> None:
    await screen.go(INTEGRATION)
    await expect(screen.page.get_by_role("heading", name=texts.own("title"))).to_be_visible()
    await screen.shows(DEVICE_NAME)
    documentation = json.loads((SOURCE / "manifest.json").read_text())["documentation"]
    await expect(screen.page.locator(f'a[href="{documentation}"]').first).to_be_visible()
    await screen.keep("integration", narrow=True)


async def _diagnostics(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Check that the diagnostics, which people attach to reports, hold the helpful facts and no personal ones."""
    await open_menu(screen, texts)
    await screen.shows(texts.frontend(f"{ENTRY}.download_diagnostics"))
    await screen.keep("entry-menu")
    async with screen.page.expect_download() as download:
        await screen.choose(texts.frontend(f"{ENTRY}.download_diagnostics"))
    text = (await (await download.value).path()).read_text()
    assert json.loads(text)["data"]["status"]["connection"] == "connected"
    for own in (PRODUCT_KEY, PRODUCT_SECRET, DEVICE_NAME, secret_of(rig)):
        assert own not in text, "the diagnostics say what is nobody's business"


async def _device(screen: Screen, texts: Texts) -> None:
    await screen.click(screen.page.get_by_role("listitem").get_by_text(DEVICE_NAME).first)
    counters = ("last_confirmed", "values_confirmed", "values_rejected", "values_unfit", "values_lost")
    entities = ("binary_sensor.mqtt_client", "button.send_now", *(f"sensor.{name}" for name in counters))
    unit = texts.own("entity.sensor.values_confirmed.unit_of_measurement")
    await screen.shows(*(texts.own(f"entity.{entity}.name") for entity in entities), f"{{count}} {unit}")
    await expect(_visit(screen, texts), "the way to the console").to_have_attribute("href", CONSOLE)
    await screen.keep("device", narrow=True)


def _visit(screen: Screen, texts: Texts) -> Locator:
    return screen.page.get_by_role("link", name=texts.frontend("ui.panel.config.devices.open_configuration_url"))


async def _attributes(screen: Screen, texts: Texts) -> None:
    here = "entity.binary_sensor.mqtt_client"
    await screen.choose(texts.own(f"{here}.name"))
    more_info = screen.page.locator("ha-more-info-dialog")
    await screen.click(more_info.get_by_role("button", name=texts.frontend("ui.common.menu")))
    details = texts.frontend("ui.dialogs.more_info_control.details")
    await screen.click(more_info.get_by_text(details, exact=True))
    connection = f"{here}.state_attributes.connection"
    row = f"{texts.own(f'{connection}.name')} {texts.own(f'{connection}.state.connected')}"
    await expect(more_info, "the attributes").to_match_aria_snapshot(f"- listitem: {row}")
    await screen.keep("attributes")


async def _system(screen: Screen, texts: Texts) -> None:
    await screen.go("/config/repairs")
    await screen.press(texts.frontend("ui.common.menu"))
    await screen.choose(texts.frontend("ui.panel.config.repairs.system_information"))
    await screen.shows(*texts.under("system_health.info"), CONNECTED)
    place = screen.text(texts.own("system_health.info.can_reach_platform"))
    await place.scroll_into_view_if_needed()
    await screen.keep("system", narrow=True)


async def _action(screen: Screen, texts: Texts, action: str, *names: str) -> None:
    here = f"services.{action}"
    # The page reads its address only when it is loaded.
    await screen.go(f"/config/tools/action?service={DOMAIN}.{action}", anew=True)
    fields = [f"{here}.fields.{name}" for name in names]
    await screen.shows(*(texts.own(f"{named}.{text}") for named in (here, *fields) for text in ("name", "description")))
    await screen.keep(f"action-{action}", narrow=True)
