"""The whole way of a user: add the integration, then look at each of its pages."""

from playwright.async_api import expect

from tests.demo.rig import Rig

from .console import console
from .mend import mend
from .options import change
from .screen import Screen
from .setup import add
from .texts import Texts


async def walk(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Walk it, and fail at the first page that cannot be read."""
    await add(screen, texts, rig)
    await _integration(screen, texts, rig)
    await _device(screen, texts, rig)
    await _attributes(screen, texts)
    await change(screen, texts, rig)
    await _action(screen, texts, rig, "send_history", "config_entry_id", "days")
    await _action(screen, texts, rig, "get_thing_model", "config_entry_id")
    await console(screen, texts, rig)
    await mend(screen, texts, rig)


async def _integration(screen: Screen, texts: Texts, rig: Rig) -> None:
    await screen.page.get_by_role("link", name=texts.own("title")).first.click()
    await expect(screen.page.get_by_role("heading", name=texts.own("title"))).to_be_visible()
    await screen.shows(rig.platform.typed["device_name"])
    await screen.keep("integration")


async def _device(screen: Screen, texts: Texts, rig: Rig) -> None:
    await screen.page.get_by_role("listitem").get_by_text(rig.platform.typed["device_name"]).first.click()
    counters = ("last_confirmed", "values_confirmed", "values_rejected", "values_unfit", "values_lost")
    entities = ("binary_sensor.mqtt_client", "button.send_now", *(f"sensor.{name}" for name in counters))
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


async def _action(screen: Screen, texts: Texts, rig: Rig, action: str, *names: str) -> None:
    here = f"services.{action}"
    await screen.open(f"{rig.home_assistant.url}/config/tools/action?service=aliyun_iot.{action}")
    await screen.loaded()
    fields = [f"{here}.fields.{name}" for name in names]
    await screen.shows(*(texts.own(f"{named}.{text}") for named in (here, *fields) for text in ("name", "description")))
    await screen.keep(f"action-{action}", narrow=True)
