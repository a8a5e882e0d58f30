"""A wall clock that can be stepped, for one program: libfaketime, with a file that it reads every second."""

from collections.abc import Mapping
import os
from pathlib import Path
import shutil
import subprocess

from ..processes import StartError

LIBRARY = "faketime/libfaketime.so.1"
INSTALL = (
    ["apt-get", "-qq", "update"],
    ["apt-get", "-qq", "-y", "install", "--no-install-recommends", "libfaketime"],
)


def library() -> Path:
    """Return libfaketime; where it is missing, root on a Debian installs it."""
    if (found := _found()) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in INSTALL:
            subprocess.run(command, check=False, capture_output=True)
        found = _found()
    if found is None:
        raise StartError("libfaketime is missing: install it first")
    return found


def _found() -> Path | None:
    return next((path for folder in ("/usr/lib", "/usr/lib64") for path in Path(folder).glob(f"**/{LIBRARY}")), None)


class SteppedClock:
    """One program's wall clock, set ahead or behind; the monotonic clock is left alone."""

    def __init__(self, folder: Path) -> None:
        self._library = library()
        self._file = folder / "clock"
        self.step(0)

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            # A faked file time makes every module look changed, and Python would compile Home Assistant anew at each
            # start.
            "NO_FAKE_STAT": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Older versions of libfaketime know only this name.
            "DONT_FAKE_MONOTONIC": "1",
        }

    def step(self, seconds: int) -> None:
        """Set the clock ahead by `seconds`; the program sees it within a second."""
        draft = self._file.with_suffix(".new")
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(f"{seconds:+d}\n")
        draft.replace(self._file)
