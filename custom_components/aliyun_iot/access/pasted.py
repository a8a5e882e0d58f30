"""Pasted: reads a device out of the texts that the console copies, and of the notes that people make of them.

The console copies the device certificate and the MQTT parameters as JSON. People keep them as JSON, as lines, as a
Python dict or in a sketch in C; chat programs change the punctuation, and a field of a form drops the newlines. All of
these are a name, some punctuation and a value. So each known name is looked for in a plain line, with the value behind
it. The rest of the text is passed over, and half a text still gives what it has.

`passwd` is a signature, which is good for nothing here: it is not looked for.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
import re
from typing import Final

from ..alink import MQTT_PORTS, Region, mqtt_host
from ..const import (
    CONF_CLIENT_ID,
    CONF_DEVICE_NAME,
    CONF_DEVICE_SECRET,
    CONF_HOST,
    CONF_INSTANCE_ID,
    CONF_PORT,
    CONF_PRODUCT_KEY,
    CONF_PRODUCT_SECRET,
    CONF_REGION,
)
from .plain_line import plain_line

# Characters. What the console copies has about 600, and a sketch of the usual size fits as well. Reading blocks the
# event loop: for 10 to 30 ms with the worst texts of this length, and for less than one with those of the console.
LENGTH_MAX: Final = 16_384

type Found = defaultdict[str, dict[str, None]]  # the different values of each field

_USERNAME: Final = "username"
_FIELDS: Final = {
    "productkey": CONF_PRODUCT_KEY,
    "productsecret": CONF_PRODUCT_SECRET,
    "devicename": CONF_DEVICE_NAME,
    "设备名称": CONF_DEVICE_NAME,
    "devicesecret": CONF_DEVICE_SECRET,
    "设备密钥": CONF_DEVICE_SECRET,
    "clientid": CONF_CLIENT_ID,
    "username": _USERNAME,
    "mqtthosturl": CONF_HOST,
    "mqtthost": CONF_HOST,
    "instanceid": CONF_INSTANCE_ID,
    "实例id": CONF_INSTANCE_ID,
    "regionid": CONF_REGION,
    "region": CONF_REGION,
    "port": CONF_PORT,
}
# As the console writes them, in every language
_WRITTEN: Final = {
    CONF_PRODUCT_KEY: "ProductKey",
    CONF_DEVICE_NAME: "DeviceName",
    CONF_DEVICE_SECRET: "DeviceSecret",
    CONF_PRODUCT_SECRET: "ProductSecret",
    CONF_HOST: "mqttHostUrl",
    CONF_PORT: "port",
    CONF_INSTANCE_ID: "iotInstanceId",
    CONF_REGION: "regionId",
}
_IDENTITY: Final = (CONF_PRODUCT_KEY, CONF_DEVICE_NAME)
_SECRETS: Final = (CONF_DEVICE_SECRET, CONF_PRODUCT_SECRET)

# A word of a sentence, a placeholder or a masked secret is no value. The platform has made every ProductKey of 11
# characters; its secrets have 16 and 32.
_PRODUCT_KEY: Final = f"(?P<{CONF_PRODUCT_KEY}>[A-Za-z0-9]{{11}})"
_DEVICE_NAME: Final = f"(?P<{CONF_DEVICE_NAME}>[A-Za-z0-9_@.:-]{{4,32}})"
_INSTANCE_ID: Final = f"(?P<{CONF_INSTANCE_ID}>iot-[A-Za-z0-9-]{{1,22}})"
_REGION: Final = f"(?P<{CONF_REGION}>{'|'.join(Region)})"
_HOST: Final = rf"(?P<{CONF_HOST}>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
_PORT: Final = f"(?P<{CONF_PORT}>[1-9][0-9]{{0,4}})"
# In a text that was cut and glued, a secret may stand behind the name of something that is shown. A DeviceSecret is
# long, a ProductSecret has 16 characters of all kinds; a DeviceName that the console makes has 20. In a user name it
# has the ProductKey beside it, as no secret has.
_NOT_LONG: Final = "(?!.*[A-Za-z0-9]{24})"
_NOT_MIXED: Final = (
    "(?!.*(?<![A-Za-z0-9])(?=[A-Za-z]*[0-9])(?=[a-z0-9]*[A-Z])(?=[A-Z0-9]*[a-z])[A-Za-z0-9]{16}(?![A-Za-z0-9]))"
)
_VALUES: Final = {
    CONF_PRODUCT_KEY: re.compile(_PRODUCT_KEY),
    CONF_DEVICE_NAME: re.compile(_NOT_LONG + _NOT_MIXED + _DEVICE_NAME),
    CONF_DEVICE_SECRET: re.compile(f"(?P<{CONF_DEVICE_SECRET}>[!-)+-~]{{8,64}})"),
    CONF_PRODUCT_SECRET: re.compile(f"(?P<{CONF_PRODUCT_SECRET}>[!-)+-~]{{8,64}})"),
    CONF_CLIENT_ID: re.compile(rf"{_PRODUCT_KEY}[.&]{_DEVICE_NAME}\|.*"),
    _USERNAME: re.compile(f"{_DEVICE_NAME}&{_PRODUCT_KEY}"),
    CONF_HOST: re.compile(rf"{_NOT_LONG}(?:\w+://)?{_HOST}(?::{_PORT})?(?:/.*)?"),
    CONF_INSTANCE_ID: re.compile(_INSTANCE_ID),
    CONF_REGION: re.compile(_REGION),
    CONF_PORT: re.compile(_PORT),
}

# Names may have a prefix, such as MQTT_ or YOUR_. Not so `port` and `region`, which are parts of other words.
_NAME: Final = (
    "(?:(?:product[ _.-]?(?:key|secret)|device[ _.-]?(?:name|secret)|client[ _.-]?id|user[ _.-]?name"
    "|mqtt[ _.-]?host(?:[ _.-]?url)?|instance[ _.-]?id|设备名称|设备密钥|实例 ?id)"
    "|(?<![A-Za-z0-9_])(?:port|region(?:[ _.-]?id)?))(?![A-Za-z0-9_])"
)
# A name may end in a quotation mark, a bracket or the length of an array. Blanks alone do before a quotation mark.
_ASSIGNED: Final = r"""["'*)\]]{0,3} ?(?:\[[^\]]{0,40}\] ?)?(?:[:=]{1,2}>?\s?|\( ?(?=["'])|(?<=\s)(?=["'])|\t)"""
# A name that follows is no value.
_VALUE: Final = (
    rf"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>(?!{_NAME}["']? ?[:=])[^\s"',;{{}}()\[\]<>]+))?"""
)
_PAIR: Final = re.compile(
    rf"(?P<define>\bdefine [A-Za-z0-9_]{{0,30}}?)?(?P<name>{_NAME})(?:(?(define)\s\(?|{_ASSIGNED})){_VALUE}",
    re.IGNORECASE,
)
_OWN_HOST: Final = re.compile(
    rf"(?<![A-Za-z0-9.-])(?P<{CONF_HOST}>(?:{_INSTANCE_ID}\.mqtt\.iothub"
    rf"|(?P<label>public|[A-Za-z0-9]{{11}})\.iot-as-mqtt\.{_REGION})\.aliyuncs\.com)",
    re.IGNORECASE,
)
# Without quotation marks, a constant or a variable of a sketch; with them, the place for a value in an example
_REFERENCE: Final = re.compile(rf"\w*{_NAME}|null|none", re.IGNORECASE)
_EXAMPLE: Final = re.compile(rf"your_?{_NAME}", re.IGNORECASE)
_SIGNS: Final = re.compile(r"""[{}"'=|&:#\t]""")  # that no ProductKey has
_CERTIFICATE: Final = re.compile(r"""[{}"'=|&]|(?:device|product)[ _.-]?secret""", re.IGNORECASE)
_PRODUCT_KEY_MAX: Final = 20
_WORD_MAX: Final = 253  # of the longest that the other fields take: a host
_OBJECT: Final = re.compile(r"""\{ ?["']""")
_PORT_MAX: Final = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """The device that a text describes, as far as it does."""

    device: Mapping[str, str]  # by field
    secrets: Mapping[str, str] = field(repr=False)
    names_host: bool
    network: Mapping[str, str | int]  # host and port, where they are not the usual ones of the device
    missing: tuple[str, ...]  # what it lacks, as the console writes it
    doubled: tuple[str, ...]  # what it has with several values


