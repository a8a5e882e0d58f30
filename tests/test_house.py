"""Who may import whom, and what has to be true of the folder."""

import ast
from collections.abc import Iterator
from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).parent.parent
INTEGRATION = ROOT / "custom_components" / "aliyun_iot"
ALINK = INTEGRATION / "alink"

# A room and the rooms of ours that it may look into.
MAY_IMPORT = {
    "alink/protocol": {"alink/protocol"},
    "alink/outbox": {"alink/outbox", "alink/protocol"},
    "alink/transport": {"alink/transport", "alink/protocol"},
    "mapping": {"mapping", "alink/protocol"},
}


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports, relative ones as paths from the integration."""
    package = path.parent.relative_to(INTEGRATION).parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            yield "./" + "/".join([*base, *(node.module or "").split(".")])
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


@pytest.mark.parametrize("room", list(MAY_IMPORT))
def test_a_room_looks_only_into_rooms_below_it(room: str) -> None:
    strangers = {
        f"{path.name}: {name}"
        for path in (INTEGRATION / room).glob("*.py")
        for name in imported(path)
        if name.startswith("./") and not any(name.startswith(f"./{below}") for below in MAY_IMPORT[room])
    }
    assert strangers == set()


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
        "collections", "contextlib", "dataclasses", "decimal", "enum", "hmac", "json", "re", "typing", "urllib",
    }  # fmt: skip
    strangers = {
        f"{path.name}: {name}"
        for path in (ALINK / "protocol").glob("*.py")
        for name in imported(path)
        if not name.startswith("./") and name.partition(".")[0] not in allowed
    }
    assert strangers == set()


def test_the_pure_half_can_be_imported_where_nothing_is_installed() -> None:
    modules = [f"alink.protocol.{path.stem}" for path in (ALINK / "protocol").glob("*.py") if path.stem != "__init__"]
    code = f"import sys; sys.path.insert(0, {str(INTEGRATION)!r}); import {', '.join(modules)}"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)


def test_the_emulator_imports_nothing_of_the_integration() -> None:
    strangers = [
        path.name for path in (ROOT / "tests" / "emulator").rglob("*.py") if "custom_components" in path.read_text()
    ]
    assert strangers == []
