"""Pasted texts: what each form of them says, and what is said of half a text."""

# ruff: noqa: RUF001 - chat programs and input methods put such punctuation in place of the console's

import json
from typing import Any

import pytest

from custom_components.aliyun_iot.access.pasted import LENGTH_MAX, is_pasted, may_hold_secret, read_pasted

PRODUCT_KEY = "a1B2c3D4e5F"
DEVICE_NAME = "ha-gateway-01"
DEVICE_SECRET = "0123456789abcdef0123456789abcdef"
PRODUCT_SECRET = "Px7QkLm2Nv9RtYw3"
PASSWD = "e751a322e88299180ae78b9bc750b9c35b3a36b9545c314d4ef32b7751998191"
CLIENT_ID = f"{PRODUCT_KEY}.{DEVICE_NAME}|securemode=2,signmethod=hmacsha256,timestamp=1700000000000|"
USERNAME = f"{DEVICE_NAME}&{PRODUCT_KEY}"
INSTANCE_HOST = "iot-06z00abcdefgh.mqtt.iothub.aliyuncs.com"
REGION_HOST = f"{PRODUCT_KEY}.iot-as-mqtt.ap-southeast-1.aliyuncs.com"

CERTIFICATE = json.dumps({"ProductKey": PRODUCT_KEY, "DeviceName": DEVICE_NAME, "DeviceSecret": DEVICE_SECRET})


def parameters(host: str = INSTANCE_HOST, port: Any = 1883) -> str:
    """Return the MQTT parameters as the console copies them."""
    return json.dumps(
        {"clientId": CLIENT_ID, "username": USERNAME, "mqttHostUrl": host, "passwd": PASSWD, "port": port}
    )


IDENTITY = {"product_key": PRODUCT_KEY, "device_name": DEVICE_NAME}
INSTANCE = {**IDENTITY, "instance_id": "iot-06z00abcdefgh"}
REGION = {**IDENTITY, "region": "ap-southeast-1"}
SECRET = {"device_secret": DEVICE_SECRET}

type Case = tuple[str, dict[str, str], dict[str, str]]

