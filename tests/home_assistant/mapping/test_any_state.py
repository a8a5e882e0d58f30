"""Any state: each becomes a value that its property takes, or is refused as one that does not fit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC
import json
from typing import Any, NamedTuple

from homeassistant.components.sensor.const import DEVICE_CLASS_UNITS
from homeassistant.core import HomeAssistant, State, valid_entity_id
from homeassistant.generated.entity_platforms import EntityPlatforms
from homeassistant.helpers.json import json_bytes
from hypothesis import HealthCheck, assume, given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.aliyun_iot.alink.protocol.data_types import (
    Bool,
    DataType,
    Date,
    Enum,
    Field,
    Number,
    NumberType,
    Struct,
    Text,
)
from custom_components.aliyun_iot.alink.protocol.limits import FLOAT32_MAX, INT32_MAX, INT32_MIN
from custom_components.aliyun_iot.alink.protocol.messages import Value
from custom_components.aliyun_iot.alink.protocol.thing_model import data_type_json
from custom_components.aliyun_iot.mapping import attributes, states
from custom_components.aliyun_iot.mapping.definition import Definition
from custom_components.aliyun_iot.mapping.facets import AVAILABILITY, facets
from custom_components.aliyun_iot.mapping.kinds import STATE
from custom_components.aliyun_iot.mapping.property import Property
from custom_components.aliyun_iot.mapping.values import NotFittingError
from custom_components.aliyun_iot.mapping.words import async_load_words
from custom_components.aliyun_iot.selection.live import Selection
from custom_components.aliyun_iot.thing_model.import_files import files, packed
from custom_components.aliyun_iot.thing_model.store import ModelFile, StoredModel
from tests.emulator import tsl_file
from tests.emulator.thing_model import ThingModel as Platform

PRODUCT_KEY = "a1B2c3D4e5F"
LANGUAGES = ("en", "zh-Hans")
HELPERS = (
    "automation", "counter", "group", "input_boolean", "input_button", "input_datetime", "input_number", "input_select",
    "input_text", "person", "plant", "schedule", "script", "sun", "tag", "timer", "zone",
)  # fmt: skip
DOMAINS = (*map(str, EntityPlatforms), *HELPERS)
RESERVED = ("set", "get", "post", "time", "value")
UNITS = sorted({str(unit) for units in DEVICE_CLASS_UNITS.values() for unit in units if unit is not None})
# Units between which one entity may change; Home Assistant converts all but the last pair.
FAMILIES = [
    *(sorted(map(str, units - {None})) for units in DEVICE_CLASS_UNITS.values()),
    ["µg/m³", "μg/m³"],
    ["", "个"],
]

quick = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Spoken(NamedTuple):
    """The state and the attributes of an entity at one time."""

    state: str
    attributes: dict[str, Any]


def letters(**limits: Any) -> st.SearchStrategy[str]:
    """Any text, with halves of surrogate pairs in it."""
    return st.text(alphabet=st.one_of(st.characters(), st.characters(categories=["Cs"])), **limits)


WORDS = ["on", "off", "unknown", "unavailable", "", "idle", "heat", "open", "locked", "home", "a", "b", "c", "A", "家"]
numbers = st.one_of(
    st.integers(-1000, 1000),
    st.integers(),
    st.floats(),
    st.floats(-1, 1),
    st.sampled_from([10**400, -(10**400), 1e15, 0.1, 2**31, 0.7, 0.705]),
)
moments = st.one_of(st.datetimes(), st.datetimes(timezones=st.just(UTC)))
scalars = st.one_of(st.none(), st.booleans(), numbers, letters(max_size=20), st.sampled_from(WORDS), moments)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(letters(max_size=5), inner, max_size=3)),
    max_leaves=5,
)
options = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=6, unique=True),
    st.lists(letters(max_size=30), max_size=6),
    st.integers(90, 105).map(lambda count: [f"option {number}" for number in range(count)]),
)
texts = st.one_of(
    st.sampled_from([*WORDS, *(option for listed in states._STATES.values() for option in listed)]),
    numbers.filter(lambda number: abs(number) < 1e200 or not isinstance(number, int)).map(str),
    moments.map(lambda moment: moment.isoformat()),
    st.dates().map(str),
    st.sampled_from(
        [
            "2026-02-30",
            "2026-02-20T25:00:00+00:00",
            "0001-01-01",
            "9999-12-31",
            "1_000",
            "\uff11\uff12",
            "nan",
            "-inf",
            "2026-\ud83d",
        ]
    ),
    letters(max_size=255),
)
known = sorted(
    {*attributes._ON_REQUEST, *(name for named in attributes._DEFAULT.values() for name in named)}
    | {"latitude", "longitude", "min", "max", "step", "minimum", "maximum", "has_date", "has_time", "state_class"}
)
listing = sorted(
    {"options", "operation_list", "fan_modes", "preset_modes", "swing_modes", "event_types", "available_modes"}
    | {"activity_list", "fan_speed_list", "swing_horizontal_modes"}
)
said = st.dictionaries(st.one_of(st.sampled_from(known), letters(max_size=30)), st.one_of(anything, texts), max_size=6)
listed = st.dictionaries(st.sampled_from(listing), st.one_of(options, anything), max_size=3)
names = st.one_of(letters(max_size=255), st.sampled_from(["Lamp", "灯", "💡", "Lamp " * 51]), anything)


@st.composite
def entities(draw: st.DrawFn) -> str:
    stem = st.one_of(st.from_regex(r"[a-z0-9]{1,8}(_[a-z0-9]{1,30}){0,6}", fullmatch=True), st.sampled_from(RESERVED))
    entity_id = f"{draw(st.sampled_from(DOMAINS))}.{draw(stem)}"
    assert valid_entity_id(entity_id)
    return entity_id


@st.composite
def histories(draw: st.DrawFn) -> list[Spoken]:
    """Draw states of one entity: in the units of one family, with one device class, and some junk."""
    device_class, units = draw(st.sampled_from([*zip(DEVICE_CLASS_UNITS, FAMILIES, strict=False)]))
    unit = st.one_of(st.sampled_from([*units, ""]), st.sampled_from(UNITS), letters(max_size=5), anything)
    others = {
        "unit_of_measurement": unit,
        "temperature_unit": st.sampled_from(["°C", "°F", "K", "m"]),
        "wind_speed_unit": st.sampled_from(["m/s", "km/h", "Beaufort", "kn", None, 3]),
        "device_class": st.sampled_from([str(device_class), str(device_class), "enum", "timestamp", "date", None, 7]),
        "friendly_name": names,
    }
    spoken = []
    for _ in range(draw(st.integers(1, 4))):
        held = {**draw(said), **draw(listed), **draw(st.fixed_dictionaries({}, optional=others))}
        own = [option for option in _strings(held.values()) if len(option) <= 255]
        spoken.append(Spoken(draw(st.one_of(texts, st.sampled_from(own)) if own else texts), held))
    return spoken


def _strings(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from (item for item in value if isinstance(item, str))


class House:
    """A thing model and its published properties, as a selection puts them together."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.hass = hass
        self.model = StoredModel(hass, ModelFile(hass, "unused"))
        entry = MockConfigEntry(options={"selection": {"availability": True}})
        self.selection = Selection(
            hass,
            entry,
            self.model,
            lambda _new, _ended: None,
            settle=lambda _: set(),
            forget=lambda _: None,
            is_sending=lambda _: False,
            on_disk=lambda _: None,
        )

    def adopt(self, state: State) -> None:
        """Fix all facets, also those that are sent on request only."""
        before = {definition.wire: definition for definition in self.definitions()}
        self.model.adopt(state.entity_id, state, *facets(state, self.hass.config.units), AVAILABILITY)
        for definition in self.definitions():
            if (known := before.get(definition.wire)) is not None:
                assert known.options.items() <= definition.options.items()
                assert keys_of(known).items() <= keys_of(definition).items()
            if isinstance(definition.data_type, Enum):
                assert sorted(definition.options.values()) == sorted(definition.data_type.names)

    def definitions(self) -> Iterator[Definition]:
        return (one for entity in self.model.entities.values() for one in entity.definitions.values())

    def values(self, state: State) -> Iterator[tuple[Property, Value]]:
        """Yield the values that are sent of a state; those that do not fit are left out."""
        self.selection.chosen = {state.entity_id: state.entity_id}
        self.selection.async_refresh()
        for property_ in self.selection.properties[state.entity_id]:
            try:
                value = property_.value(state)
            except NotFittingError:
                continue
            if value is not None:
                yield property_, value

    def platform(self) -> Platform:
        """Import the model into the emulator, strictly."""
        written = packed(files(PRODUCT_KEY, [("sensor.it", definition) for definition in self.definitions()]))
        modules = tsl_file.read(written.body, PRODUCT_KEY, {})
        return Platform(modules.pop(tsl_file.DEFAULT, None), modules)


