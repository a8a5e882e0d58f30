from contextlib import suppress
from io import BytesIO
import json
import random
import struct
import time
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest

from . import ImportRefusedError, Problem, tsl_file
from .client import PK
from .test_posts import MODEL
from .test_tsl_rules import KITCHEN, put

EXAMPLE = json.dumps(MODEL).encode()


def zipped(files: dict[str, bytes], compression: int = ZIP_DEFLATED) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w", compression) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def modules(count: int) -> dict[str, bytes]:
    return {
        f"m{number}.json": json.dumps(KITCHEN | {"functionBlockId": f"m{number}", "properties": []}).encode()
        for number in range(count)
    }


def problem(content: bytes) -> Problem:
    """Return the only problem of a file."""
    with pytest.raises(ImportRefusedError) as refused:
        tsl_file.read(content, PK, {})
    (found,) = refused.value.problems
    return found


# JSON


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"PK",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b"9" * 5000,
        b"[" * 200_000,
        b'{"a":' * 80_000,
        b'{"schema": "\x00"}',
        EXAMPLE.decode().encode("utf-16"),
        EXAMPLE + b"}",
    ],
    ids=lambda content: repr(content[:12]),
)
def test_what_is_no_json_is_refused(content: bytes) -> None:
    found = problem(content)
    assert (found.path, "must be JSON" in found.problem) == ("", True)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schema", "x" * 100_000),
        ("x" * 100_000, 1),
        ("profile.productKey", json.loads("[" * 900 + "]" * 900)),
        ("properties[0].identifier", 1e999),
        ("properties[0].identifier", 10**4000),
        ("properties[0].name", "\U0001f600" * 30),
        ("properties[0].dataType.specs", {"\u202e" * 1000: {}}),
        ("properties[1].dataType.specs", {"x" * 100_000: "x"}),
        ("properties[2].dataType.specs.max", "9" * 100_000),
        ("properties[2].dataType.specs", [["min", "0"]]),
        ("properties[6].dataType.specs", "x" * 100_000),
        ("properties", [None, [], {}, 1, "x", True, {"dataType": {"type": "array", "specs": {"item": {}}}}] * 1000),
        ("events", [{"identifier": "x" * 100_000}] * 2),
        ("events[1].identifier", ["post"]),
        ("services[0].identifier", {"set": 1}),
        ("services[1].inputData", {"a": 1}),
        ("functionBlockId", "x" * 100_000),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_hostile_values_are_refused_in_few_words(path: str, value: Any) -> None:
    content = json.dumps(put(MODEL, path, value)).encode().replace(b"Infinity", b"1e999")
    with pytest.raises(ImportRefusedError) as refused:
        tsl_file.read(content, PK, {})
    assert refused.value.problems
    for found in refused.value.problems:
        assert len(found.path) + len(found.problem) < 500
        assert found.problem.isprintable()


def test_anything_anywhere_is_either_taken_or_refused() -> None:
    dice = random.Random(20)
    oddities: list[Any] = [
        None,
        True,
        0,
        -1,
        1.5,
        "",
        "x",
        "set",
        "1e999",
        [],
        [[]],
        {},
        {"type": {}},
        {"type": "array"},
        [None],
    ]

    def spoilt(value: Any) -> Any:
        if dice.random() < 0.02:
            return dice.choice(oddities)
        if isinstance(value, dict):
            return {key: spoilt(item) for key, item in value.items() if dice.random() > 0.01}
        return [spoilt(item) for item in value] if isinstance(value, list) else value

    for _ in range(300):
        with pytest.raises(ImportRefusedError):
            # The wrong ProductKey makes every document wrong.
            tsl_file.read(json.dumps(spoilt(MODEL) or {}).encode().replace(PK.encode(), b"-"), PK, {})


def test_a_module_is_of_so_many_bytes() -> None:
    assert tsl_file.read(EXAMPLE.ljust(512 * 1024), PK, {}) == {"": MODEL}
    assert problem(EXAMPLE.ljust(512 * 1024 + 1)).problem == "must be of at most 524288 bytes, is of 524289"


