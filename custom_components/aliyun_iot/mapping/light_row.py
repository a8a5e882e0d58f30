"""Light row: on, off, brightness and colour of a light in one action."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from homeassistant.components.light import brightness_supported, color_supported, color_temp_supported

from .action_rows import Action
from .commanded import Commanded, Span, options
from .kinds import ATTRIBUTE, COLOUR, COLOUR_MEMBERS, STATE
from .ranges import finite

BRIGHTNESS: Final = f"{ATTRIBUTE}brightness"
KELVIN: Final = f"{ATTRIBUTE}color_temp_kelvin"


class LightRow:
    """A light: any of its values turns it on, and brightness 0 turns it off."""

    def keys(self, attributes: Mapping[str, Any]) -> frozenset[str]:
        """Return the state, and what the light's colour modes allow."""
        modes = options(attributes, "supported_color_modes")
        supported = {
            BRIGHTNESS: brightness_supported(modes),
            KELVIN: color_temp_supported(modes),
            COLOUR: color_supported(modes),
        }
        return frozenset({STATE, *(key for key, is_supported in supported.items() if is_supported)})

    def actions(self, command: Commanded) -> Iterator[Action]:
        """Yield one action: a light that gets its colour first and its brightness later flashes."""
        data: dict[str, Any] = {}
        is_on = not command.has(STATE) or command.mode() == "on"
        if command.has(BRIGHTNESS):
            data["brightness"] = command.whole(BRIGHTNESS, None, Span(low=0, high=255))
            is_on = data["brightness"] > 0
        if command.has(KELVIN):
            low, high = (finite(command.attributes.get(f"{end}_color_temp_kelvin")) for end in ("min", "max"))
            data["color_temp_kelvin"] = command.whole(KELVIN, "K", Span(low=low, high=high))
        if command.has(COLOUR):
            data["hs_color"] = command.pair(COLOUR, COLOUR_MEMBERS)
        if is_on:
            yield Action(domain="light", service="turn_on", data=data)
        else:
            yield Action(domain="light", service="turn_off")
