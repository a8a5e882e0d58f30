"""Measure everything, one after the other: `python -m tests.benchmark`; a part of it with `--only ours,least`."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
import importlib.metadata
import json
import os
from pathlib import Path
import platform as machine
import subprocess
import sys
import tempfile
import time
from typing import Any, Final

from .broker import ROOT, Platform, running
from .report import report
from .targets import targets
from .turns import in_turns

# Each of these runs in a process of its own, and the profile only on request.
SIDE_BY_SIDE: Final = ("nothing", "least", "ours", "statestream")
MEASUREMENTS: Final = (
    *SIDE_BY_SIDE,
    "unselected",
    "latency",
    "many",
    "appearing",
    "renamed",
    "lamps",
    "offline",
    "sustained",
    "catching_up",
    "reading",
    "commands",
)
_MORE: Final = ("profile",)
_PATIENCE: Final = 300  # s, for one of the others


def measure(name: str, platform: Platform) -> dict[str, Any]:
    """Run one measurement; a failure leaves the others alone."""
    command = [sys.executable, "-m", "tests.benchmark.worker", name]
    ports = [str(platform.broker_port), str(platform.control_port)]
    try:
        done = subprocess.run(
            [*command, *ports],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=True,
        )
    except subprocess.CalledProcessError as err:
        sys.stderr.write(err.stderr)
        return {"failed": (err.stderr.strip().splitlines() or ["without a word"])[-1]}
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {_PATIENCE} s"}
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def circumstances() -> dict[str, Any]:
    """Describe the machine that the figures were measured on."""
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": machine.python_version(),
        "homeassistant": importlib.metadata.version("homeassistant"),
        "paho-mqtt": importlib.metadata.version("paho-mqtt"),
    }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__)
    parser.add_argument("--only", help=f"some of {', '.join([*MEASUREMENTS, *_MORE])}, with commas")
    parser.add_argument("--json", type=Path, default=ROOT / ".cache" / "benchmark.json", help="where all figures go")
    chosen = parser.parse_args(arguments)
    names = chosen.only.split(",") if chosen.only else MEASUREMENTS
    if unknown := set(names) - {*MEASUREMENTS, *_MORE}:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    began = time.monotonic()
    result: dict[str, Any] = {"circumstances": circumstances(), "measured": {}}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, running(Path(folder)) as platform:
        together = [name for name in SIDE_BY_SIDE if name in names]
        if together:
            print(f"{time.monotonic() - began:4.0f} s: {', '.join(together)}", file=sys.stderr)
            result["measured"] |= in_turns(together, platform)
        for name in names:
            if name not in together:
                print(f"{time.monotonic() - began:4.0f} s: {name}", file=sys.stderr)
                result["measured"][name] = measure(name, platform)
    judged = targets(result["measured"])
    result["targets"] = [asdict(target) for target in judged]
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_text(json.dumps(result, indent=1) + "\n")
    print(report(result["measured"]))
    print(f"\nAll figures: {chosen.json}; {time.monotonic() - began:.0f} s")
    failed = any("failed" in figures for figures in result["measured"].values())
    return int(failed or not all(target.reached for target in judged))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
