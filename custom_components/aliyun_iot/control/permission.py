"""Permission: the switches that end all control from the cloud, kept on the disk.

There is one for each entry and one for all. Something is on only because the file says so: where it cannot be read, all
is off. A new entry is written as on, because nothing is granted to it: the grants are the consent, and a switch that
had to be turned on as well would only be a second question about the same. An entry that has grants and is not in the
file was in one that is lost, so it is off.

Off counts in memory at once, and the caller hears of it when it is on the disk. On counts once it is on the disk, and
not at all where somebody has switched off meanwhile.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection
import logging
from pathlib import Path
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..durable import async_alone, read_object, reason, remove, set_aside, write_json
from ..unbroken import async_unbroken

_LOGGER = logging.getLogger(__name__)

_VERSION: Final = 1
ALL: Final = "all"  # stands for the switch of all entries; the id of an entry is longer


class OvertakenError(Exception):
    """Somebody has switched off what was just being switched on."""


class Permission:
    """Knows what is switched on, for all entries of this home."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin with everything off, before the file is read."""
        self._hass = hass
        self._path = Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.control"))
        self._on: set[str] = set()  # ids of entries, and ALL
        self._known: set[str] = set()  # those that are on or off in the file
        self._is_lost = False  # whether the file could not be read, so that nothing is new
        self._offs: Counter[str] = Counter()  # how often each was switched off
        self._writing = asyncio.Lock()
        self._listeners: list[CALLBACK_TYPE] = []

    async def async_load(self) -> None:
        """Read the file; what cannot be read is off."""
        self._on, self._known = set(), set()
        try:
            switches = await async_alone(self._hass, self._path, self._load)
        except OSError as err:
            _LOGGER.warning("Control from the cloud is off, because its file cannot be read: %s", reason(err))
            self._is_lost = True
            return
        self._known = set(switches)
        self._on = {name for name, is_on in switches.items() if is_on is True}

    async def async_admit(self, entry_id: str, *, has_grants: bool) -> None:
        """Take an entry in; without an earlier word it is on as long as nothing was ever granted to it."""
        offs = self._offs.copy()
        async with self._writing:
            new = {entry_id, ALL} - self._known
            if has_grants or self._is_lost or not new:
                self._known |= new
                return
            try:
                await self._async_write(self._on | new)
            except OSError as err:
                _LOGGER.warning("Control from the cloud is off, because the disk takes no writes: %s", reason(err))
                return
            self._known |= new
            self._on |= {name for name in new if self._offs[name] == offs[name]}
        self._tell()

    def is_on(self, name: str) -> bool:
        """Tell whether one switch is on, that of an entry by its id."""
        return name in self._on

    def is_allowed(self, entry_id: str) -> bool:
        """Tell whether the cloud may control anything through an entry."""
        return self._on >= {entry_id, ALL}

    async def async_turn_on(self, name: str) -> None:
        """Switch on, durably. Raises OSError or OvertakenError, and then it stays off."""
        offs = self._offs[name]
        async with self._writing:
            await self._async_write(self._on | {name})
            if self._offs[name] != offs:  # and the off writes next
                raise OvertakenError
            self._on.add(name)
            self._known.add(name)
        self._tell()

    async def async_turn_off(self, name: str) -> None:
        """Switch off, durably. Raises OSError, and then it is off until the next start only."""
        self._offs[name] += 1
        self._on.discard(name)
        self._known.add(name)
        self._tell()

        async def step() -> None:
            async with self._writing:
                await self._async_write(self._on)

        # Not even a caller that is cancelled while another write lasts leaves it on for the next start.
        await async_unbroken(self._hass, step(), f"{DOMAIN} switching control off")

    async def async_forget(self, entry_id: str, others: Collection[str]) -> None:
        """Forget an entry that was removed; with the last one the file goes. Raises OSError."""
        self._on.discard(entry_id)
        self._known.discard(entry_id)
        async with self._writing:
            if others:
                await self._async_write(self._on)
            else:
                self._on, self._known = set(), set()
                await async_alone(self._hass, self._path, lambda: remove(self._path))

    @callback
    def async_listen(self, listener: CALLBACK_TYPE) -> Callable[[], None]:
        """Call a listener after every change, until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener()

    async def _async_write(self, on: Collection[str]) -> None:
        switches = {name: name in on for name in sorted(self._known | set(on))}
        document = {"version": _VERSION, "switches": switches}
        await async_alone(self._hass, self._path, lambda: write_json(self._path, document))

    def _load(self) -> dict[str, Any]:
        try:
            document = read_object(self._path)
            if document is None:
                return {}
            switches = document["switches"]
            if not isinstance(switches, dict):
                raise TypeError("not an object")  # noqa: TRY301  # as damaged as one that is missing
        except KeyError, TypeError, ValueError:
            aside = set_aside(self._path)
            _LOGGER.warning("Control from the cloud is off, because its file was damaged; it is kept as %s", aside.name)
            # A file that says that all is off, so that the next start does not take the lost one for a new home.
            switches = {ALL: False}
            write_json(self._path, {"version": _VERSION, "switches": switches})
        return switches


_PERMISSION: Final[HassKey[asyncio.Task[Permission]]] = HassKey(f"{DOMAIN}_permission")


async def async_permission(hass: HomeAssistant) -> Permission:
    """Return the one permission of this home."""

    async def load() -> Permission:
        permission = Permission(hass)
        await permission.async_load()
        return permission

    if _PERMISSION not in hass.data:
        hass.data[_PERMISSION] = hass.async_create_task(load(), f"{DOMAIN} permission")
    return await asyncio.shield(hass.data[_PERMISSION])
