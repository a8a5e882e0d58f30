"""Names of the domain."""

from typing import Final

DOMAIN: Final = "aliyun_iot"
MANUFACTURER: Final = "Alibaba Cloud"

# Entry data
CONF_PRODUCT_KEY: Final = "product_key"
CONF_DEVICE_NAME: Final = "device_name"
CONF_DEVICE_SECRET: Final = "device_secret"  # noqa: S105  # the name of a field
CONF_REGION: Final = "region"
CONF_INSTANCE_ID: Final = "instance_id"
CONF_HOST: Final = "host"
CONF_PORT: Final = "port"

# Typed in a flow and not kept
CONF_PRODUCT_SECRET: Final = "product_secret"  # noqa: S105  # the name of a field
CONF_NETWORK: Final = "network"
CONF_REGISTRATION: Final = "registration"
CONF_REGISTRATION_HOST: Final = "registration_host"
CONF_SENSORS: Final = "sensors"
CONF_OTHERS: Final = "others"
REGISTRATION_MQTT: Final = "mqtt"
REGISTRATION_HTTPS: Final = "https"

# Entry options
CONF_PROPERTIES: Final = "properties"  # entity registry id (or entity id) -> identifier