FORMS: dict[str, Case] = {
    "certificate": (CERTIFICATE, IDENTITY, SECRET),
    "certificate on several lines": (json.dumps(json.loads(CERTIFICATE), indent=2), IDENTITY, SECRET),
    "certificate without blanks": (CERTIFICATE.replace(" ", ""), IDENTITY, SECRET),
    "certificate behind a ProductKey that was in the field": (PRODUCT_KEY + CERTIFICATE, IDENTITY, SECRET),
    "parameters of an instance": (parameters(), INSTANCE, {}),
    "parameters of a region": (parameters(REGION_HOST), REGION, {}),
    "parameters with the port as text": (parameters(port="1883"), INSTANCE, {}),
    "both, one after the other": (f"{CERTIFICATE}\n{parameters()}", INSTANCE, SECRET),
    "both, the other way round, on one line": (f"{parameters()} {CERTIFICATE}", INSTANCE, SECRET),
    "both with a comma": (f"{CERTIFICATE},{parameters(REGION_HOST)}", REGION, SECRET),
    "both in an array": (f"[{CERTIFICATE}, {parameters()}]", INSTANCE, SECRET),
    "both with headings": (f"设备证书：{CERTIFICATE} MQTT 连接参数：{parameters()}", INSTANCE, SECRET),
    "lines with a colon": (
        f"ProductKey: {PRODUCT_KEY}\nDeviceName: {DEVICE_NAME}\nDeviceSecret: {DEVICE_SECRET}\n",
        IDENTITY,
        SECRET,
    ),
    "lines with a colon on one line": (
        f"ProductKey: {PRODUCT_KEY} DeviceName: {DEVICE_NAME} DeviceSecret: {DEVICE_SECRET}",
        IDENTITY,
        SECRET,
    ),
    "lines with a colon, their ends lost": (
        f"ProductKey: {PRODUCT_KEY}DeviceName: {DEVICE_NAME}DeviceSecret: {DEVICE_SECRET}",
        IDENTITY,
        SECRET,
    ),
    "lines with an equals sign": (
        f"productKey={PRODUCT_KEY}\r\ndeviceName={DEVICE_NAME}\r\ndeviceSecret={DEVICE_SECRET}",
        IDENTITY,
        SECRET,
    ),
    "parameters as lines": (
        f"clientId: {CLIENT_ID}\nusername: {USERNAME}\npasswd: {PASSWD}\nmqttHostUrl: {INSTANCE_HOST}\nport: 1883",
        INSTANCE,
        {},
    ),
    "parameters as lines, their ends lost": (
        f"clientId: {CLIENT_ID}username: {USERNAME}mqttHostUrl: {INSTANCE_HOST}passwd: {PASSWD}port: 1883",
        INSTANCE,
        {},
    ),
    "a table": (f"ProductKey\t{PRODUCT_KEY}\nDeviceName\t{DEVICE_NAME}", IDENTITY, {}),
    "full-width punctuation": (
        f"｛“ProductKey”：“{PRODUCT_KEY}”，“DeviceName”：“{DEVICE_NAME}”，“DeviceSecret”：“{DEVICE_SECRET}”｝",
        IDENTITY,
        SECRET,
    ),
    "typographic quotation marks": (
        f"{{“ProductKey”: “{PRODUCT_KEY}”, ‘DeviceName’: ‘{DEVICE_NAME}’, „DeviceSecret“: „{DEVICE_SECRET}“}}",
        IDENTITY,
        SECRET,
    ),
    "full-width letters and blanks": (
        f"ＰｒｏｄｕｃｔＫｅｙ：{PRODUCT_KEY}\u3000ＤｅｖｉｃｅＮａｍｅ＝{DEVICE_NAME}\u3000设备密钥：{DEVICE_SECRET}。",
        IDENTITY,
        SECRET,
    ),
    "names in Chinese": (
        f"ProductKey：{PRODUCT_KEY}、设备名称：{DEVICE_NAME}、设备密钥：{DEVICE_SECRET}、实例 ID：iot-06z00abcdefgh",
        INSTANCE,
        SECRET,
    ),
    "names in both languages": (
        f"ProductKey：{PRODUCT_KEY}\nDeviceName（设备名称）：{DEVICE_NAME}\nDeviceSecret（设备密钥）：{DEVICE_SECRET}",
        IDENTITY,
        SECRET,
    ),
    "defines": (
        f"""
#define PRODUCT_KEY    "{PRODUCT_KEY}"   /* ProductKey->阿里云颁发的产品唯一标识 */
#define DEVICE_NAME    "{DEVICE_NAME}"
#define DEVICE_SECRET  "{DEVICE_SECRET}"
#define HOST_NAME      "{INSTANCE_HOST}"
#define HOST_PORT      1883
#define CLIENT_ID      PRODUCT_KEY"."DEVICE_NAME""CLIENT_ID_CONNECT_PARAM
#define USER_NAME      DEVICE_NAME"&"PRODUCT_KEY
#define DEVICE_PUBLISH "/"PRODUCT_KEY"/"DEVICE_NAME"/user/update"
""",
        INSTANCE,
        SECRET,
    ),
    "defines without quotation marks": (
        f"#define YOUR_PRODUCT_KEY {PRODUCT_KEY} #define YOUR_DEVICE_NAME {DEVICE_NAME}",
        IDENTITY,
        {},
    ),
    "defines for a modem": (
        f"""
#define MQTT_clientId "{CLIENT_ID.replace(",", r"\\,")}"
#define MQTT_username "{USERNAME}"
#define MQTT_passwd "{PASSWD}"
#define MQTT_mqttHostUrl "{REGION_HOST}"
""",
        REGION,
        {},
    ),
    "a sketch in C": (
        f"""
char *product_key       = "{PRODUCT_KEY}";
char device_name[IOTX_DEVICE_NAME_LEN + 1] = "{DEVICE_NAME}";
const char* DEVICE_SECRET = "{DEVICE_SECRET}"; char *mqtt_host = "{INSTANCE_HOST}";
""",
        INSTANCE,
        SECRET,
    ),
    "calls": (f'HAL_SetProductKey("{PRODUCT_KEY}"); HAL_SetDeviceName( "{DEVICE_NAME}");', IDENTITY, {}),
    "a sketch in Python": (
        f"LinkKit(product_key='{PRODUCT_KEY}', device_name='{DEVICE_NAME}', device_secret='{DEVICE_SECRET}')",
        IDENTITY,
        SECRET,
    ),
    "a dict in Python": (str(json.loads(CERTIFICATE)), IDENTITY, SECRET),
    "environment variables": (
        f'export ALIYUN_PRODUCT_KEY={PRODUCT_KEY}; os.environ["DEVICE_NAME"] = "{DEVICE_NAME}"',
        IDENTITY,
        {},
    ),
    "YAML with a region": (
        f"iot:\n  product-key: {PRODUCT_KEY}\n  device-name: {DEVICE_NAME}\n  region-id: ap-southeast-1\n",
        REGION,
        {},
    ),
    "JSON in a text": (json.dumps(CERTIFICATE), IDENTITY, SECRET),
    "JSON with newlines in a text": (json.dumps(json.dumps(json.loads(CERTIFICATE), indent=2)), IDENTITY, SECRET),
    "an ampersand that was escaped": (f'{{"username":"{DEVICE_NAME}\\u0026{PRODUCT_KEY}"}}', IDENTITY, {}),
    "Markdown": (f"- **ProductKey**: `{PRODUCT_KEY}`\n- **DeviceName**: `{DEVICE_NAME}`", IDENTITY, {}),
    "signs that are not seen": ("\ufeff" + "\u200b".join([CERTIFICATE[:20], CERTIFICATE[20:]]), IDENTITY, SECRET),
    "only a client id": (f"clientId={CLIENT_ID}", IDENTITY, {}),
    "a client id of an SDK and the certificate": (
        f"{CERTIFICATE} clientId: {DEVICE_NAME}.{PRODUCT_KEY}|securemode=2|",
        IDENTITY,
        SECRET,
    ),
    "an address in place of the host": (f"{CERTIFICATE} ADDRESS tcp://{INSTANCE_HOST}:1883", INSTANCE, SECRET),
    "a host in lower case": (f"{CERTIFICATE} {REGION_HOST.lower()}", REGION, SECRET),
    "a secret of the product": (
        f"ProductKey={PRODUCT_KEY} ProductSecret={PRODUCT_SECRET} DeviceName={DEVICE_NAME}",
        IDENTITY,
        {"product_secret": PRODUCT_SECRET},
    ),
    "a name with every sign": (
        CERTIFICATE.replace(DEVICE_NAME, "port:1.a_b-c@device"),
        {"product_key": PRODUCT_KEY, "device_name": "port:1.a_b-c@device"},
        SECRET,
    ),
    "a name of 20 letters that the console made": (
        f"ProductKey: {PRODUCT_KEY}, DeviceName: uebZRgkXXWI0uJhzghix",
        {"product_key": PRODUCT_KEY, "device_name": "uebZRgkXXWI0uJhzghix"},
        {},
    ),
    "a name of 16 letters": (
        CERTIFICATE.replace(DEVICE_NAME, "myhomeassistant1"),
        {"product_key": PRODUCT_KEY, "device_name": "myhomeassistant1"},
        SECRET,
    ),
    "a name as long as a secret": (
        f'{{"username":"{PASSWD[:32]}&{PRODUCT_KEY}"}}',
        {"product_key": PRODUCT_KEY, "device_name": PASSWD[:32]},
        {},
    ),
    "other things beside": (
        f'#define WIFI_PASSWD "11111111"\n#define WIFI_USERNAME "me"\n#define HTTP_PORT 80\n{CERTIFICATE}',
        IDENTITY,
        SECRET,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "device", "secrets"), FORMS.values(), ids=FORMS)
