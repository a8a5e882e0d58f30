"""The READMEs' pictures, taken from the screenshots of the walks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PIL import Image

# Maps the name in docs/ to the picture's name in the everyday walk.
PICTURES: Final[Mapping[str, str]] = {
    "console": "console-chart",
    "device": "device",
    "options": "options",
    "preview": "preview",
    "repair": "repair-model",
    "setup": "first-form",
}


def update(screenshots: Path, docs: Path) -> None:
    """Replace the pictures of one language; 256 colors take a third of the space and look the same."""
    for name, picture in PICTURES.items():
        (source,) = screenshots.glob(f"everyday-??-{picture}.png")
        with Image.open(source) as image:
            image.quantize(dither=Image.Dither.NONE).save(docs / f"{name}.png", optimize=True)
