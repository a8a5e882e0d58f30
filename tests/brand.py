"""Make the pictures in `brand/` beside the manifest from their one source, docs/brand.svg.

Home Assistant and HACS prescribe the names and sizes. Chromium draws much larger than needed; then the margin is cut
off and the picture is scaled down.
"""

from hashlib import sha256
from io import BytesIO
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, executable

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "docs" / "brand.svg"
BRAND = ROOT / "custom_components" / "aliyun_iot" / "brand"
HEIGHTS = {"icon": (256, 512), "logo": (128, 256)}  # normal, and @2x
PREFIXES = {"light": "", "dark": "dark_"}
DRAWN = (5120, 2048)


def drawn(page: Page, symbol: str, colours: str) -> Image.Image:
    """Draw one symbol of the source in one set of colours on a transparent ground, as large as it fits."""
    width, height = DRAWN
    page.set_content(
        f'<body style="margin: 0"><div style="position: absolute; width: 0; height: 0; overflow: hidden">'
        f"{SOURCE.read_text()}</div>"
        f'<svg id="drawn" class="{colours}" width="{width}" height="{height}"><use href="#{symbol}" /></svg>'
    )
    return Image.open(BytesIO(page.locator("#drawn").screenshot(omit_background=True)))


def trimmed(image: Image.Image, *, square: bool) -> Image.Image:
    """Cut off the margin, except for the part that makes an icon square."""
    image = image.crop(image.getbbox())
    if not square:
        return image
    side = max(image.size)
    canvas = Image.new("RGBA", (side, side))
    canvas.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return canvas


def save(image: Image.Image, height: int, path: Path) -> None:
    """Write a picture of this height that carries its colour space and a hash of its source."""
    about = PngInfo()
    about.add(b"sRGB", b"\0")
    about.add_text("Source", sha256(SOURCE.read_bytes()).hexdigest())
    small = image.resize((round(image.width * height / image.height), height), Image.Resampling.BOX)
    small.save(path, optimize=True, pnginfo=about)


def main() -> None:
    BRAND.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        page = browser.new_page()
        for symbol, heights in HEIGHTS.items():
            for colours, prefix in PREFIXES.items():
                image = trimmed(drawn(page, symbol, colours), square=symbol == "icon")
                for height, suffix in zip(heights, ("", "@2x"), strict=True):
                    save(image, height, BRAND / f"{prefix}{symbol}{suffix}.png")
        browser.close()


if __name__ == "__main__":
    main()
