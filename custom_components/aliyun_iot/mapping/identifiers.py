"""What a property is called on the platform."""

from collections.abc import Iterable, Mapping
import hashlib

from homeassistant.util import slugify

from ..alink.protocol.limits import IDENTIFIER_LENGTH_MAX, RESERVED_IDENTIFIERS

_DIGEST_LENGTH = 6


def identifiers(references: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Name a property for each entity, given as reference -> entity id; what is known already keeps its identifier."""
    # An entity that was replaced by another of the same entity id goes on under the same name.
    stays = {reference: known.get(reference) or known.get(entity_id) for reference, entity_id in references.items()}
    result: dict[str, str] = {}
    taken = set(filter(None, stays.values()))
    for reference, entity_id in references.items():
        identifier = stays[reference] or _identifier(entity_id, taken)
        taken.add(identifier)
        result[reference] = identifier
    return result


def _identifier(entity_id: str, taken: Iterable[str]) -> str:
    """Take the entity id's second half, the whole of it where that is taken, and a digest where it is too long."""
    domain, _, object_id = entity_id.partition(".")
    plain = slugify(object_id, separator="_")
    digest = hashlib.sha256(entity_id.encode()).hexdigest()[:_DIGEST_LENGTH]
    stem = plain[: IDENTIFIER_LENGTH_MAX - _DIGEST_LENGTH - 1]
    for candidate in (plain, f"{domain}_{plain}"):
        if candidate not in taken and candidate not in RESERVED_IDENTIFIERS and len(candidate) <= IDENTIFIER_LENGTH_MAX:
            return candidate
    return f"{stem}_{digest}"
