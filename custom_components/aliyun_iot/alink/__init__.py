"""The device side of the Alibaba Cloud IoT Platform, free of Home Assistant.

This is the face of the library: code outside of it imports from here only. `protocol` is pure: it reads no clock, draws
no random number and opens nothing. `outbox` holds the values that wait for confirmation. `transport` owns the sockets.
`session` keeps a link up, `reporting` posts values over it, `control` answers commands, and `Device` is all in one:
start reading there.

Titles in quotation marks are those of pages in the platform's documentation for device access.
"""

from .control import Refused
from .device import Device
from .outbox.bucket import TokenBucket
from .outbox.pump import Pace
from .outbox.putting_off import PutOff
from .outbox.queue import Lane
from .outbox.thinning import Thinning
from .protocol.commands import Answer, Code, Command, CommandHandler, CommandKind, OwnCode
from .protocol.data_types import (
    Array,
    Bool,
    DataType,
    Date,
    Enum,
    Field,
    Number,
    NumberType,
    Struct,
    Text,
    Unit,
    integer_type,
)
from .protocol.endpoints import (
    HTTPS_PORT,
    MQTT_PORTS,
    Endpoint,
    Region,
    Transport,
    console_url,
    https_endpoint,
    mqtt_host,
    parse_endpoint,
)
from .protocol.errors import (
    AlinkError,
    AuthenticationRefusedError,
    Connack,
    ConnectRefusedError,
    InvalidInputError,
    MisdirectedError,
    NoSecretError,
    PlatformCode,
    RegistrationRefusedError,
    RemoteError,
    UnexpectedError,
    UnreachableError,
)
from .protocol.foreign import one_line
from .protocol.identity import Credentials, Identity, ProductCredentials, SecretCredentials, TokenCredentials
from .protocol.limits import (
    DESCRIPTION_LENGTH_MAX,
    DEVICE_NAME_LENGTH_MAX,
    ENUM_ITEMS_MAX,
    FEATURES_PER_MODULE,
    FLOAT32_MAX,
    FREE_MESSAGES_PER_SECOND,
    IDENTIFIER_LENGTH_MAX,
    INT32_MAX,
    INT32_MIN,
    ITEM_NAME_LENGTH_MAX,
    MESSAGES_PER_SECOND,
    MODEL_FILE_SIZE_MAX,
    MODEL_SIZE_MAX,
    MODULES_PER_IMPORT,
    NAME_LENGTH_MAX,
    PROPERTIES_PER_POST,
    RESERVED_IDENTIFIERS,
    TEXT_LENGTH_MAX,
)
from .protocol.messages import Refusal, Repetition, Sample, Value
from .protocol.registration import AuthType
from .protocol.rules import BrokenRuleError, Rule, check_property, is_name
from .protocol.signing import SignMethod
from .protocol.thing_model import (
    SEPARATOR,
    ModelProperty,
    Module,
    PlatformModel,
    Service,
    data_type_json,
    module_file,
    number_text,
    parse_data_type,
    wire_identifier,
)
from .rejections import Rejection, Stretch
from .repeats import Repeats
from .status import Connection, Status
from .transport.access import Access, open_link
from .transport.platform_clock import now_ms
from .transport.registrar import register_over_https, register_over_mqtt
from .transport.trust import Trust, make_trust, root_ends

__all__ = [
    "DESCRIPTION_LENGTH_MAX",
    "DEVICE_NAME_LENGTH_MAX",
    "ENUM_ITEMS_MAX",
    "FEATURES_PER_MODULE",
    "FLOAT32_MAX",
    "FREE_MESSAGES_PER_SECOND",
    "HTTPS_PORT",
    "IDENTIFIER_LENGTH_MAX",
    "INT32_MAX",
    "INT32_MIN",
    "ITEM_NAME_LENGTH_MAX",
    "MESSAGES_PER_SECOND",
    "MODEL_FILE_SIZE_MAX",
    "MODEL_SIZE_MAX",
    "MODULES_PER_IMPORT",
    "MQTT_PORTS",
    "NAME_LENGTH_MAX",
    "PROPERTIES_PER_POST",
    "RESERVED_IDENTIFIERS",
    "SEPARATOR",
    "TEXT_LENGTH_MAX",
    "Access",
    "AlinkError",
    "Answer",
    "Array",
    "AuthType",
    "AuthenticationRefusedError",
    "Bool",
    "BrokenRuleError",
    "Code",
    "Command",
    "CommandHandler",
    "CommandKind",
    "Connack",
    "ConnectRefusedError",
    "Connection",
    "Credentials",
    "DataType",
    "Date",
    "Device",
    "Endpoint",
    "Enum",
    "Field",
    "Identity",
    "InvalidInputError",
    "Lane",
    "MisdirectedError",
    "ModelProperty",
    "Module",
    "NoSecretError",
    "Number",
    "NumberType",
    "OwnCode",
    "Pace",
    "PlatformCode",
    "PlatformModel",
    "ProductCredentials",
    "PutOff",
    "Refusal",
    "Refused",
    "Region",
    "RegistrationRefusedError",
    "Rejection",
    "RemoteError",
    "Repeats",
    "Repetition",
    "Rule",
    "Sample",
    "SecretCredentials",
    "Service",
    "SignMethod",
    "Status",
    "Stretch",
    "Struct",
    "Text",
    "Thinning",
    "TokenBucket",
    "TokenCredentials",
    "Transport",
    "Trust",
    "UnexpectedError",
    "Unit",
    "UnreachableError",
    "Value",
    "check_property",
    "console_url",
    "data_type_json",
    "https_endpoint",
    "integer_type",
    "is_name",
    "make_trust",
    "module_file",
    "mqtt_host",
    "now_ms",
    "number_text",
    "one_line",
    "open_link",
    "parse_data_type",
    "parse_endpoint",
    "register_over_https",
    "register_over_mqtt",
    "root_ends",
    "wire_identifier",
]
