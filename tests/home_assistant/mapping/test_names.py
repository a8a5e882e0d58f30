"""Names that the console takes, from anything that a user may type."""

import random
import unicodedata

import pytest

from custom_components.aliyun_iot.alink.protocol.data_types import Bool, Enum
from custom_components.aliyun_iot.alink.protocol.rules import is_name
from custom_components.aliyun_iot.mapping.names import item_names, readable_name, unique_name

from . import check

COMMON = "Temperature of the garden shed behind the house"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Kitchen", "Kitchen"),
        ("Living room", "Living_room"),
        ("客厅 温度", "客厅_温度"),
        ("客厅\uff08北\uff09灯", "客厅_北_灯"),
        ("リビング", "リビング"),
        ("コーヒーメーカー", "コーヒーメーカー"),
        ("佐々木の部屋", "佐々木の部屋"),
        ("ばゝ ｶﾞﾚｰｼﾞ", "ばゝ_ガレージ"),
        ("リビング・灯", "リビング_灯"),
        ("\u4dae家灯", "家灯"),
        ("\u3649塘", "塘"),
        ("鿍灯", "灯"),
        ("神\ufa19", "神神"),
        ("Küche Straße İzmir", "Kuche_Strasse_Izmir"),
        ("спальня", "spalnia"),
        ("الغرفة", "lgrf"),
        ("거실", "geosil"),
        ("Mum's room", "Mums_room"),
        ("CO2 (ppm): north", "CO2_ppm_north"),
        ("PM2.5", "PM2.5"),
        ("a - b / c", "a-b/c"),
        ("🏠 Home 🎉", "Home"),
        ("-_./hidden", "hidden"),
        ("two\nlines\tand\rmore\x00", "two_lines_and_more"),
        ("\u202eright to left\u200f", "right_to_left"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("half\ud83d", "half"),
        ("①２Ａ", "12A"),
        ("unknown", "unknown"),
    ],
)
def test_a_name_stays_as_close_to_what_was_typed_as_the_console_takes(typed: str, expected: str) -> None:
    assert readable_name(typed, "fallback") == expected
    assert is_name(expected)


@pytest.mark.parametrize("typed", ["", " ", "🎉🎈", "\u200b", "\u202e", "\ud83d", "\n", "___", "...", "\x00", "٪؟"])
def test_a_name_without_letters_is_the_fallback(typed: str) -> None:
    assert readable_name(typed, "sensor.kitchen temp") == "sensor.kitchen_temp"
    assert readable_name(typed, "🎉") == "property"


@pytest.mark.parametrize("typed", ["a" * 255, "温" * 255, "ع" * 255, "a " * 500, "🎉" * 254 + "x", "é" * 10_000])
def test_a_long_name_is_cut(typed: str) -> None:
    assert is_name(readable_name(typed, ""))


def test_long_names_that_differ_at_one_end_differ_still() -> None:
    names = {readable_name(f"{COMMON} {end}", "") for end in ("north", "south")}
    assert names == {"Temperature_of..he_house_north", "Temperature_of..he_house_south"}
    assert len({readable_name(f"{start} {COMMON}", "") for start in ("North", "South")}) == 2


def test_whatever_is_typed_there_is_a_name() -> None:
    dice = random.Random(7)
    for _ in range(2000):
        typed = "".join(chr(dice.choice((dice.randrange(0x300), dice.randrange(0x110000)))) for _ in range(12))
        name = readable_name(typed, "")
        assert is_name(name), [unicodedata.name(letter, "?") for letter in typed]


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert unique_name("door", {"window"}) == "door"
    assert unique_name("door", {"door"}) == "door_2"
    assert unique_name("door", {"door", "door_2", "door_3"}) == "door_4"


def test_names_that_are_the_same_when_cut_differ_and_stay_within_the_limit() -> None:
    taken: set[str] = set()
    for _ in range(1200):
        taken.add(unique_name(readable_name("x" * 255, ""), taken))
    assert len(taken) == 1200
    assert all(is_name(name) for name in taken)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["off", "on"], ["off", "on"]),
        (["关闭", "开启"], ["关闭", "开启"]),
        (["heat/cool", "fan only"], ["heat/cool", "fan_only"]),
        (["+", "-", "", "🎉"], ["0", "1", "2", "3"]),
        (["1", "+"], ["1", "1_2"]),
        (["a", "A", "á", "a!"], ["a", "A", "a_2", "a_3"]),
        (["mode number one", "mode number two of two"], ["mode_number_one", "mode_numb..wo_of_two"]),
        (["é" * 255, "é" * 254], ["eeeeeeeee..eeeeeeeee", "eeeeeeee..eeeeeeee_2"]),
    ],
)
def test_the_names_of_values_are_short_and_differ(words: list[str], expected: list[str]) -> None:
    assert item_names(words) == expected


@pytest.mark.parametrize("word", ["", "\ud800", "🎉", "\n", "a" * 255, "日本" * 40, "ش" * 99, "same"])
def test_a_hundred_times_the_same_word_is_an_enum_still(word: str) -> None:
    names = item_names([word] * 100)
    check(Enum(names=dict(enumerate(names))))
    check(Bool(off=names[0], on=names[1]))
    assert all(is_name(name) for name in names)