def test_each_form_says_the_same(text: str, device: dict[str, str], secrets: dict[str, str]) -> None:
    pasted = read_pasted(text)
    assert is_pasted(text)
    assert (pasted.device, pasted.secrets) == (device, secrets)
    assert (pasted.network, pasted.missing, pasted.doubled) == ({}, (), ())
    assert DEVICE_SECRET not in repr(pasted)


@pytest.mark.parametrize("form", FORMS)
def test_a_field_that_makes_blanks_of_newlines_changes_nothing(form: str) -> None:
    text, _, _ = FORMS[form]
    assert read_pasted(" ".join(text.splitlines())) == read_pasted(text)


@pytest.mark.parametrize(
    ("host", "port", "network"),
    [
        ("iot.example.com", 1883, {"host": "iot.example.com", "port": 1883}),
        ("mqtts://IoT.example.com:8884/path", None, {"host": "iot.example.com", "port": 8884}),
        ("127.0.0.1", 40123, {"host": "127.0.0.1", "port": 40123}),
        ("iot.example.com", 99999, {"host": "iot.example.com"}),
        ("public.iot-as-mqtt.us-east-1.aliyuncs.com", 99999, {"host": "public.iot-as-mqtt.us-east-1.aliyuncs.com"}),
        ("a1.iot-as-mqtt.cn-nowhere.aliyuncs.com", 99999, {"host": "a1.iot-as-mqtt.cn-nowhere.aliyuncs.com"}),
        (INSTANCE_HOST, 443, {}),
        (INSTANCE_HOST, 8883, {}),
        (INSTANCE_HOST, 18883, {"port": 18883}),
    ],
)  # fmt: skip
def test_a_host_is_kept_where_nothing_else_leads_to_it(host: str, port: int | None, network: dict[str, Any]) -> None:
    assert read_pasted(parameters(host, port)).network == network


