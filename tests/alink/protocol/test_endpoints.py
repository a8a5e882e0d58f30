"""Hosts and ports."""

import pytest

from custom_components.aliyun_iot.alink.protocol.endpoints import (
    Endpoint,
    Region,
    console_url,
    https_endpoint,
    mqtt_host,
    parse_endpoint,
)
from custom_components.aliyun_iot.alink.protocol.errors import InvalidInputError


@pytest.mark.parametrize("region", list(Region))
def test_an_old_public_instance_has_a_host_per_product_and_region(region: Region) -> None:
    assert mqtt_host("a1B2c3D4e5F", region) == f"a1B2c3D4e5F.iot-as-mqtt.{region}.aliyuncs.com"
    assert https_endpoint(region) == Endpoint(host=f"iot-auth.{region}.aliyuncs.com", port=443)


def test_an_instance_with_an_id_has_one_host_everywhere() -> None:
    assert mqtt_host("a1B2c3D4e5F", Region.CN_SHANGHAI, "iot-0a1b2c3d") == "iot-0a1b2c3d.mqtt.iothub.aliyuncs.com"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("iot.example.com", Endpoint(host="iot.example.com", port=443)),
        (" iot.example.com:8443 ", Endpoint(host="iot.example.com", port=8443)),
        ("127.0.0.1:1", Endpoint(host="127.0.0.1", port=1)),
    ],
)
def test_a_host_with_or_without_a_port_is_read(text: str, expected: Endpoint) -> None:
    assert parse_endpoint(text, default_port=443) == expected


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "host"),
        ("https://iot.example.com", "port"),
        ("iot example", "host"),
        ("host/path", "host"),
        ("host:", "port"),
        ("host:0", "port"),
        ("host:65536", "port"),
        ("host:٣", "port"),
        ("-host", "host"),
    ],
)
def test_what_cannot_be_an_endpoint_is_refused_by_field(text: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_endpoint(text, default_port=443)
    assert caught.value.field == field


def test_what_cannot_be_an_instance_is_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        mqtt_host("a1B2c3D4e5F", Region.CN_SHANGHAI, "iot 1/2")
    assert caught.value.field == "instance_id"


def test_the_ports_go_up_to_the_last_there_is() -> None:
    assert parse_endpoint("h:65535", default_port=443) == Endpoint(host="h", port=65535)
    with pytest.raises(InvalidInputError) as caught:
        parse_endpoint("h:000001", default_port=443)
    assert caught.value.field == "port"


def test_the_console_shows_the_products_of_a_region_and_of_an_instance_that_has_an_id() -> None:
    page = "https://iot.console.aliyun.com/product/region/cn-shanghai"
    assert console_url(Region.CN_SHANGHAI) == page
    assert console_url(Region.CN_SHANGHAI, "iot-0a1b2c3d") == f"{page}?instanceId=iot-0a1b2c3d"
