"""Property pages: show properties before they are published, and change them afterwards."""

from collections.abc import Mapping
import html
import time
from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import StateInfo
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.aliyun_iot.thing_model.store import async_model
from tests.emulator import Device

from .. import VALUES_CONFIRMED, Home, chosen
from .test_options_flow import chose, opened, said, shown, typed

DAY = 24 * 3600.0
WATT = {"unit_of_measurement": "W"}
CELSIUS = {"unit_of_measurement": "°C", "device_class": "temperature"}


def read(page: ConfigFlowResult, key: str) -> str:
    """Return a text as a person reads it."""
    return html.unescape(said(page)[key])


def table(page: ConfigFlowResult) -> dict[str, tuple[str, str]]:
    """Return the names and the values of a preview by their identifiers."""
    rows = {}
    for line in said(page)["rows"].splitlines():
        _, entity, value, _ = line.split("|")
        name, _, identifier = entity.strip().removesuffix("</small>").partition("<br><small>")
        rows[html.unescape(identifier).replace("\u200b", "")] = (html.unescape(name), html.unescape(value.strip()))
    return rows


async def looked_at(home: Home, entry: MockConfigEntry, *entity_ids: str, **more: Any) -> ConfigFlowResult:
    """Choose entities, and open the preview."""
    return await typed(home, await opened(home, entry, "selection"), chosen(*entity_ids, **more))


# The preview


async def test_a_preview_says_what_would_be_sent_of_each_kind(home: Home) -> None:
    states: dict[str, tuple[str, Mapping[str, Any]]] = {
        "sensor.t": ("21.50", CELSIUS),
        "light.lamp": ("on", {"friendly_name": "Lamp", "brightness": 128}),
        "sensor.phase": ("spinning", {"device_class": "enum", "options": ["idle", "spinning"]}),
        "input_text.note": ("Buy milk", {}),
        "event.bell": ("2026-11-20T10:00:00+00:00", {}),
        "person.somebody": ("home", {"latitude": 30.5, "longitude": 120.25}),
        "counter.visits": ("7", {}),
        "sensor.silent": ("unknown", WATT),
    }
    for entity_id, (state, attributes) in states.items():
        home.hass.states.async_set(entity_id, state, attributes)
    entry = await home.add_entry(["sensor.t"])
    page = await looked_at(home, entry, *states)
    assert (page["type"], page["step_id"]) == (FlowResultType.MENU, "review")
    moment = dt_util.parse_datetime("2026-11-20T10:00:00+00:00", raise_on_error=True)
    shown_moment = dt_util.as_local(moment).isoformat(sep=" ", timespec="seconds")
    assert (
        table(page).items()
        >= {
            "t": ("t", "21.5 °C"),
            "lamp": ("Lamp", "On (1)"),
            "lamp_brightness": ("Lamp", "128"),
            "phase": ("phase", "spinning (1)"),
            "note": ("note", "Buy milk"),
            "bell": ("bell", shown_moment),
            "somebody": ("somebody", "home"),
            "somebody_location": ("somebody", "Latitude 30.5, Longitude 120.25"),
            "visits": ("visits", "7"),
            "silent": ("silent", "—"),
        }.items()
    )
    assert said(page)["entities"] == "8"
    assert said(page)["properties"] == str(len(table(page)))


