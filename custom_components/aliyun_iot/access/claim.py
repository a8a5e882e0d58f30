"""Claim: a device, the way to it, and the proof that it is the user's."""

from dataclasses import dataclass, field
from enum import StrEnum

from ..alink import Credentials, ProductCredentials, Region, TokenCredentials
from ..const import CONF_NETWORK
from ..errors import ErrorText
from .settings import Settings, Way


class Registration(StrEnum):
    """The ways to get credentials with a ProductSecret."""

    MQTT = "mqtt"
    MQTT_NOT_ADDED = "mqtt_not_added"
    HTTPS = "https"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim to one device; without a proof, the user has yet to give one."""

    settings: Settings
    registration: Registration  # the way that a ProductSecret takes
    proof: ProductCredentials | Credentials | None = field(repr=False)

    @property
    def misfit(self) -> ErrorText | None:
        """Find a combination of settings that cannot work although each of them can.

        A device with a token was never added to its product; the platform registers such devices in Shanghai only.
        """
        if self._is_token and self.settings.region is not Region.CN_SHANGHAI:
            return ErrorText(field=CONF_NETWORK, key="only_in_shanghai")
        if self._is_token and self.settings.way is Way.HTTPS_FIRST:
            return ErrorText(field=CONF_NETWORK, key="https_first_needs_secret")
        if (self.settings.way is Way.HTTPS_FIRST or self._registers_over_https) and not self.settings.knows_https:
            return ErrorText(field=CONF_NETWORK, key="https_host_missing")
        return None

    @property
    def _is_token(self) -> bool:
        if self.proof is None or isinstance(self.proof, ProductCredentials):
            return self.registration is Registration.MQTT_NOT_ADDED
        return isinstance(self.proof, TokenCredentials)

    @property
    def _registers_over_https(self) -> bool:
        return isinstance(self.proof, ProductCredentials) and self.registration is Registration.HTTPS
