"""Texts of problems, in Home Assistant's language: an issue's placeholders are filled on the server."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations, async_get_translations

from ..alink import AlinkError
from ..const import DOMAIN
from ..errors import error_text
from ..markdown import plain
from .problems import Problem, Problems, Reason

_CATEGORY: Final = "selector"
_ERRORS: Final = "config"  # the category with the texts of errors, which the dialogs show, too
_MOST: Final = 5  # lines of a list; more would push the dialog's button off a phone's screen


async def async_load_texts(hass: HomeAssistant) -> None:
    """Load the texts into the cache that callbacks read."""
    for category in (_CATEGORY, _ERRORS):
        await async_get_translations(hass, hass.config.language, category, [DOMAIN])


@callback
def text_of(hass: HomeAssistant, key: str, group: str = "problem") -> str:
    """Return a text of one of the groups among the selectors, or its key."""
    texts = async_get_cached_translations(hass, hass.config.language, _CATEGORY, DOMAIN)
    return texts.get(f"component.{DOMAIN}.{_CATEGORY}.{group}.options.{key}", key)


@callback
def error_line(hass: HomeAssistant, error: AlinkError) -> str:
    """Return the text of an error, as a dialog shows it."""
    text = error_text(error)
    texts = async_get_cached_translations(hass, hass.config.language, _ERRORS, DOMAIN)
    shown = texts.get(f"component.{DOMAIN}.{_ERRORS}.error.{text.key}", text.key)
    return shown.format_map({key: plain(value) for key, value in text.placeholders.items()})


@callback
def problem_list(hass: HomeAssistant, problems: Problems) -> str:
    """Write problems as a list in Markdown: the first few, and the number of the others."""
    return lines(hass, (_line(hass, identifier, problem) for identifier, problem in problems.items()), len(problems))


@callback
def lines(hass: HomeAssistant, items: Iterable[str], count: int) -> str:
    """Write the first few of `count` items as a list in Markdown."""
    shown = [f"- {item}" for item in islice(items, _MOST)]
    if count > _MOST:
        shown.append(f"- {text_of(hass, 'more').format(count=count - _MOST)}")
    return "\n".join(shown)


@callback
def headed(hass: HomeAssistant, entity_id: str, identifier: str) -> str:
    """Return a property's heading: the name of its entity, and its identifier."""
    state = hass.states.get(entity_id)
    name = plain(entity_id if state is None else state.name)
    return text_of(hass, "named").format(name=name, identifier=identifier)


@callback
def line(hass: HomeAssistant, entity_id: str, identifier: str, text: str) -> str:
    """Return a line about a property; the text is Markdown."""
    return text_of(hass, "line").format(named=headed(hass, entity_id, identifier), text=text)


@callback
def way_text(hass: HomeAssistant, way: str) -> str:
    """Return what becomes of a property."""
    return text_of(hass, way)


def _line(hass: HomeAssistant, identifier: str, problem: Problem) -> str:
    words = {key: plain(word) for key, word in _told(problem).items()}
    return line(hass, problem.entity_id, identifier, text_of(hass, problem.text).format_map(words))


def _told(problem: Problem) -> Mapping[str, str]:
    """Return a text's placeholders; types of different kinds are named without their ranges."""
    if problem.reason is not Reason.MISMATCH:
        return problem.words
    kinds = {key: word.partition(" ")[0] for key, word in problem.words.items()}
    return problem.words if len(set(kinds.values())) == 1 else kinds