def is_pasted(text: str) -> bool:
    """Tell whether a text is more than a ProductKey, however mistyped."""
    return len(text) > LENGTH_MAX or _SIGNS.search(plain_line(text)) is not None


def may_hold_secret(key: str, text: str) -> bool:
    """Tell whether a text that was typed into a field may be a certificate, a part of one, or a bare secret."""
    too_long = _PRODUCT_KEY_MAX if key == CONF_PRODUCT_KEY else _WORD_MAX
    return len(text) > too_long or _CERTIFICATE.search(plain_line(text)) is not None


def read_secrets(key: str, text: str) -> dict[str, str]:
    """Read what was typed into the field of a secret: a certificate, whose own secrets count, or the secret itself."""
    secrets = read_pasted(text).secrets if len(text) <= LENGTH_MAX else {}
    return dict(secrets) or {key: text.strip()}


def read_pasted(text: str) -> Pasted:
    """Read a text of at most LENGTH_MAX characters, whatever it is."""
    line = plain_line(text)
    found, named = _found(line)
    _add_hosts(line, found)
    known = {key: next(iter(values)) for key, values in found.items() if len(values) == 1}
    missing = [key for key in _WRITTEN if not found[key] and (key in _IDENTITY or (key in _SECRETS and key in named))]
    is_cut_off = _OBJECT.search(line) is not None and line.count("{") > line.count("}")
    return Pasted(
        device={key: known[key] for key in (*_IDENTITY, CONF_REGION, CONF_INSTANCE_ID) if key in known},
        secrets={key: known[key] for key in _SECRETS if key in known},
        names_host=CONF_HOST in known,
        network=_network(known),
        missing=tuple(_WRITTEN[key] for key in missing) or (("}",) if is_cut_off else ()),
        doubled=tuple(written for key, written in _WRITTEN.items() if len(found[key]) > 1),
    )


