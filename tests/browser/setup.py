"""Adding the integration, from the list of all integrations to the success dialog."""

import asyncio

from playwright.async_api import Locator, Route, expect

from tests.demo.comparison import identifier_of
from tests.demo.rig import Rig

from .screen import Screen
from .texts import CONFIG_FLOW, Texts

# Home Assistant lists a custom integration by the name in its manifest, in every language.
NAME = "Alibaba Cloud IoT Platform"
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


async def add(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Click and type the whole way."""
    await _find(screen, texts, rig)
    await _first_form(screen, texts)
    await _register(screen, texts, rig)
    await _choose(screen, texts)
    await _look(screen, texts)
    await _finish(screen, texts, rig)


async def _find(screen: Screen, texts: Texts, rig: Rig) -> None:
    await screen.open(f"{rig.home_assistant.url}/config/integrations/dashboard")
    await screen.loaded()
    await screen.button(texts.frontend("ui.panel.config.integrations.add_integration")).click()
    await screen.search(screen.page.locator("dialog-add-integration"), "aliyun")
    await screen.shows(texts.frontend("ui.panel.config.integrations.new"), NAME)
    await screen.keep("add-integration")
    await screen.text(NAME).click()


async def _first_form(screen: Screen, texts: Texts) -> None:
    here = "config.step.user"
    network = f"{here}.sections.network"
    regions = "selector.region.options"
    await screen.shows(
        texts.own(f"{here}.title"),
        texts.own(f"{here}.description"),
        *texts.under(f"{here}.data", f"{here}.data_description"),
        texts.own(f"{regions}.cn-shanghai"),
        texts.own(f"{network}.name"),
    )
    await screen.keep("first-form", narrow=True)
    await screen.text(texts.own(f"{regions}.cn-shanghai")).click()
    await screen.shows(*texts.under(regions))
    await screen.keep("regions")
    await screen.page.keyboard.press("Escape")
    await screen.button(texts.own(f"{network}.name")).click()
    explained = texts.under(f"{network}.data_description")
    await screen.shows(texts.own(f"{network}.description"), *texts.under(f"{network}.data"), *explained)
    # The section is longer than the screen.
    await screen.text(explained[2]).scroll_into_view_if_needed()
    await screen.keep("network")
    await screen.text(explained[-1]).scroll_into_view_if_needed()
    await screen.keep("network-end", narrow=True)
    await screen.button(texts.own(f"{network}.name")).click()


async def _register(screen: Screen, texts: Texts, rig: Rig) -> None:
    labels = "config.step.user.data"
    typed = rig.platform.typed
    for name in ("product_key", "device_name"):
        await screen.type(texts.own(f"{labels}.{name}"), typed[name])
    submit = screen.button(texts.frontend(f"{CONFIG_FLOW}.submit"))
    await screen.type(texts.own(f"{labels}.product_secret"), WRONG_SECRET)
    await submit.click()
    error = texts.own("config.error.bad_signature")
    await screen.shows(error)
    await screen.text(error).scroll_into_view_if_needed()
    await screen.keep("wrong-secret")
    await screen.type(texts.own(f"{labels}.product_secret"), typed["product_secret"])
    # The emulator answers at once: the frontend learns that it is over only when the progress has been read.
    read = asyncio.Event()

    async def wait_for_reader(route: Route) -> None:
        if route.request.method == "GET":
            await read.wait()
        await route.continue_()

    await screen.page.route("**/api/config/config_entries/flow/*", wait_for_reader)
    await submit.click()
    await screen.shows(texts.own("config.progress.connect"))
    await screen.keep("progress")
    read.set()


async def _choose(screen: Screen, texts: Texts) -> None:
    here = "config.step.entities"
    await selection_is_read(screen, texts, here)
    await screen.keep("entities-empty", narrow=True)
    submit = screen.button(texts.frontend(f"{CONFIG_FLOW}.submit"))
    await submit.click()
    await screen.shows(texts.own("config.error.nothing_chosen"))
    await screen.keep("entities-nothing-chosen")
    picker = screen.page.locator("ha-target-picker").first
    await _open_list(texts, picker)
    offered = picker.get_by_role("dialog").first
    await screen.search(offered, "living")
    await screen.shows(*FOUND)
    await screen.keep("entities-search", narrow=True)
    await screen.page.keyboard.press("Escape")
    await expect(offered, "the list of entities").to_be_hidden()
    for name in (*SENSORS, *OTHERS):
        await _open_list(texts, picker)
        await _pick_one(screen, picker, name)
    await screen.shows(*SENSORS, *OTHERS)
    await screen.keep("entities-picked", narrow=True)
    days = texts.own(f"{here}.data.history_days")
    await screen.shows(texts.own("selector.unit.unit_of_measurement.days"))
    await screen.type(days, "2", role="spinbutton")
    await screen.text(texts.own(f"{here}.data_description.history_days")).scroll_into_view_if_needed()
    await screen.keep("history", narrow=True)
    excluded = f"{here}.sections.exclude"
    await screen.button(texts.own(f"{excluded}.name")).click()
    explained = texts.under(f"{excluded}.data", f"{excluded}.data_description")
    await screen.shows(texts.own(f"{excluded}.description"), *explained)
    await screen.text(explained[-1]).scroll_into_view_if_needed()
    await screen.keep("entities-excluded", narrow=True)
    await submit.click()


async def selection_is_read(screen: Screen, texts: Texts, here: str) -> None:
    """Read the page that chooses what is published, but for the section that is not open."""
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


async def _open_list(texts: Texts, picker: Locator) -> None:
    await picker.get_by_role("button", name=texts.frontend("ui.components.target-picker.add_target")).click()


async def _pick_one(screen: Screen, picker: Locator, name: str) -> None:
    offered = picker.get_by_role("dialog").first
    await screen.search(offered, name)
    await offered.get_by_text(name, exact=True).locator("visible=true").first.click()
    await expect(offered, "the list of entities").to_be_hidden()


async def _look(screen: Screen, texts: Texts) -> None:
    here = "config.step.preview"
    await preview_is_read(screen, texts, here, *ENTITY_IDS)
    save = screen.text(texts.own(f"{here}.menu_options.save"))
    await save.scroll_into_view_if_needed()
    await screen.shows(*texts.under(f"{here}.menu_option_descriptions"), texts.own(f"{here}.menu_options.entities"))
    await screen.keep("preview", narrow=True)
    await screen.text(texts.own(f"{here}.menu_options.entities")).click()
    await screen.shows(*SENSORS, *OTHERS)
    await screen.button(texts.frontend(f"{CONFIG_FLOW}.submit")).click()
    await save.click()


async def _finish(screen: Screen, texts: Texts, rig: Rig) -> None:
    await screen.shows(texts.frontend(f"{CONFIG_FLOW}.device_created"))
    device = screen.page.get_by_role("textbox", name=texts.frontend(f"{CONFIG_FLOW}.device_name"))
    await expect(device, "the name of the device").to_have_value(rig.platform.typed["device_name"])
    await screen.keep("success")
    await screen.button(texts.frontend(f"{CONFIG_FLOW}.finish_skip")).click()
