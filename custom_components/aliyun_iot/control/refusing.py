"""Refusing: the reasons for which a command is not carried out, and the answer to each."""

from enum import StrEnum
from typing import Final

from ..alink import Answer, Code, OwnCode, Refused, one_line
from ..mapping.commands import Refusal


class Cause(StrEnum):
    """The reasons, as counted, and as shown by the event entity."""

    NOT_READY = "not_ready"  # this home starts, stops or reloads
    SWITCHED_OFF = "switched_off"
    UNKNOWN = "unknown"  # no published property has this name
    NOT_GRANTED = "not_granted"
    MODEL_DIFFERS = "model_differs"  # the product's thing model is not the one of this home
    UNAVAILABLE = "unavailable"
    VALUE = "value"
    TOO_MANY = "too_many"
    STUCK = "stuck"  # an earlier action for the same entity has not come to its end
    LATE = "late"
    UNENCRYPTED = "unencrypted"
    MALFORMED = "malformed"


_WORDS: Final = {
    Cause.NOT_READY: (OwnCode.NOT_READY, "Home Assistant is starting, stopping or reloading"),
    Cause.SWITCHED_OFF: (Code.FORBIDDEN, "control from the cloud is switched off"),
    Cause.UNKNOWN: (Code.BAD_VALUE, "no such property is published"),
    Cause.NOT_GRANTED: (Code.FORBIDDEN, "not granted"),
    Cause.MODEL_DIFFERS: (OwnCode.MODEL_DIFFERS, "the thing model of the product is not the one of this home"),
    Cause.UNAVAILABLE: (OwnCode.UNAVAILABLE, "unavailable"),
    Cause.VALUE: (Code.BAD_VALUE, "value not possible"),
    Cause.TOO_MANY: (Code.TOO_MANY, "too many commands"),
    Cause.STUCK: (Code.TOO_MANY, "an earlier command has not ended"),
    Cause.LATE: (OwnCode.LATE, "too late, not carried out"),
}

# Those that never come to the carrier, by the words of the platform's side.
BELOW: Final = {
    Refused.FORBIDDEN: Cause.NOT_GRANTED,
    Refused.UNENCRYPTED: Cause.UNENCRYPTED,
    Refused.MALFORMED: Cause.MALFORMED,
    Refused.TOO_MANY: Cause.TOO_MANY,
    Refused.UNANSWERED: Cause.TOO_MANY,
    Refused.LATE: Cause.LATE,
}

_AWAY: Final = (Refusal.UNAVAILABLE, Refusal.RESTORED)


class RefusedError(Exception):
    """A command that is not carried out."""

    def __init__(self, cause: Cause, name: str = "", limits: str = "") -> None:
        """Keep the cause, the name of the property that is to blame, and what would be taken instead."""
        super().__init__(cause.value)
        self.cause = cause
        self.name = one_line(name)  # of an unknown one, whatever the cloud has written
        self.limits = limits

    @property
    def code(self) -> int:
        """The code of the answer."""
        return _WORDS[self.cause][0]

    @property
    def text(self) -> str:
        """The reason with the property, for people and rules."""
        return f"{self.name}: {self.words}" if self.name else self.words

    @property
    def words(self) -> str:
        """The reason alone."""
        return self.limits or _WORDS[self.cause][1]

    @property
    def answer(self) -> Answer:
        """The answer where nothing was begun."""
        return Answer(code=self.code, message=self.text)


def cause_of(refusal: Refusal) -> Cause:
    """Return the cause for which values make no action."""
    return Cause.UNAVAILABLE if refusal in _AWAY else Cause.VALUE
