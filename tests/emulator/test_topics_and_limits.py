import pytest

from . import Device, Emulator, Limits, ReplyFault
from .client import DN, PK, SYS, Client, normal
from .conftest import Connect
from .test_posts import BATCH, HISTORY, IDENTITY
from .topics import is_implied, matches

PROPERTY = "thing/event/property/post"
CUSTOM = f"/{PK}/{DN}/user"


@pytest.mark.parametrize(
    ("topic_filter", "granted"),
    [
        (f"{SYS}/thing/service/property/set", 1),
        (f"{SYS}/thing/event/+/post_reply", 1),
        (f"{SYS}/#", 1),
        (f"{CUSTOM}/get", 1),
        (f"/ext/ntp/{PK}/{DN}/response", 1),
        (f"/ext/rrpc/+/{PK}/{DN}/user/get", 1),
        (f"/shadow/get/{PK}/{DN}", 1),
        (f"/ota/device/upgrade/{PK}/{DN}", 1),
        (f"/broadcast/{PK}/all", 1),
        ("/broadcast/a1Unknown00/all", 128),
        (f"/sys/{PK}/other/thing/service/property/set", 128),
        (f"/sys/{PK}/+/thing/service/property/set", 128),
        ("#", 128),
        (f"{SYS}/#/x", 128),
        (f"{SYS}/x+", 128),
        (f"{CUSTOM}/{'x' * 128}", 128),
        (f"{CUSTOM}/4/5/6/7/8", 128),
    ],
)
async def test_a_device_subscribes_to_its_own_topics_only(client: Client, topic_filter: str, granted: int) -> None:
    # paho itself refuses some malformed filters, but the emulator has to.
    client.allow_malformed_filters()
    assert await client.subscribe(topic_filter) == [granted]


@pytest.mark.parametrize(
    ("topic_filter", "topic", "matching"),
    [
        ("/a/+/c", "/a/b/c", True),
        ("/a/+", "/a/b/c", False),
        ("/a/#", "/a/b/c", True),
        ("/a/#", "/a", True),
        ("/a/b/#", "/a", False),
        ("/a/b", "/a/b", True),
        ("/a/b", "/a/c", False),
    ],
)
def test_wildcards_match_as_in_mqtt(topic_filter: str, topic: str, matching: bool) -> None:
    assert matches(topic_filter, topic) is matching


async def test_more_than_eight_filters_in_one_packet_are_refused(client: Client) -> None:
    filters = [f"{CUSTOM}/{number}" for number in range(9)]
    assert await client.subscribe(*filters) == [128] * 9
    assert await client.subscribe(*filters[:8]) == [1] * 8


async def test_more_than_a_hundred_subscriptions_are_refused(client: Client) -> None:
    for number in range(100):
        assert await client.subscribe(f"{CUSTOM}/{number}") == [1]
    assert await client.subscribe(f"{CUSTOM}/100", f"{CUSTOM}/99") == [128, 1]


async def test_nothing_comes_after_an_unsubscribe(connect: Connect, device: Device) -> None:
    async with connect(normal(device.secret)) as client:
        await client.connack()
        await client.subscribe(f"{SYS}/thing/event/+/post_reply", f"{SYS}/thing/dsltemplate/get_reply")
        await client.unsubscribe(f"{SYS}/thing/event/+/post_reply")
        await client.post(PROPERTY, {"a": 1})
        assert (await client.request("thing/dsltemplate/get", {}))["code"] == 6313


@pytest.mark.parametrize(
    "topic",
    [
        f"/sys/{PK}/other/{PROPERTY}",
        f"{CUSTOM}/4/5/6/7/8",
        f"{CUSTOM}/{'x' * 128}",
        "elsewhere",
        f"/broadcast/{PK}/all",
    ],
)
async def test_what_is_published_to_a_foreign_topic_is_lost(client: Client, device: Device, topic: str) -> None:
    await client.publish(topic, {"params": {"a": 1}})
    assert device.dropped == 1
    assert not device.messages


async def test_custom_topics_are_counted(client: Client, device: Device) -> None:
    await client.publish(f"{CUSTOM}/update", "anything")
    assert device.messages == {f"{CUSTOM}/update": 1}


@pytest.mark.parametrize("qos", [0, 1])
async def test_an_own_topic_comes_back_to_its_subscriber(emulator: Emulator, client: Client, qos: int) -> None:
    emulator.faults.set(reply=ReplyFault(lost=True))
    await client.publish(f"{CUSTOM}/echo", b"\xff before", qos=qos)
    await client.subscribe(f"{CUSTOM}/+")
    await client.publish(f"{CUSTOM}/echo", b"\xff after", qos=qos)
    assert await client.message() == (f"{CUSTOM}/echo", b"\xff after")
    assert client.qos == [qos]


async def test_the_systems_topics_do_not_come_back(client: Client) -> None:
    await client.subscribe(f"{SYS}/#")
    await client.publish(f"{SYS}/thing/unknown", b"any")
    await client.request(PROPERTY, {"a": 1})
    assert client.messages.empty()


