"""Set-up: each page on which an entry is made, looked at closely; the newcomer has seen most of them already."""

import asyncio
import json

from playwright.async_api import Route, expect

from tests.demo.comparison import identifier_of
from tests.demo.rig import Rig

from .dialogs import DASHBOARD, choose, close, open_list, pick_integration, submit
from .screen import Screen
from .texts import Texts

# A device of the newcomer's product would get the newcomer's choices.
SECOND_PRODUCT = "a1DemoHome2"
SECOND_DEVICE = "second-home"
SECOND = {"product_key": SECOND_PRODUCT, "device_name": SECOND_DEVICE}
CERTIFICATE = {"ProductKey": SECOND_PRODUCT, "DeviceName": "pasted", "DeviceSecret": "0" * 32}
WRONG_SECRET = "NotTheSecretOfIt"
SENSORS = ("Living room temperature", "Living room CO2", "Front door")
FOUND = ("Living room temperature", "Living room humidity", "Living room CO2")
OTHERS = ("Living room light",)
ENTITY_IDS = (
    "sensor.living_room_temperature",
    "sensor.living_room_co2",
    "binary_sensor.front_door",
    "light.living_room_light",
)


async def look(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Go all the way for a second device, and close the dialog before anything is saved."""
    await start(screen, texts)
    await _first_form(screen, texts)
    await _register(screen, texts, rig)
    await _choice(screen, texts)
    await _preview(screen, texts)


async def start(screen: Screen, texts: Texts) -> None:
    """Open the dialog."""
    await screen.go(DASHBOARD)
    await screen.press(texts.frontend("ui.panel.config.integrations.add_integration"))
    await pick_integration(screen)


async def type_values(screen: Screen, texts: Texts, rig: Rig, **others: str) -> None:
    """Type the values that the console shows; `others` replace some of them."""
    typed = rig.platform.typed | others
    for name in ("product_key", "device_name", "product_secret"):
        await screen.type(texts.own(f"config.step.user.data.{name}"), typed[name])


async def _first_form(screen: Screen, texts: Texts) -> None:
    here = "config.step.user"
    network = f"{here}.sections.network"
    regions = "selector.region.options"
    switch = [texts.own(f"{here}.{part}.use_pasted") for part in ("data", "data_description")]
    await screen.shows(
        texts.own(f"{here}.title"),
        texts.own(f"{here}.description"),
        *(text for text in texts.under(f"{here}.data", f"{here}.data_description") if text not in switch),
        texts.own(f"{regions}.cn-shanghai"),
        texts.own(f"{network}.name"),
    )
    await screen.keep("first-form", narrow=True)
    await screen.choose(texts.own(f"{regions}.cn-shanghai"))
    await screen.shows(*texts.under(regions))
    await screen.keep("regions")
    await screen.page.keyboard.press("Escape")
    await screen.press(texts.own(f"{network}.name"))
    explained = texts.under(f"{network}.data_description")
    await screen.shows(texts.own(f"{network}.description"), *texts.under(f"{network}.data"), *explained)
    # The section is longer than the screen.
    await screen.text(explained[2]).scroll_into_view_if_needed()
    await screen.keep("network")
    await screen.text(explained[-1]).scroll_into_view_if_needed()
    await screen.keep("network-end", narrow=True)
    await screen.press(texts.own(f"{network}.name"))
    await screen.type(texts.own(f"{here}.data.product_key"), json.dumps(CERTIFICATE))
    await submit(screen, texts)
    await screen.shows(*switch)
    await screen.keep("pasted", narrow=True)


async def _register(screen: Screen, texts: Texts, rig: Rig) -> None:
    await type_values(screen, texts, rig, **SECOND, product_secret=WRONG_SECRET)
    await submit(screen, texts)
    error = texts.own("config.error.bad_signature")
    await screen.shows(error)
    await screen.text(error).scroll_into_view_if_needed()
    await screen.keep("wrong-secret")
    secret = rig.platform.typed["product_secret"]
    await screen.type(texts.own("config.step.user.data.product_secret"), secret)
    # The emulator answers at once, so the frontend is told of the end only after the progress page has been read.
    read = asyncio.Event()

    async def wait_for_reader(route: Route) -> None:
        if route.request.method == "GET":
            await read.wait()
        await route.continue_()

    await screen.page.route("**/api/config/config_entries/flow/*", wait_for_reader)
    await submit(screen, texts)
    await screen.shows(texts.own("config.progress.connect"))
    await screen.keep("progress")
    read.set()


async def _choice(screen: Screen, texts: Texts) -> None:
    publish = "config.step.publish"
    ways = [texts.own(f"{publish}.menu_options.{name}") for name in ("measuring", "entities")]
    await screen.shows(texts.own(f"{publish}.title"), *ways)
    await screen.keep("publish", narrow=True)
    await screen.choose(ways[-1])
    here = "config.step.entities"
    await selection_is_read(screen, texts, here)
    await screen.keep("entities-empty", narrow=True)
    await submit(screen, texts)
    await screen.shows(texts.own("config.error.nothing_chosen"))
    await screen.keep("entities-nothing-chosen")
    picker = await open_list(screen, texts)
    offered = picker.get_by_role("dialog").first
    await screen.search(offered, "living")
    await screen.shows(*FOUND)
    await screen.keep("entities-search", narrow=True)
    await screen.page.keyboard.press("Escape")
    await expect(offered, "the list of entities").to_be_hidden()
    await choose(screen, texts, *SENSORS, *OTHERS)
    await screen.shows(*SENSORS, *OTHERS)
    await screen.keep("entities-picked", narrow=True)
    days = texts.own(f"{here}.data.history_days")
    await screen.shows(texts.own("selector.unit.unit_of_measurement.days"))
    await screen.type(days, "2", role="spinbutton")
    await screen.text(texts.own(f"{here}.data_description.history_days")).scroll_into_view_if_needed()
    await screen.keep("history", narrow=True)
    excluded = f"{here}.sections.exclude"
    await screen.press(texts.own(f"{excluded}.name"))
    explained = texts.under(f"{excluded}.data", f"{excluded}.data_description")
    await screen.shows(texts.own(f"{excluded}.description"), *explained)
    await screen.text(explained[-1]).scroll_into_view_if_needed()
    await screen.keep("entities-excluded", narrow=True)
    await submit(screen, texts)


async def selection_is_read(screen: Screen, texts: Texts, here: str) -> None:
    """Read the page that chooses the published entities, except for its closed section."""
    await screen.shows(
        texts.own(f"{here}.title"),
        texts.own(f"{here}.description"),
        *texts.under(f"{here}.data", f"{here}.data_description"),
        texts.own(f"{here}.sections.exclude.name"),
    )


async def preview_is_read(screen: Screen, texts: Texts, here: str, *entity_ids: str) -> None:
    """Read a page that shows properties."""
    summary, *_, table, _ = texts.own(f"{here}.description").split("\n\n")
    head, *_ = table.splitlines()
    # A line may end after each underscore.
    identifiers = [identifier_of(entity_id).replace("_", "_\u200b") for entity_id in entity_ids]
    await screen.shows(texts.own(f"{here}.title"), summary, *head.strip("| ").split(" | "), *identifiers)


async def _preview(screen: Screen, texts: Texts) -> None:
    here = "config.step.preview"
    await preview_is_read(screen, texts, here, *ENTITY_IDS)
    save = screen.text(texts.own(f"{here}.menu_options.save"))
    await save.scroll_into_view_if_needed()
    await screen.shows(*texts.under(f"{here}.menu_option_descriptions"), texts.own(f"{here}.menu_options.publish"))
    await screen.keep("preview", narrow=True)
    await screen.choose(texts.own(f"{here}.menu_options.publish"))
    await screen.choose(texts.own("config.step.publish.menu_options.entities"))
    await screen.shows(*SENSORS, *OTHERS)
    await submit(screen, texts)
    title = texts.own(f"{here}.title")
    await screen.shows(title)
    await close(screen, texts, title)
