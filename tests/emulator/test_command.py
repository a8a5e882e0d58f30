import asyncio
import json
from pathlib import Path
import sys
from typing import Any

from aiohttp import ClientSession
import pytest

from .__main__ import parse
from .catalogue import Registered
from .client import DN, IID, PK, PS
from .test_lifetime import ROOT
from .test_posts import MODEL

MATRIX: list[dict[str, Any]] = [
    {"product_key": PK, "product_secret": PS, "devices": ["old", {"device_name": "given", "device_secret": "secret"}]},
    {"product_key": "k0New", "product_secret": "s2", "instance_id": IID, "thing_model": "model.json"},
    {"product_key": "k1Far", "product_secret": "s3", "region": "us-west-1", "dynamic_registration": False},
]


@pytest.fixture
def products(tmp_path: Path) -> Path:
    (tmp_path / "model.json").write_text(json.dumps(MODEL), "utf-8")
    file = tmp_path / "products.json"
    file.write_text(json.dumps(MATRIX), "utf-8")
    return file


def test_products_and_devices_come_from_a_file(products: Path) -> None:
    catalogue = parse(["--products", str(products), "--device", "k1Far/far", "--device", DN]).catalogue
    assert [(one.product_key, one.instance_id, one.region) for one in catalogue.products] == [
        (PK, None, None),
        ("k0New", IID, None),
        ("k1Far", None, "us-west-1"),
    ]
    assert [one.dynamic_registration for one in catalogue.products] == [True, True, False]
    assert [one.thing_model for one in catalogue.products] == [None, MODEL, None]
    assert catalogue.devices == [
        Registered(product_key=PK, device_name="old"),
        Registered(product_key=PK, device_name="given", secret="secret"),
        Registered(product_key="k1Far", device_name="far"),
        Registered(product_key=PK, device_name=DN),
    ]


def test_one_product_comes_from_the_command_line() -> None:
    options = parse(["--product-key", "mine", "--device", "mine/a", "--device", "b", "--assign", "host:1883"])
    assert [one.product_key for one in options.catalogue.products] == ["mine"]
    assert [(one.product_key, one.device_name) for one in options.catalogue.devices] == [("mine", "a"), ("mine", "b")]
    assert options.assign == ("host", 1883)


@pytest.mark.parametrize(
    "content",
    [
        "no JSON",
        "{}",
        "[]",
        "[1]",
        '[{"product_key": "a"}]',
        '[{"product_key": "a", "product_secret": "b", "colour": 1}]',
        '[{"product_key": "a", "product_secret": "b", "region": "moon"}]',
        '[{"product_key": "a", "product_secret": "b", "devices": [{}]}]',
        '[{"product_key": "a", "product_secret": "b", "devices": [1]}]',
        '[{"product_key": "a", "product_secret": "b", "thing_model": "nowhere.json"}]',
        '[{"product_key": "a", "product_secret": "b"}, {"product_key": "a", "product_secret": "c"}]',
    ],
)
def test_a_file_that_makes_no_sense_is_an_error_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    file = tmp_path / "products.json"
    file.write_text(content, "utf-8")
    with pytest.raises(SystemExit):
        parse(["--products", str(file)])
    assert "argument --products: " in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--device", "unknown/name"],
        ["--device", ""],
        ["--assign", "nowhere"],
        ["--assign", "host:port"],
        ["--region", "moon"],
        ["--products", "FILE", "--product-key", "x"],
    ],
)
def test_wrong_options_are_complained_about(
    products: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit):
        parse([argument.replace("FILE", str(products)) for argument in arguments])
    assert "error: " in capsys.readouterr().err


async def test_the_first_line_lists_all_products_and_devices(products: Path) -> None:
    options = ["--products", str(products), "--device", "k1Far/far", "--region", "eu-central-1"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.emulator", *options, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    hello = json.loads(await process.stdout.readline())
    assert [
        (one["product_key"], one["product_secret"], one["instance_id"], one["region"], one["devices"])
        for one in hello["products"]
    ] == [
        (PK, PS, None, "eu-central-1", ["old", "given"]),
        ("k0New", "s2", IID, "eu-central-1", []),
        ("k1Far", "s3", None, "us-west-1", ["far"]),
    ]
    assert hello["product"] == {"product_key": PK, "product_secret": PS, "instance_id": None}
    assert hello["devices"] == ["old", "given"]
    async with ClientSession(hello["console_url"]) as console, console.get("api/devices") as response:
        assert [one["device_name"] for one in (await response.json())["devices"]] == ["old", "given", "far"]
    process.terminate()
    assert await process.wait() == 0
