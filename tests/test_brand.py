"""Brand: the icon and the logo meet Home Assistant's and HACS's rules, and are made from their source."""

from hashlib import sha256
from pathlib import Path
import re

from PIL import Image, ImageChops
import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "docs" / "brand.svg"
BRAND = ROOT / "custom_components" / "aliyun_iot" / "brand"

NAMES = ("icon", "icon@2x", "logo", "logo@2x", "dark_icon", "dark_icon@2x", "dark_logo", "dark_logo@2x")
USUAL = ("icon", "logo", "dark_icon", "dark_logo")
LIGHT = ("icon", "icon@2x", "logo", "logo@2x")
# The backgrounds of Home Assistant's own cards, on which the pictures are shown.
GROUNDS = {"light": (255, 255, 255), "dark": (28, 28, 28)}


def picture(name: str) -> Image.Image:
    with Image.open(BRAND / f"{name}.png") as image:
        image.load()
    return image


def flat_colours(image: Image.Image) -> list[tuple[int, ...]]:
    """Return the two colours that the picture is drawn in; all others are edges between them and transparent."""
    counted = [(count, colour) for count, colour in image.getcolors(1 << 20) or () if isinstance(colour, tuple)]
    return [colour for _, colour in sorted(counted, reverse=True) if colour[3] == 255][:2]


def luminance(colour: tuple[int, ...]) -> float:
    """Return the relative luminance of a colour of sRGB (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (value / 255 for value in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    darker, brighter = sorted((luminance(one), luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


def test_there_is_each_picture_that_home_assistant_looks_for_and_nothing_else() -> None:
    assert {path.name for path in BRAND.iterdir()} == {f"{name}.png" for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_was_made_from_the_source_as_it_is_now(name: str) -> None:
    """If this fails, run scripts/brand."""
    assert picture(name).info["Source"] == sha256(SOURCE.read_bytes()).hexdigest()


def test_the_source_is_shapes_only() -> None:
    elements = set(re.findall(r"<([a-z]+)", SOURCE.read_text()))
    assert elements <= {"svg", "style", "symbol", "path", "circle", "rect", "g", "use"}


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_a_small_transparent_png_in_srgb(name: str) -> None:
    image = picture(name)
    assert (image.format, image.mode) == ("PNG", "RGBA")
    assert "srgb" in image.info
    assert image.getchannel("A").getpixel((0, 0)) == 0
    assert (BRAND / f"{name}.png").stat().st_size < 32 * 1024


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_has_the_size_of_its_name(name: str) -> None:
    image = picture(name)
    height = {"icon": 256, "logo": 128}[name.removeprefix("dark_").removesuffix("@2x")]
    assert image.height == height * (2 if name.endswith("@2x") else 1)
    if "icon" in name:
        assert image.width == image.height
    else:
        assert image.width > image.height


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_has_no_margin(name: str) -> None:
    """An icon is square, so it has equal margins above and below; a logo has none."""
    image = picture(name)
    left, top, right, bottom = image.getbbox() or (0, 0, 0, 0)
    if "icon" in name:
        assert (left, right) == (0, image.width)
        assert abs(top - (image.height - bottom)) <= 1
        assert top < image.height / 20
    else:
        assert (left, top, right, bottom) == (0, 0, *image.size)


@pytest.mark.parametrize("name", USUAL)
def test_the_large_picture_is_the_same_drawing(name: str) -> None:
    usual = picture(name).getchannel("A")
    large = picture(f"{name}@2x").getchannel("A").resize(usual.size, Image.Resampling.BOX)
    difference = ImageChops.difference(usual, large)
    assert sum(value * count for value, count in enumerate(difference.histogram())) / (usual.width * usual.height) < 2


@pytest.mark.parametrize("name", LIGHT)
def test_the_dark_picture_is_the_same_drawing_in_other_colours(name: str) -> None:
    light, dark = picture(name), picture(f"dark_{name}")
    assert ImageChops.difference(light.getchannel("A"), dark.getchannel("A")).getbbox() is None
    assert set(flat_colours(light)).isdisjoint(flat_colours(dark))


@pytest.mark.parametrize("name", NAMES)
def test_each_colour_stands_out_from_its_ground(name: str) -> None:
    """WCAG 2.2 asks for a contrast of 3 to 1 of a graphic (1.4.11)."""
    ground = GROUNDS["dark" if name.startswith("dark_") else "light"]
    colours = flat_colours(picture(name))
    assert len(colours) == 2
    assert all(contrast(colour[:3], ground) >= 3 for colour in colours)
