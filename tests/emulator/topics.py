"""Topics: tells a device's own topics from others, and matches filters."""

from typing import TYPE_CHECKING

from .limits import LONGEST_TOPIC, MOST_SLASHES

if TYPE_CHECKING:
    from .device import DeviceKey

_BATCH = "thing/event/property/batch/"
_HISTORY = "thing/event/property/history/"
_SYSTEM = ("/sys/", "/ext/", "/shadow/", "/ota/")


def tail(topic: str, key: DeviceKey) -> str:
    """Return a topic without the `/sys/{pk}/{dn}/` in front of it."""
    return topic.removeprefix("/sys/{}/{}/".format(*key))


def is_publishable(topic: str, key: DeviceKey) -> bool:
    return _is_well_formed(topic) and _is_own(topic.split("/"), key)


def is_subscribable(topic_filter: str, key: DeviceKey) -> bool:
    if not _is_well_formed(topic_filter) or not _has_wildcards_in_place(topic_filter):
        return False
    levels = topic_filter.split("/")
    return levels[:3] == ["", "broadcast", key[0]] or _is_own(levels, key)


def matches(topic_filter: str, topic: str) -> bool:
    wanted = topic_filter.split("/")
    levels = topic.split("/")
    if wanted[-1] == "#":
        wanted.pop()
        levels = levels[: max(len(wanted), 0)] if len(levels) >= len(wanted) else levels
    return len(wanted) == len(levels) and all(a in ("+", b) for a, b in zip(wanted, levels, strict=True))


def is_implied(topic: str, key: DeviceKey, *, history: bool) -> bool:
    """Tell whether `_ss=1` subscribes to this topic: to all of the system's own ones but the reply to a batch post.

    `history` is False where it does not reach the replies to history posts either.
    """
    if not topic.startswith(_SYSTEM) or not _is_own(topic.split("/"), key):
        return False
    function = tail(topic, key)
    return not function.startswith(_BATCH) and (history or not function.startswith(_HISTORY))


def is_custom(topic: str, key: DeviceKey) -> bool:
    """Tell whether a topic is of a category that the product's owner made, free in its content."""
    return topic.startswith("/{}/{}/user/".format(*key))


def is_rrpc_answer(topic: str, key: DeviceKey) -> bool:
    return topic.startswith("/ext/rrpc/") or tail(topic, key).startswith("rrpc/response/")


def _is_well_formed(topic: str) -> bool:
    # The platform's own topics may be deeper: thing/event/property/history/post under /sys has eight slashes.
    deep = topic.count("/") > MOST_SLASHES and not topic.startswith(("/sys/", "/ext/"))
    return topic.startswith("/") and len(topic.encode()) <= LONGEST_TOPIC and not deep


def _has_wildcards_in_place(topic_filter: str) -> bool:
    levels = topic_filter.split("/")
    alone = all(level in ("+", "#") or not {"+", "#"} & set(level) for level in levels)
    return alone and "#" not in levels[:-1]


def _is_own(levels: list[str], key: DeviceKey) -> bool:
    pair = list(key)
    match levels[1:]:
        case ["sys", *rest]:
            return rest[:2] == pair and len(rest) > len(pair)
        case ["ext", "rrpc", _, *rest]:
            # `/ext/rrpc/{id}/{topic}` is the device's own with any ID.
            return _is_own(["", *rest], key)
        case ["ext", _, *rest]:
            return rest[:2] == pair
        case ["ota" | "shadow", *rest]:
            return rest[-2:] == pair
        case _:
            return levels[1:3] == pair and len(levels) > len(pair) + 1
