"""The whole way of a user: add the integration, then look at each of its pages."""

from playwright.async_api import expect

from tests.demo.comparison import identifier_of
from tests.demo.rig import Rig

from .mend import mend
from .screen import Screen
from .setup import OTHERS, SENSORS, add
from .texts import CONFIG_FLOW, Texts


async def walk(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Walk it, and fail at the first page that cannot be read."""
    await add(screen, texts, rig)
    await _integration(screen, texts, rig)
    await _options(screen, texts)
    await _device(screen, texts, rig)
    await _attributes(screen, texts)
    await _console(screen, rig)
    await mend(screen, texts, rig)


async def _integration(screen: Screen, texts: Texts, rig: Rig) -> None:
    await screen.page.get_by_role("link", name=texts.own("title")).first.click()
    await expect(screen.page.get_by_role("heading", name=texts.own("title"))).to_be_visible()
    await screen.shows(rig.platform.typed["device_name"])
    await screen.keep("integration")


async def _options(screen: Screen, texts: Texts) -> None:
    here = "options.step.init"
    await screen.button(texts.frontend("ui.panel.config.integrations.config_entry.configure")).click()
    await screen.shows(
        texts.own(f"{here}.title"),
        texts.own(f"{here}.description"),
        *texts.under(f"{here}.data", f"{here}.data_description"),
        *SENSORS,
        *OTHERS,
    )
    await screen.keep("options")
    await screen.button(texts.frontend(f"{CONFIG_FLOW}.close")).click()
    await expect(screen.text(texts.own(f"{here}.title")), "the options").to_be_hidden()


async def _device(screen: Screen, texts: Texts, rig: Rig) -> None:
    await screen.page.get_by_role("listitem").get_by_text(rig.platform.typed["device_name"]).first.click()
    entities = ("binary_sensor.mqtt_client", "sensor.last_confirmed", "sensor.values_confirmed")
    unit = texts.own("entity.sensor.values_confirmed.unit_of_measurement")
    await screen.shows(*(texts.own(f"entity.{entity}.name") for entity in entities), f"{{count}} {unit}")
    await screen.keep("device", narrow=True)


async def _attributes(screen: Screen, texts: Texts) -> None:
    here = "entity.binary_sensor.mqtt_client"
    await screen.text(texts.own(f"{here}.name")).click()
    more_info = screen.page.locator("ha-more-info-dialog")
    await more_info.get_by_role("button", name=texts.frontend("ui.common.menu")).click()
    await more_info.get_by_text(texts.frontend("ui.dialogs.more_info_control.details"), exact=True).click()
    connection = f"{here}.state_attributes.connection"
    row = f"{texts.own(f'{connection}.name')} {texts.own(f'{connection}.state.connected')}"
    await expect(more_info, "the attributes").to_match_aria_snapshot(f"- listitem: {row}")
    await screen.keep("attributes")


async def _console(screen: Screen, rig: Rig) -> None:
    await screen.open(rig.platform.console_url)
    states = (await rig.client.states()).items()
    names = {name: state["attributes"].get("friendly_name") for name, state in states}
    chosen = [identifier_of(name) for name, shown in names.items() if shown in (*SENSORS, *OTHERS)]
    await screen.shows(rig.platform.typed["device_name"], "online", "activated", *chosen)
    await screen.keep("console", narrow=True)
