"""Action table: the controls of each domain that a value can set, in the order in which their actions run."""

from collections.abc import Mapping
from typing import Final

from homeassistant.components.climate import ClimateEntityFeature
from homeassistant.components.cover import CoverEntityFeature
from homeassistant.components.fan import FanEntityFeature
from homeassistant.components.humidifier import HumidifierEntityFeature
from homeassistant.components.lawn_mower import LawnMowerEntityFeature
from homeassistant.components.media_player import MediaPlayerEntityFeature
from homeassistant.components.vacuum import VacuumEntityFeature
from homeassistant.components.valve import ValveEntityFeature
from homeassistant.components.water_heater import WaterHeaterEntityFeature
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, PERCENTAGE

from .action_rows import Choose, Flag, Measure, Row, Turn, Way, Write, supports
from .commanded import Commanded, Span, span
from .fan_row import SPEED, FanSpeedRow
from .kinds import ATTRIBUTE, COLOUR, STATE, word
from .light_row import BRIGHTNESS, KELVIN, LightRow
from .temperature_row import CLIMATE_TEMPERATURES, HIGH, LOW, TARGET, TemperatureRow

_POSITION: Final = f"{ATTRIBUTE}current_position"
_PRESET: Final = f"{ATTRIBUTE}preset_mode"
_LAWN_MOWER_STOP: Final = 8  # LawnMowerEntityFeature.STOP, which the oldest supported Home Assistant lacks


def _percents(command: Commanded) -> Span:
    return Span(low=0, high=100)


def _humidities(command: Commanded) -> Span:
    return span(command.attributes, "min_humidity", "max_humidity", "target_humidity_step")


def _shares(command: Commanded) -> Span:
    return Span(low=0, high=1)


def _numbers(command: Commanded) -> Span:
    return span(command.attributes, "min", "max", "step")


def _percent(command: Commanded) -> str:
    return PERCENTAGE


def _own_unit(command: Commanded) -> str | None:
    """Return the unit of the state; a loose spelling is the unit that a person took it for."""
    unit = word(command.attributes, ATTR_UNIT_OF_MEASUREMENT)
    return None if unit is None else command.definitions[STATE].same_units.get(unit, unit)


def _position(feature: int, service: str) -> Measure:
    return Measure(
        key=_POSITION,
        service=service,
        name="position",
        span=_percents,
        unit=_percent,
        feature=feature,
        is_whole=True,
    )


def _mode(name: str, listed: str, feature: int) -> Choose:
    return Choose(key=f"{ATTRIBUTE}{name}", listed=listed, service=f"set_{name}", name=name, feature=feature)


def _openings(kind: str, opens: int, closes: int, positions: int) -> Turn:
    """Return open and closed, for what has no position to set."""
    return Turn(
        ways={"open": Way(f"open_{kind}", opens), "closed": Way(f"close_{kind}", closes)},
        is_closed_by=lambda attributes: (
            supports(attributes, positions) and attributes.get("current_position") is not None
        ),
    )


