"""Flow schemas: the forms whose fields are the same in every home."""

from typing import Final

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..access.claim import Registration
from ..access.settings import Way
from ..alink import MESSAGES_PER_SECOND, Region, SignMethod
from ..const import (
    CONF_BURST,
    CONF_DEVICE_NAME,
    CONF_DEVICE_SECRET,
    CONF_HISTORY_DAYS,
    CONF_HOST,
    CONF_HTTPS_HOST,
    CONF_INSTANCE_ID,
    CONF_INTERVAL,
    CONF_MODE,
    CONF_NETWORK,
    CONF_PORT,
    CONF_PRODUCT_KEY,
    CONF_PRODUCT_SECRET,
    CONF_RATE,
    CONF_REGION,
    CONF_REGISTRATION,
    CONF_REPEAT,
    CONF_SIGN_METHOD,
    CONF_TRANSPORT,
    CONF_UNDERSTOOD,
    CONF_USE_PASTED,
)
from ..delivery.options import HISTORY_DAYS_MAX, INTERVAL_MAX, RATE_MIN, REPEAT_MAX, Delivery, Mode
from ..schema import vol

_SECRET: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))


def _choice(key: str, options: list[str], mode: SelectSelectorMode = SelectSelectorMode.DROPDOWN) -> SelectSelector:
    return SelectSelector(SelectSelectorConfig(options=options, mode=mode, translation_key=key))


def _amount(low: float, high: float, unit: str, step: float = 1) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=low, max=high, step=step, mode=NumberSelectorMode.BOX, unit_of_measurement=unit, translation_key="unit"
        )
    )


_INSTANCE: Final = {
    vol.Required(CONF_REGION, default=Region.CN_SHANGHAI.value): _choice(
        CONF_REGION, [region.value for region in Region]
    ),
    vol.Optional(CONF_INSTANCE_ID): TextSelector(),
}

_NETWORK: Final = {
    vol.Required(CONF_NETWORK): section(
        vol.Schema(
            {
                vol.Required(CONF_REGISTRATION, default=Registration.MQTT.value): _choice(
                    CONF_REGISTRATION, [kind.value for kind in Registration]
                ),
                vol.Required(CONF_TRANSPORT, default=Way.TLS.value): _choice(
                    CONF_TRANSPORT, [way.value for way in Way]
                ),
                vol.Optional(CONF_HOST): TextSelector(),
                vol.Optional(CONF_PORT): NumberSelector(
                    NumberSelectorConfig(min=1, max=65535, mode=NumberSelectorMode.BOX)
                ),
                vol.Optional(CONF_HTTPS_HOST): TextSelector(),
                vol.Required(CONF_SIGN_METHOD, default=SignMethod.HMACSHA256.value): _choice(
                    CONF_SIGN_METHOD, [method.value for method in reversed(SignMethod)]
                ),
            }
        ),
        {"collapsed": True},
    )
}

USER_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_PRODUCT_KEY): TextSelector(),
        vol.Optional(CONF_PRODUCT_SECRET): _SECRET,
        vol.Required(CONF_DEVICE_NAME): TextSelector(),
        **_INSTANCE,
        **_NETWORK,
    }
)

# Above the others: it is the sign that a secret was in the text.
PASTED_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_USE_PASTED, default=True): BooleanSelector(), **USER_SCHEMA.schema}
)

DEVICE_SECRET_SCHEMA: Final = vol.Schema({vol.Required(CONF_DEVICE_SECRET): _SECRET})

REAUTH_SCHEMA: Final = vol.Schema(
    {vol.Optional(CONF_PRODUCT_SECRET): _SECRET, vol.Optional(CONF_DEVICE_SECRET): _SECRET}
)

RECONFIGURE_SCHEMA: Final = vol.Schema({**_INSTANCE, **REAUTH_SCHEMA.schema, **_NETWORK})

UNENCRYPTED_SCHEMA: Final = vol.Schema({vol.Required(CONF_UNDERSTOOD, default=False): BooleanSelector()})

_USUAL: Final = Delivery()

DELIVERY_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_MODE, default=_USUAL.mode.value): _choice(
            CONF_MODE, [mode.value for mode in Mode], SelectSelectorMode.LIST
        ),
        vol.Optional(CONF_INTERVAL, default=_USUAL.interval): _amount(1, INTERVAL_MAX, "seconds"),
        vol.Optional(CONF_RATE, default=_USUAL.rate): _amount(
            RATE_MIN, MESSAGES_PER_SECOND, "messages_per_second", 0.1
        ),
        vol.Optional(CONF_BURST, default=_USUAL.burst): _amount(1, MESSAGES_PER_SECOND, "messages"),
        vol.Optional(CONF_REPEAT, default=_USUAL.repeat): _amount(0, REPEAT_MAX, "minutes"),
    }
)

HISTORY: Final = {vol.Optional(CONF_HISTORY_DAYS, default=0): _amount(0, HISTORY_DAYS_MAX, "days")}
