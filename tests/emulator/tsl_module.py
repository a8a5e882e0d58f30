"""Thing model module: checks one module by its schema, and by the rules that go beyond a schema."""

from collections.abc import Iterator
from typing import Any

from .tsl_problems import Place, quote
from .tsl_schema import AUTOMATIC, LONGEST_IDENTIFIER
from .tsl_validator import broken_rules

MOST_FEATURES = 300
MOST_PARAMETERS = 300

_METHODS = {"events": "thing.event.{}.post", "services": "thing.service.{}"}


class Unique:
    """Texts of which no two may be alike."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}

    def take(self, value: Any, where: str) -> None:
        """Add a text that was accepted earlier."""
        if isinstance(value, str):
            self._places[value] = where

    def check(self, place: Place, value: Any) -> None:
        if not isinstance(value, str):
            return
        if first := self._places.get(value):
            place.note(f"must be unique, {quote(value)} is also at {first}")
        self._places.setdefault(value, place.path)


def check_module(place: Place, document: Any, product_key: str, names: Unique) -> None:
    """Check a module's document, and add its names to those of the product."""
    for path, problem in broken_rules(document, product_key):
        place.at(*path).note(problem)
    identifiers = Unique()
    automatic = {section: Unique() for section in AUTOMATIC}
    for section, index, feature in _features(document):
        here = place.at(section, index)
        if _is_automatic(section, feature):
            automatic[section].check(here.at("identifier"), feature["identifier"])
        else:
            identifiers.check(here.at("identifier"), feature.get("identifier"))
            names.check(here.at("name"), feature.get("name"))
            _check_method(here, section, feature, document.get("functionBlockId"))
    _check_extent(place, document)


def features(document: Any) -> list[dict[str, Any]]:
    """Return a document's features without the automatic ones."""
    return [feature for section, _, feature in _features(document) if not _is_automatic(section, feature)]


def _check_method(place: Place, section: str, feature: Any, module_id: Any) -> None:
    identifier = feature.get("identifier")
    if section not in _METHODS or "method" not in feature:
        return
    if not isinstance(identifier, str) or len(identifier) > LONGEST_IDENTIFIER:
        return
    pattern, method = _METHODS[section], feature["method"]
    # The documents do not say if the module's ID belongs there.
    if method not in (pattern.format(identifier), pattern.format(f"{module_id}:{identifier}")):
        place.at("method").note(f"must be {pattern.format(identifier)}, is {quote(method)}")


def _check_extent(place: Place, document: Any) -> None:
    made = features(document)
    if len(made) > MOST_FEATURES:
        place.note(f"must have at most {MOST_FEATURES} features, has {len(made)}")
    # The documents name no owner of this limit. A single feature cannot reach it, so it is taken as a module's.
    parameters = sum(len(_items(feature, key)) for feature in made for key in ("inputData", "outputData"))
    if parameters > MOST_PARAMETERS:
        place.note(f"must have at most {MOST_PARAMETERS} input and output parameters, has {parameters}")


def _features(document: Any) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for section in ("properties", "events", "services"):
        for index, item in enumerate(_items(document, section)):
            if isinstance(item, dict):
                yield section, index, item


def _items(document: Any, key: str) -> list[Any]:
    items = document.get(key) if isinstance(document, dict) else None
    return items if isinstance(items, list) else []


def _is_automatic(section: str, feature: dict[str, Any]) -> bool:
    return (feature.get("identifier"), feature.get("method")) in [*AUTOMATIC.get(section, {}).items()]