def test_white_space_counts_only_within_texts() -> None:
    def sized(size: int) -> bytes:
        bare = len(json.dumps(MODEL | {"": ""}, separators=(",", ":"), ensure_ascii=False).encode())
        return json.dumps(MODEL | {"": " " * (size - bare)}, indent=1, ensure_ascii=False).encode()

    assert "unknown key" in problem(sized(256 * 1024)).problem
    found = problem(sized(256 * 1024 + 1))
    assert found.problem == "must be of at most 262144 bytes without white space, is of 262145"


# ZIP


def test_a_zip_has_several_modules() -> None:
    files = {"a/": b"", "a/default.json": EXAMPLE, "a/kitchen.json": json.dumps(KITCHEN).encode()}
    assert tsl_file.read(zipped(files), PK, {}) == {"": MODEL, "kitchen": KITCHEN}


def test_the_file_is_named_where_there_are_several() -> None:
    wrong = json.dumps(put(KITCHEN, "properties[0].accessMode", "x")).encode()
    found = problem(zipped({"default.json": EXAMPLE, "kitchen.json": wrong}))
    assert found.path == "kitchen.json: properties[0].accessMode"
    assert problem(zipped({"default.json": EXAMPLE, "readme.txt": b"Hello"})).path == "readme.txt"


def test_names_are_unique_over_the_files() -> None:
    same = json.dumps(put(KITCHEN, "properties[0].name", "Relay")).encode()
    found = problem(zipped({"default.json": EXAMPLE, "kitchen.json": same}))
    assert found.path == "kitchen.json: properties[0].name"
    assert found.problem == "must be unique, 'Relay' is also at default.json: properties[0].name"


def test_two_files_are_not_one_module() -> None:
    empty = json.dumps(KITCHEN | {"properties": []}).encode()
    found = problem(zipped({"one.json": empty, "two.json": empty}))
    assert (found.path, found.problem) == ("two.json", "must not be the same module as another file's")


def test_a_zip_has_so_many_files() -> None:
    assert len(tsl_file.read(zipped(modules(20)), PK, {})) == 20
    assert problem(zipped(modules(21))).problem == "a ZIP must have 1 to 20 files, has 21"
    assert problem(zipped({})).problem == "a ZIP must have 1 to 20 files, has 0"
    assert problem(zipped({f"{number}": b"" for number in range(5000)})).problem.endswith("has 5000")


def test_a_zip_is_of_so_many_bytes() -> None:
    found = problem(zipped(modules(1)) + b"\0" * 2560 * 1024)
    assert (found.path, "a ZIP must be of at most 2621440 bytes" in found.problem) == ("", True)


def test_a_file_that_would_be_too_large_is_not_unpacked() -> None:
    bomb = zipped({"bomb.json": b" " * 100_000_000})
    assert len(bomb) < 512 * 1024
    before = time.process_time()
    assert problem(bomb) == Problem(path="bomb.json", problem="must be of at most 524288 bytes, is of 100000000")
    assert time.process_time() - before < 0.1


def test_a_file_that_lies_about_its_size_is_not_unpacked_further() -> None:
    size = 50_000_000
    bomb = zipped({"bomb.json": b" " * size}).replace(struct.pack("<L", size), struct.pack("<L", 10))
    found = problem(bomb)
    assert (found.path, "must be whole in the ZIP" in found.problem) == ("bomb.json", True)


def test_other_compressions_and_encryption_are_refused() -> None:
    assert "stored or deflated" in problem(zipped(modules(1), ZIP_BZIP2)).problem
    encrypted = bytearray(zipped(modules(1)))
    encrypted[6] |= 1
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    assert "not encrypted" in problem(bytes(encrypted)).problem


def test_a_files_name_is_shown_in_few_words() -> None:
    found = problem(zipped({"x" * 60_000: b"{"}))
    assert len(found.path) < 100
    assert problem(zipped({"\x1b[31m.json": b"{"})).path == "'\\x1b[31m.json'"


def test_a_broken_zip_is_refused() -> None:
    whole = zipped(modules(3))
    assert "must be a whole ZIP" in problem(whole[:-30]).problem
    dice = random.Random(20)
    for _ in range(2000):
        broken = bytearray(whole)
        for _ in range(dice.randrange(1, 4)):
            broken[dice.randrange(4, len(whole))] = dice.randrange(256)
        # Some pass, since not all bytes matter.
        with suppress(ImportRefusedError):
            tsl_file.read(bytes(broken[: dice.choice((None, dice.randrange(4, len(whole))))]), PK, {})
