"""Catalogue: the products and devices of the start, from the command line and a file.

`--products FILE` names a JSON list of products; all but the first two keys may be absent:

    [{"product_key": "...", "product_secret": "...", "instance_id": "iot-...", "region": "eu-central-1",
      "dynamic_registration": true, "thing_model": "FILE beside this one", or the JSON itself,
      "devices": ["a name", {"device_name": "another", "device_secret": "..."}]}]

The first product is the default one.
"""

from argparse import ArgumentTypeError
from collections.abc import Mapping
from dataclasses import dataclass, field
import json
from pathlib import Path
from typing import Any

from .authority import REGIONS
from .device import Product

REQUIRED = {"product_key", "product_secret"}
KNOWN = REQUIRED | {"instance_id", "region", "dynamic_registration", "thing_model", "devices"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A device of the start; without a secret it gets a random one."""

    product_key: str
    device_name: str
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    products: list[Product]
    devices: list[Registered]

    def named(self, text: str) -> Registered:
        """Read `{ProductKey}/{DeviceName}`, or the name of a device of the default product; ValueError otherwise."""
        product_key, _, device_name = text.rpartition("/")
        product_key = product_key or self.products[0].product_key
        if not device_name or product_key not in {product.product_key for product in self.products}:
            raise ValueError(f"no device of a known product: {text}")
        return Registered(product_key=product_key, device_name=device_name)


def read(path: Path) -> Catalogue:
    """Read a file; ArgumentTypeError with the mistake in its text."""
    try:
        items = _list(json.loads(path.read_text("utf-8")))
        products = [_product(item, path.parent) for item in items]
        devices = [_device(item["product_key"], device) for item in items for device in item.get("devices", [])]
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise ArgumentTypeError(f"{path}: {error}") from error
    if len({product.product_key for product in products}) < len(products):
        raise ArgumentTypeError(f"{path}: a ProductKey is there twice")
    return Catalogue(products=products, devices=devices)


def _list(items: Any) -> list[Any]:
    if not isinstance(items, list) or not items:
        raise ValueError("not a list of products")
    return items


def _product(item: Mapping[str, Any], directory: Path) -> Product:
    if not item.keys() <= KNOWN or not item.keys() >= REQUIRED:
        raise ValueError(f"a product has {', '.join(sorted(item))}")
    if item.get("region") not in (None, *REGIONS):
        raise ValueError(f"unknown region {item['region']}")
    model = item.get("thing_model")
    return Product(
        product_key=item["product_key"],
        product_secret=item["product_secret"],
        instance_id=item.get("instance_id"),
        region=item.get("region"),
        dynamic_registration=item.get("dynamic_registration", True),
        thing_model=json.loads((directory / model).read_text("utf-8")) if isinstance(model, str) else model,
    )


def _device(product_key: str, device: Any) -> Registered:
    if isinstance(device, str):
        return Registered(product_key=product_key, device_name=device)
    return Registered(product_key=product_key, device_name=device["device_name"], secret=device.get("device_secret"))
