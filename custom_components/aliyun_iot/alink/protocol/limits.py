"""Limits: every number that the platform sets, once, with the page that it is from."""

from typing import Final

# "Limits", Device communication
KEEP_ALIVE_MIN: Final = 30  # s; a shorter keep-alive is refused
KEEP_ALIVE_MAX: Final = 1200  # s
PAYLOAD_MAX: Final = 256 * 1024  # bytes; larger messages are dropped in silence
CONNECTS_PER_MINUTE: Final = 5  # per device
MESSAGES_PER_SECOND: Final = 10  # per device with QoS 1; more are dropped in silence
FILTERS_PER_SUBSCRIBE: Final = 8  # topics in one SUBSCRIBE packet

# The billing page of 2026: of all devices of a free public instance together, sent and received
FREE_MESSAGES_PER_SECOND: Final = 5

# "Device properties, events, and services": error 6106 beyond it
PROPERTIES_PER_POST: Final = 200

# "MQTT-based dynamic registration": the platform drops the connection of a registration after that
REGISTRATION_WINDOW: Final = 15.0  # s

# "Add a TSL feature"
IDENTIFIER_LENGTH_MAX: Final = 50  # characters
RESERVED_IDENTIFIERS: Final = frozenset({"set", "get", "post", "time", "value"})
NAME_LENGTH_MAX: Final = 30  # characters
DESCRIPTION_LENGTH_MAX: Final = 100  # characters
ITEM_NAME_LENGTH_MAX: Final = 20  # characters, of a key of an enum or a bool
INT32_MIN: Final = -(2**31)
INT32_MAX: Final = 2**31 - 1
FLOAT32_MAX: Final = 3.4028234663852886e38

# "Limits", TSL
FEATURES_PER_MODULE: Final = 300
ENUM_ITEMS_MAX: Final = 100
STRUCT_FIELDS_MAX: Final = 50
TEXT_LENGTH_MAX: Final = 10240  # bytes
MODEL_SIZE_MAX: Final = 256 * 1024  # bytes of one file, white space left out
MODEL_FILE_SIZE_MAX: Final = 512 * 1024  # bytes of one file
MODULES_PER_IMPORT: Final = 20

# "Create a device": letters, digits and - _ @ . :
DEVICE_NAME_LENGTH_MIN: Final = 4
DEVICE_NAME_LENGTH_MAX: Final = 32

# The buffers of the C SDK, infra_defs.h
PRODUCT_KEY_LENGTH_MAX: Final = 20
SECRET_LENGTH_MAX: Final = 64

# "Alink protocol": a message's id is a number in a string, up to 4294967295
MESSAGE_ID_MAX: Final = 2**32 - 1
