"""Run the emulator: `python -m tests.emulator`.

It speaks MQTT over TLS; MQTT over TLS or TCP on one port (the platform's 1883); registration and authentication over
HTTPS, and MQTT as well, on another (443); and HTTP for the tester: a page at `console_url`, and the JSON API that
`console.py` lists. MQTT over WebSocket works wherever MQTT does. `faults.py` lists the faults on command, and
`catalogue.py` describes a file of products.

A port that is not given is a free one. The first line on stdout is one JSON object that names them:

    {"mqtts_port", "mqtt_port", "https_port", "console_port", "console_url", "ca_file", "region",
     "product": {"product_key", "product_secret", "instance_id"}, "devices": ["..."],
     "products": [{"product_key", "product_secret", "instance_id", "region", "devices": ["..."]}]}

`product` and `devices` are the default product's. Clients have to trust `ca_file`; its server certificate is good for
localhost, 127.0.0.1 and the platform's own host names. Without `--data` nothing is kept. SIGINT and SIGTERM end it.
"""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
import asyncio
import json
from pathlib import Path
import signal
import sys

from . import Emulator, Product, catalogue
from .authority import REGIONS
from .catalogue import Catalogue


def parse(arguments: list[str] | None = None) -> Namespace:
    """Read the command line; the result's `catalogue` holds all products and devices."""
    parser = ArgumentParser(prog="python -m tests.emulator", description=__doc__.partition("\n")[0])
    for name in ("mqtts", "mqtt", "https", "console"):
        parser.add_argument(f"--{name}-port", type=int, default=0, metavar="PORT", help="0, the default, is a free one")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--product-key")
    parser.add_argument("--product-secret")
    parser.add_argument("--instance-id", help="makes it a new public or Enterprise instance")
    parser.add_argument("--products", type=_products, metavar="FILE", help="a JSON list, instead of the one product")
    parser.add_argument("--region", default="cn-shanghai", choices=REGIONS)
    parser.add_argument(
        "--device", action="append", default=[], metavar="[PRODUCT_KEY/]NAME", help="registered beforehand; repeatable"
    )
    parser.add_argument(
        "--thing-model", type=Path, metavar="FILE", help="the JSON that the IoT Platform console exports"
    )
    parser.add_argument(
        "--assign", type=_place, metavar="HOST:PORT", help="where authentication over HTTPS sends devices"
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="keeps CA, devices, secrets and values across restarts"
    )
    options = parser.parse_args(arguments)
    of_one = (options.product_key, options.product_secret, options.instance_id, options.thing_model)
    if options.products and any(of_one):
        parser.error("--products is instead of the options for one product")
    known: Catalogue = options.products or Catalogue(products=[_product(options)], devices=[])
    try:
        named = [known.named(text) for text in options.device]
    except ValueError as error:
        parser.error(str(error))
    options.catalogue = Catalogue(products=known.products, devices=[*known.devices, *named])
    return options


def _products(text: str) -> Catalogue:
    return catalogue.read(Path(text))


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise ArgumentTypeError("not HOST:PORT")
    return host, int(port)


def _product(options: Namespace) -> Product:
    default = Product()
    return Product(
        product_key=options.product_key or default.product_key,
        product_secret=options.product_secret or default.product_secret,
        instance_id=options.instance_id,
        thing_model=json.loads(options.thing_model.read_text("utf-8")) if options.thing_model else None,
    )


async def run(options: Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    emulator = Emulator(
        products=options.catalogue.products,
        devices=[(one.product_key, one.device_name, one.secret) for one in options.catalogue.devices],
        region=options.region,
        assign=options.assign,
        data=options.data,
        host=options.host,
        ports=(options.mqtts_port, options.mqtt_port, options.https_port, options.console_port),
    )
    async with emulator:
        print(json.dumps(_hello(emulator, options.host)), flush=True)
        await stop.wait()


def _hello(emulator: Emulator, host: str) -> dict[str, object]:
    products = [
        {
            "product_key": product.product_key,
            "product_secret": product.product_secret,
            "instance_id": product.instance_id,
            "region": product.region or emulator.region,
            "devices": _names(emulator, product),
        }
        for product in emulator.products
    ]
    return {
        "mqtts_port": emulator.mqtts_port,
        "mqtt_port": emulator.mqtt_port,
        "https_port": emulator.https_port,
        "console_port": emulator.console_port,
        "console_url": f"http://{host}:{emulator.console_port}/",
        "ca_file": str(emulator.ca_file.absolute()),
        "region": emulator.region,
        "product": {name: products[0][name] for name in ("product_key", "product_secret", "instance_id")},
        "devices": products[0]["devices"],
        "products": products,
    }


def _names(emulator: Emulator, product: Product) -> list[str]:
    return [
        device.device_name
        for device in emulator.devices
        if device.product_key == product.product_key and not device.deleted
    ]


if __name__ == "__main__":
    sys.exit(asyncio.run(run(parse())))
