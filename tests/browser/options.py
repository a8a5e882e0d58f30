"""The options: the menu and each page that it leads to."""

from playwright.async_api import Locator, expect

from tests.demo.rig import Rig

from .dialogs import INTEGRATION, choose, close, submit
from .screen import Screen
from .setup import ENTITY_IDS, OTHERS, SENSORS, preview_is_read, selection_is_read
from .texts import CONFIG_FLOW, ENTRY, Texts

HERE = "options.step"
OPTIONS_FLOW = "ui.dialogs.options_flow"
UNITS = ("seconds", "messages_per_second", "messages", "minutes")
PROPERTY = "living_room_temperature"


async def change(screen: Screen, texts: Texts, _rig: Rig) -> None:
    """Look at each page, and change something on it."""
    await screen.go(INTEGRATION)
    await _menu(screen, texts)
    await _selection(screen, texts)
    await _open(screen, texts)
    await _preview(screen, texts)
    await _property(screen, texts)
    await _attributes(screen, texts)
    await _file(screen, texts)
    await _control(screen, texts)
    await _open(screen, texts)
    await _delivery(screen, texts)


async def _menu(screen: Screen, texts: Texts) -> None:
    await _open(screen, texts)
    await screen.shows(*texts.under(f"{HERE}.init.menu_options", f"{HERE}.init.menu_option_descriptions"))
    await screen.keep("options", narrow=True)


async def _open(screen: Screen, texts: Texts) -> None:
    await screen.press(texts.frontend(f"{ENTRY}.configure"))
    await screen.shows(texts.own(f"{HERE}.init.title"))


async def _go(screen: Screen, texts: Texts, step: str, here: str = "init") -> None:
    await screen.choose(texts.own(f"{HERE}.{here}.menu_options.{step}"))


async def _saved(screen: Screen, texts: Texts, picture: str) -> None:
    await screen.shows(texts.frontend(f"{OPTIONS_FLOW}.success.description"))
    await screen.keep(picture)
    await screen.press(texts.frontend(f"{CONFIG_FLOW}.finish"))


async def _preview(screen: Screen, texts: Texts) -> None:
    await _go(screen, texts, "preview")
    await preview_is_read(screen, texts, f"{HERE}.preview", *ENTITY_IDS)
    await screen.keep("options-preview", narrow=True)
    await _go(screen, texts, "init", "preview")


async def _pick(screen: Screen, picker: Locator, words: str, name: str) -> None:
    """Search in a list and pick the entry that is found."""
    await screen.click(picker.locator("ha-picker-field"))
    offered = picker.get_by_role("dialog").first
    await screen.search(offered, words)
    await screen.click(offered.get_by_text(name).locator("visible=true").first)
    await expect(offered, "the list").to_be_hidden()


async def to_property(screen: Screen, texts: Texts) -> None:
    """Open the page of a property, from the page of the integration."""
    await _open(screen, texts)
    await _go(screen, texts, "properties")
    await screen.shows(*_fields(texts, "properties"))
    await _pick(screen, screen.page.locator("ha-selector-select ha-generic-picker").first, "temp", PROPERTY)
    await submit(screen, texts)
    await screen.shows(texts.own(f"{HERE}.property.title"), texts.own(f"{HERE}.property.data.high"))


async def _property(screen: Screen, texts: Texts) -> None:
    page = f"{HERE}.property"
    await _go(screen, texts, "properties")
    await screen.shows(*_fields(texts, "properties"))
    await screen.keep("options-properties", narrow=True)
    picker = screen.page.locator("ha-selector-select ha-generic-picker").first
    await _pick(screen, picker, "living room temp", PROPERTY)
    await submit(screen, texts)
    everything = texts.under(f"{page}.data", f"{page}.data_description")
    length = texts.under(f"{page}.data")[-2], texts.under(f"{page}.data_description")[-2]
    await screen.shows(texts.own(f"{page}.title"), *(text for text in everything if text not in length))
    await screen.keep("options-property", narrow=True)
    await screen.text(texts.own(f"{page}.data_description.step")).scroll_into_view_if_needed()
    await screen.keep("options-property-end", narrow=True)
    await screen.type(texts.own(f"{page}.data.identifier"), "living room")
    await submit(screen, texts)
    await screen.shows(texts.own("options.error.identifier_form"))
    await screen.keep("options-property-wrong", narrow=True)
    await screen.type(texts.own(f"{page}.data.identifier"), PROPERTY)
    await screen.type(texts.own(f"{page}.data.step"), "0.1", role="spinbutton")
    await submit(screen, texts)
    await screen.shows(texts.own(f"{HERE}.init.title"))


