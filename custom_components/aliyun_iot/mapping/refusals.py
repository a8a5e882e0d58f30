"""Refusals: the reasons why a value from the cloud makes no action at home."""

from enum import StrEnum


class Refusal(StrEnum):
    """The reason why values make no action."""

    UNAVAILABLE = "unavailable"
    RESTORED = "restored"  # the state is one from before a restart, and nothing stands behind it yet
    NOT_SETTABLE = "not_settable"  # the entity has no action for this property
    TYPE = "type"
    RANGE = "range"
    OPTION = "option"  # there is no such option, or it is none that an action leads to
    LENGTH = "length"
    PATTERN = "pattern"
    UNIT = "unit"  # the entity's unit is not known, or cannot be converted
    CONTRADICTION = "contradiction"  # with another value of the same command
    INCOMPLETE = "incomplete"  # it goes with another value, and the entity has none either


class NotCommandableError(Exception):
    """Values that make no action."""

    def __init__(self, reason: Refusal, key: str = "", limits: str = "") -> None:
        """Keep the reason, the key of the facet (empty for the whole entity) and what would be taken."""
        super().__init__(reason.value)
        self.reason = reason
        self.key = key
        self.limits = limits  # as numbers or keys in the property's own unit, as in "7..35 °C" or "0, 2"
