"""Names that the console takes, from the names that people give."""

from bisect import bisect_left
from collections.abc import Container, Sequence
from dataclasses import replace
import re
from typing import Final
import unicodedata

from homeassistant.util import slugify

from ..alink import ITEM_NAME_LENGTH_MAX, NAME_LENGTH_MAX, Bool, DataType, Enum, is_name

_LAST_RESORT: Final = "property"
_CUT: Final = ".."  # in place of the middle of a long name
_SEPARATOR: Final = "_"
_APOSTROPHES: Final = frozenset("'`\u2018\u2019\u02bc")
_AROUND: Final = "_/.-"  # the console takes none of these at the start of a name, and at its end they say nothing
_RUNS: Final = re.compile(r"_*([_/.-])_*")
_UNKNOWN: Final = "unknown"  # the result of slugify for letters that it cannot transliterate
# Characters; a longer text is no name, and the work on each of its letters would hold up the event loop.
_SOURCE_MAX: Final = 1000


def readable_name(text: str, fallback: str) -> str:
    """Return the name of a property: the text with as few changes as the console asks for, or the fallback."""
    return _name(text, NAME_LENGTH_MAX) or _name(fallback, NAME_LENGTH_MAX) or _LAST_RESORT


def unique_name(name: str, taken: Container[str]) -> str:
    """Return a name that is free: the same, or with a number where it is taken."""
    return _unique(name, taken, NAME_LENGTH_MAX)


def item_names(words: Sequence[str]) -> list[str]:
    """Return the names of an enum's or a bool's values, all different; one without letters is named by its key."""
    names: list[str] = []
    taken: set[str] = set()
    for key, word in enumerate(words):
        names.append(_unique(_name(word, ITEM_NAME_LENGTH_MAX) or str(key), taken, ITEM_NAME_LENGTH_MAX))
        taken.add(names[-1])
    return names


def takes_names(data_type: DataType) -> bool:
    """Tell if the console takes the names of an enum's or a bool's values."""
    return all(map(is_name, _item_names(data_type)))


def with_item_names(data_type: DataType) -> DataType:
    """Return an enum or a bool with names that the console takes."""
    names = item_names(_item_names(data_type))
    match data_type:
        case Enum(names=former):
            return replace(data_type, names=dict(zip(former, names, strict=True)))
        case Bool():
            return replace(data_type, off=names[0], on=names[1])
        case _:
            return data_type


def _item_names(data_type: DataType) -> Sequence[str]:
    match data_type:
        case Enum(names=names):
            return [*names.values()]
        case Bool(off=off, on=on):
            return off, on
        case _:
            return ()


def _unique(name: str, taken: Container[str], limit: int) -> str:
    if name not in taken:
        return name

    def is_free(number: int) -> bool:
        return _numbered(name, number, limit) not in taken

    # Thousands may share a name: double the number until it is free, then halve the last step.
    high = 2
    while not is_free(high):
        high *= 2
    numbers = range(max(2, high // 2), high)
    return _numbered(name, numbers[0] + bisect_left(numbers, True, key=is_free) if numbers else high, limit)


def _numbered(name: str, number: int, limit: int) -> str:
    suffix = f"{_SEPARATOR}{number}"
    return f"{_shortened(name, limit - len(suffix))}{suffix}"


def _name(text: str, limit: int) -> str:
    """Keep the letters that the console takes; returns the empty text when none is left."""
    kept = "".join(map(_kept, _transliterated(unicodedata.normalize("NFKC", text[:_SOURCE_MAX]))))
    return _shortened(_RUNS.sub(r"\1", kept).strip(_AROUND), limit)


def _shortened(name: str, limit: int) -> str:
    """Cut in the middle: long names differ at their end as often as at their start."""
    if len(name) <= limit:
        return name
    tail = (limit - len(_CUT)) // 2
    head = limit - len(_CUT) - tail
    return f"{name[:head].rstrip(_AROUND)}{_CUT}{name[-tail:].strip(_AROUND)}".rstrip(_AROUND)


def _transliterated(text: str) -> str:
    """Write words of other scripts in Latin letters."""
    return re.sub(r"\w+", lambda word: "".join(map(_latin, _runs(word.group()))), text)


def _runs(word: str) -> list[str]:
    """Divide a word into runs of letters that the console takes and runs that it does not."""
    runs: list[str] = []
    for letter in word:
        if runs and _is_taken(runs[-1][-1]) == _is_taken(letter):
            runs[-1] += letter
        else:
            runs.append(letter)
    return runs


def _latin(run: str) -> str:
    if _is_taken(run[0]):
        return run
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", run) if not unicodedata.combining(letter))
    if bare and all(map(_is_taken, bare)):  # only accents: upper case stays
        return bare
    slug = slugify(run)
    return "" if slug == _UNKNOWN else slug


def _kept(letter: str) -> str:
    if _is_taken(letter) or letter in _AROUND:
        return letter
    if letter in _APOSTROPHES:
        return ""
    # Space and punctuation divide words. The rest cannot be read: controls, marks, emoji, halves of surrogate pairs.
    return _SEPARATOR if letter.isspace() or unicodedata.category(letter)[0] in "PZ" else ""


def _is_taken(letter: str) -> bool:
    return letter == _SEPARATOR or is_name(letter)
