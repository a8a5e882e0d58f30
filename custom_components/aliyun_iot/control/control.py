"""Control: puts together what one entry needs to carry out commands."""

from collections.abc import Callable
from functools import partial

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..alink import CommandHandler, Device, Status
from ..selection.grants import Grants
from ..selection.live import Selection
from .carrier import Carrier
from .checks import Checks
from .confirmation import Confirmation
from .journal import Journal
from .lanes import lanes_of
from .permission import Permission
from .questions import ModelQuestions
from .terms import Terms


def has_grants(entry: ConfigEntry) -> bool:
    """Tell whether the owner has ever granted anything that an entry still keeps, in force or not."""
    return bool(Grants.read(entry.options).entities)


class Control:
    """The control of one entry; without grants it takes no command."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        selection: Selection,
        journal: Journal,
        permission: Permission,
        device: Callable[[], Device],
    ) -> None:
        """Look the device up when it is needed, because it is made with the handler that is here."""
        self._hass = hass
        self._entry = entry
        self._device = device
        self._terms: Terms | None = None
        self._is_needed = has_grants(entry)
        self._questions = ModelQuestions(lambda: device().ask_model())
        checks = Checks(
            hass,
            entry,
            selection=selection,
            is_switched_on=partial(permission.is_allowed, entry.entry_id),
            terms=self._terms_of_now,
            on_doubt=self._questions.async_doubt,
        )
        confirmation = Confirmation(
            hass, selection.properties, checks.is_own, lambda samples: device().offer_first(samples)
        )
        entry.async_on_unload(confirmation.async_end)
        self._carrier = Carrier(hass, checks=checks, lanes=lanes_of(hass), journal=journal, confirmation=confirmation)

    @property
    def handler(self) -> CommandHandler | None:
        """The handler of commands; None makes the device refuse each."""
        return self._carrier.async_carry_out if self._is_needed else None

    @callback
    def async_note(self, status: Status) -> None:
        """Take a new status from the device."""
        if self._is_needed:
            self._questions.async_note(status)

    def _terms_of_now(self) -> Terms:
        """Return the terms of this turn of the event loop: a command for two hundred entities asks in each turn."""
        if self._terms is None:
            self._terms = Terms(self._hass, self._entry.options, self._device().status)
            self._hass.loop.call_soon(self._forget_terms)
        return self._terms

    def _forget_terms(self) -> None:
        self._terms = None
