from freezegun.api import FrozenDateTimeFactory
import pytest

from . import ClockFault, Device, Emulator
from .client import DN, PK, Client

NOW = 1893456000000
HOUR = 60 * 60 * 1000
PROPERTY = "thing/event/property/post"
REQUEST, RESPONSE = f"/ext/ntp/{PK}/{DN}/request", f"/ext/ntp/{PK}/{DN}/response"


@pytest.fixture(autouse=True)
def _frozen(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to("2030-01-01T00:00:00Z")


@pytest.mark.parametrize("offset", [0, 90 * 24 * HOUR, -HOUR, 1])
async def test_the_platforms_clock_can_be_another_one(emulator: Emulator, client: Client, offset: int) -> None:
    emulator.clock_offset = offset
    await client.publish(f"/ext/ntp/{PK}/{DN}/request", {"deviceSendTime": str(NOW)})
    topic, answer = await client.message()
    assert topic == f"/ext/ntp/{PK}/{DN}/response"
    assert answer == {
        "deviceSendTime": str(NOW),
        "serverRecvTime": str(NOW + offset),
        "serverSendTime": str(NOW + offset),
    }


@pytest.mark.parametrize(
    ("offset", "at", "codes"),
    [
        (0, NOW + 24 * HOUR, []),
        (0, NOW + 24 * HOUR + 1, [6326]),
        (-HOUR, NOW + 23 * HOUR, []),
        (-HOUR, NOW + 23 * HOUR + 1, [6326]),
        (HOUR, NOW + 25 * HOUR, []),
    ],
)
async def test_the_future_is_measured_by_it(
    emulator: Emulator, client: Client, device: Device, *, offset: int, at: int, codes: list[int]
) -> None:
    emulator.clock_offset = offset
    await client.request(PROPERTY, {"a": {"value": 1, "time": at}})
    assert [rejection.code for rejection in device.rejected.values()] == codes


async def test_a_value_without_a_time_gets_the_platforms(emulator: Emulator, client: Client, device: Device) -> None:
    emulator.clock_offset = HOUR
    await client.request(PROPERTY, {"a": 1})
    assert (device.properties["a"].time, device.properties["a"].received) == (NOW + HOUR, NOW + HOUR)


async def test_attempts_are_told_by_the_machines_clock(emulator: Emulator, client: Client, device: Device) -> None:
    emulator.clock_offset = HOUR
    assert [attempt.time for attempt in device.recent_connects] == [NOW]


async def test_an_answer_can_get_lost(emulator: Emulator, client: Client) -> None:
    emulator.faults.set(clock=ClockFault(lost=True, times=1))
    for sent in ("1", "2"):
        await client.publish(REQUEST, {"deviceSendTime": sent})
    assert (await client.message())[1]["deviceSendTime"] == "2"


@pytest.mark.parametrize("offset", [48 * HOUR, -139 * 24 * HOUR, 10**18])
async def test_an_answer_can_be_wrong(emulator: Emulator, client: Client, offset: int) -> None:
    emulator.faults.set(clock=ClockFault(offset=offset))
    await client.publish(REQUEST, {"deviceSendTime": str(NOW)})
    wrong = str(NOW + offset)
    answer = {"deviceSendTime": str(NOW), "serverRecvTime": wrong, "serverSendTime": wrong}
    assert await client.message() == (RESPONSE, answer)


async def test_an_answer_can_be_to_a_question_that_nobody_asked(emulator: Emulator, client: Client) -> None:
    emulator.faults.set(clock=ClockFault(echo="4711"))
    await client.publish(REQUEST, {"deviceSendTime": str(NOW)})
    assert (await client.message())[1]["deviceSendTime"] == "4711"


async def test_the_time_of_values_is_right_all_the_same(emulator: Emulator, client: Client, device: Device) -> None:
    emulator.faults.set(clock=ClockFault(offset=HOUR))
    await client.request(PROPERTY, {"a": 1})
    assert device.properties["a"].time == NOW
