"""The whole way of a user: add the integration, then look at each of its pages."""

from playwright.async_api import expect

from tests.demo.comparison import identifier_of
from tests.demo.rig import Rig

from .mend import mend
from .screen import Screen
from .setup import OTHERS, SENSORS, add
from .texts import CONFIG_FLOW, Texts

OPTIONS_FLOW = "ui.dialogs.options_flow"
UNITS = ("seconds", "messages_per_second", "messages", "minutes")


async def walk(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Walk it, and fail at the first page that cannot be read."""
    await add(screen, texts, rig)
    await _integration(screen, texts, rig)
    await _device(screen, texts, rig)
    await _attributes(screen, texts)
    await _options(screen, texts, rig)
    await _action(screen, texts, rig)
    await _console(screen, rig)
    await mend(screen, texts, rig)


async def _integration(screen: Screen, texts: Texts, rig: Rig) -> None:
    await screen.page.get_by_role("link", name=texts.own("title")).first.click()
    await expect(screen.page.get_by_role("heading", name=texts.own("title"))).to_be_visible()
    await screen.shows(rig.platform.typed["device_name"])
    await screen.keep("integration")


async def _device(screen: Screen, texts: Texts, rig: Rig) -> None:
    await screen.page.get_by_role("listitem").get_by_text(rig.platform.typed["device_name"]).first.click()
    counters = (f"sensor.{name}" for name in ("last_confirmed", "values_confirmed", "values_rejected", "values_lost"))
    entities = ("binary_sensor.mqtt_client", "button.send_now", *counters)
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


async def _options(screen: Screen, texts: Texts, rig: Rig) -> None:
    await screen.open(f"{rig.home_assistant.url}/config/integrations/integration/aliyun_iot")
    await screen.loaded()
    here = "options.step.init"
    delivery = f"{here}.sections.delivery"
    rate = texts.own(f"{delivery}.data.rate")
    submit = screen.button(texts.frontend(f"{CONFIG_FLOW}.submit"))
    await _open_options(screen, texts)
    await screen.shows(
        texts.own(f"{here}.title"),
        texts.own(f"{here}.description"),
        *texts.under(f"{here}.data", f"{here}.data_description"),
        *SENSORS,
        *OTHERS,
    )
    await screen.keep("options")
    await screen.button(texts.own(f"{delivery}.name")).click()
    explained = texts.under(f"{delivery}.data_description")
    await screen.shows(
        texts.own(f"{delivery}.description"),
        *texts.under(f"{delivery}.data", "selector.mode.options"),
        *explained,
        *(texts.own(f"selector.unit.unit_of_measurement.{unit}") for unit in UNITS),
    )
    # The section is longer than the screen.
    for number, text in enumerate((explained[1], explained[-1]), 1):
        await screen.text(text).scroll_into_view_if_needed()
        await screen.keep(f"options-delivery-{number}", narrow=True)
    await screen.type(rate, "20", role="spinbutton")
    await submit.click()
    # Home Assistant's own words, which it has in English only.
    await screen.text("Value 20.0 is too large").scroll_into_view_if_needed()
    await screen.keep("options-too-fast")
    await screen.type(rate, "2", role="spinbutton")
    await submit.click()
    await screen.shows(texts.frontend(f"{OPTIONS_FLOW}.success.description"))
    await screen.keep("options-saved")
    await screen.button(texts.frontend(f"{CONFIG_FLOW}.finish")).click()
    await _open_options(screen, texts)
    await screen.button(texts.own(f"{delivery}.name")).click()
    await expect(screen.page.get_by_role("spinbutton", name=rate), "the rate that was saved").to_have_value("2")
    await screen.button(texts.frontend(f"{CONFIG_FLOW}.close")).click()
    await expect(screen.text(texts.own(f"{here}.title")), "the options").to_be_hidden()


async def _open_options(screen: Screen, texts: Texts) -> None:
    await screen.button(texts.frontend("ui.panel.config.integrations.config_entry.configure")).click()


async def _action(screen: Screen, texts: Texts, rig: Rig) -> None:
    here = "services.send_history"
    await screen.open(f"{rig.home_assistant.url}/config/tools/action?service=aliyun_iot.send_history")
    await screen.loaded()
    fields = [f"{here}.fields.{name}" for name in ("config_entry_id", "days")]
    await screen.shows(*(texts.own(f"{named}.{text}") for named in (here, *fields) for text in ("name", "description")))
    await screen.keep("action", narrow=True)


async def _console(screen: Screen, rig: Rig) -> None:
    await screen.open(rig.platform.console_url)
    states = (await rig.client.states()).items()
    names = {name: state["attributes"].get("friendly_name") for name, state in states}
    chosen = [identifier_of(name) for name, shown in names.items() if shown in (*SENSORS, *OTHERS)]
    await screen.shows(rig.platform.typed["device_name"], "online", "activated", *chosen)
    await screen.keep("console", narrow=True)