async def _attributes(screen: Screen, texts: Texts) -> None:
    await _go(screen, texts, "attributes")
    await screen.shows(*_fields(texts, "attributes"))
    await screen.keep("options-attributes")
    picker = screen.page.locator("ha-entity-picker").first
    await _pick(screen, picker, OTHERS[0], OTHERS[0])
    await submit(screen, texts)
    here = f"{HERE}.entity_attributes"
    await screen.shows(texts.own(f"{here}.title"), *texts.under(f"{here}.data", f"{here}.data_description"))
    await screen.keep("options-entity-attributes", narrow=True)
    await submit(screen, texts)
    await screen.shows(texts.own(f"{HERE}.init.title"))


def _fields(texts: Texts, step: str) -> list[str]:
    here = f"{HERE}.{step}"
    named = texts.under(f"{here}.data", f"{here}.data_description")
    return [texts.own(f"{here}.title"), texts.own(f"{here}.description"), *named]


async def _file(screen: Screen, texts: Texts) -> None:
    await _go(screen, texts, "file")
    await screen.shows(texts.own(f"{HERE}.file.title"))
    await screen.keep("options-file", narrow=True)
    async with screen.page.expect_download() as download:
        await screen.click(screen.page.get_by_role("link", name="thing_model"))
    assert (await download.value).suggested_filename == "thing_model.json"
    await _go(screen, texts, "init", "file")


async def _selection(screen: Screen, texts: Texts) -> None:
    await _go(screen, texts, "selection")
    await selection_is_read(screen, texts, f"{HERE}.selection")
    await choose(screen, texts, *SENSORS, *OTHERS)
    await screen.shows(*SENSORS, *OTHERS)
    await screen.keep("options-selection", narrow=True)
    await submit(screen, texts)
    await preview_is_read(screen, texts, f"{HERE}.review", *ENTITY_IDS)
    await screen.keep("options-review", narrow=True)
    await _go(screen, texts, "save", "review")
    await _saved(screen, texts, "options-selection-saved")


async def _control(screen: Screen, texts: Texts) -> None:
    """Grant a lamp, which has to be seen in words before it is saved."""
    await _go(screen, texts, "control")
    page = f"{HERE}.control"
    named = texts.under(f"{page}.data", f"{page}.data_description")
    await screen.shows(texts.own(f"{page}.title"), *texts.paragraphs(f"{page}.description"), *named)
    await screen.keep("options-control", narrow=True)
    await choose(screen, texts, *OTHERS)
    await submit(screen, texts)
    review = f"{HERE}.control_review"
    await screen.shows(texts.own(f"{review}.title"), *OTHERS, *_ways(texts, review, "control_save", "control"))
    await screen.keep("options-control-review", narrow=True)
    await _go(screen, texts, "control_save", "control_review")
    await _saved(screen, texts, "options-control-saved")


def _ways(texts: Texts, here: str, *names: str) -> list[str]:
    parts = ("menu_options", "menu_option_descriptions")
    return [texts.own(f"{here}.{part}.{name}") for part in parts for name in names]


async def _delivery(screen: Screen, texts: Texts) -> None:
    here = f"{HERE}.delivery"
    rate = texts.own(f"{here}.data.rate")
    await _go(screen, texts, "delivery")
    explained = texts.under(f"{here}.data_description")
    await screen.shows(
        texts.own(f"{here}.title"),
        texts.own(f"{here}.description"),
        *texts.under(f"{here}.data", "selector.mode.options"),
        *explained,
        *(texts.own(f"selector.unit.unit_of_measurement.{unit}") for unit in UNITS),
    )
    # The page is longer than the screen.
    for number, text in enumerate((explained[1], explained[-1]), 1):
        await screen.text(text).scroll_into_view_if_needed()
        await screen.keep(f"options-delivery-{number}", narrow=True)
    await screen.type(rate, "20", role="spinbutton")
    await submit(screen, texts)
    # These are Home Assistant's own words, which it has in English only.
    await screen.text("Value 20.0 is too large").scroll_into_view_if_needed()
    await screen.keep("options-too-fast")
    await screen.type(rate, "2", role="spinbutton")
    await submit(screen, texts)
    await _saved(screen, texts, "options-delivery-saved")
    await _open(screen, texts)
    await _go(screen, texts, "delivery")
    await expect(screen.page.get_by_role("spinbutton", name=rate), "the rate that was saved").to_have_value("2")
    await close(screen, texts, texts.own(f"{here}.title"))
