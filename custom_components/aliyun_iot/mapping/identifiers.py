"""Identifiers: the names of properties on the platform, from entity ids."""

from collections.abc import Container
import hashlib
from typing import Final

from homeassistant.util import slugify

from ..alink import IDENTIFIER_LENGTH_MAX, RESERVED_IDENTIFIERS
from .kinds import ATTRIBUTE, STATE

# Hexadecimal digits, so 16 million digests: two identifiers with the same stem hardly ever share one, and where they do
# the next digest is taken.
_DIGEST_LENGTH: Final = 6


def facet_identifier(stem: str, key: str) -> str:
    """Name a facet of an entity; the stem is an entity id, or the identifier of its state."""
    stem = slugify(stem.rpartition(".")[2], separator="_")
    return stem if key == STATE else f"{stem}_{slugify(key.removeprefix(ATTRIBUTE), separator='_')}"


def unique_identifier(plain: str, entity_id: str, taken: Container[str]) -> str:
    """Return an identifier that is free: as it is, or after the entity's domain, or cut with a digest."""
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
