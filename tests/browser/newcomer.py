"""The newcomer's shortest way, from Home Assistant's first page to stored values."""

import json

from playwright.async_api import expect

from tests.demo.platform import DEVICE_NAME, PRODUCT_KEY
from tests.demo.rig import Rig

from .dialogs import pick_integration, submit
from .screen import Effort, Screen
from .texts import CONFIG_FLOW, Texts

FILE = "options.step.file"
SECRET = "0123456789abcdef0123456789abcdef"
CERTIFICATE = {"ProductKey": PRODUCT_KEY, "DeviceName": DEVICE_NAME, "DeviceSecret": SECRET}


async def arrive(screen: Screen, texts: Texts, rig: Rig) -> Effort:
    """Take only the necessary steps, with a product that is new, and return their number."""
    await screen.go("/")
    with screen.counted() as effort:
        await to_file(screen, texts, rig)
        await screen.keep("created", narrow=True)
        await import_model(screen, rig)
        await screen.choose(texts.own(f"{FILE}.menu_options.check"))
        await screen.shows(texts.own("selector.check.options.stored"))
        await screen.keep("stored", narrow=True)
    assert (await rig.platform.device(rig.http))["history"] > 0
    await screen.choose(texts.own("options.step.stored.menu_options.done"))
    await screen.press(texts.frontend(f"{CONFIG_FLOW}.close"))
    return effort


async def to_file(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Set the device up, from Home Assistant's first page to the page with the thing model."""
    await screen.choose(texts.frontend("panel.config"))
    await screen.choose(texts.frontend("ui.panel.config.dashboard.devices.main"))
    await screen.press(texts.frontend("ui.panel.config.integrations.add_integration"))
    await pick_integration(screen, "add-integration")
    await screen.paste_and_enter(texts.own("config.step.user.data.product_key"), json.dumps(CERTIFICATE))
    await screen.shows(texts.own("config.step.user.data.use_pasted"))  # filled in, for a look
    await submit(screen, texts)
    await screen.choose(texts.own("config.step.publish.menu_options.measuring"))
    await screen.choose(texts.own("config.step.preview.menu_options.save"))
    await screen.shows(texts.own(f"{FILE}.title"))


async def import_model(screen: Screen, rig: Rig, *, outcome: str = "good") -> None:
    """Download the thing model from the page that is open, and import it in the console."""
    async with screen.page.expect_download() as download:
        await screen.click(screen.page.get_by_role("link", name="thing_model").locator("visible=true").first)
    file = await (await download.value).path()
    console = await screen.page.context.new_page()
    try:
        await console.goto(rig.platform.console_url)
        await expect(console.locator("#product")).to_have_value(PRODUCT_KEY)
        async with console.expect_file_chooser() as chooser:
            await screen.click(console.locator("#file"))
        await (await chooser.value).set_files(
            {"name": "thing_model.json", "mimeType": "application/json", "buffer": file.read_bytes()}
        )
        await screen.click(console.locator("#import button"))
        await expect(console.locator("#outcome")).to_have_attribute("data-result", outcome)
    finally:
        await console.close()
    await screen.page.bring_to_front()
