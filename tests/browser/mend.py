"""The pages for when something is not as usual: reconfigure, reauthenticate, a repair, and the other ways in."""

from pathlib import Path

from playwright.async_api import expect

from tests.demo.platform import DEVICE_NAME, PRODUCT_KEY
from tests.demo.rig import Rig

from .options import to_property
from .screen import Screen
from .texts import CONFIG_FLOW, Texts

ENTRIES = "/api/config/config_entries"
DEVICE = f"/api/devices/{PRODUCT_KEY}/{DEVICE_NAME}"


async def mend(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Look at each page; the entry is removed on the way, and its secret forgotten."""
    # The walk connects more often in a minute than the platform lets anybody.
    await rig.platform.post(rig.http, "/api/limits", {"connects_per_minute": None})
    await _thing_model(screen, texts, rig)
    await _reconfigure(screen, texts, rig)
    await _reauthenticate(screen, texts, rig)
    await _remove(rig)
    await _kept(screen, texts, rig)
    await _forget(screen, texts, rig)
    await _already_active(screen, texts, rig)
    await _unencrypted(screen, texts, rig)


async def _page(screen: Screen, texts: Texts, step: str, picture: str, *, has_fields: bool = True) -> None:
    """Read a page of the flow and keep it."""
    here = f"config.step.{step}"
    fields = texts.under(f"{here}.data", f"{here}.data_description") if has_fields else []
    await screen.shows(texts.own(f"{here}.title"), texts.own(f"{here}.description"), *fields)
    await screen.keep(picture, narrow=True)


async def _close(screen: Screen, texts: Texts, step: str) -> None:
    """Close the dialog, and wait until the frontend has gone back to the page below."""
    await screen.button(texts.frontend(f"{CONFIG_FLOW}.close")).click()
    await expect(screen.text(texts.own(f"config.step.{step}.title")), "the dialog").to_be_hidden()


async def _thing_model(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Make a range too narrow, and let the repair lead to a thing model that the platform takes."""
    page = "options.step"
    submit = screen.button(texts.frontend(f"{CONFIG_FLOW}.submit"))
    await screen.open(f"{rig.home_assistant.url}/config/integrations/integration/aliyun_iot")
    await screen.loaded()
    await to_property(screen, texts)
    await screen.type(texts.own(f"{page}.property.data.high"), "1", role="spinbutton")
    await submit.click()
    await screen.text(texts.own(f"{page}.init.menu_options.file")).click()
    # The product has had no thing model yet, which takes everything.
    await _import(screen, rig)
    issue = "issues.thing_model"
    await screen.open(f"{rig.home_assistant.url}/config/repairs")
    await screen.loaded()
    await screen.text(texts.own(f"{issue}.title")).click()
    here = f"{issue}.fix_flow.step"
    summary, _, follows = texts.own(f"{here}.adapt.description").split("\n\n")
    widen = [texts.own(f"{here}.adapt.{text}.widen") for text in ("data", "data_description")]
    await screen.shows(texts.own(f"{here}.adapt.title"), summary, follows, *widen)
    await screen.keep("repair-model-adapt", narrow=True)
    await submit.click()
    await screen.shows(texts.own(f"{here}.confirm.title"), texts.own(f"{here}.confirm.description").split("\n\n")[1])
    await screen.keep("repair-model", narrow=True)
    await submit.click()
    await screen.shows(texts.own(f"{issue}.fix_flow.error.still_there"))
    await screen.keep("repair-model-still-there", narrow=True)
    await _import(screen, rig)
    await submit.click()
    await screen.shows(texts.frontend("ui.dialogs.repair_flow.success.description"))
    await screen.keep("repair-model-done")


async def _import(screen: Screen, rig: Rig) -> None:
    """Download the thing model from the page that is open, and import it in the console."""
    async with screen.page.expect_download() as download:
        await screen.page.get_by_role("link", name="thing_model").locator("visible=true").first.click()
    file: Path = await (await download.value).path()
    console = await screen.page.context.new_page()
    try:
        await console.goto(rig.platform.console_url)
        await expect(console.locator("#product")).to_have_value(PRODUCT_KEY)
        await console.locator("#file").set_input_files(
            {"name": "thing_model.json", "mimeType": "application/json", "buffer": file.read_bytes()}
        )
        await console.locator("#import button").click()
        await expect(console.locator("#outcome")).to_have_attribute("data-result", "good")
    finally:
        await console.close()
    await screen.page.bring_to_front()


async def _reconfigure(screen: Screen, texts: Texts, rig: Rig) -> None:
    await screen.open(f"{rig.home_assistant.url}/config/integrations/integration/aliyun_iot")
    await screen.loaded()
    await screen.shows(DEVICE_NAME)
    menu = screen.page.locator("ha-config-entry-row").get_by_role("button", name=texts.frontend("ui.common.menu"))
    await menu.first.click()
    await screen.text(texts.frontend("ui.panel.config.integrations.config_entry.reconfigure")).click()
    await _page(screen, texts, "reconfigure", "reconfigure")
    await _close(screen, texts, "reconfigure")


async def _reauthenticate(screen: Screen, texts: Texts, rig: Rig) -> None:
    await rig.platform.post(rig.http, f"{DEVICE}/disable", {})
    await screen.open(f"{rig.home_assistant.url}/config/integrations/dashboard")
    await screen.loaded()
    await screen.button(texts.frontend("ui.panel.config.integrations.reconfigure")).click()
    await _page(screen, texts, "reauth_confirm", "reauthenticate")
    submit = screen.button(texts.frontend(f"{CONFIG_FLOW}.submit"))
    await submit.click()
    await screen.shows(texts.own("config.error.device_disabled"))
    await screen.keep("reauthenticate-disabled")
    await rig.platform.post(rig.http, f"{DEVICE}/enable", {})
    await submit.click()
    await expect(screen.text(texts.own("config.error.device_disabled")), "the error").to_be_hidden()
    await expect(screen.text(texts.own("config.progress.connect")), "the progress").to_be_hidden()
    await screen.keep("reauthenticated")


async def _remove(rig: Rig) -> None:
    (entry,) = await rig.client.get(f"{ENTRIES}/entry", domain="aliyun_iot")
    await rig.client.delete(f"{ENTRIES}/entry/{entry['entry_id']}")


async def _start(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Open the dialog and type the four values."""
    await screen.open(f"{rig.home_assistant.url}/config/integrations/dashboard/add?domain=aliyun_iot")
    await screen.loaded()
    await screen.button(texts.frontend("ui.common.ok")).click()
    labels = "config.step.user.data"
    for name in ("product_key", "device_name", "product_secret"):
        await screen.type(texts.own(f"{labels}.{name}"), rig.platform.typed[name])


async def _kept(screen: Screen, texts: Texts, rig: Rig) -> None:
    await _start(screen, texts, rig)
    await screen.button(texts.frontend(f"{CONFIG_FLOW}.submit")).click()
    await _page(screen, texts, "kept", "kept", has_fields=False)
    await _close(screen, texts, "kept")


async def _forget(screen: Screen, texts: Texts, rig: Rig) -> None:
    await screen.open(f"{rig.home_assistant.url}/config/repairs")
    await screen.loaded()
    await screen.text(texts.own("issues.removed.title")).click()
    here = "issues.removed.fix_flow.step.confirm"
    await screen.shows(texts.own(f"{here}.title"))
    await screen.keep("repair")
    await screen.button(texts.frontend(f"{CONFIG_FLOW}.submit")).click()
    await screen.shows(texts.frontend("ui.dialogs.repair_flow.success.description"))


async def _already_active(screen: Screen, texts: Texts, rig: Rig) -> None:
    await _start(screen, texts, rig)
    await screen.button(texts.frontend(f"{CONFIG_FLOW}.submit")).click()
    await _page_of_menu(screen, texts)
    await screen.text(texts.own("config.step.already_active.menu_options.device_secret")).click()
    await _page(screen, texts, "device_secret", "device-secret")
    await screen.type(texts.own("config.step.device_secret.data.device_secret"), "0" * 32)
    await screen.button(texts.frontend(f"{CONFIG_FLOW}.submit")).click()
    await screen.shows(texts.own("config.error.bad_device_secret"))
    await screen.keep("device-secret-refused")
    await _close(screen, texts, "device_secret")


async def _page_of_menu(screen: Screen, texts: Texts) -> None:
    here = "config.step.already_active"
    await screen.shows(
        texts.own(f"{here}.title"), texts.own(f"{here}.description"), *texts.under(f"{here}.menu_options")
    )
    await screen.keep("already-active", narrow=True)


async def _unencrypted(screen: Screen, texts: Texts, rig: Rig) -> None:
    await _start(screen, texts, rig)
    await screen.button(texts.own("config.step.user.sections.network.name")).click()
    ways = "selector.transport.options"
    await screen.text(texts.own("config.step.user.sections.network.data.transport")).scroll_into_view_if_needed()
    await screen.page.get_by_text(texts.own(f"{ways}.tls"), exact=True).locator("visible=true").first.click()
    await screen.shows(*texts.under(ways))
    await screen.keep("ways")
    await screen.text(texts.own(f"{ways}.tcp")).click()
    await screen.button(texts.frontend(f"{CONFIG_FLOW}.submit")).click()
    await _page(screen, texts, "unencrypted", "unencrypted")
