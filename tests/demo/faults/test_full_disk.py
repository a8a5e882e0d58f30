"""A disk that is full for one file, in a Python of its own."""

import os
from pathlib import Path
import subprocess
import sys

RESOLVER = Path(__file__).parent.parent / "resolver"
WRITE = """
import sys, tempfile
from homeassistant.util.file import write_utf8_file, write_utf8_file_atomic
for write in (lambda *a: open(a[0], "w").write(a[1]), write_utf8_file, write_utf8_file_atomic):
    try:
        write(sys.argv[1], "new")
    except Exception as error:
        print("28" if "Errno 28" in str(error) else error)
    else:
        print("written")
"""


def written(file: Path, full: Path) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(RESOLVER), "DEMO_FULL_DISK": str(full)}
    command = [sys.executable, "-c", WRITE, str(file)]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()


def test_a_mark_is_written_while_there_is_room(tmp_path: Path) -> None:
    mark = tmp_path / "aliyun_iot.delivery_1"
    assert written(mark, tmp_path / "full") == ["written"] * 3
    assert mark.read_text() == "new"


def test_a_mark_stays_as_it_was_while_the_disk_is_full(tmp_path: Path) -> None:
    mark, other, full = (tmp_path / name for name in ("aliyun_iot.delivery_1", "aliyun_iot.credentials", "full"))
    mark.write_text("old")
    full.write_text("aliyun_iot.delivery\n")
    assert written(mark, full) == ["28"] * 3
    assert written(other, full) == ["written"] * 3
    assert mark.read_text() == "old"
    assert len(full.read_text().splitlines()) == 4