async def test_an_own_topic_of_a_device_is_no_other_devices(
    emulator: Emulator, client: Client, connect: Connect
) -> None:
    other = emulator.add_device(PK, "another")
    async with connect(normal(other.secret, device_name="another")) as stranger:
        await stranger.connack()
        assert await stranger.subscribe(f"{CUSTOM}/echo") == [128]
        await client.subscribe(f"{CUSTOM}/echo")
        await client.publish(f"{CUSTOM}/echo", b"mine")
        assert await client.message() == (f"{CUSTOM}/echo", b"mine")
        assert stranger.messages.empty()


@pytest.mark.parametrize(
    ("topic", "history", "reached"),
    [
        (f"{SYS}/thing/service/property/set", True, True),
        (f"{SYS}/thing/event/property/post_reply", True, True),
        (f"{SYS}/thing/event/property/pack/post_reply", True, True),
        (f"{SYS}/thing/event/property/history/post_reply", True, True),
        (f"{SYS}/thing/event/property/history/post_reply", False, False),
        (f"{SYS}/thing/event/property/batch/post_reply", True, False),
        (f"{SYS}/rrpc/request/1", True, True),
        (f"/ext/rrpc/1{SYS}/thing/service/x", True, True),
        (f"/ext/ntp/{PK}/{DN}/response", True, True),
        (f"/ext/error/{PK}/{DN}", True, True),
        (f"/ext/session/{PK}/{DN}/combine/login_reply", True, True),
        (f"/shadow/get/{PK}/{DN}", True, True),
        (f"/ota/device/upgrade/{PK}/{DN}", True, True),
        (f"{CUSTOM}/get", True, False),
        (f"/broadcast/{PK}/all", True, False),
        (f"/sys/{PK}/another/thing/service/property/set", True, False),
    ],
)
def test_ss_1_reaches_all_that_is_the_systems_but_batch_replies(topic: str, *, history: bool, reached: bool) -> None:
    assert is_implied(topic, (PK, DN), history=history) is reached


async def test_the_replies_to_history_can_be_left_out(emulator: Emulator, client: Client) -> None:
    history = [{"identity": IDENTITY, "properties": [{"a": {"value": 1, "time": 1000}}], "events": []}]
    assert (await client.request(HISTORY, history))["code"] == 200
    emulator.faults.set(ask_for_history=True)
    await client.post(HISTORY, history)
    assert (await client.request(PROPERTY, {"a": 1}, id="next"))["id"] == "next"
    await client.subscribe(f"{SYS}/{HISTORY}_reply")
    assert (await client.request(HISTORY, history))["code"] == 200


async def test_a_batch_is_answered_to_a_subscriber_only(client: Client) -> None:
    batch = {"properties": {"a": [{"value": 1, "time": 1000}]}}
    await client.post(BATCH, batch)
    assert (await client.request(PROPERTY, {"a": 1}, id="next"))["id"] == "next"
    await client.subscribe(f"{SYS}/{BATCH}_reply")
    assert (await client.request(BATCH, batch))["code"] == 200


async def test_a_subscription_can_take_effect_without_a_word(
    emulator: Emulator, connect: Connect, device: Device
) -> None:
    emulator.faults.set(suback_lost=True)
    async with connect(normal(device.secret)) as client:
        await client.connack()
        with pytest.raises(TimeoutError):
            await client.subscribe(f"{SYS}/{PROPERTY}_reply", timeout=0.01)
        assert (await client.request(PROPERTY, {"a": 1}))["code"] == 200


async def test_qos_2_ends_the_connection(client: Client) -> None:
    with pytest.raises(TimeoutError):
        await client.publish(f"{SYS}/{PROPERTY}", {}, qos=2, timeout=0.01)
    await client.end()


async def test_a_payload_beyond_256_kb_is_lost(client: Client, device: Device) -> None:
    await client.post(PROPERTY, {"a": "x" * 256 * 1024})
    assert (device.dropped, device.history) == (1, [])
    await client.request(PROPERTY, {"a": "x" * 255 * 1024})


@pytest.mark.parametrize(("qos", "limits"), [(1, Limits(qos1_per_second=3)), (0, Limits(qos0_per_second=3))])
async def test_too_quick_messages_vanish_silently(
    emulator: Emulator, client: Client, device: Device, qos: int, limits: Limits
) -> None:
    emulator.limits = limits
    for number in range(4):
        await client.post(PROPERTY, {"a": number}, qos=qos)
    await emulator.wait_for(lambda: device.throttled == 1)
    assert [sample.value for sample in device.history] == [0, 1, 2]
    assert device.values[PROPERTY] == 3


async def test_the_instance_has_a_limit_for_both_directions_together(
    emulator: Emulator, client: Client, device: Device
) -> None:
    emulator.limits = Limits(instance_per_second=3)
    for number in range(3):
        await client.post(PROPERTY, {"a": number})
    assert [(await client.message())[1]["code"]] == [200]
    assert device.throttled == 1
    assert client.messages.empty()


async def test_a_platform_without_limits_takes_everything(emulator: Emulator, client: Client, device: Device) -> None:
    emulator.limits = Limits.none()
    for number in range(50):
        await client.post(PROPERTY, {"a": number})
    assert (len(device.history), device.throttled) == (50, 0)
