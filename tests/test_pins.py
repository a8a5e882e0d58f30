"""The packages around Home Assistant belong to it, and the tests that an older test plugin leaves out are real ones."""

from importlib.metadata import version

from .behind import LEFT_OUT
from .pins import ROOT, pins


def test_what_home_assistant_always_loads_is_installed_in_the_versions_that_it_asks_for() -> None:
    wanted = dict(pin.split("==") for pin in pins().values())
    assert {"home-assistant-frontend", "infrared-protocols", "rf-protocols", "aiohasupervisor"} <= wanted.keys()
    assert {name: version(name) for name in wanted} == wanted


def test_a_test_that_is_left_out_is_one_and_has_a_reason() -> None:
    for left_out in LEFT_OUT.values():
        for name, reason in left_out.items():
            path, _, function = name.partition("::")
            assert f"def {function}(" in (ROOT / path).read_text("utf-8")
            assert reason
