"""What a property is called on the platform."""

from collections.abc import Container
import hashlib
from typing import Final

from homeassistant.util import slugify

from ..alink import IDENTIFIER_LENGTH_MAX, RESERVED_IDENTIFIERS
from .kinds import ATTRIBUTE, STATE

_DIGEST_LENGTH: Final = 6


def facet_identifier(stem: str, key: str) -> str:
    """Name what is one of several things about an entity; the stem is an entity id, or what its state is called."""
    stem = slugify(stem.rpartition(".")[2], separator="_")
    return stem if key == STATE else f"{stem}_{slugify(key.removeprefix(ATTRIBUTE), separator='_')}"


def unique_identifier(plain: str, entity_id: str, taken: Container[str]) -> str:
    """Take it as it is, with the entity's domain where that is taken, and with a digest where it is too long."""
    domain = entity_id.partition(".")[0]
    for candidate in (plain, f"{domain}_{plain}"):
        if candidate not in taken and candidate not in RESERVED_IDENTIFIERS and len(candidate) <= IDENTIFIER_LENGTH_MAX:
            return candidate
    stem = plain[: IDENTIFIER_LENGTH_MAX - _DIGEST_LENGTH - 1]
    number = 0
    while True:
        text = f"{entity_id} {plain} {number or ''}".strip()
        candidate = f"{stem}_{hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]}"
        if candidate not in taken:
            return candidate
        number += 1
