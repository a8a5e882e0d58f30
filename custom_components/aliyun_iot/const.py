"""Constants: the domain, and the keys of entries, flows and actions."""

from typing import Final

DOMAIN: Final = "aliyun_iot"
MANUFACTURER: Final = "Alibaba Cloud"

# Entry data
CONF_PRODUCT_KEY: Final = "product_key"
CONF_DEVICE_NAME: Final = "device_name"
CONF_DEVICE_SECRET: Final = "device_secret"  # noqa: S105  # the name of a field
# Instead of a secret, a device that was not added to its product gets these two.
CONF_CLIENT_ID: Final = "client_id"
CONF_DEVICE_TOKEN: Final = "device_token"  # noqa: S105  # the name of a field
CONF_REGION: Final = "region"
CONF_INSTANCE_ID: Final = "instance_id"
CONF_HOST: Final = "host"
CONF_PORT: Final = "port"
CONF_TRANSPORT: Final = "transport"
CONF_SIGN_METHOD: Final = "sign_method"
CONF_HTTPS_HOST: Final = "https_host"
CONF_HOME: Final = "home"  # the instance of Home Assistant that set the entry up

# Typed in a flow and not kept
CONF_PRODUCT_SECRET: Final = "product_secret"  # noqa: S105  # the name of a field
CONF_USE_PASTED: Final = "use_pasted"
CONF_NETWORK: Final = "network"
CONF_REGISTRATION: Final = "registration"
CONF_UNDERSTOOD: Final = "understood"
CONF_TARGET: Final = "target"
CONF_AREAS: Final = "areas"
CONF_PROPERTY: Final = "property"
CONF_ENTITY: Final = "entity"
CONF_ATTRIBUTES: Final = "attributes"

# Fields of a property
CONF_IDENTIFIER: Final = "identifier"
CONF_NAME: Final = "name"
CONF_DATA_TYPE: Final = "data_type"
CONF_UNIT: Final = "unit"
CONF_LOW: Final = "low"
CONF_HIGH: Final = "high"
CONF_STEP: Final = "step"
CONF_LENGTH: Final = "length"
CONF_LEFT_OUT: Final = "left_out"

# Entry options
CONF_SELECTION: Final = "selection"
CONF_INCLUDE: Final = "include"
CONF_EXCLUDE: Final = "exclude"
CONF_ENTITIES: Final = "entities"  # entity registry id (or entity id) -> entity id
CONF_DOMAINS: Final = "domains"
CONF_DEVICE_CLASSES: Final = "device_classes"
CONF_MEASURING: Final = "measuring"
CONF_AVAILABILITY: Final = "availability"
CONF_DELIVERY: Final = "delivery"
CONF_MODE: Final = "mode"
CONF_INTERVAL: Final = "interval"
CONF_RATE: Final = "rate"
CONF_BURST: Final = "burst"
CONF_REPEAT: Final = "repeat"

# Entry options, beneath "control"
CONF_CONTROL: Final = "control"
CONF_BY: Final = "by"
CONF_LIVES: Final = "lives"  # entity registry id -> id of the config entry then
CONF_GRANTED: Final = "granted"  # entity registry id -> entity id then
CONF_SINGLE: Final = "single"  # likewise
CONF_NEVER: Final = "never"
CONF_OPENS: Final = "opens"
CONF_CONFIRMED: Final = "confirmed"

# Entry data, chosen once when an entry is made
CONF_HISTORY_DAYS: Final = "history_days"

# Fields of actions
CONF_CONFIG_ENTRY_ID: Final = "config_entry_id"
CONF_DAYS: Final = "days"

AFTER_SET_UP: Final = "after_set_up"  # source of the dialog that follows the one which made the entry

# The event of Home Assistant that precedes each action from the cloud
EVENT_COMMAND: Final = f"{DOMAIN}_command"
