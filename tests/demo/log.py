"""Log: finds complaints about the integration in Home Assistant's log."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
import re

# A line that begins with a time begins a record; all lines up to the next one (a traceback) belong to it.
BEGINNING = re.compile(r"^\d{4}-\d\d-\d\d[ T]\d\d:", re.MULTILINE)
# Since 2026.11 the time ends with the offset from UTC.
RECORD = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}([+-]\d\d:\d\d)? "
    r"(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL) \(.+?\) \[\S+\] "
)
# Home Assistant logs this about every custom integration, so a log without it was not read as it was written.
STANDARD = "We found a custom integration aliyun_iot which has not been tested"
UNREADABLE = "not a log in a known format: no record says that Home Assistant has found a custom integration"
SEVERE = {"WARNING", "ERROR", "CRITICAL"}
SUSPECT = ("Traceback (most recent call last)", "Detected blocking call", "deprecat")


def complaints(text: str, expected: Sequence[str] = ()) -> list[str]:
    """Return every record about the integration that should not be there, and all output that is not a record.

    A record with one of the `expected` texts is no complaint.
    """
    pieces = list(_pieces(text))
    found = [] if any(_is_standard(piece) for piece in pieces) else [UNREADABLE]
    for piece in pieces:
        record = RECORD.match(piece)
        if record is None or (_is_complaint(piece, record["level"]) and not any(one in piece for one in expected)):
            found.append(piece)
    return found


def _pieces(text: str) -> Iterator[str]:
    """Yield what stands before the first record, and each record."""
    bounds = [0, *(match.start() for match in BEGINNING.finditer(text)), len(text)]
    for begin, end in pairwise(bounds):
        if piece := text[begin:end].strip():
            yield piece


def _is_standard(piece: str) -> bool:
    # Further lines would be output of another origin.
    return RECORD.match(piece) is not None and STANDARD in piece and "\n" not in piece


def _is_complaint(record: str, level: str) -> bool:
    if "aliyun_iot" not in record or _is_standard(record):
        return False
    return level in SEVERE or any(word in record for word in SUSPECT)
