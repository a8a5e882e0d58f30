"""Durable files: a save that is cancelled, a power cut in the middle of one, and a disk that is full."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
import os
from pathlib import Path
import threading

from homeassistant.core import HomeAssistant
import pytest

from custom_components.aliyun_iot.delivery.mark import Mark, MarkFile

ENTRY = "01J0000000000000000000000"


def files(hass: HomeAssistant) -> dict[str, int]:
    """Return the names of our files, each with its mode."""
    folder = Path(hass.config.path(".storage"))
    return {path.name: path.stat().st_mode & 0o777 for path in folder.glob("*aliyun_iot*")}


class Disk:
    """A disk that takes its time for the first write."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.free = threading.Event()


@contextmanager
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    disk, loop, sync = Disk(), asyncio.get_running_loop(), os.fsync

    def wait_and_sync(descriptor: int) -> None:
        if not disk.begun.is_set():
            loop.call_soon_threadsafe(disk.begun.set)
            disk.free.wait(30)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", wait_and_sync)
    try:
        yield disk
    finally:
        disk.free.set()


async def cancelled(save: asyncio.Task[None]) -> None:
    save.cancel()
    with suppress(asyncio.CancelledError):
        await save


async def cancel_a_save(hass: HomeAssistant, disk: Disk) -> None:
    """Cancel a save whose thread writes."""
    save = asyncio.ensure_future(MarkFile(hass, ENTRY).async_save(Mark(until=1)))
    await disk.begun.wait()
    await cancelled(save)


async def test_a_save_that_a_reload_cancels_neither_overtakes_the_next_nor_breaks_it(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow_disk(monkeypatch) as disk:
        await cancel_a_save(hass, disk)
        after_reload = MarkFile(hass, ENTRY)
        load = asyncio.ensure_future(after_reload.async_load(0))
        save = asyncio.ensure_future(after_reload.async_save(Mark(until=2)))
        await asyncio.sleep(0)
        disk.free.set()
        assert await load == Mark(until=1)
        await save
    assert await after_reload.async_load(0) == Mark(until=2)
    assert files(hass) == {f"aliyun_iot.delivery_{ENTRY}": 0o600}


async def test_a_save_that_was_cancelled_does_not_bring_a_removed_file_back(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow_disk(monkeypatch) as disk:
        await cancel_a_save(hass, disk)
        remove = asyncio.ensure_future(MarkFile(hass, ENTRY).async_remove())
        await asyncio.sleep(0)
        disk.free.set()
        await remove
    assert files(hass) == {}


@pytest.mark.parametrize("draft", [f"aliyun_iot.delivery_{ENTRY}.new", f"k3_x9-aliyun_iot.delivery_{ENTRY}.new"])
async def test_a_draft_that_a_power_cut_has_left_goes_and_lends_nobody_its_mode(
    hass: HomeAssistant, draft: str
) -> None:
    left = Path(hass.config.path(".storage", draft))
    left.parent.mkdir(exist_ok=True)
    left.write_text("half of a file")
    left.chmod(0o644)
    await MarkFile(hass, ENTRY).async_save(Mark(until=1))
    assert files(hass)[f"aliyun_iot.delivery_{ENTRY}"] == 0o600
    await MarkFile(hass, ENTRY).async_load(0)
    assert files(hass) == {f"aliyun_iot.delivery_{ENTRY}": 0o600}


async def test_a_disk_that_is_full_keeps_no_draft(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    file = MarkFile(hass, ENTRY)
    await file.async_save(Mark(until=1))
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        await file.async_save(Mark(until=2))
    assert await file.async_load(0) == Mark(until=1)
    assert files(hass) == {f"aliyun_iot.delivery_{ENTRY}": 0o600}
