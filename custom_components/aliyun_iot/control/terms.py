"""Terms: on which one command of one entry may run, as the owner and the platform have set them by now."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import HomeAssistant

from ..alink import Status
from ..mapping.definition import Definition
from ..thing_model.entity import Reference
from .consent import Consent
from .controllable import agrees, is_confirmed


class Terms:
    """Answers for one moment; the next look takes new ones."""

    def __init__(self, hass: HomeAssistant, options: Mapping[str, Any], status: Status) -> None:
        """Take the options and the status of now."""
        self._status = status
        self._consent = Consent(hass, options)

    def is_granted(self, reference: Reference) -> bool:
        """Tell whether the cloud may control an entity."""
        return self._consent.obstacle(reference) is None

    def is_agreed(self, definition: Definition) -> bool:
        """Tell whether the product's thing model means the same by a property as ours."""
        # Nobody asks for the owner's word where the platform has told its model.
        is_said = self._status.model is None and is_confirmed(self._consent.grants, definition)
        return agrees(definition, self._status, is_confirmed=is_said)
