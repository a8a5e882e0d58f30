"""Removed: ends the dialogs of an entry that was removed while they were open."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.config_entries import UnknownEntry
from homeassistant.data_entry_flow import AbortFlow


@contextmanager
def aborting_without_entry() -> Iterator[None]:
    """End a dialog with a text where it finds its entry no more."""
    try:
        yield
    except UnknownEntry as err:
        raise AbortFlow("entry_removed") from err
