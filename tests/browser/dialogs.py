"""Dialogs: the steps that all flows have in common."""

from playwright.async_api import Locator, expect

from .screen import Screen
from .texts import CONFIG_FLOW, Texts

# Home Assistant lists a custom integration by the name in its manifest, in every language.
NAME = "阿里云物联网平台 (Alibaba Cloud IoT Platform)"

DOMAIN = "aliyun_iot"
INTEGRATION = f"/config/integrations/integration/{DOMAIN}"
DASHBOARD = "/config/integrations/dashboard"
ENTRIES = "/api/config/config_entries/entry"


async def submit(screen: Screen, texts: Texts) -> None:
    await screen.press(texts.frontend(f"{CONFIG_FLOW}.submit"))


async def close(screen: Screen, texts: Texts, title: str) -> None:
    """Close the dialog, and wait until the frontend has gone back to the page below."""
    await screen.press(texts.frontend(f"{CONFIG_FLOW}.close"))
    await screen.hides(title)


async def connected(screen: Screen, texts: Texts) -> None:
    """Wait until the progress page has come and gone."""
    progress = texts.own("config.progress.connect")
    await screen.shows(progress)
    await screen.hides(progress)


async def page_is_read(screen: Screen, texts: Texts, step: str, picture: str, *, narrow: bool = True) -> None:
    """Read a page of the config flow with all of its fields or menu options, and save its picture."""
    here = f"config.step.{step}"
    parts = ("data", "data_description", "menu_options", "menu_option_descriptions")
    named = [text for part in parts if texts.has(f"{here}.{part}") for text in texts.under(f"{here}.{part}")]
    await screen.shows(texts.own(f"{here}.title"), texts.own(f"{here}.description"), *named)
    await screen.keep(picture, narrow=narrow)


async def pick_integration(screen: Screen, picture: str | None = None) -> None:
    """Find the integration in the list of all integrations."""
    dialog = screen.page.locator("dialog-add-integration")
    await screen.search(dialog, "aliyun")
    found = dialog.get_by_text(NAME, exact=True).locator("visible=true").first
    await expect(found, "the integration").to_be_visible()
    if picture is not None:
        await screen.keep(picture)
    await screen.click(found)


async def choose(screen: Screen, texts: Texts, *names: str) -> None:
    """Choose entities one by one."""
    for name in names:
        picker = await open_list(screen, texts)
        offered = picker.get_by_role("dialog").first
        await screen.search(offered, name)
        await screen.click(offered.get_by_text(name, exact=True).locator("visible=true").first)
        await expect(offered, "the list of entities").to_be_hidden()


async def open_list(screen: Screen, texts: Texts) -> Locator:
    """Open the list of targets that a user can choose from."""
    picker = screen.page.locator("ha-target-picker").first
    await screen.press(texts.frontend("ui.components.target-picker.add_target"), within=picker)
    return picker


async def fix(screen: Screen, texts: Texts, kind: str, name: str) -> None:
    """Open the dialog of an issue with a button, read it, and press the button."""
    await screen.go("/config/repairs")
    issue = f"issues.{kind}"
    await screen.choose(texts.own(f"{issue}.title", name=name))
    here = f"{issue}.fix_flow.step.confirm"
    await screen.shows(texts.own(f"{here}.title", name=name), *texts.paragraphs(f"{here}.description", name=name))
    await screen.keep(f"repair-{kind}", narrow=True)
    await submit(screen, texts)
    await screen.shows(texts.frontend("ui.dialogs.repair_flow.success.description"))
    await screen.press(texts.frontend(f"{CONFIG_FLOW}.finish"))
