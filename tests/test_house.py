"""The order of the rooms, and the borders of the library and the emulator."""

from pathlib import Path
import subprocess
import sys

import pytest

from .rooms import FLOOR_OF, INTEGRATION, arrows, imported, is_upward, rooms

ROOT = Path(__file__).parent.parent
ALINK = INTEGRATION / "alink"


def test_every_module_is_in_a_room_that_has_a_floor() -> None:
    assert rooms() == FLOOR_OF.keys()


@pytest.mark.parametrize("room", list(FLOOR_OF))
def test_a_room_looks_only_into_rooms_below_it(room: str) -> None:
    assert {arrow for arrow in arrows() if arrow[0] == room and is_upward(arrow)} == set()


def test_above_the_library_its_face_is_imported_and_none_of_its_modules() -> None:
    strangers = {
        f"{path.relative_to(INTEGRATION)}: {name}"
        for path in INTEGRATION.rglob("*.py")
        for name in imported(path)
        if ALINK not in path.parents and name.startswith("./alink/")
    }
    assert strangers == set()


def test_the_library_can_be_imported_where_home_assistant_is_not() -> None:
    code = (
        "import sys; sys.modules['homeassistant'] = None; "
        f"sys.path.insert(0, {str(INTEGRATION)!r}); import alink; alink.Device"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=INTEGRATION.parent)


def test_the_library_knows_nothing_of_home_assistant() -> None:
    strangers = {
        f"{path.name}: {name}"
        for path in ALINK.rglob("*.py")
        for name in imported(path)
        if name.startswith("homeassistant") or (name.startswith("./") and not name.startswith("./alink"))
    }
    assert strangers == set()


def test_the_pure_half_reads_no_clock_draws_no_number_and_opens_nothing() -> None:
    allowed = {
        "collections", "contextlib", "dataclasses", "decimal", "enum", "hmac", "json", "math", "re", "typing",
        "unicodedata", "urllib",
    }  # fmt: skip
    strangers = {
        f"{path.name}: {name}"
        for path in (ALINK / "protocol").glob("*.py")
        for name in imported(path)
        if not name.startswith("./") and name.partition(".")[0] not in allowed
    }
    assert strangers == set()


def test_the_pure_half_can_be_imported_where_nothing_is_installed() -> None:
    modules = [f"protocol.{path.stem}" for path in (ALINK / "protocol").glob("*.py") if path.stem != "__init__"]
    code = f"import sys; sys.path.insert(0, {str(ALINK)!r}); import {', '.join(modules)}"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)


def test_the_emulator_imports_nothing_of_the_integration() -> None:
    strangers = [
        path.name for path in (ROOT / "tests" / "emulator").rglob("*.py") if "custom_components" in path.read_text()
    ]
    assert strangers == []


def test_every_end_has_a_test() -> None:
    chapter = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Ends")[2].partition("\n## ")[0]
    named = [row.split("|")[-2].strip().strip("`") for row in chapter.splitlines() if row.startswith("| ")][2:]
    written = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 20
    assert [name for name in named if f"def {name}(" not in written] == []
