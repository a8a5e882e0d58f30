"""The rooms of the house and the imports between them: `python -m tests.rooms [FOLDER]` counts and lists them.

A room is a folder of the integration, or a module beside the folders. FOLDER is an integration's; ours by default.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
import sys

INTEGRATION = Path(__file__).parent.parent / "custom_components" / "aliyun_iot"

GROUND = ("const", "durable", "errors", "gathered_log", "issues", "markdown", "schema", "unbroken")
DOORS = (
    "__init__",
    "binary_sensor",
    "button",
    "config_flow",
    "diagnostics",
    "entity",
    "event",
    "logbook",
    "repairs",
    "sensor",
    "services",
    "switch",
    "system_health",
)
# From the bottom to the top. A room imports from the floors below its own only, and from nothing beside it.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("alink/protocol",),
    ("alink/outbox", "alink/transport"),
    ("alink",),
    GROUND,
    ("access",),
    ("mapping", "recorder"),
    ("thing_model",),
    ("selection",),
    ("delivery",),
    ("control",),
    ("verdict",),
    ("pages",),
    ("coordinator",),
    DOORS,
)
# Doors share their base entity and the entry's type, and the set-up opens some of them; the ground is one piece.
WITHIN = (GROUND, DOORS)

FLOOR_OF = {room: number for number, floor in enumerate(FLOORS) for room in floor}

type Arrow = tuple[str, str]  # from the room that imports to the room that is imported


def room_of(path: Path, folder: Path = INTEGRATION) -> str:
    """Return the room of a module."""
    *folders, name = path.relative_to(folder).parts
    return "/".join(folders) if folders else name.removesuffix(".py")


def imported(path: Path, folder: Path = INTEGRATION) -> Iterator[str]:
    """Yield the dotted names that a module imports; a module of the integration as a path from its folder."""
    package = path.parent.relative_to(folder).parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            module = [*base, *(node.module.split(".") if node.module else ())]
            for alias in node.names:
                target = folder.joinpath(*module, alias.name)
                is_module = target.is_dir() or target.with_suffix(".py").is_file()
                yield "./" + "/".join([*module, alias.name] if is_module else module)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


def rooms(folder: Path = INTEGRATION) -> set[str]:
    """Return the rooms that have a module."""
    return {room_of(path, folder) for path in folder.rglob("*.py")}


def arrows(folder: Path = INTEGRATION) -> set[Arrow]:
    """Return the imports between rooms, each pair of rooms once."""
    found = set()
    for path in folder.rglob("*.py"):
        for name in imported(path, folder):
            if name.startswith("./"):
                target = folder / name.removeprefix("./")
                module = target / "__init__.py" if target.is_dir() else target.with_suffix(".py")
                found.add((room_of(path, folder), room_of(module, folder)))
    return {(importer, room) for importer, room in found if importer != room}


def is_upward(arrow: Arrow) -> bool:
    """Tell whether a room imports from its own floor or from one above it."""
    importer, room = arrow
    if any(importer in floor and room in floor for floor in WITHIN):
        return False
    return FLOOR_OF[room] >= FLOOR_OF[importer]


def main() -> None:
    """Print the count, and each upward arrow of a house that has these floors."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else INTEGRATION
    found = arrows(folder)
    print(f"{len(rooms(folder))} rooms, {len(found)} arrows")
    known = {arrow for arrow in found if FLOOR_OF.keys() >= set(arrow)}
    upward = sorted(filter(is_upward, known))
    print(f"{len(upward)} upward, {len(found - known)} between rooms that no floor has")
    for importer, room in upward:
        print(f"  {importer} -> {room}")


if __name__ == "__main__":
    main()
