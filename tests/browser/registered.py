"""The pages for a device that is not new: registered before, removed here, active before; and the ways in."""

import json

from tests.demo.platform import DEVICE_NAME
from tests.demo.rig import Rig

from .dialogs import DOMAIN, ENTRIES, close, fix, page_is_read, submit
from .screen import Screen
from .setup import SECOND, start, type_values
from .texts import Texts

WRONG_SECRET = "0" * 32


async def come_again(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Look at each page; the entry is removed on the way, and its secret forgotten."""
    device_secret = secret_of(rig)
    await _kept(screen, texts, rig)
    await _remove(rig)
    await fix(screen, texts, "removed", DEVICE_NAME)
    await _already_active(screen, texts, rig)
    await _device_secret(screen, texts, device_secret)
    await _unencrypted(screen, texts, rig)


def secret_of(rig: Rig) -> str:
    """Return the DeviceSecret, as the platform's console shows it to its owner; the emulator's console never does."""
    stored = json.loads((rig.home_assistant.config / ".storage" / "core.config_entries").read_text())
    (secret,) = (entry["data"]["device_secret"] for entry in stored["data"]["entries"] if entry["domain"] == DOMAIN)
    return str(secret)


async def _kept(screen: Screen, texts: Texts, rig: Rig) -> None:
    """Set up a device again whose dialog was closed when the platform had handed its secret out."""
    await start(screen, texts)
    await type_values(screen, texts, rig, **SECOND)
    await submit(screen, texts)
    await page_is_read(screen, texts, "kept", "kept")
    await submit(screen, texts)
    title = texts.own("config.step.publish.title")
    await screen.shows(title)
    await close(screen, texts, title)


async def _remove(rig: Rig) -> None:
    (entry,) = await rig.client.get(ENTRIES, domain=DOMAIN)
    await rig.client.delete(f"{ENTRIES}/{entry['entry_id']}")


async def _already_active(screen: Screen, texts: Texts, rig: Rig) -> None:
    await start(screen, texts)
    await type_values(screen, texts, rig)
    await submit(screen, texts)
    await page_is_read(screen, texts, "already_active", "already-active")
    await screen.choose(texts.own("config.step.already_active.menu_options.device_secret"))


async def _device_secret(screen: Screen, texts: Texts, device_secret: str) -> None:
    await page_is_read(screen, texts, "device_secret", "device-secret")
    field = texts.own("config.step.device_secret.data.device_secret")
    await screen.type(field, WRONG_SECRET)
    await submit(screen, texts)
    await screen.shows(texts.own("config.error.bad_device_secret"))
    await screen.keep("device-secret-refused")
    await screen.type(field, device_secret)
    await submit(screen, texts)
    title = texts.own("config.step.publish.title")
    await screen.shows(title)
    await close(screen, texts, title)


async def _unencrypted(screen: Screen, texts: Texts, rig: Rig) -> None:
    await start(screen, texts)
    await type_values(screen, texts, rig)
    network = "config.step.user.sections.network"
    await screen.press(texts.own(f"{network}.name"))
    ways = "selector.transport.options"
    await screen.text(texts.own(f"{network}.data.transport")).scroll_into_view_if_needed()
    tls = screen.page.get_by_text(texts.own(f"{ways}.tls"), exact=True).locator("visible=true").first
    await screen.click(tls)
    await screen.shows(*texts.under(ways))
    await screen.keep("ways")
    await screen.choose(texts.own(f"{ways}.tcp"))
    await submit(screen, texts)
    await page_is_read(screen, texts, "unencrypted", "unencrypted")
    await submit(screen, texts)
    await screen.shows(texts.own("config.error.not_understood"))
    await screen.keep("unencrypted-not-understood")
    await screen.click(screen.page.locator("ha-switch").locator("visible=true").first)
    await submit(screen, texts)
    title = texts.own("config.step.kept.title")
    await screen.shows(title)
    await close(screen, texts, title)
