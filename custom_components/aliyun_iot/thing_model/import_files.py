"""Import files: one entry's published thing model, as the console imports it."""

from collections.abc import Collection, Iterable, Mapping
import io
import json
from typing import Any, Final, NamedTuple
import zipfile

from ..alink import DESCRIPTION_LENGTH_MAX, MODEL_FILE_SIZE_MAX, ModelProperty, Module, Number, module_file
from ..mapping.definition import Definition

_NAME: Final = "thing_model"
_JSON: Final = "application/json"
_ZIP: Final = "application/zip"
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)  # a constant time, so that the same model gives the same file

type Files = dict[str, dict[str, Any]]
type Published = Iterable[tuple[str, Definition]]


class Packed(NamedTuple):
    """The file that a browser saves."""

    filename: str
    content_type: str
    body: bytes


def files(product_key: str, definitions: Published, settable: Collection[str] = ()) -> Files:
    """Make the file of the default module and of each further one; sorted, so that files can be compared.

    `settable` are the names in messages of the properties that the cloud may set.
    """
    modules: dict[str | None, list[ModelProperty]] = {None: []}
    for entity_id, definition in sorted(definitions, key=lambda one: (one[1].module or "", one[1].identifier)):
        modules.setdefault(definition.module, []).append(
            _property(entity_id, definition, is_settable=definition.wire in settable)
        )
    if len(modules) > 1 and not modules[None]:
        del modules[None]  # importing an empty one would remove the properties that somebody else has there
    return {
        f"{module or _NAME}.json": module_file(product_key, properties, _module(module))
        for module, properties in modules.items()
    }


def packed(documents: Mapping[str, Mapping[str, Any]]) -> Packed:
    """Pack one file as it is, and several as a ZIP."""
    written = {name: _written(document) for name, document in documents.items()}
    if len(written) == 1:
        ((name, body),) = written.items()
        return Packed(filename=name, content_type=_JSON, body=body)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in written.items():
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), body, zipfile.ZIP_DEFLATED)
    return Packed(filename=f"{_NAME}.zip", content_type=_ZIP, body=buffer.getvalue())


def filename(modules: Iterable[str | None]) -> str:
    """Return the name of the packed file of properties in these modules."""
    names = set(modules)
    if len(names) > 1:
        return f"{_NAME}.zip"
    return f"{names.pop() or _NAME}.json" if names else f"{_NAME}.json"


def _module(identifier: str | None) -> Module | None:
    return None if identifier is None else Module(identifier=identifier, name=identifier)


def _property(entity_id: str, definition: Definition, *, is_settable: bool) -> ModelProperty:
    return ModelProperty(
        identifier=definition.identifier,
        name=definition.name,
        data_type=definition.data_type,
        description=_description(entity_id, definition),
        access_mode="rw" if is_settable else "r",
    )


def _description(entity_id: str, definition: Definition) -> str:
    unit = ""
    if definition.unit and isinstance(definition.data_type, Number) and definition.data_type.unit is None:
        unit = f" ({definition.unit})"[:DESCRIPTION_LENGTH_MAX]
    return entity_id[: DESCRIPTION_LENGTH_MAX - len(unit)] + unit


def _written(document: Mapping[str, Any]) -> bytes:
    readable = json.dumps(document, ensure_ascii=False, indent=2).encode()
    if len(readable) <= MODEL_FILE_SIZE_MAX:
        return readable
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
