"""The newcomer's shortest way, from Home Assistant's first page to the first value in the cloud."""

from playwright.async_api import expect

from tests.demo.platform import PRODUCT_KEY
from tests.demo.polling import polled
from tests.demo.rig import Rig

from .dialogs import pick_integration, submit
from .screen import Effort, Screen
from .texts import CONFIG_FLOW, ENTRY, Texts

SECONDS = 20


async def arrive(screen: Screen, texts: Texts, rig: Rig) -> Effort:
    """Take only the necessary steps, with a product that is new, and return their number."""
    await screen.go("/")
    with screen.counted() as effort:
        await _find(screen, texts)
        await _connect(screen, texts, rig)
        await _choose(screen, texts)
        await _hand_over(screen, texts, rig)
        await polled("the first value", lambda: _has_values(rig), SECONDS)
    return effort


async def _find(screen: Screen, texts: Texts) -> None:
    await screen.choose(texts.frontend("panel.config"))
    await screen.choose(texts.frontend("ui.panel.config.dashboard.devices.main"))
    await screen.press(texts.frontend("ui.panel.config.integrations.add_integration"))
    await pick_integration(screen, "add-integration")


async def _connect(screen: Screen, texts: Texts, rig: Rig) -> None:
    for name in ("product_key", "product_secret", "device_name"):
        await screen.type(texts.own(f"config.step.user.data.{name}"), rig.platform.typed[name])
    await submit(screen, texts)


async def _choose(screen: Screen, texts: Texts) -> None:
    await screen.choose(texts.own("config.step.publish.menu_options.measuring"))
    await screen.choose(texts.own("config.step.preview.menu_options.save"))
    await screen.shows(texts.own("config.create_entry.default"))
    await screen.keep("created", narrow=True)
    await screen.press(texts.frontend(f"{CONFIG_FLOW}.finish_skip"))


async def _hand_over(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Bring the thing model to the console: the platform takes no value before that."""
    await screen.click(screen.page.get_by_role("link", name=texts.own("title")).first)
    await screen.press(texts.frontend(f"{ENTRY}.configure"))
    await screen.choose(texts.own("options.step.init.menu_options.file"))
    await import_model(screen, rig)


async def import_model(screen: Screen, rig: Rig) -> None:
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
        await expect(console.locator("#outcome")).to_have_attribute("data-result", "good")
    finally:
        await console.close()
    await screen.page.bring_to_front()


async def _has_values(rig: Rig) -> bool | None:
    return (await rig.platform.device(rig.http))["history"] > 0 or None
