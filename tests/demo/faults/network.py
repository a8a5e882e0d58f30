"""Faults of the link and of the platform; each is over when its function returns."""

import asyncio
from functools import partial
import json

from tests.emulator.client import Client as Intruder, Credentials, sign

from ..platform import DEVICE_NAME, PRODUCT_KEY
from ..polling import polled
from .patient import Patient

FIX = "/api/repairs/issues/fix"
# s, longer than any pause before the next attempt to connect
SECONDS = 150


async def broker_killed(patient: Patient, time: int) -> None:
    await patient.platform.kill()
    await asyncio.sleep(time)
    await patient.platform_up()


async def memory_lost(patient: Patient, time: int) -> None:
    """Let the platform forget all values and sessions, but not the device."""
    await patient.platform.kill()
    patient.stored.mend()
    patient.look()
    patient.stored.forget()
    await asyncio.sleep(time)
    await patient.platform_up()


async def cut(patient: Patient, time: int) -> None:
    """Close the connection after a message was stored and before it is acknowledged."""
    await patient.break_(cut_after_publish=1)
    await polled("a message came", partial(patient.is_over, "cut_after_publish"), SECONDS)


async def replies_lost(patient: Patient, time: int) -> None:
    """Lose 1, 2 or 4 replies; three in a row make a dead link."""
    await patient.break_(reply={"lost": True, "times": 2 ** (time - 1)})
    await polled("replies were lost", partial(patient.is_over, "reply"), SECONDS)


async def replies_late(patient: Patient, time: int) -> None:
    """Answer within the time that the integration waits."""
    await patient.break_(reply={"delay": 2.5, "times": 3})
    await polled("replies were late", partial(patient.is_over, "reply"), SECONDS)


async def replies_too_late(patient: Patient, time: int) -> None:
    """Answer after the integration has given the message up and sent its values again."""
    await patient.break_(reply={"delay": 12, "times": time})
    await polled("replies were late", partial(patient.is_over, "reply"), SECONDS)
    await asyncio.sleep(12.5)


async def half_open(patient: Patient, time: int) -> None:
    """Leave the link open and read nothing from it, the last time for so long that it counts as dead."""
    await patient.break_(half_open=True)
    await asyncio.sleep({1: 5, 2: 14}.get(time, 33))
    await patient.break_(half_open=False)


async def throttled(patient: Patient, time: int) -> None:
    """Acknowledge messages without storing or answering them."""
    await patient.break_(throttle=True)
    await asyncio.sleep(4 * time)
    await patient.break_(throttle=False)


async def unavailable(patient: Patient, time: int) -> None:
    """Answer the next CONNECT with 3; the integration then leaves the platform alone for a minute or more."""
    await patient.break_(cut="now", connack={"code": 3, "times": 1})
    await polled("a CONNECT was refused", partial(patient.is_over, "connack"), SECONDS)
    await polled("it is connected again", partial(_is_online, patient), SECONDS)


async def taken_over(patient: Patient, time: int) -> None:
    """Connect once as the same device, and leave."""
    await polled("it is connected", partial(_is_online, patient), SECONDS)
    await _intrude(patient)


async def taken_over_for_good(patient: Patient, time: int) -> None:
    """Connect as the same device until the integration gives up; then a person takes the device back."""
    for _ in range(3):
        await polled("it is connected", partial(_is_online, patient), SECONDS)
        await _intrude(patient)
    issue_id = await polled("a repair issue", partial(_issue, patient), SECONDS)
    await asyncio.sleep(3)
    form = await patient.client.post(FIX, {"handler": "aliyun_iot", "issue_id": issue_id})
    await patient.client.post(f"{FIX}/{form['flow_id']}", {})


async def _intrude(patient: Patient) -> None:
    kept = json.loads((patient.platform.data / "devices.json").read_text("utf-8"))
    (secret,) = [device["secret"] for device in kept["devices"]]
    signed = f"clientIdintruderdeviceName{DEVICE_NAME}productKey{PRODUCT_KEY}timestamp1700000000000"
    credentials = Credentials(
        client_id="intruder|securemode=2,signmethod=hmacsha256,timestamp=1700000000000|",
        username=f"{DEVICE_NAME}&{PRODUCT_KEY}",
        password=sign(signed, secret),
    )
    ca_file = patient.platform.data / "ca.pem"
    async with Intruder(credentials, port=patient.platform.ports["mqtts"], ca_file=ca_file) as intruder:
        await intruder.connack()


async def _is_online(patient: Patient) -> bool | None:
    device = await patient.platform.device(patient.http)
    return (device["online"] and not device["client_id"].startswith("intruder")) or None


async def _issue(patient: Patient) -> str | None:
    issues = (await patient.client.command("repairs/list_issues"))["issues"]
    return next((issue["issue_id"] for issue in issues if issue["translation_key"] == "taken_over"), None)
