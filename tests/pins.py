"""Pins: the packages that the installed Home Assistant always loads, in the versions that it asks for itself.

`python -m tests.pins` lists them. The integrations behind them are set up in every home, and some are imported
without being named as a dependency, so the names in `requirements_test.txt` count too.
"""

from collections.abc import Iterable, Iterator
import json
from pathlib import Path
import re
from typing import Any

import homeassistant
from homeassistant.bootstrap import CORE_INTEGRATIONS, DEFAULT_INTEGRATIONS

CORE = Path(homeassistant.__file__).parent
ROOT = Path(__file__).parent.parent
LISTED = ROOT / "requirements_test.txt"


def pins() -> dict[str, str]:
    """Return each package's pin, by its name in lower case."""
    manifests = {
        path.parent.name: json.loads(path.read_text("utf-8")) for path in CORE.glob("components/*/manifest.json")
    }
    everywhere = _pinned(line for manifest in manifests.values() for line in manifest.get("requirements", ()))
    everywhere |= _pinned((CORE / "package_constraints.txt").read_text("utf-8").splitlines())
    loaded = _pinned(line for manifest in _always_loaded(manifests) for line in manifest.get("requirements", ()))
    return {name: everywhere[name] for name in _listed() if name in everywhere} | loaded


def _always_loaded(manifests: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the manifests of the integrations that every Home Assistant sets up."""
    ahead = sorted(CORE_INTEGRATIONS | DEFAULT_INTEGRATIONS)
    seen: set[str] = set()
    while ahead:
        domain = ahead.pop()
        if domain not in seen:
            seen.add(domain)
            ahead += manifests[domain].get("dependencies", ())
            yield manifests[domain]


def _pinned(lines: Iterable[str]) -> dict[str, str]:
    return {match[1].lower(): line for line in lines if (match := re.match(r"([\w.-]+)==[\w.]+$", line))}


def _listed() -> Iterable[str]:
    """Return the names under the heading of what is always loaded."""
    headed = LISTED.read_text("utf-8").split("# What Home Assistant always loads")[1]
    return _pinned(headed.partition("\n\n")[0].splitlines())


if __name__ == "__main__":
    print(*pins().values(), sep="\n")
