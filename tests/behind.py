"""Behind: runs the suite with a test plugin that is older than Home Assistant, as it is for some weeks of each month.

pytest loads this module before the plugin. While the plugin belongs to the installed Home Assistant, it does nothing.
"""

from importlib import import_module
from importlib.metadata import requires, version
from typing import Final

import pytest

PLUGIN: Final = "pytest-homeassistant-custom-component"
INSTALLED: Final = version("homeassistant")
(BELONGS_TO,) = (line.partition("==")[2] for line in requires(PLUGIN) or () if line.startswith("homeassistant=="))
IS_BEHIND: Final = BELONGS_TO != INSTALLED

_LOGGER: Final = "homeassistant.components.logger"
_MOVED: Final = "_clear_logger_overwrites"

# By Home Assistant's month: the tests that fail because of the plugin, by their ids, each with the reason.
LEFT_OUT: Final[dict[str, dict[str, str]]] = {
    "2026.11": {
        "tests/home_assistant/test_entities.py::test_a_new_day_begins_to_count_messages_anew": (
            "the plugin puts the restored state into `last_states`, which 2026.11 has renamed"
        ),
    },
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if IS_BEHIND:
        terminalreporter.write_line(f"{PLUGIN} belongs to Home Assistant {BELONGS_TO}, and {INSTALLED} is installed")
        for name, reason in _left_out().items():
            terminalreporter.write_line(f"left out: {name}: {reason}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not IS_BEHIND:
        return
    left_out = [item for item in items if item.nodeid.partition("[")[0] in _left_out()]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def _left_out() -> dict[str, str]:
    return LEFT_OUT.get(INSTALLED.rpartition(".")[0], {})


def _bridge() -> None:
    """Let the plugin of 2026.10 be imported with Home Assistant 2026.11."""
    # Home Assistant lets `httpx` lead to its successor, and has to do so before the plugin imports the real one.
    import_module("homeassistant")
    # The plugin's patches have to come before all other modules of Home Assistant.
    for name in ("patch_json", "patch_recorder", "patch_time"):
        import_module(f"pytest_homeassistant_custom_component.{name}")
    # The plugin looks for this function where it was until 2026.10.
    logger, helpers = import_module(_LOGGER), import_module(f"{_LOGGER}.helpers")
    if not hasattr(logger, _MOVED):
        setattr(logger, _MOVED, getattr(helpers, _MOVED))


if IS_BEHIND:
    _bridge()
