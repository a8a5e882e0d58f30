"""Every character of Unicode in a name: the file that comes of it is imported.

`CHARACTERS=all` tries each in a name of its own; without it, one in twenty, and those at the edges of what is taken.
"""

from itertools import batched
import os
import unicodedata

import pytest

from custom_components.aliyun_iot.alink.protocol.data_types import Text
from custom_components.aliyun_iot.alink.protocol.rules import is_name
from custom_components.aliyun_iot.mapping.definition import Definition
from custom_components.aliyun_iot.mapping.names import readable_name
from custom_components.aliyun_iot.thing_model.import_files import files, packed
from tests.emulator import Emulator
from tests.emulator.tsl_problems import ImportRefusedError

from .. import PRODUCT_KEY

ALL = range(0x110000)
# Nobody can type these: not assigned, private, or halves of surrogate pairs. They are nine of ten, and all are dropped,
# as are the rarest Chinese characters, from U+20000 on, but for other forms of common ones.
NOTHING = frozenset({"Cn", "Co", "Cs"})


def is_dropped(character: str) -> bool:
    is_rare = ord(character) >= 0x20000 and unicodedata.normalize("NFKC", character) == character
    return is_rare or unicodedata.category(character) in NOTHING


DROPPED = [chr(code) for code in ALL if is_dropped(chr(code))]
# The console takes these in a name beside the signs, as both documents of its import have it: digits and letters, 々,
# hiragana and its repetition marks, katakana with the long vowel and the repetition marks, and 20,902 characters.
TAKEN = frozenset(
    code
    for first, last in (
        (0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A), (0x3005, 0x3005), (0x3041, 0x3096), (0x309D, 0x309E),
        (0x30A1, 0x30FA), (0x30FC, 0x30FE), (0x4E00, 0x9FA5),
    )
    for code in range(first, last + 1)
)  # fmt: skip
SIGNS = frozenset(map(ord, "-_/."))


def is_tried(code: int) -> bool:
    is_at_edge = len({one in TAKEN for one in range(code - 2, code + 3)}) == 2
    return os.environ.get("CHARACTERS") == "all" or code < 0x250 or code % 20 == 0 or is_at_edge


OTHERS = [chr(code) for code in ALL if is_tried(code) and not is_dropped(chr(code))]


@pytest.fixture(scope="module")
def names() -> list[str]:
    """Return the different names that come of characters, each alone, and at the start and inside of a name."""
    alone = {readable_name(one, "fallback") for one in OTHERS}
    return sorted(alone | {readable_name(f"{one}x{one}x", "fallback") for one in OTHERS})


def test_a_name_has_exactly_the_characters_that_the_console_takes() -> None:
    assert {code for code in ALL if is_name(chr(code))} == TAKEN
    assert {code for code in ALL if is_name(f"{chr(code)}x")} == TAKEN
    assert {code for code in ALL if is_name(f"x{chr(code)}x")} == TAKEN | SIGNS


def test_whatever_character_is_typed_its_name_has_no_others(names: list[str]) -> None:
    assert {ord(character) for name in names for character in name} <= TAKEN | SIGNS
    assert all(map(is_name, names))


def test_every_character_that_the_console_takes_is_kept() -> None:
    assert {code for code in TAKEN if readable_name(f"x{chr(code)}", "") != f"x{chr(code)}"} == set()


def test_what_hardly_anybody_types_is_dropped() -> None:
    assert {readable_name(f"x{''.join(part)}y", "") for part in batched(DROPPED, 900, strict=False)} == {"xy"}
    assert {readable_name("".join(part), "fallback") for part in batched(DROPPED, 900, strict=False)} == {"fallback"}


async def test_the_console_imports_all_of_these_names(emulator: Emulator, names: list[str]) -> None:
    for part in batched(names, 5_000, strict=False):
        emulator.import_thing_model(PRODUCT_KEY, packed(files(PRODUCT_KEY, published(part))).body)


@pytest.mark.parametrize("character", ["\u3400", "\u4dbe", "\u9fa6", "\u9fff", "\uf900", "\U00020000", "\u3007", "・"])
async def test_the_console_refuses_the_next_characters(emulator: Emulator, character: str) -> None:
    assert not is_name(character)
    with pytest.raises(ImportRefusedError):
        emulator.import_thing_model(PRODUCT_KEY, packed(files(PRODUCT_KEY, published([f"x{character}"]))).body)


def published(names: list[str] | tuple[str, ...]) -> list[tuple[str, Definition]]:
    """Return properties with these names, 250 in a module."""
    return [
        (
            "sensor.t",
            Definition(
                identifier=f"p{number}",
                name=name,
                data_type=Text(length=8),
                module=f"home_{number // 250 + 2}",
            ),
        )
        for number, name in enumerate(names)
    ]