def keys_of(definition: Definition) -> Mapping[int, str]:
    return definition.data_type.names if isinstance(definition.data_type, Enum) else {}


@pytest.fixture
async def worded(hass: HomeAssistant) -> HomeAssistant:
    """Return a Home Assistant that knows its words, in Chinese."""
    hass.config.language = LANGUAGES[1]
    await async_load_words(hass, ["climate", "cover", "light", "lock", "sensor", "weather"])
    return hass


@quick
@given(entity_id=entities(), spoken=histories())
def test_whatever_is_sent_of_an_entity_is_a_value_of_its_property_as_it_is_then(
    worded: HomeAssistant, entity_id: str, spoken: Sequence[Spoken]
) -> None:
    house = House(worded)
    for said_now in spoken:
        state = State(entity_id, said_now.state, said_now.attributes)
        house.adopt(state)
        platform = house.platform()
        for property_, value in house.values(state):
            assert property_.definition.data_type.takes(value)
            on_the_wire = json.loads(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
            assert platform.check_property(property_.identifier, on_the_wire) is None


@pytest.mark.parametrize(
    ("entity_id", "state", "attributes"),
    [
        ("sensor.it", "2026-11-21T\ud83d", {"device_class": "timestamp"}),
        ("sensor.it", "1", {"unit_of_measurement": "\ud83d"}),
        ("select.it", "a", {"options": ["a", "\ud83d"]}),
        ("media_player.it", "on", {"is_volume_muted": []}),
        ("climate.it", "heat", {"hvac_action": ["idle"]}),
        ("person.it", "home", {"latitude": 10**400, "longitude": 1}),
        ("number.it", "0.7", {"min": 0.7, "max": 0.705}),
        ("sensor.it", "1", {"friendly_name": 5}),
    ],
)
def test_what_once_went_wrong_does_not_again(
    worded: HomeAssistant, entity_id: str, state: str, attributes: dict[str, Any]
) -> None:
    house = House(worded)
    said_now = State(entity_id, state, attributes)
    house.adopt(said_now)
    platform = house.platform()
    for property_, value in house.values(said_now):
        assert platform.check_property(property_.identifier, value) is None
    for definition in house.definitions():
        assert Definition.from_json(json.loads(json_bytes(definition.to_json()))) == definition


def test_nan_is_no_wind_in_beaufort(worded: HomeAssistant) -> None:
    house = House(worded)
    house.adopt(State("sensor.it", "3", {"unit_of_measurement": "Beaufort"}))
    for state in ("nan", "inf"):
        sent = house.values(State("sensor.it", state, {"unit_of_measurement": "m/s"}))
        assert [value for one, value in sent if one.key == STATE] == []


@quick
@given(entity_id=entities(), spoken=histories())
def test_a_property_is_kept_on_disk_and_read_back_as_it_was(
    worded: HomeAssistant, entity_id: str, spoken: Sequence[Spoken]
) -> None:
    house = House(worded)
    for said_now in spoken:
        house.adopt(State(entity_id, said_now.state, said_now.attributes))
    for definition in house.definitions():
        assert Definition.from_json(json.loads(json_bytes(definition.to_json()))) == definition


@settings(quick, max_examples=60)
@given(
    spoken=st.lists(
        st.tuples(
            st.sampled_from(DOMAINS),
            st.sampled_from([*RESERVED, "lamp", "lamp_2", "lamp_state", "sensor_lamp", "l" * 60, f"{'l' * 59}m"]),
            st.one_of(
                names, st.sampled_from(["set", "time", "Lamp", "lamp", "Lamp_2", f"{'L' * 40}1", f"{'L' * 40}2"])
            ),
            texts,
            said,
        ),
        min_size=2,
        max_size=12,
    )
)
def test_no_two_properties_of_a_house_have_the_same_name_or_identifier(
    worded: HomeAssistant, spoken: Sequence[tuple[str, str, Any, str, dict[str, Any]]]
) -> None:
    house = House(worded)
    for domain, object_id, name, state, others in spoken:
        house.adopt(State(f"{domain}.{object_id}", state, {**others, "friendly_name": name}))
    found = list(house.definitions())
    assert (
        len({definition.wire for definition in found}) == len({definition.name for definition in found}) == len(found)
    )
    house.platform()


@quick
@given(entity_id=entities(), spoken=histories())
def test_a_row_without_attributes_is_no_number_in_a_unit(
    worded: HomeAssistant, entity_id: str, spoken: Sequence[Spoken]
) -> None:
    house = House(worded)
    for said_now in spoken:
        state = State(entity_id, said_now.state, said_now.attributes)
        house.adopt(state)
        row = State(entity_id, said_now.state, {})
        for property_, _ in house.values(state):
            if property_.key == STATE and property_.definition.unit is not None:
                with suppress(NotFittingError):
                    assert property_.value(row) is None


labels = st.text(min_size=1, max_size=20)
whole_limits = st.integers(INT32_MIN, INT32_MAX)
limits_of = {
    NumberType.INT: whole_limits.map(float),
    NumberType.FLOAT: st.floats(-FLOAT32_MAX, FLOAT32_MAX),
    NumberType.DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
}


@st.composite
def number_types(draw: st.DrawFn) -> Number:
    kind = draw(st.sampled_from(NumberType))
    low, high = sorted(draw(st.lists(limits_of[kind], min_size=2, max_size=2, unique=True)))
    assume(low < high)
    return Number(type=kind, low=low, high=high, step=1)


simple_types: st.SearchStrategy[DataType] = st.one_of(
    st.builds(Bool, off=labels, on=labels),
    st.builds(Enum, names=st.dictionaries(st.integers(0, 4), labels, min_size=1)),
    number_types(),
    st.builds(Text, length=st.integers(1, 40)),
    st.just(Date()),
)
data_types = st.one_of(
    simple_types,
    st.dictionaries(st.sampled_from("ab"), simple_types, min_size=1).map(
        lambda types: Struct(fields=tuple(Field(identifier=name, name=name, data_type=types[name]) for name in types))
    ),
)


def values_of(data_type: DataType) -> st.SearchStrategy[Any]:
    """Return values that a type takes."""
    match data_type:
        case Bool():
            return st.integers(0, 1)
        case Enum(names=by_key):
            return st.sampled_from(sorted(by_key))
        case Number(type=NumberType.INT, low=low, high=high):
            return st.integers(int(low), int(high))
        case Number(low=low, high=high):
            return st.floats(low, high)
        case Text(length=length):
            return st.text(max_size=length // 4)
        case Struct(fields=fields):
            return st.fixed_dictionaries({field.identifier: values_of(field.data_type) for field in fields})
        case _:
            return st.integers(0, 2**45).map(str)


@settings(quick, max_examples=250)
@given(data=st.data(), mine=data_types, other=data_types)
def test_where_a_type_covers_another_the_platform_takes_all_of_its_values(
    data: st.DataObject, mine: DataType, other: DataType
) -> None:
    value = data.draw(values_of(other))
    assert other.takes(value)
    assert other.covers(other)
    if mine.covers(other):
        model = {"properties": [{"identifier": "it", "dataType": data_type_json(mine)}]}
        assert Platform(model, {}).check_property("it", value) is None
