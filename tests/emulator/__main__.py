"""Run the emulator: `python -m tests.emulator`.

It speaks MQTT over TLS, MQTT over TLS or TCP on one port (the platform's 1883), registration over HTTPS, and HTTP for
the tester: a page at `console_url`, and the JSON API that `console.py` lists. What can be broken on command is in
`faults.py`.

Ports that are not given are free ones. The first line on stdout is one JSON object that names them:

    {"mqtts_port", "mqtt_port", "https_port", "console_port", "console_url", "ca_file", "region",
     "product": {"product_key", "product_secret", "instance_id"}, "devices": ["..."]}

Clients have to trust `ca_file`; its server certificate is good for localhost, 127.0.0.1 and the platform's own host
names. Without `--data` all is forgotten at the end. SIGINT and SIGTERM end it.
"""

from argparse import ArgumentParser, Namespace
import asyncio
import json
from pathlib import Path
import signal
import sys

from . import Emulator, Product
from .authority import REGIONS


def parse(arguments: list[str] | None = None) -> Namespace:
    default = Product()
    parser = ArgumentParser(prog="python -m tests.emulator", description=__doc__.partition("\n")[0])
    for name in ("mqtts", "mqtt", "https", "console"):
        parser.add_argument(f"--{name}-port", type=int, default=0, metavar="PORT", help="0, the default, is a free one")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--product-key", default=default.product_key)
    parser.add_argument("--product-secret", default=default.product_secret)
    parser.add_argument("--instance-id", help="makes it a new public or Enterprise instance")
    parser.add_argument("--region", default="cn-shanghai", choices=REGIONS)
    parser.add_argument(
        "--device", action="append", default=[], metavar="NAME", help="registered beforehand; repeatable"
    )
    parser.add_argument(
        "--thing-model", type=Path, metavar="FILE", help="the JSON that the IoT Platform console exports"
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="keeps CA, devices, secrets and values across restarts"
    )
    return parser.parse_args(arguments)


async def run(options: Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    product = Product(
        product_key=options.product_key,
        product_secret=options.product_secret,
        instance_id=options.instance_id,
        thing_model=json.loads(options.thing_model.read_text("utf-8")) if options.thing_model else None,
    )
    emulator = Emulator(
        products=[product],
        devices=[(product.product_key, name) for name in options.device],
        region=options.region,
        data=options.data,
        host=options.host,
        ports=(options.mqtts_port, options.mqtt_port, options.https_port, options.console_port),
    )
    async with emulator:
        print(json.dumps(_hello(emulator, options.host)), flush=True)
        await stop.wait()


def _hello(emulator: Emulator, host: str) -> dict[str, object]:
    product = emulator.products[0]
    return {
        "mqtts_port": emulator.mqtts_port,
        "mqtt_port": emulator.mqtt_port,
        "https_port": emulator.https_port,
        "console_port": emulator.console_port,
        "console_url": f"http://{host}:{emulator.console_port}/",
        "ca_file": str(emulator.ca_file.absolute()),
        "region": emulator.region,
        "product": {
            "product_key": product.product_key,
            "product_secret": product.product_secret,
            "instance_id": product.instance_id,
        },
        "devices": [device.device_name for device in emulator.devices if not device.deleted],
    }


if __name__ == "__main__":
    sys.exit(asyncio.run(run(parse())))
