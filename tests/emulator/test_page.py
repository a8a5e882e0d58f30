"""Page: needs nothing from elsewhere, and has every word in both languages."""

from collections.abc import AsyncGenerator
import json
from pathlib import Path
import re

from aiohttp import ClientSession
import pytest
from yarl import URL

from . import Emulator
from .faults import Faults
from .limits import Limits
from .webpage import FOLDER

FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
SCRIPTS = [path for path in FILES if path.suffix == ".js"]
# The name of SVG, which no browser requests.
NAMESPACE = "http://www.w3.org/2000/svg"


@pytest.fixture
async def console(emulator: Emulator) -> AsyncGenerator[ClientSession]:
    async with ClientSession(f"http://127.0.0.1:{emulator.console_port}") as session:
        yield session


def words(language: str) -> dict[str, str]:
    document: dict[str, str] = json.loads((FOLDER / "words" / f"{language}.json").read_text("utf-8"))
    return document


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
async def test_the_page_is_its_files_as_they_are(console: ClientSession, file: Path) -> None:
    path = "/" if file.name == "index.html" else f"/page/{file.relative_to(FOLDER).as_posix()}"
    async with console.get(path) as response:
        assert (response.status, await response.read()) == (200, file.read_bytes())
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_page_needs_nothing_from_elsewhere(file: Path) -> None:
    text = file.read_text("utf-8").replace(NAMESPACE, "")
    assert "://" not in text
    assert not re.search(r"""(?:src|href|url\()=?["'(]//""", text)


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_what_devices_say_never_becomes_html(file: Path) -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|setHTML", file.read_text("utf-8")
    )


@pytest.mark.parametrize("path", ["/page/../console.py", "/page/%2e%2e/console.py", "/page/", "/page/words"])
async def test_nothing_but_the_page_is_served(emulator: Emulator, path: str) -> None:
    url = URL(f"http://127.0.0.1:{emulator.console_port}{path}", encoded=True)
    assert url.raw_path == path  # nothing tidied it up on the way
    async with ClientSession() as session, session.get(url) as response:
        assert response.status in {403, 404}


def test_both_languages_have_the_same_words_with_the_same_places() -> None:
    english, chinese = (
        {key: sorted(re.findall(r"{(\w+)}", text)) for key, text in words(language).items()}
        for language in ("en", "zh-Hans")
    )
    assert english == chinese
    assert all(words(language)[key].strip() for language in ("en", "zh-Hans") for key in english)


def test_every_word_is_there_and_needed() -> None:
    """The page names a word by its key in quotes, or by a quoted prefix that it completes."""
    page = "\n".join(path.read_text("utf-8") for path in FILES if path.suffix in {".js", ".html"})
    prefixes = tuple(set(re.findall(r"\b(?:t|has)\(`([a-z_]+\.)\$\{", page)))
    asked = set(re.findall(r'\bt\("([^"]+)"', page)) | set(re.findall(r'data-(?:word|label)="([^"]+)"', page))
    named = set(re.findall(r'"([a-z][\w.]*)"', page)) | set(re.findall(r"\b(\w+): ", page))
    known = words("en").keys()
    assert asked <= known
    unneeded = {key for key in known if key.removesuffix(".hint") not in named and not key.startswith(prefixes)}
    assert unneeded == set()


def test_all_faults_and_limits_have_words_and_a_place_on_the_page() -> None:
    known = words("en").keys()
    kinds = (FOLDER / "fault_kinds.js").read_text("utf-8")
    limits = (FOLDER / "limits.js").read_text("utf-8")
    for fault in [*Faults().as_json(), "cut", "foreign"]:
        assert {f"fault.{fault}", f"fault.{fault}.hint"} <= known
        assert f"  {fault}: {{" in kinds
    for limit in Limits.__dataclass_fields__:
        assert f"limit.{limit}" in known
        assert f'"{limit}"' in limits
