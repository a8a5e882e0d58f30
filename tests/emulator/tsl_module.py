"""The rules for one module of a thing model: its profile, properties, events and services."""

from collections.abc import Iterator
from typing import Any

from . import tsl_names
from .tsl_problems import Place, quote
from .tsl_shapes import Check, Unique, anything, boolean, check_fields, check_items, one_of, text
from .tsl_types import data_type

SCHEMA = "https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/schema.json"
MOST_FEATURES = 300
MOST_PARAMETERS_OF_ONE = 100
MOST_PARAMETERS = 300

# What the platform adds by itself: in all exports, not needed for an import, and nothing that counts.
_AUTOMATIC = {
    ("events", "post"): "thing.event.property.post",
    ("services", "set"): "thing.service.property.set",
    ("services", "get"): "thing.service.property.get",
}


def check_module(place: Place, document: Any, product_key: str, names: Unique) -> None:
    """Check a module's document; `names` are those of the whole product."""
    _Module(document, product_key, names).check(place)


def features(document: Any) -> Iterator[dict[str, Any]]:
    """Return the features of a document that people made."""
    for section in ("properties", "events", "services"):
        for item in _items(document, section):
            if isinstance(item, dict) and not _is_automatic(section, item):
                yield item


class _Module:
    def __init__(self, document: Any, product_key: str, names: Unique) -> None:
        self._document = document
        self._product_key = product_key
        self._names = names
        self._identifiers = Unique(tsl_names.identifier)
        module_id = document.get("functionBlockId") if isinstance(document, dict) else None
        self._prefixes = ["", f"{module_id}:"] if tsl_names.is_module_id(module_id) else [""]
        self._automatic = {section: Unique(anything) for section in ("events", "services")}

    def check(self, place: Place) -> None:
        of_a_module = {"functionBlockId": tsl_names.module_id, "functionBlockName": tsl_names.module_name}
        custom = isinstance(self._document, dict) and bool(of_a_module.keys() & self._document.keys())
        required: dict[str, Check] = {
            "schema": one_of(SCHEMA),
            "profile": self._profile,
            "properties": _each(self._property),
        }
        optional: dict[str, Check] = {"events": _each(self._event), "services": _each(self._service)}
        check_fields(place, self._document, required | (of_a_module if custom else {}), optional)
        made = list(features(self._document))
        if len(made) > MOST_FEATURES:
            place.note(f"must have at most {MOST_FEATURES} features, has {len(made)}")
        # The documents do not say what has this limit; one feature cannot reach it, the next larger thing is a module.
        parameters = sum(len(_items(item, key)) for item in made for key in ("inputData", "outputData"))
        if parameters > MOST_PARAMETERS:
            place.note(f"must have at most {MOST_PARAMETERS} input and output parameters, has {parameters}")

    def _profile(self, place: Place, value: Any) -> None:
        check_fields(place, value, {"productKey": self._key}, {"version": text(1, 30)})

    def _key(self, place: Place, value: Any) -> None:
        if value != self._product_key:
            place.note(f"must be the product's, {self._product_key}, is {quote(value)}")

    def _property(self, place: Place, value: Any) -> None:
        required = {"accessMode": one_of("r", "rw", "w"), "required": boolean, "dataType": data_type}
        check_fields(place, value, self._title() | required, {"desc": tsl_names.description})

    def _event(self, place: Place, value: Any) -> None:
        required: dict[str, Check] = {"type": one_of("info", "alert", "error"), "outputData": _each(_parameter())}
        self._feature("events", place, value, required)

    def _service(self, place: Place, value: Any) -> None:
        given = tsl_names.identifier if _is_automatic("services", value, "get") else _parameter()
        required: dict[str, Check] = {
            "callType": one_of("async", "sync"),
            "inputData": _each(given),
            "outputData": _each(_parameter()),
        }
        self._feature("services", place, value, required)

    def _feature(self, section: str, place: Place, value: Any, required: dict[str, Check]) -> None:
        """Check what events and services have in common."""
        automatic = _is_automatic(section, value)
        title = self._automatic_title(section) if automatic else self._title()
        method = anything if automatic else self._method(section, value)
        common = {"required": boolean, "method": method}
        check_fields(place, value, title | common | required, {"desc": tsl_names.description})
        for key in ("inputData", "outputData"):
            if not automatic and (count := len(_items(value, key))) > MOST_PARAMETERS_OF_ONE:
                place.key(key).note(f"must have at most {MOST_PARAMETERS_OF_ONE} items, has {count}")

    def _title(self) -> dict[str, Check]:
        return {"identifier": self._identifiers, "name": self._names}

    def _automatic_title(self, section: str) -> dict[str, Check]:
        return {"identifier": self._automatic[section], "name": tsl_names.name}

    def _method(self, section: str, feature: Any) -> Check:
        identifier = feature.get("identifier") if isinstance(feature, dict) else None
        if not isinstance(identifier, str) or len(identifier) > tsl_names.LONGEST_IDENTIFIER:
            return anything
        pattern = "thing.event.{}.post" if section == "events" else "thing.service.{}"
        # Whether the module's id belongs there is not known.
        return one_of(*(pattern.format(f"{prefix}{identifier}") for prefix in self._prefixes))


def _each(check: Check) -> Check:
    def check_each(place: Place, value: Any) -> None:
        check_items(place, value, check)

    return check_each


def _parameter() -> Check:
    """Return the check for the items of one list of inputs or outputs."""
    title: dict[str, Check] = {"identifier": Unique(tsl_names.identifier), "name": Unique(tsl_names.name)}

    def check(place: Place, value: Any) -> None:
        check_fields(place, value, title | {"dataType": data_type})

    return check


def _items(document: Any, key: str) -> list[Any]:
    items = document.get(key) if isinstance(document, dict) else None
    return items if isinstance(items, list) else []


def _is_automatic(section: str, item: Any, identifier: str | None = None) -> bool:
    found = item.get("identifier") if isinstance(item, dict) else None
    if not isinstance(found, str) or (section, found) not in _AUTOMATIC:
        return False
    return item.get("method") == _AUTOMATIC[section, found] and identifier in (None, found)
