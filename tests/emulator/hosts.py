"""Hosts: tells by its name which products a host of the platform serves.

A host belongs to a region's old public instance, or to one other instance, and knows no product of another one. The
first label of a public host is not checked: it only routes. A name that is not the platform's (localhost, an address)
stands for any host.
"""

import re

from .device import Product

_REGION = re.compile(r"[^.]+\.iot-as-mqtt\.([^.]+)\.aliyuncs\.com")
_INSTANCE = re.compile(r"([^.]+)\.mqtt\.iothub\.aliyuncs\.com")
_HTTPS = re.compile(r"iot-auth(?:-x)?\.([^.]+)\.aliyuncs\.com")


def is_platform_name(host: str) -> bool:
    return host.endswith(".aliyuncs.com")


def serves(host: str, product: Product, region: str) -> bool:
    """Tell whether a host serves a product that is in this region."""
    if found := _REGION.fullmatch(host):
        return product.instance_id is None and found[1] == region
    if found := _INSTANCE.fullmatch(host):
        return found[1] == product.instance_id
    if found := _HTTPS.fullmatch(host):
        return found[1] == region
    return True