@pytest.mark.parametrize(
    ("text", "device", "missing"),
    [
        ("{", {}, ("ProductKey", "DeviceName")),
        ("{}", {}, ("ProductKey", "DeviceName")),
        ("[[[[", {}, ("ProductKey", "DeviceName")),
        ('{"ProductKey": "a1B2c3D4e5F", "Devi', {"product_key": PRODUCT_KEY}, ("DeviceName",)),
        ('{"ProductKey": "a1B2c3D4e5F", "DeviceName": "ha-gate', {"product_key": PRODUCT_KEY}, ("DeviceName",)),
        (CERTIFICATE[:-10], IDENTITY, ("DeviceSecret",)),
        (CERTIFICATE[:60], IDENTITY, ("}",)),
        (CERTIFICATE.replace(DEVICE_SECRET, "0123****cdef"), IDENTITY, ("DeviceSecret",)),
        (CERTIFICATE[20:], {"device_name": DEVICE_NAME}, ("ProductKey",)),
        ("DeviceName:\nDeviceSecret:\nProductKey:", {}, ("ProductKey", "DeviceName", "DeviceSecret")),
        ('#define PRODUCT_KEY "${YourProductKey}"', {}, ("ProductKey", "DeviceName")),
        ("ProductKey: my key, DeviceName: abc", {}, ("ProductKey", "DeviceName")),
        ('{"ProductKey": 7, "DeviceName": null}', {}, ("ProductKey", "DeviceName")),
        ('{"productKey": productKey, "deviceName": DEVICE_NAME}', {}, ("ProductKey", "DeviceName")),
        ('#define DEVICE_NAME "YOUR_DEVICE_NAME"', {}, ("ProductKey", "DeviceName")),
    ],
)  # fmt: skip
def test_half_a_text_gives_what_it_has_and_says_what_it_lacks(
    text: str, device: dict[str, str], missing: tuple[str, ...]
) -> None:
    pasted = read_pasted(text)
    assert (pasted.device, pasted.missing) == (device, missing)


@pytest.mark.parametrize(
    ("other", "doubled"),
    [
        (CERTIFICATE.replace(PRODUCT_KEY, "a1B2c3D4e5G"), ("ProductKey",)),
        (CERTIFICATE.replace(DEVICE_NAME, "second-home"), ("DeviceName",)),
        (CERTIFICATE.replace(DEVICE_SECRET, DEVICE_SECRET[::-1]), ("DeviceSecret",)),
        (f"username: second-home&{PRODUCT_KEY}", ("DeviceName",)),
        ("a1B2c3D4e5G.iot-as-mqtt.cn-shanghai.aliyuncs.com", ("ProductKey",)),
    ],
)
def test_a_text_that_contradicts_itself_says_in_what(other: str, doubled: tuple[str, ...]) -> None:
    pasted = read_pasted(f"{CERTIFICATE}\n{other}")
    assert pasted.doubled == doubled
    assert len({**pasted.device, **pasted.secrets}.keys() & {*IDENTITY, *SECRET}) == 2


@pytest.mark.parametrize(
    "text",
    [
        CERTIFICATE.replace('ha-gateway-01", "DeviceSecret": "', ""),
        CERTIFICATE.replace('-01", "DeviceSecret": "', ""),
        CERTIFICATE.replace(DEVICE_NAME, DEVICE_SECRET),
        CERTIFICATE.replace(DEVICE_NAME, f"ha-{PRODUCT_SECRET}"),
    ],
)
def test_a_secret_under_another_name_is_not_taken_for_that(text: str) -> None:
    assert "device_name" not in read_pasted(text).device


@pytest.mark.parametrize("text", [PRODUCT_KEY, f" {PRODUCT_KEY} ", "a1 B2", "a1-B2", DEVICE_SECRET, "", "产品"])
def test_a_product_key_however_mistyped_is_no_pasted_text(text: str) -> None:
    assert not is_pasted(text)


def test_a_text_that_is_too_long_is_not_looked_into() -> None:
    assert is_pasted("a" * (LENGTH_MAX + 1))


@pytest.mark.parametrize(
    ("key", "text", "may"),
    [
        ("product_key", PRODUCT_KEY, False),
        ("product_key", "a1 B2", False),
        ("product_key", DEVICE_SECRET, True),
        ("device_name", "port:1.a_b-c@device", False),
        ("device_name", CERTIFICATE, True),
        ("device_name", f"DeviceSecret {DEVICE_SECRET}", True),
        ("host", "https://host", False),
        ("host", "secret.example.com", False),
        ("host", "a" * 253, False),
        ("host", "a" * 254, True),
    ],
)
def test_what_may_be_a_secret_in_the_wrong_field_is_known(key: str, text: str, may: bool) -> None:
    assert may_hold_secret(key, text) == may