_SWITCH: Final = Turn(ways={"on": Way("turn_on"), "off": Way("turn_off")})
_NUMBER: Final = Measure(key=STATE, service="set_value", name="value", span=_numbers, unit=_own_unit)
_SELECT: Final = Choose(key=STATE, listed="options", service="select_option", name="option")
ROWS: Final[Mapping[str, tuple[Row, ...]]] = {
    "automation": (_SWITCH,),
    "climate": (
        Choose(
            key=STATE,
            listed="hvac_modes",
            service="set_hvac_mode",
            name="hvac_mode",
            ways={"off": Way("turn_off", ClimateEntityFeature.TURN_OFF)},
        ),
        _mode("preset_mode", "preset_modes", ClimateEntityFeature.PRESET_MODE),
        CLIMATE_TEMPERATURES,
        _mode("fan_mode", "fan_modes", ClimateEntityFeature.FAN_MODE),
        _mode("swing_mode", "swing_modes", ClimateEntityFeature.SWING_MODE),
        _mode("swing_horizontal_mode", "swing_horizontal_modes", ClimateEntityFeature.SWING_HORIZONTAL_MODE),
        Measure(
            key=f"{ATTRIBUTE}humidity",
            service="set_humidity",
            name="humidity",
            span=_humidities,
            unit=_percent,
            feature=ClimateEntityFeature.TARGET_HUMIDITY,
            is_whole=True,
        ),
    ),
    "cover": (
        _openings("cover", CoverEntityFeature.OPEN, CoverEntityFeature.CLOSE, CoverEntityFeature.SET_POSITION),
        _position(CoverEntityFeature.SET_POSITION, "set_cover_position"),
    ),
    "fan": (
        Turn(
            ways={
                "on": Way("turn_on", FanEntityFeature.TURN_ON),
                "off": Way("turn_off", FanEntityFeature.TURN_OFF),
            },
            unless=SPEED,
        ),
        _mode("preset_mode", "preset_modes", FanEntityFeature.PRESET_MODE),
        FanSpeedRow(),
        Flag(
            key=f"{ATTRIBUTE}oscillating",
            service="oscillate",
            name="oscillating",
            feature=FanEntityFeature.OSCILLATE,
        ),
    ),
    "humidifier": (
        _SWITCH,
        _mode("mode", "available_modes", HumidifierEntityFeature.MODES),
        Measure(
            key=f"{ATTRIBUTE}humidity",
            service="set_humidity",
            name="humidity",
            span=_humidities,
            unit=_percent,
            is_whole=True,
        ),
    ),
    "input_boolean": (_SWITCH,),
    "input_number": (_NUMBER,),
    "input_select": (_SELECT,),
    "input_text": (Write(),),
    "lawn_mower": (
        Turn(
            ways={
                "mowing": Way("start_mowing", LawnMowerEntityFeature.START_MOWING),
                "paused": Way("pause", LawnMowerEntityFeature.PAUSE),
                "docked": Way("dock", LawnMowerEntityFeature.DOCK),
                "idle": Way("stop", _LAWN_MOWER_STOP),
            }
        ),
    ),
    "light": (LightRow(),),
    "media_player": (
        Turn(
            ways={
                "on": Way("turn_on", MediaPlayerEntityFeature.TURN_ON),
                "off": Way("turn_off", MediaPlayerEntityFeature.TURN_OFF),
                "playing": Way("media_play", MediaPlayerEntityFeature.PLAY),
                "paused": Way("media_pause", MediaPlayerEntityFeature.PAUSE),
                "idle": Way("media_stop", MediaPlayerEntityFeature.STOP),
            }
        ),
        Choose(
            key=f"{ATTRIBUTE}source",
            listed="source_list",
            service="select_source",
            name="source",
            feature=MediaPlayerEntityFeature.SELECT_SOURCE,
        ),
        Measure(
            key=f"{ATTRIBUTE}volume_level",
            service="volume_set",
            name="volume_level",
            span=_shares,
            feature=MediaPlayerEntityFeature.VOLUME_SET,
        ),
        Flag(
            key=f"{ATTRIBUTE}is_volume_muted",
            service="volume_mute",
            name="is_volume_muted",
            feature=MediaPlayerEntityFeature.VOLUME_MUTE,
        ),
    ),
    "number": (_NUMBER,),
    "select": (_SELECT,),
    "switch": (_SWITCH,),
    "text": (Write(),),
    "vacuum": (
        Turn(
            ways={
                "cleaning": Way("start", VacuumEntityFeature.START),
                "paused": Way("pause", VacuumEntityFeature.PAUSE),
                "idle": Way("stop", VacuumEntityFeature.STOP),
                "docked": Way("return_to_base", VacuumEntityFeature.RETURN_HOME),
            }
        ),
        _mode("fan_speed", "fan_speed_list", VacuumEntityFeature.FAN_SPEED),
    ),
    "valve": (
        _openings("valve", ValveEntityFeature.OPEN, ValveEntityFeature.CLOSE, ValveEntityFeature.SET_POSITION),
        _position(ValveEntityFeature.SET_POSITION, "set_valve_position"),
    ),
    "water_heater": (
        Choose(
            key=STATE,
            listed="operation_list",
            service="set_operation_mode",
            name="operation_mode",
            feature=WaterHeaterEntityFeature.OPERATION_MODE,
            ways={
                "on": Way("turn_on", WaterHeaterEntityFeature.ON_OFF),
                "off": Way("turn_off", WaterHeaterEntityFeature.ON_OFF),
            },
        ),
        TemperatureRow(feature=WaterHeaterEntityFeature.TARGET_TEMPERATURE),
    ),
}
# Of these, 0 is the same as off.
OFF_AT_ZERO: Final = frozenset({BRIGHTNESS, SPEED})
# One of each pair takes the place of the other.
EXCLUSIVE: Final = ((KELVIN, COLOUR), (TARGET, LOW), (TARGET, HIGH), (_PRESET, SPEED))
