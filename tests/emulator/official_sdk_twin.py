"""Official SDK twin: a device of the platform's official Python SDK that is set until its input ends.

Runs in the environment of the SDK, as `official_sdk_device.py` does: reads one JSON object from stdin, and prints one
for each set.
"""

import json
import sys

from official_sdk_device import (  # type: ignore[import-not-found]  # beside it, where this runs as a program
    connect,
    end,
    linked,
    lock_tls,
    register,
    say,
)


def main() -> None:
    lock_tls()
    task = json.loads(sys.stdin.readline())
    device = linked(task, task["device_name"], device_secret=register(task))
    device.thing_setup(task["thing_model"])
    device.on_thing_prop_changed = lambda params, _user: say("set", params=params)
    connect(device, "connect")
    sys.stdin.read()
    end(device)


if __name__ == "__main__":
    main()
