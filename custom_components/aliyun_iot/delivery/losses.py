"""Losses: values that will never arrive, counted by cause where they are lost."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum


class Cause(StrEnum):
    """The causes of a loss; the attributes of *Values lost* have these names."""

    NOT_RECORDED = (
        "not_recorded"  # memory was full, or ended, and the recorder does not record the entity or the attribute
    )
    NOT_FOUND = "not_found"  # recorded, but not in its rows: attributes that are too long, or a recorder behind
    PURGED = "purged"  # the recorder had purged the rows before they could be read
    GONE = "gone"  # memory was full, and the entity was removed, so that its rows cannot be told from others
    RENAMED = "renamed"  # recorded under an entity id that two entities have had; it is not known by which of them
    UNFIT = "unfit"  # a row that is no value of its property
    UNKNOWN = "unknown"  # counted before causes were kept apart


class Losses:
    """Counts since the entry was made."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        """Go on with the counts of before a restart."""
        self._counts = Counter(counts)

    def add(self, cause: Cause, count: int) -> None:
        """Count values."""
        if count > 0:
            self._counts[cause.value] += count

    def to_mapping(self) -> dict[str, int]:
        """Return the counts by cause; a cause without a loss is left out."""
        return dict(sorted(self._counts.items()))
