"""Thing model file: reads an import of the IoT Platform console, one module's JSON or a ZIP of several."""

from collections.abc import Mapping
import json
import re
from typing import Any

from . import tsl_zip
from .tsl_module import Unique, check_module, features
from .tsl_problems import ImportRefusedError, Place, Problems

LARGEST_JSON = 512 * 1024
MOST_EFFECTIVE = 256 * 1024
MOST_MODULES = 200
LARGEST_FILE = max(LARGEST_JSON, tsl_zip.LARGEST_ZIP)
# The module whose features are addressed without a module ID.
DEFAULT = ""

_STRING_OR_SPACE = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\r\n]+')


def read(content: bytes, product_key: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return a file's modules by their IDs; ImportRefusedError for a file that breaks a rule.

    `kept` are the product's present modules.
    """
    problems = Problems()
    root = Place(problems=problems)
    files = tsl_zip.unpack(root, content, LARGEST_JSON) if tsl_zip.is_zip(content) else [(root, content)]
    modules: dict[str, Any] = {}
    documents: list[tuple[Place, Any]] = []
    for place, text in files:
        try:
            document = _parse(text)
        except ValueError as error:
            place.note(str(error))
            continue
        documents.append((place, document))
        module_id = document.get("functionBlockId", DEFAULT) if isinstance(document, dict) else None
        if isinstance(module_id, str):
            if module_id in modules:
                place.note("must not be the same module as another file's")
            modules[module_id] = document
    names = Unique()
    for module_id, document in kept.items():
        if module_id not in modules:
            _take_names(names, module_id, document)
    for place, document in documents:
        check_module(place, document, product_key, names)
    if (count := len(kept.keys() | modules.keys())) > MOST_MODULES:
        root.note(f"a product must have at most {MOST_MODULES} modules, would have {count}")
    if problems.count:
        raise ImportRefusedError(problems)
    return modules


def _parse(content: bytes) -> Any:
    if len(content) > LARGEST_JSON:
        raise ValueError(f"must be of at most {LARGEST_JSON} bytes, is of {len(content)}")
    try:
        text = content.decode()
        document = json.loads(text, parse_constant=_no_constant)
        # JSON lets half a surrogate pair pass as an escape, but it could never be sent.
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeError:
        raise ValueError("must be JSON in UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"must be JSON: {error}") from None
    # The documents do not say if bytes or characters count; bytes are the stricter reading, being never fewer.
    effective = len(_STRING_OR_SPACE.sub(lambda found: found[1] or "", text).encode())
    if effective > MOST_EFFECTIVE:
        raise ValueError(f"must be of at most {MOST_EFFECTIVE} bytes without white space, is of {effective}")
    return document


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is none")


def _take_names(names: Unique, module_id: str, document: Any) -> None:
    where = f"module {module_id}" if module_id else "the default module"
    for feature in features(document):
        names.take(feature.get("name"), where)
