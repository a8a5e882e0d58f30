"""The two sides of the comparison, read from small files."""

from collections.abc import Iterable
from contextlib import closing
import json
from pathlib import Path
import sqlite3

import pytest

from .recorded import Recorded, Row
from .stored import Stored

TABLES = """
CREATE TABLE states_meta (metadata_id INTEGER PRIMARY KEY, entity_id TEXT);
CREATE TABLE states (state_id INTEGER PRIMARY KEY, state TEXT, last_updated_ts FLOAT, metadata_id INTEGER);
INSERT INTO states_meta VALUES (1, 'binary_sensor.switch_0'), (2, 'sensor.stranger'), (3, 'sensor.choice_0');
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "recorder.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TABLES)
    return path


def write(database: Path, *rows: tuple[str | None, float, int], before: str = "SELECT 1") -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(before)
        connection.executemany("INSERT INTO states (state, last_updated_ts, metadata_id) VALUES (?, ?, ?)", rows)


def brief(rows: Iterable[Row]) -> list[tuple[object, float, bool]]:
    return [(row.value, row.time, row.wanted) for row in rows]


def test_a_value_is_wanted_when_it_differs_from_the_one_before(database: Path) -> None:
    recorded = Recorded(database)
    write(database, ("on", 1.0, 1), ("unavailable", 2.0, 1), ("on", 3.0, 1), (None, 3.5, 1), ("5", 3.6, 2))
    assert brief(recorded.read()) == [(1, 1000, True), (1, 3000, False)]
    write(database, ("off", 4.0, 1), ("rinsing", 4.0, 3))
    assert brief(recorded.read()) == [(0, 4000, True), (2, 4000, True)]


def test_a_purge_is_noticed_also_when_ids_are_given_again(database: Path) -> None:
    recorded = Recorded(database)
    write(database, ("on", 1.0, 1), ("off", 2.0, 1), ("on", 3.0, 1))
    rows = recorded.read()
    write(database, ("off", 4.0, 1), before="DELETE FROM states WHERE last_updated_ts < 3")
    write(database, ("on", 5.0, 1), before="DELETE FROM states WHERE last_updated_ts < 4")
    assert brief(recorded.read_again()) == [(0, 4000, True), (1, 5000, True)]
    assert [row.gone for row in rows] == [True, True, True]


def test_a_server_that_is_away_or_has_no_tables_yet_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    recorded = Recorded(tmp_path / "none.db", f"sqlite:///file:{path}?mode=rw&uri=true")
    assert recorded.read() == []
    with closing(sqlite3.connect(path)) as connection:
        assert recorded.read() == []
        connection.executescript(TABLES)
    write(path, ("on", 1.0, 1))
    assert brief(recorded.read()) == [(1, 1000, True)]


def test_times_are_told_by_a_clock_that_nobody_steps(database: Path) -> None:
    recorded = Recorded(database)
    write(database, ("on", 10.0, 1), ("off", 3611.0, 1), ("on", 12.0, 1), ("off", -3587.0, 1))
    assert [(row.time, row.shift) for row in recorded.read()] == [
        (10_000, 0),
        (11_000, 3_600_000),
        (12_000, 0),
        (13_000, -3_600_000),
    ]


def test_the_platforms_file_is_followed_over_half_lines_and_a_lost_memory(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    stored = Stored(file)
    assert stored.read() == []
    line = json.dumps({"identifier": "a", "value": 1, "time": 5, "received": 6, "kind": "batch", "device_name": "b"})
    file.write_text(f"{line}\n{line[:20]}")
    assert [sample.time for sample in stored.read()] == [5]
    stored.mend()
    assert file.read_text() == f"{line}\n"
    assert stored.read() == []
    stored.forget()
    file.write_text(f"{line}\n")
    assert [sample.kind for sample in stored.read()] == ["batch"]
