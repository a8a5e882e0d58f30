"""Words for facets and values, in the language of the home."""

from typing import Any

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util.unit_system import METRIC_SYSTEM
import pytest

from custom_components.aliyun_iot.alink.protocol.data_types import Bool, DataType, Enum, Struct
from custom_components.aliyun_iot.mapping.facets import AVAILABILITY, facets
from custom_components.aliyun_iot.mapping.words import async_load_words, facet_name, with_names

from . import check

DOMAINS = ("binary_sensor", "climate", "device_tracker", "fan", "input_select", "media_player", "sun", "weather")


@pytest.fixture
async def chinese(hass: HomeAssistant) -> HomeAssistant:
    """Return a Home Assistant that speaks Chinese."""
    hass.config.language = "zh-Hans"
    await async_load_words(hass, DOMAINS)
    return hass


@pytest.fixture
async def english(hass: HomeAssistant) -> HomeAssistant:
    """Return a Home Assistant that speaks English."""
    await async_load_words(hass, DOMAINS)
    return hass


def types(hass: HomeAssistant, entity_id: str, **attributes: Any) -> dict[str, DataType]:
    """Return an entity's types by key, with names."""
    state = State(entity_id, "on", attributes)
    found = {facet.key: with_names(hass, state, facet) for facet in facets(state, METRIC_SYSTEM)}
    for data_type in found.values():
        check(data_type)
    return found


def test_a_bool_has_the_words_of_its_device_class(chinese: HomeAssistant) -> None:
    assert types(chinese, "binary_sensor.it")["state"] == Bool(off="关闭", on="开启")
    assert types(chinese, "binary_sensor.it", device_class="door")["state"] == Bool(off="已关闭", on="已打开")
    assert types(chinese, "binary_sensor.it", device_class=["door"])["state"] == Bool(off="关闭", on="开启")


def test_an_enum_has_the_words_of_its_domain(chinese: HomeAssistant) -> None:
    modes = types(chinese, "climate.it")["state"]
    assert modes == Enum(names={0: "关闭", 1: "制热", 2: "制冷", 3: "制热/制冷", 4: "自动", 5: "除湿", 6: "仅送风"})


def test_an_attribute_has_the_words_of_its_own(chinese: HomeAssistant) -> None:
    found = types(chinese, "climate.it", fan_mode="low", fan_modes=["low", "Silent", "high"], hvac_action="idle")
    assert found["attribute.fan_mode"] == Enum(names={0: "低", 1: "Silent", 2: "高"})
    assert types(chinese, "fan.it", oscillating=True)["attribute.oscillating"] == Bool(off="否", on="是")
    assert types(chinese, "sun.it", rising=True)["attribute.rising"] == Bool(off="否", on="是")


def test_words_that_are_the_same_in_a_language_keep_their_own_beside_them(chinese: HomeAssistant) -> None:
    weather = types(chinese, "weather.it")["state"]
    assert isinstance(weather, Enum)
    assert (weather.names[0], weather.names[12]) == ("晴_clear-night", "晴_sunny")


def test_words_in_english(english: HomeAssistant) -> None:
    assert types(english, "binary_sensor.it", device_class="door")["state"] == Bool(off="Closed", on="Open")
    assert types(english, "sun.it")["state"] == Enum(names={0: "Above_horizon", 1: "Below_horizon"})


def test_what_a_user_wrote_stays_as_it_is(chinese: HomeAssistant) -> None:
    written = types(chinese, "input_select.it", options=["true", "available", "location", "Mum's", "🎉"])["state"]
    assert written == Enum(names={0: "true", 1: "available", 2: "location", 3: "Mums", 4: "4"})


def test_an_integrations_own_words_come_first(chinese: HomeAssistant) -> None:
    registry = er.async_get(chinese)
    entry = registry.async_get_or_create("climate", "climate", "1", translation_key="mine")
    cached = f"component.climate.entity.climate.{entry.translation_key}.state.heat"
    chinese.data["translation_flatten_cache"].cache_data.cache["zh-Hans"].setdefault("entity", {})["climate"] = {
        cached: "地暖"
    }
    modes = types(chinese, entry.entity_id)["state"]
    assert isinstance(modes, Enum)
    assert (modes.names[1], modes.names[2]) == ("地暖", "制冷")


def test_without_words_the_raw_ones_do(hass: HomeAssistant) -> None:
    hass.config.language = "tlh"
    assert types(hass, "binary_sensor.it", device_class="door")["state"] == Bool(off="off", on="on")
    assert with_names(hass, State("light.it", "on"), AVAILABILITY) == Bool(off="Unavailable", on="Available")
    assert facet_name(hass, "climate", "attribute.current_temperature") == "current temperature"


def test_a_place_is_named(chinese: HomeAssistant) -> None:
    location = types(chinese, "device_tracker.it", latitude=1.0, longitude=2.0)["location"]
    assert isinstance(location, Struct)
    assert [field.name for field in location.fields] == ["纬度", "经度"]


def test_a_colour_is_named(chinese: HomeAssistant) -> None:
    colour = types(chinese, "light.it", hs_color=(1, 2))["attribute.hs_color"]
    assert isinstance(colour, Struct)
    assert [field.name for field in colour.fields] == ["色相", "饱和度"]
    assert facet_name(chinese, "light", "attribute.hs_color") == "颜色"


def test_a_facet_is_called_what_home_assistant_shows(chinese: HomeAssistant) -> None:
    assert facet_name(chinese, "climate", "attribute.current_temperature") == "当前温度"
    assert facet_name(chinese, "climate", "attribute.my_own_thing") == "my own thing"
    assert facet_name(chinese, "climate", "attribute._") == "_"
    assert [facet_name(chinese, "climate", key) for key in ("state", "available", "location")] == [
        "状态",
        "可用性",
        "位置",
    ]
    assert with_names(chinese, State("light.it", "on"), AVAILABILITY) == Bool(off="不可用", on="可用")


def test_a_facet_is_called_in_english(english: HomeAssistant) -> None:
    assert facet_name(english, "climate", "attribute.current_temperature") == "Current temperature"
    assert facet_name(english, "climate", "available") == "Availability"
