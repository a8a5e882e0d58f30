"""What Home Assistant's log says against the integration."""

from itertools import pairwise
import re

# How Home Assistant begins a record; what follows up to the next one (a traceback) belongs to it.
RECORD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} (?P<level>[A-Z]+) \(", re.MULTILINE)
# Home Assistant says this of every custom integration there is.
STANDARD = "We found a custom integration aliyun_iot which has not been tested"
SEVERE = {"WARNING", "ERROR", "CRITICAL"}
SUSPECT = ("Traceback (most recent call last)", "Detected blocking call", "deprecat")


def complaints(text: str) -> list[str]:
    """Return every record that speaks of the integration and should not be there."""
    starts = [match.start() for match in RECORD.finditer(text)]
    # Something printed outside of logging, before the first record, counts as well.
    bounds = [0, *starts, len(text)]
    records = [text[begin:end] for begin, end in pairwise(bounds)]
    return [record.strip() for record in records if "aliyun_iot" in record and _is_complaint(record)]


def _is_complaint(record: str) -> bool:
    if STANDARD in record:
        return False
    level = RECORD.match(record)
    return (level is not None and level["level"] in SEVERE) or any(word in record for word in SUSPECT)
