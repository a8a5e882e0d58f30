"""Every kind of control that a value can set, in Home Assistant's own demo, helpers, templates and groups.

The rows are set in their order. Some take their time: a valve of the demo 2 s, its covers a second for ten percent, and
its vacuum 30 s to its dock.
"""

from dataclasses import dataclass
from typing import Any, Final

from homeassistant.core import State

STATE: Final = "state"
NOTHING: Final[list[Any]] = []
# As a user writes it in configuration.yaml
CONFIGURATION: Final[dict[str, Any]] = {
    "automation": [{"alias": "Morning", "triggers": [{"trigger": "event", "event_type": "dawn"}], "actions": NOTHING}],
    "cover": [{"platform": "group", "name": "All windows", "entities": ["cover.hall_window", "cover.louvre"]}],
    "fan": [{"platform": "group", "name": "All fans", "entities": ["fan.living_room_fan", "fan.ceiling_fan"]}],
    "input_boolean": {"guests": {"name": "Guests", "initial": False}},
    "input_number": {
        "louvre": {"min": 0, "max": 100},
        "noise": {"min": 0, "max": 10, "step": 0.5, "initial": 3, "unit_of_measurement": "dB"},
    },
    "input_select": {"cook": {"options": ["Paulus", "安妮", "🍕 delivery"], "initial": "安妮"}},
    "input_text": {"note": {"initial": "milk", "min": 2, "max": 20}},
    "light": [{"platform": "group", "name": "All lights", "entities": ["light.bed_light", "light.ceiling_lights"]}],
    "media_player": [
        {"platform": "group", "name": "All players", "entities": ["media_player.bedroom", "media_player.walkman"]}
    ],
    "switch": [{"platform": "group", "name": "All switches", "entities": ["switch.ac", "switch.pump"]}],
    "template": [
        {
            "cover": [
                {
                    "name": "Louvre",
                    "device_class": "shutter",
                    "position": "{{ states('input_number.louvre') | int(0) }}",
                    "set_cover_position": [
                        {
                            "action": "input_number.set_value",
                            "data": {"entity_id": "input_number.louvre", "value": "{{ position }}"},
                        }
                    ],
                }
            ],
            "number": [{"name": "Brew", "set_value": NOTHING, "min": 80, "max": 100, "step": 1, "state": "{{ 90 }}"}],
            "select": [{"name": "Wash", "options": "{{ ['wool', 'cotton'] }}", "select_option": NOTHING}],
            "switch": [{"name": "Pump", "turn_on": NOTHING, "turn_off": NOTHING}],
        }
    ],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One value that is set, and what is seen of it."""

    entity_id: str
    key: str  # of the facet
    raw: Any  # in JSON
    seen: Any  # the state, or the attribute of the facet
    state: str | None = None  # where another facet changes the state

    def is_seen(self, state: State) -> bool:
        """Tell whether a state has what the row wants."""
        return seen(state, self.key) == self.seen and self.state in {None, state.state}


def seen(state: State, key: str) -> Any:
    """Return the part of a state that a facet is of."""
    return state.state if key == STATE else state.attributes.get(key.removeprefix("attribute."))


def _rows(entity_id: str, key: str, *values: tuple[Any, Any], state: str | None = None) -> list[Row]:
    return [Row(entity_id=entity_id, key=key, raw=raw, seen=wanted, state=state) for raw, wanted in values]


ON_AND_OFF: Final = (("1", "on"), (0, "off"), (True, "on"))
ROWS: Final[tuple[Row, ...]] = (
    *_rows("switch.ac", STATE, *ON_AND_OFF),
    *_rows("switch.pump", STATE, *ON_AND_OFF),
    *_rows("switch.all_switches", STATE, (0, "off"), (1, "on")),
    *_rows("input_boolean.guests", STATE, *ON_AND_OFF),
    *_rows("automation.morning", STATE, (0, "off"), (1, "on")),
    *_rows("light.bed_light", STATE, *ON_AND_OFF),
    *_rows("light.bed_light", "attribute.brightness", (0, None), state="off"),
    *_rows("light.bed_light", "attribute.brightness", (1, 1), ("128", 128), (255.0, 255), state="on"),
    *_rows("light.bed_light", "attribute.color_temp_kelvin", (2000, 2000), (4000, 4000), (6535, 6535)),
    *_rows("light.bed_light", "attribute.hs_color", ({"hue": 0, "saturation": 0}, (0, 0))),
    *_rows("light.bed_light", "attribute.hs_color", ({"hue": "240.5", "saturation": "62"}, (240.5, 62))),
    *_rows("light.entrance_color_white_lights", "attribute.hs_color", ({"saturation": 100, "hue": 360}, (360, 100))),
    *_rows("light.all_lights", STATE, (0, "off"), (1, "on")),
    *_rows("light.all_lights", "attribute.brightness", (77, 77)),
    *_rows("climate.hvac", STATE, (0, "off"), (1, "heat"), ("5", "dry"), (6, "fan_only"), (4, "auto"), (2, "cool")),
    *_rows("climate.hvac", "attribute.temperature", (22, 22), ("22.5", 22.5), (7, 7), (35.0, 35)),
    *_rows("climate.ecobee", "attribute.target_temp_low", (20.5, 20.5)),
    *_rows("climate.ecobee", "attribute.target_temp_high", ("26", 26)),
    *_rows("climate.ecobee", "attribute.preset_mode", (1, "eco"), (2, "away"), (0, "home")),
    *_rows("climate.ecobee", STATE, (0, "off"), (3, "heat_cool")),
    *_rows("climate.hvac", "attribute.fan_mode", (0, "on_low"), (4, "off")),
    *_rows("climate.hvac", "attribute.swing_mode", (1, "1"), (0, "auto")),
    *_rows("climate.hvac", "attribute.swing_horizontal_mode", (1, "rangefull"), (2, "off")),
    *_rows("climate.hvac", "attribute.humidity", (45, 45), ("50.0", 50)),
    *_rows("water_heater.demo_water_heater", STATE, (0, "off"), (7, "gas"), (2, "eco"), (1, "eco")),
    *_rows("water_heater.demo_water_heater_celsius", "attribute.temperature", (50, 50), ("47.5", 47.5)),
    *_rows("humidifier.hygrostat", STATE, (0, "off"), (1, "on")),
    *_rows("humidifier.hygrostat", "attribute.humidity", (40, 40), ("41.0", 41)),
    *_rows("humidifier.hygrostat", "attribute.mode", (1, "eco"), (0, "home")),
    *_rows("cover.hall_window", "attribute.current_position", (30, 30), (0, 0)),
    *_rows("cover.louvre", "attribute.current_position", (55, 55), state="open"),
    *_rows("cover.all_windows", "attribute.current_position", (100, 100)),
    *_rows("cover.kitchen_window", STATE, (2, "open"), (0, "closed")),
    *_rows("valve.front_garden", STATE, (2, "closed"), (3, "open")),
    *_rows("valve.back_garden", "attribute.current_position", (40, 40)),
    *_rows("fan.ceiling_fan", STATE, *ON_AND_OFF),
    *_rows("fan.ceiling_fan", "attribute.percentage", (0, 0), state="off"),
    *_rows("fan.ceiling_fan", "attribute.percentage", (66, 66), ("100", 100), state="on"),
    *_rows("fan.preset_only_limited_fan", "attribute.preset_mode", (0, "auto"), (2, "sleep"), state="on"),
    *_rows("fan.living_room_fan", "attribute.oscillating", (1, True), ("0", False)),
    *_rows("fan.all_fans", "attribute.percentage", (33, 33), state="on"),
    *_rows("number.volume", STATE, (55, "55.0"), (0, "0.0")),
    *_rows("number.pwm_1", STATE, ("0.25", "0.25")),
    *_rows("number.temperature_setting", STATE, (35, "35.0")),
    *_rows("input_number.noise", STATE, (9.5, "9.5"), ("10", "10.0")),
    *_rows("select.speed", STATE, (0, "light_speed"), ("2", "ludicrous_speed")),
    *_rows("select.wash", STATE, (1, "cotton"), (0, "wool")),
    *_rows("input_select.cook", STATE, (2, "🍕 delivery"), (1, "安妮")),
    *_rows("text.text", STATE, ("面包 & 🥚", "面包 & 🥚"), ("", "")),
    *_rows("text.text_with_only_lower_case_characters", STATE, ("abc", "abc")),
    *_rows("input_text.note", STATE, ("茶 👩‍👩‍👧", "茶 👩‍👩‍👧")),
    *_rows("media_player.bedroom", STATE, (0, "off"), (1, "playing"), (4, "paused"), (3, "playing")),
    *_rows("media_player.bedroom", "attribute.volume_level", (0.25, 0.25), ("1", 1), (0, 0)),
    *_rows("media_player.bedroom", "attribute.is_volume_muted", (1, True), (0, False)),
    *_rows("media_player.lounge_room", "attribute.source", ("youtube", "youtube"), ("dvd", "dvd")),
    *_rows("media_player.all_players", STATE, (0, "off"), (1, "playing")),
    *_rows("vacuum.demo_vacuum_0_ground_floor", STATE, (0, "cleaning"), (3, "paused"), (2, "idle"), (1, "docked")),
    *_rows("vacuum.demo_vacuum_0_ground_floor", "attribute.fan_speed", (3, "max"), (0, "min")),
)
