"""Troubles: Home Assistant's issues, the platform's view of a device, and a second client of the same name."""

from tests.demo.platform import PRODUCT_KEY
from tests.demo.polling import polled
from tests.demo.rig import Rig

from .dialogs import DOMAIN

CONTESTED = "contested"
SECONDS = 70
DEVICES = f"/api/devices/{PRODUCT_KEY}"


class Issues:
    """Home Assistant's issues about the integration."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    async def are(self, kind: str, name: str) -> bool:
        """Return whether a device has an issue of this kind."""
        found = (await self._rig.client.command("repairs/list_issues"))["issues"]
        return any(issue["domain"] == DOMAIN and issue["issue_id"] == f"{kind}_{name}" for issue in found)

    async def come(self, kind: str, name: str) -> None:
        async def look() -> bool | None:
            return await self.are(kind, name) or None

        await polled(f"{kind} of {name}", look, SECONDS)

    async def go(self, kind: str, name: str) -> None:
        async def look() -> bool | None:
            return not await self.are(kind, name) or None

        await polled(f"no {kind} of {name} any more", look, SECONDS)


async def online(rig: Rig, name: str) -> None:
    """Wait until the platform has a connection with the device."""

    async def look() -> bool | None:
        return (await rig.platform.device(rig.http, name))["online"] or None

    await polled(f"{name} is online", look, SECONDS)


async def contest(rig: Rig) -> None:
    """Act as the other client that takes the name of a device, until Home Assistant gives up."""
    issues = Issues(rig)

    async def look() -> bool | None:
        if (await rig.platform.device(rig.http, CONTESTED))["online"]:
            await rig.platform.post(rig.http, f"{DEVICES}/{CONTESTED}/kick", {})
        return await issues.are("taken_over", CONTESTED) or None

    await polled("it has given up", look, SECONDS, pause=0.5)
