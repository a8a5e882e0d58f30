"""The pictures that the READMEs show, out of those that the walks have taken."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PIL import Image

# By the name in docs/, the picture's name in the everyday walk.
PICTURES: Final[Mapping[str, str]] = {
    "console": "console-chart",
    "device": "device",
    "options": "options",
    "preview": "preview",
    "repair": "repair-model",
    "setup": "first-form",
    "thing-model": "options-file",
}


def update(screenshots: Path, docs: Path) -> None:
    """Replace the pictures of one language, in 256 colors: a third as large, and nobody sees it."""
    for name, picture in PICTURES.items():
        (source,) = screenshots.glob(f"everyday-??-{picture}.png")
        with Image.open(source) as image:
            image.quantize(dither=Image.Dither.NONE).save(docs / f"{name}.png", optimize=True)