def _found(line: str) -> tuple[Found, set[str]]:
    """Return the values of each field, and the fields that are named at all."""
    found: Found = defaultdict(dict)
    hinted: Found = defaultdict(dict)
    named: set[str] = set()
    for pair in _PAIR.finditer(line):
        key = _FIELDS[re.sub("[ _.-]", "", pair["name"]).lower()]
        named.add(key)
        value = (pair["double"] or pair["single"] or pair["bare"] or "").strip()
        fitting = _VALUES[key].fullmatch(value)
        if fitting is None or (_REFERENCE if pair["bare"] else _EXAMPLE).fullmatch(value):
            continue
        for part, text in fitting.groupdict().items():
            if text is not None:
                (hinted if key == CONF_CLIENT_ID else found)[part][_spelled(part, text)] = None
    for part in _IDENTITY:
        # A client id can be anything. That of the console has both, in this order.
        if not found[part]:
            found[part] = hinted[part]
    return found, named


def _spelled(part: str, text: str) -> str:
    return text.lower() if part in (CONF_HOST, CONF_INSTANCE_ID, CONF_REGION) else text


def _add_hosts(line: str, found: Found) -> None:
    """Add the platform's own hosts, which need no name, and what they tell."""
    for host in _OWN_HOST.finditer(line):
        for part in (CONF_HOST, CONF_INSTANCE_ID, CONF_REGION):
            if host[part] is not None:
                found[part][_spelled(part, host[part])] = None
        label = host["label"]
        # A host has no case, and one of a region takes the devices of every product.
        if label is not None and label.lower() not in ("public", *map(str.lower, found[CONF_PRODUCT_KEY])):
            found[CONF_PRODUCT_KEY][label] = None


def _network(known: Mapping[str, str]) -> dict[str, str | int]:
    """Keep a host that the other fields do not lead to, and a port that is not one of the platform's.

    The console prints the port of plain text, 1883. The usual port of each way to connect is the better one.
    """
    network: dict[str, str | int] = {}
    usual = None
    if CONF_INSTANCE_ID in known:
        usual = mqtt_host("", Region.CN_SHANGHAI, known[CONF_INSTANCE_ID])
    elif CONF_REGION in known and CONF_PRODUCT_KEY in known:
        usual = mqtt_host(known[CONF_PRODUCT_KEY], Region(known[CONF_REGION])).lower()
    host, port = known.get(CONF_HOST), int(known.get(CONF_PORT, 0))
    if host is not None and host != usual:
        network[CONF_HOST] = host
    if 0 < port <= _PORT_MAX and (CONF_HOST in network or port not in MQTT_PORTS.values()):
        network[CONF_PORT] = port
    return network
