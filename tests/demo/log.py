"""Log: finds complaints about the integration in Home Assistant's log."""

from itertools import pairwise
import re

# Matches the beginning of a record; all lines up to the next one (a traceback) belong to it.
RECORD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} (?P<level>[A-Z]+) \(", re.MULTILINE)
# Home Assistant logs this about every custom integration.
STANDARD = "We found a custom integration aliyun_iot which has not been tested"
SEVERE = {"WARNING", "ERROR", "CRITICAL"}
SUSPECT = ("Traceback (most recent call last)", "Detected blocking call", "deprecat")


def complaints(text: str) -> list[str]:
    """Return every record about the integration that should not be there."""
    starts = [match.start() for match in RECORD.finditer(text)]
    # Output outside of logging, before the first record, counts as well.
    bounds = [0, *starts, len(text)]
    records = [text[begin:end] for begin, end in pairwise(bounds)]
    return [record.strip() for record in records if "aliyun_iot" in record and _is_complaint(record)]


def _is_complaint(record: str) -> bool:
    if STANDARD in record:
        return False
    level = RECORD.match(record)
    return (level is not None and level["level"] in SEVERE) or any(word in record for word in SUSPECT)
