"""The two pages that mend an entry: reconfigure and reauthenticate."""

from playwright.async_api import expect

from tests.demo.rig import Rig

from .dialogs import DASHBOARD, INTEGRATION, connected, page_is_read, submit
from .pages import open_menu
from .prepared import OTHER_SECRET, PORT_443, SECRET
from .screen import Screen
from .texts import CONFIG_FLOW, ENTRY, Texts
from .troubles import DEVICES, Issues, online


async def reconfigured(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Follow the advice of the repair for the expiring root: leave the port empty."""
    await screen.go(INTEGRATION)
    await screen.shows(PORT_443)
    await open_menu(screen, texts, PORT_443)
    await screen.choose(texts.frontend(f"{ENTRY}.reconfigure"))
    await page_is_read(screen, texts, "reconfigure", "reconfigure")
    network = "config.step.reconfigure.sections.network"
    await screen.press(texts.own(f"{network}.name"))
    await screen.shows(*texts.under(f"{network}.data", f"{network}.data_description"))
    port = screen.page.get_by_role("spinbutton", name=texts.own(f"{network}.data.port"))
    await expect(port, "the port").to_have_value("443")
    await screen.type(texts.own(f"{network}.data.port"), "", role="spinbutton")
    await screen.keep("reconfigure-port", narrow=True)
    await submit(screen, texts)
    await connected(screen, texts)
    await screen.shows(texts.own("config.abort.reconfigure_successful"))
    await screen.keep("reconfigured")
    await Issues(rig).go("root_ends", PORT_443)
    await online(rig, PORT_443)
    await screen.press(texts.frontend(f"{CONFIG_FLOW}.close"))


async def reauthenticated(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Type the secret that the console shows now, first while the device is disabled."""
    await rig.platform.post(rig.http, f"{DEVICES}/{OTHER_SECRET}/disable", {})
    await screen.go(DASHBOARD)
    await screen.press(texts.frontend("ui.panel.config.integrations.reconfigure"))
    title = texts.own("config.step.reauth_confirm.title", name=OTHER_SECRET)
    await screen.shows(title)
    await page_is_read(screen, texts, "reauth_confirm", "reauthenticate")
    await screen.type(texts.own("config.step.reauth_confirm.data.device_secret"), SECRET)
    await submit(screen, texts)
    await connected(screen, texts)
    await screen.shows(texts.own("config.error.device_disabled"))
    await screen.keep("reauthenticate-disabled")
    await rig.platform.post(rig.http, f"{DEVICES}/{OTHER_SECRET}/enable", {})
    await submit(screen, texts)
    await connected(screen, texts)
    await screen.shows(texts.own("config.abort.reauth_successful"))
    await screen.keep("reauthenticated")
    await online(rig, OTHER_SECRET)
    await screen.press(texts.frontend(f"{CONFIG_FLOW}.close"))
