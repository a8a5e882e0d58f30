"""A home in which everything changes all the time: its entities, and the values that their states are sent as."""

from collections.abc import Mapping
import json
from pathlib import Path
from typing import Any

from ..comparison import ABSENT, converted, identifier_of

TICK = "faults_tick"
# While it is off, nothing in the home changes.
LIVES = "input_boolean.lives"

PHASES = ["idle", "washing", "rinsing", "spinning"]
WORDS = ["Here Comes the Sun", "月亮代表我的心", "La Vie en rose", "茉莉花", "Für Elise"]
MODES = ["Home", "Away", "Night", "Guests"]
NOTES = ["Buy milk", "买豆腐", "Feed the cat", "Water the plants"]

FLOATS = [f"sensor.number_{index}" for index in range(12)]
TEXTS = [f"sensor.text_{index}" for index in range(4)]
ENUMS = [f"sensor.choice_{index}" for index in range(4)]
BOOLS = [f"binary_sensor.switch_{index}" for index in range(4)]
MOMENT = "sensor.moment"
FLAKY = "sensor.flaky"
SENSORS = (*FLOATS, *TEXTS, *ENUMS, *BOOLS, MOMENT, FLAKY)
OTHERS = ("input_number.target", "input_select.mode", "input_text.note", "input_boolean.lamp")
CHOSEN = SENSORS + OTHERS

# The rules need these attributes, and the recorder leaves them out of its rows.
ATTRIBUTES: Mapping[str, Mapping[str, Any]] = {
    **{name: {"options": PHASES} for name in ENUMS},
    MOMENT: {"device_class": "timestamp"},
    "input_select.mode": {"options": MODES},
}
ENTITY_OF = {identifier_of(entity_id): entity_id for entity_id in CHOSEN}
# Every second property, of each kind of entity: a thing model that is imported late lacks these until then.
LATE = frozenset(map(identifier_of, CHOSEN[1::2]))


def lives(states: Mapping[str, Mapping[str, Any]]) -> bool:
    """Return whether all entities that always have a state have one."""
    return all(states[name]["state"] not in ABSENT for name in CHOSEN if name != FLAKY)


def value_of(entity_id: str, state: str) -> Any:
    """Return the value that a state is sent as, or None for a state without one."""
    return converted(state, dict(ATTRIBUTES.get(entity_id, {})))


def write(folder: Path, recorder: Mapping[str, Any]) -> Path:
    """Write the configuration of this home into a folder, and return it. JSON is YAML, too."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "configuration.yaml").write_text(
        json.dumps(_configuration(recorder), ensure_ascii=False, indent=1), "utf-8"
    )
    return folder


def _configuration(recorder: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "homeassistant": {"name": "A home with faults", "time_zone": "Asia/Shanghai", "unit_system": "metric"},
        "frontend": {},
        "config": {},
        "recorder": {"commit_interval": 1, **recorder},
        "logger": {"default": "warning", "logs": {"custom_components.aliyun_iot": "info"}},
        "input_number": {"target": {"min": 0, "max": 100, "step": 0.5}},
        "input_select": {"mode": {"options": MODES}},
        "input_text": {"note": {}},
        "input_boolean": {"lamp": {}, "lives": {"initial": True}},
        "template": [{"triggers": [{"trigger": "event", "event_type": TICK}], **_templates()}],
        "automation": [_life()],
    }


def _templates() -> dict[str, Any]:
    number = {"device_class": "temperature", "state_class": "measurement", "unit_of_measurement": "°C"}
    digits = "{{ range(10000, 99999) | random / 1000 }}"
    sensors = [_named(name) | number | {"state": digits} for name in FLOATS]
    sensors += [_named(name) | {"state": _one_of(WORDS)} for name in TEXTS]
    options = {"device_class": "enum", "attributes": {"options": f"{{{{ {PHASES} }}}}"}}
    sensors += [_named(name) | options | {"state": _one_of(PHASES)} for name in ENUMS]
    soon = "{{ now() + timedelta(seconds=range(1, 1000) | random) }}"
    sensors += [_named(MOMENT) | {"device_class": "timestamp", "state": soon}]
    available = "{{ range(4) | random > 0 }}"
    sensors += [
        _named(FLAKY)
        | {"unit_of_measurement": "V", "availability": available, "state": "{{ [none, 1, 2, 2] | random }}"}
    ]
    bools = [_named(name) | {"state": "{{ range(2) | random == 1 }}"} for name in BOOLS]
    return {"sensor": sensors, "binary_sensor": bools}


def _named(entity_id: str) -> dict[str, Any]:
    name = identifier_of(entity_id)
    return {"name": name.replace("_", " "), "unique_id": name}


def _one_of(values: list[str]) -> str:
    return f"{{{{ {values} | random }}}}"


def _life() -> dict[str, Any]:
    # Triggers count delays, not the time of day: a clock that is stepped back would hold a time pattern up for an hour.
    steps = [
        {"delay": 1},
        {
            "if": [{"condition": "state", "entity_id": LIVES, "state": "on"}],
            "then": [
                {"event": TICK},
                _action("input_number.set_value", "input_number.target", value="{{ range(200) | random / 2 }}"),
                _action("input_select.select_next", "input_select.mode"),
                _action("input_text.set_value", "input_text.note", value=_one_of(NOTES)),
                _action("input_boolean.toggle", "input_boolean.lamp"),
            ],
        },
    ]
    forever = {"repeat": {"while": [{"condition": "template", "value_template": "{{ true }}"}], "sequence": steps}}
    started = [{"trigger": "homeassistant", "event": "start"}]
    return {"id": "life", "alias": "Life", "triggers": started, "actions": [forever]}


def _action(name: str, entity_id: str, **data: str) -> dict[str, Any]:
    return {"action": name, "target": {"entity_id": entity_id}, "data": data}