async def test_a_preview_keeps_nothing(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    home.hass.states.async_set("sensor.new", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    assert table(await looked_at(home, entry, "sensor.t", "sensor.new")).keys() == {"t", "new"}
    model = await async_model(home.hass, entry.entry_id)
    assert list(model.entities) == ["sensor.t"]
    page = await opened(home, entry, "preview")
    assert table(page) == {"t": ("t", "1 W")}
    assert page["menu_options"] == ["init"]


async def test_a_preview_says_what_is_new_what_is_gone_and_what_is_not_known_yet(home: Home) -> None:
    registry = er.async_get(home.hass)
    registry.async_get_or_create("light", "test", "1", suggested_object_id="sleeping")
    names = [f"sensor.new_{number:02}" for number in range(12)]
    for name in ("sensor.t", *names):
        home.hass.states.async_set(name, "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    page = await looked_at(home, entry, "sensor.t", *names, "light.sleeping", "light.gone")
    first = ", ".join(f"new {number:02}" for number in range(10))
    assert read(page, "new") == f"New entities: 14 ({first}, +4)."
    notes = read(page, "notes")
    assert "Chosen, but not there any more: 1 (light.gone)." in notes
    assert "first state: 1 (light.sleeping)." in notes
    assert read(await looked_at(home, entry, "sensor.t"), "new") == ""


async def test_a_preview_says_that_a_password_is_not_published(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    home.hass.states.async_set("input_text.code", "1234", {"friendly_name": "Code", "mode": "password"})
    entry = await home.add_entry(["sensor.t"])
    page = await looked_at(home, entry, "sensor.t", "input_text.code")
    assert table(page).keys() == {"t"}
    assert "hold passwords: 1 (Code)." in read(page, "notes")
    assert "first state" not in read(page, "notes")
    assert "1234" not in str(said(page))


async def test_a_long_identifier_can_be_broken(home: Home) -> None:
    home.hass.states.async_set("sensor.living_room_temperature", "1", WATT)
    entry = await home.add_entry(["sensor.living_room_temperature"])
    page = await opened(home, entry, "preview")
    assert "<small>living_\u200broom_\u200btemperature</small>" in read(page, "rows")


async def test_a_long_preview_has_pages(home: Home) -> None:
    names = [f"sensor.s_{number:02}" for number in range(81)]
    for name in names:
        home.hass.states.async_set(name, "1", WATT)
    entry = await home.add_entry(names)
    page = await opened(home, entry, "preview")
    assert (len(table(page)), page["menu_options"]) == (40, ["next_page", "init"])
    page = await chose(home, page, "next_page")
    assert read(page, "page") == "Page 2 of 3"
    assert page["menu_options"] == ["next_page", "previous_page", "init"]
    page = await chose(home, page, "next_page")
    assert (list(table(page)), page["menu_options"]) == (["s_80"], ["previous_page", "init"])
    page = await chose(home, page, "previous_page")
    assert next(iter(table(page))) == "s_40"


async def test_a_preview_of_nothing_is_a_page(home: Home) -> None:
    entry = await home.add_entry(selection={"include": {"label_id": ["nobody_has_it"]}})
    page = await opened(home, entry, "preview")
    assert (table(page), said(page)["entities"], said(page)["page"]) == ({}, "0", "")


@pytest.mark.parametrize(
    ("state", "attributes", "expected"),
    [
        ("hot", CELSIUS, "not sent, wrong type: hot"),
        ("9999999", CELSIUS, "not sent, out of range: 9999999"),
        ("1", {"unit_of_measurement": "lx"}, "not sent, wrong unit: 1"),
    ],
)
async def test_a_preview_says_why_a_state_is_not_sent(
    home: Home, state: str, attributes: Mapping[str, Any], expected: str
) -> None:
    home.hass.states.async_set("sensor.t", "1", CELSIUS)
    entry = await home.add_entry(["sensor.t"])
    home.hass.states.async_set("sensor.t", state, attributes)
    assert table(await opened(home, entry, "preview"))["t"] == ("t", expected)


async def test_what_others_have_written_cannot_break_a_preview(home: Home) -> None:
    name = "<b>`x`</b> | [a](javascript:b)\n\n# www.example.com \u200b*&amp;*"
    home.hass.states.async_set("input_text.note", "|" * 100, {"friendly_name": name})
    entry = await home.add_entry(["input_text.note"])
    page = await opened(home, entry, "preview")
    assert table(page) == {
        "note": ("<b>`x`</b> | [a](javascript:b) # www.example.com *&amp;*", "|" * 59 + "…"),
    }


async def test_a_preview_estimates_the_messages_of_a_day(recorder_mock: Recorder, home: Home) -> None:
    now = time.time()
    for number, ago in enumerate([2 * DAY, *(3500 - 35 * number for number in range(100))]):
        home.hass.states.async_set("sensor.t", str(number), WATT, timestamp=now - ago)
    await async_wait_recording_done(home.hass)
    entry = await home.add_entry(["sensor.t"])
    # A hundred values within the three hours that are sampled.
    assert "About 800 values in 800 messages a day" in read(await opened(home, entry, "preview"), "notes")


async def test_a_preview_says_when_there_is_nothing_to_estimate_by(recorder_mock: Recorder, home: Home) -> None:
    entry = await home.add_entry(["sensor.t"])
    assert "too little of it has been recorded" in read(await opened(home, entry, "preview"), "notes")


async def test_a_preview_says_when_there_is_no_recorder_to_estimate_by(home: Home) -> None:
    entry = await home.add_entry(["sensor.t"])
    notes = read(await opened(home, entry, "preview"), "notes")
    assert "the recorder of Home Assistant is not running" in notes
    assert "too little of it has been recorded" not in notes


async def test_a_preview_shows_the_range_that_the_recorder_asks_for(recorder_mock: Recorder, home: Home) -> None:
    home.hass.states.async_set("sensor.t", "7000", CELSIUS)
    await async_wait_recording_done(home.hass)
    entry = await home.add_entry(["sun.sun"])
    assert table(await looked_at(home, entry, "sensor.t")) == {"t": ("t", "7000 °C")}


async def test_a_full_thing_model_is_said(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.aliyun_iot.thing_model.allocator.MODULES_PER_IMPORT", 1)
    monkeypatch.setattr("custom_components.aliyun_iot.thing_model.allocator.FEATURES_PER_MODULE", 1)
    for name in ("sensor.a", "sensor.b"):
        home.hass.states.async_set(name, "1", WATT)
    entry = await home.add_entry(["sensor.a"])
    page = await looked_at(home, entry, "sensor.a", "sensor.b")
    assert table(page).keys() == {"a"}
    assert "The thing model is full" in read(page, "notes")


# A property


def labels(page: ConfigFlowResult, field: str) -> dict[str, str]:
    assert page["data_schema"] is not None
    return {option["value"]: option["label"] for option in page["data_schema"].schema[field].config["options"]}


def types(page: ConfigFlowResult) -> list[str]:
    assert page["data_schema"] is not None
    options: list[str] = page["data_schema"].schema["data_type"].config["options"]
    return options


async def picked(home: Home, entry: MockConfigEntry, wire: str) -> ConfigFlowResult:
    return await typed(home, await opened(home, entry, "properties"), {"property": wire})


def filled(page: ConfigFlowResult, **changes: Any) -> dict[str, Any]:
    """Return the suggested values with changes; None empties a field."""
    fields = {**shown(page), **changes}
    return {key: value for key, value in fields.items() if value is not None}


async def test_each_property_can_be_picked_by_its_entity_and_its_identifier(home: Home) -> None:
    home.hass.states.async_set("light.lamp", "on", {"friendly_name": "Lamp", "brightness": 128})
    home.hass.states.async_set("sensor.other", "1", WATT)
    entry = await home.add_entry(["light.lamp", "sensor.gone"])
    page = await opened(home, entry, "properties")
    assert labels(page, "property") == {"lamp": "Lamp · lamp", "lamp_brightness": "Lamp · lamp_brightness"}
    page = await typed(home, page, {"property": "nobody"})
    assert page["errors"] == {"property": "no_such_property"}


async def test_availability_can_be_changed_only_where_it_is_sent(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    include = {"entities": {"sensor.t": "sensor.t"}}
    entry = await home.add_entry(selection={"include": include, "availability": True})
    assert labels(await opened(home, entry, "properties"), "property").keys() == {"t", "t_available"}
    page = await picked(home, entry, "t_available")
    assert types(page) == ["bool", "text"]
    assert read(page, "what") == "Availability"
    page = await looked_at(home, entry, "sensor.t")
    await chose(home, page, "save")
    assert labels(await opened(home, entry, "properties"), "property").keys() == {"t"}


async def test_a_number_is_changed_at_once_and_without_a_new_connection(home: Home, device: Device) -> None:
    home.hass.states.async_set("sensor.t", "1500", {**WATT, "friendly_name": "Meter"})
    entry = await home.add_entry(["sensor.t"])
    await home.until_state(VALUES_CONFIRMED, "1")
    page = await picked(home, entry, "t")
    assert {key: read(page, key) for key in ("name", "entity_id", "what", "value")} == {
        "name": "Meter",
        "entity_id": "sensor.t",
        "what": "State",
        "value": "1500 W",
    }
    assert types(page) == ["int", "float", "double", "text"]
    assert shown(page) == {
        "identifier": "t",
        "name": "Meter",
        "data_type": "double",
        "unit": "W",
        "low": -1e15,
        "high": 1e15,
        "step": 0.01,
        "left_out": False,
    }
    changes = {"identifier": " power ", "name": "总功率", "data_type": "float", "unit": "kW", "low": 0, "high": 20}
    menu = await typed(home, page, filled(page, **changes))
    assert menu["step_id"] == "init"
    await home.emulator.wait_for(lambda: home.stored("power") == [1.5])
    assert device.connects == 1
    page = await typed(home, await chose(home, menu, "properties"), {"property": "power"})
    assert filled(page) == {
        "identifier": "power",
        "name": "总功率",
        "data_type": "float",
        "unit": "kW",
        "low": 0,
        "high": 20,
        "step": 0.01,
        "left_out": False,
    }
    assert read(page, "value") == "1.5 kW"
    await home.hass.config_entries.async_reload(entry.entry_id)
    await home.emulator.wait_for(lambda: home.stored("power") == [1.5, 1.5])


async def test_a_number_can_be_an_int_once_its_range_is_that_of_one(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "3", WATT)
    entry = await home.add_entry(["sensor.t"])
    page = await picked(home, entry, "t")
    page = await typed(home, page, filled(page, data_type="int"))
    assert page["errors"] == {"data_type": "range_int"}
    assert shown(page)["data_type"] == "int"
    page = await typed(home, page, filled(page, low=0.0, high=100.0, step=0.5))
    assert page["errors"] == {"data_type": "range_int"}
    await typed(home, page, filled(page, low=0.0, high=100.0, step=1.0))
    home.hass.states.async_set("sensor.t", "4", WATT)
    await home.emulator.wait_for(lambda: home.stored("t") == [3.0, 4])
    assert isinstance(home.stored("t")[1], int)


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"identifier": "a-b"}, "identifier", "identifier_form"),
        ({"identifier": "x" * 51}, "identifier", "identifier_form"),
        ({"identifier": "post"}, "identifier", "identifier_reserved"),
        ({"identifier": "other"}, "identifier", "identifier_taken"),
        ({"name": "_t"}, "name", "name_form"),
        ({"name": "other"}, "name", "name_taken"),
        ({"unit": "lx"}, "unit", "unit_not_convertible"),
        ({"low": 5, "high": 5}, "high", "range_empty"),
        ({"data_type": "float", "high": 1e39}, "data_type", "range_float"),
        ({"step": 0}, "step", "step"),
    ],
)
async def test_what_breaks_a_rule_of_the_console_is_refused_as_a_whole(
    home: Home, changes: dict[str, Any], field: str, rule: str
) -> None:
    for name in ("sensor.t", "sensor.other"):
        home.hass.states.async_set(name, "1", WATT)
    entry = await home.add_entry(["sensor.t", "sensor.other"])
    page = await picked(home, entry, "t")
    before = shown(page)
    page = await typed(home, page, filled(page, **{"name": "something_else", **changes}))
    assert page["errors"] == {field: rule}
    assert shown(page).items() >= changes.items()
    assert shown(await picked(home, entry, "t")) == before


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e999"])
@pytest.mark.parametrize("field", ["low", "high", "step"])
async def test_a_range_of_what_is_no_number_is_refused_by_its_field(home: Home, field: str, number: str) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    page = await picked(home, entry, "t")
    before = shown(page)
    page = await typed(home, page, filled(page, left_out=True, **{field: number}))
    assert page["errors"] == {field: "not_a_number"}
    assert field not in shown(page)
    assert shown(await picked(home, entry, "t")) == before


@pytest.mark.parametrize("number", ["nan", "inf"])
async def test_a_length_that_is_no_number_is_refused_by_its_field(home: Home, number: str) -> None:
    home.hass.states.async_set("sensor.t", "warm", {})
    entry = await home.add_entry(["sensor.t"])
    page = await picked(home, entry, "t")
    page = await typed(home, page, filled(page, length=number))
    assert page["errors"] == {"length": "not_a_number"}


async def test_a_number_keeps_a_unit_as_long_as_its_entity_has_one(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    page = await picked(home, entry, "t")
    page = await typed(home, page, filled(page, unit=None))
    assert page["errors"] == {"unit": "unit_not_convertible"}
    home.hass.states.async_set("sensor.t", "1", {"state_class": "measurement"})
    await typed(home, page, filled(page, unit=None))
    page = await picked(home, entry, "t")
    assert "unit" not in shown(page)
    assert read(page, "value") == "1"


async def test_a_unit_can_be_changed_while_its_entity_is_away(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    home.hass.states.async_remove("sensor.t")
    page = await picked(home, entry, "t")
    assert read(page, "value") == "—"
    assert types(page) == ["int", "float", "double", "text"]
    await typed(home, page, filled(page, unit="kW"))
    assert shown(await picked(home, entry, "t"))["unit"] == "kW"


async def test_the_unit_of_a_thermostat_is_that_of_the_house(home: Home) -> None:
    home.hass.states.async_set("climate.bath", "heat", {"current_temperature": 20})
    entry = await home.add_entry(["climate.bath"])
    page = await picked(home, entry, "bath_current_temperature")
    assert read(page, "what") == "Current temperature (current_temperature)"
    await typed(home, page, filled(page, unit="°F", high=200))
    assert read(await picked(home, entry, "bath_current_temperature"), "value") == "68 °F"


async def test_an_attribute_that_is_not_there_now_can_be_changed(home: Home) -> None:
    home.hass.states.async_set("light.lamp", "on", {"brightness": 128})
    entry = await home.add_entry(["light.lamp"])
    home.hass.states.async_set("light.lamp", "off", {})
    page = await picked(home, entry, "lamp_brightness")
    assert (read(page, "value"), types(page)) == ("—", ["int", "float", "double", "text"])
    await typed(home, page, filled(page, high=100))
    assert shown(await picked(home, entry, "lamp_brightness"))["high"] == 100


async def test_any_number_can_be_a_text_and_a_number_again(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    page = await picked(home, entry, "t")
    await typed(home, page, filled(page, data_type="text"))
    home.hass.states.async_set("sensor.t", "2", WATT)
    await home.emulator.wait_for(lambda: home.stored("t")[-1:] == ["2"])
    page = await picked(home, entry, "t")
    assert shown(page) == {"identifier": "t", "name": "t", "data_type": "text", "length": 1024, "left_out": False}
    page = await typed(home, page, filled(page, length=10241))
    assert page["errors"] == {"length": "text_length"}
    await typed(home, page, filled(page, length=5))
    home.hass.states.async_set("sensor.t", "123456", WATT)
    page = await picked(home, entry, "t")
    assert read(page, "value") == "not sent, too long: 123456"
    await typed(home, page, filled(page, data_type="float"))
    page = await picked(home, entry, "t")
    assert (shown(page)["data_type"], shown(page)["unit"]) == ("float", "W")
    assert read(page, "value") == "123456 W"


async def test_an_enum_can_be_a_text_and_an_enum_again(home: Home) -> None:
    attributes = {"options": ["home", "away"]}
    home.hass.states.async_set("input_select.mode", "away", attributes)
    entry = await home.add_entry(["input_select.mode"])
    page = await picked(home, entry, "mode")
    assert types(page) == ["enum", "text"]
    assert read(page, "value") == "away (1)"
    await typed(home, page, filled(page, name="Mode_of_the_house"))
    page = await picked(home, entry, "mode")
    assert (read(page, "value"), shown(page)["name"]) == ("away (1)", "Mode_of_the_house")
    await typed(home, page, filled(page, data_type="text"))
    page = await picked(home, entry, "mode")
    assert (read(page, "value"), types(page)) == ("away", ["enum", "text"])
    home.hass.states.async_set("input_select.mode", "home", attributes)
    await home.emulator.wait_for(lambda: home.stored("mode")[-1:] == ["home"])
    await typed(home, page, filled(page, data_type="enum"))
    assert read(await picked(home, entry, "mode"), "value") == "home (0)"
    await home.emulator.wait_for(lambda: home.stored("mode")[-1:] == [0])


async def test_a_state_that_is_none_of_an_enum_is_said(home: Home) -> None:
    home.hass.states.async_set("cover.door", "open", {})
    entry = await home.add_entry(["cover.door"])
    home.hass.states.async_set("cover.door", "ajar", {})
    assert read(await picked(home, entry, "door"), "value") == "not sent, not in the enum: ajar"


async def test_a_moment_can_be_a_text_and_a_position_only_itself(home: Home) -> None:
    home.hass.states.async_set("event.bell", "2026-11-20T10:00:00+00:00")
    home.hass.states.async_set("person.somebody", "home", {"latitude": 999.0, "longitude": 120.25})
    entry = await home.add_entry(["event.bell", "person.somebody"])
    assert types(await picked(home, entry, "bell")) == ["text", "date"]
    page = await picked(home, entry, "somebody_location")
    assert types(page) == ["struct"]
    assert read(page, "value") == "not sent, out of range: 999.0, 120.25"


async def test_a_property_that_is_left_out_is_not_sent_and_can_come_back(home: Home) -> None:
    home.hass.states.async_set("light.lamp", "on", {"brightness": 128})
    entry = await home.add_entry(["light.lamp"])
    await home.emulator.wait_for(lambda: home.stored("lamp_brightness") == [128])
    page = await picked(home, entry, "lamp_brightness")
    await typed(home, page, filled(page, left_out=True))
    home.hass.states.async_set("light.lamp", "on", {"brightness": 64})
    assert table(await opened(home, entry, "preview")).keys() == {"lamp"}
    page = await opened(home, entry, "properties")
    assert labels(page, "property")["lamp_brightness"] == "lamp · lamp_brightness (not published)"
    page = await picked(home, entry, "lamp_brightness")
    await typed(home, page, filled(page, left_out=False))
    await home.emulator.wait_for(lambda: home.stored("lamp_brightness") == [128, 64])


async def test_attributes_keep_their_identifiers_when_the_state_gets_another(home: Home) -> None:
    home.hass.states.async_set("light.lamp", "on", {"brightness": 128})
    entry = await home.add_entry(["light.lamp"])
    page = await picked(home, entry, "lamp")
    await typed(home, page, filled(page, identifier="ceiling"))
    assert table(await opened(home, entry, "preview")).keys() == {"ceiling", "lamp_brightness"}


async def test_a_property_of_an_entry_that_is_not_loaded_can_be_changed(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    await home.hass.config_entries.async_unload(entry.entry_id)
    page = await picked(home, entry, "t")
    await typed(home, page, filled(page, identifier="power"))
    await home.hass.config_entries.async_setup(entry.entry_id)
    await home.emulator.wait_for(lambda: home.stored("power") == [1.0])


async def test_a_property_that_was_renamed_in_another_dialog_is_picked_again(home: Home) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry(["sensor.t"])
    page, other = await picked(home, entry, "t"), await picked(home, entry, "t")
    await typed(home, other, filled(other, identifier="power"))
    page = await typed(home, page, filled(page, name="late"))
    assert page["step_id"] == "properties"
    assert labels(page, "property").keys() == {"power"}


# Attributes


async def attributes_of(home: Home, entry: MockConfigEntry, entity_id: str) -> ConfigFlowResult:
    return await typed(home, await opened(home, entry, "attributes"), {"entity": entity_id})


async def test_attributes_are_chosen_by_their_names_and_values(home: Home, device: Device) -> None:
    home.hass.states.async_set(
        "light.lamp", "on", {"friendly_name": "Lamp", "brightness": 128, "effect": "x" * 50, "color_mode": None}
    )
    home.hass.states.async_set("sensor.other", "1", WATT)
    entry = await home.add_entry(["light.lamp"])
    await home.emulator.wait_for(lambda: home.stored("lamp_brightness") == [128])
    page = await opened(home, entry, "attributes")
    assert page["data_schema"] is not None
    assert page["data_schema"].schema["entity"].config["include_entities"] == ["light.lamp"]
    page = await typed(home, page, {"entity": "light.lamp"})
    assert (read(page, "name"), read(page, "entity_id")) == ("Lamp", "light.lamp")
    assert labels(page, "attributes") == {
        "attribute.brightness": "Brightness: 128",
        "attribute.effect": f"Effect: {'x' * 39}…",
    }
    assert shown(page) == {"attributes": ["attribute.brightness"]}
    menu = await typed(home, page, {"attributes": ["attribute.effect"]})
    assert menu["step_id"] == "init"
    await home.emulator.wait_for(lambda: home.stored("lamp_effect") == ["x" * 50])
    assert table(await opened(home, entry, "preview")).keys() == {"lamp", "lamp_effect"}
    page = await attributes_of(home, entry, "light.lamp")
    assert shown(page) == {"attributes": ["attribute.effect"]}
    await typed(home, page, {"attributes": ["attribute.brightness", "attribute.effect"]})
    home.hass.states.async_set("light.lamp", "on", {"brightness": 64})
    await home.emulator.wait_for(lambda: home.stored("lamp_brightness") == [128, 64])
    await typed(home, await attributes_of(home, entry, "light.lamp"), {})
    assert table(await opened(home, entry, "preview")).keys() == {"lamp"}
    assert device.connects == 1


async def test_attributes_that_are_never_recorded_are_marked(home: Home) -> None:
    info: StateInfo = {"unrecorded_attributes": frozenset({"brightness"})}
    attributes = {"friendly_name": "Lamp", "brightness": 128, "color_temp_kelvin": 3000}
    home.hass.states.async_set_internal("light.lamp", "on", attributes, False, None, info, time.time())
    entry = await home.add_entry(["light.lamp"])
    assert labels(await attributes_of(home, entry, "light.lamp"), "attributes") == {
        "attribute.brightness": "Brightness: 128 (never recorded)",
        "attribute.color_temp_kelvin": "Color temperature (Kelvin): 3000",
    }
    note = read(await picked(home, entry, "lamp_brightness"), "note")
    assert note.startswith("\n\nHome Assistant never records this attribute")
    assert read(await picked(home, entry, "lamp_color_temp_kelvin"), "note") == ""
    assert read(await picked(home, entry, "lamp"), "note") == ""


async def test_a_position_is_shown_as_one(home: Home) -> None:
    home.hass.states.async_set("person.somebody", "home", {"latitude": 30.5, "longitude": 120.25})
    entry = await home.add_entry(["person.somebody"])
    assert labels(await attributes_of(home, entry, "person.somebody"), "attributes") == {
        "location": "Location: 30.5, 120.25",
    }


async def test_a_colour_is_sent_when_it_is_chosen_also_after_a_restart(home: Home) -> None:
    home.hass.states.async_set("light.lamp", "on", {"hs_color": (30, 50.5)})
    entry = await home.add_entry(["light.lamp"])
    page = await attributes_of(home, entry, "light.lamp")
    assert labels(page, "attributes") == {"attribute.hs_color": "Color: 30, 50.5"}
    await typed(home, page, {"attributes": ["attribute.hs_color"]})
    first = {"hue": 30.0, "saturation": 50.5}
    await home.emulator.wait_for(lambda: home.stored("lamp_hs_color") == [first])
    rows = table(await opened(home, entry, "preview"))
    assert "Hue 30, Saturation 50.5" in str(rows["lamp_hs_color"])
    assert await home.hass.config_entries.async_reload(entry.entry_id)
    home.hass.states.async_set("light.lamp", "on", {"hs_color": (240, 100)})
    await home.emulator.wait_for(lambda: home.stored("lamp_hs_color")[-1] == {"hue": 240.0, "saturation": 100.0})


async def test_attributes_of_an_entity_that_is_away_can_be_left_out(home: Home) -> None:
    home.hass.states.async_set("light.lamp", "on", {"brightness": 128})
    entry = await home.add_entry(["light.lamp"])
    home.hass.states.async_remove("light.lamp")
    page = await attributes_of(home, entry, "light.lamp")
    assert labels(page, "attributes") == {"attribute.brightness": "Brightness"}
    await typed(home, page, {"attributes": []})
    assert table(await opened(home, entry, "preview")).keys() == {"lamp"}


@pytest.mark.parametrize("entity_id", ["sensor.t", "sensor.nobody"])
async def test_an_entity_with_nothing_but_a_state_is_told(home: Home, entity_id: str) -> None:
    home.hass.states.async_set("sensor.t", "1", WATT)
    entry = await home.add_entry([entity_id])
    page = await attributes_of(home, entry, entity_id)
    assert page["errors"] == {"entity": "no_attributes"}


async def test_attributes_that_find_no_room_are_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.hass.states.async_set("light.lamp", "on", {"brightness": 128, "effect": "none"})
    entry = await home.add_entry(["light.lamp"])
    page = await attributes_of(home, entry, "light.lamp")
    monkeypatch.setattr("custom_components.aliyun_iot.thing_model.allocator.MODULES_PER_IMPORT", 1)
    monkeypatch.setattr("custom_components.aliyun_iot.thing_model.allocator.FEATURES_PER_MODULE", 2)
    page = await typed(home, page, {"attributes": ["attribute.effect"]})
    assert page["errors"] == {"base": "model_full"}
    assert shown(page) == {"attributes": ["attribute.effect"]}


async def test_an_entity_that_is_known_as_another_by_now_is_picked_again(home: Home) -> None:
    home.hass.states.async_set("light.lamp", "on", {"brightness": 128})
    entry = await home.add_entry(["light.lamp"])
    page = await attributes_of(home, entry, "light.lamp")
    (await async_model(home.hass, entry.entry_id)).forget(["light.lamp"])
    page = await typed(home, page, {"attributes": []})
    assert page["step_id"] == "attributes"
