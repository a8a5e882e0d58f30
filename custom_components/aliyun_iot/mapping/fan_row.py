"""Fan row: the percentage of a fan, which also turns it on and off."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from homeassistant.components.fan import FanEntityFeature
from homeassistant.const import PERCENTAGE, STATE_OFF

from .action_rows import Action, supports
from .commanded import Commanded, Span
from .kinds import ATTRIBUTE

SPEED: Final = f"{ATTRIBUTE}percentage"


class FanSpeedRow:
    """The percentage of a fan: 0 turns it off, and more turns it on."""

    def keys(self, attributes: Mapping[str, Any]) -> frozenset[str]:
        """Return the percentage, if the fan has speeds."""
        return frozenset({SPEED}) if supports(attributes, FanEntityFeature.SET_SPEED) else frozenset()

    def actions(self, command: Commanded) -> Iterator[Action]:
        """Yield the action that sets the speed; not every fan that is off starts by it alone."""
        attributes = command.attributes
        speed = command.whole(SPEED, PERCENTAGE, Span(low=0, high=100))
        if speed == 0 and supports(attributes, FanEntityFeature.TURN_OFF):
            yield Action(domain="fan", service="turn_off")
        elif command.state.state == STATE_OFF and speed > 0 and supports(attributes, FanEntityFeature.TURN_ON):
            yield Action(domain="fan", service="turn_on", data={"percentage": speed})
        else:
            yield Action(domain="fan", service="set_percentage", data={"percentage": speed})
