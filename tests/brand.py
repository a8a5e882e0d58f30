"""Draw the integration's own icon: a home that sends its values into a cloud.

Home Assistant shows what is in `brand/` beside the manifest; the sizes are those that it expects.
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

BRAND = Path(__file__).parent.parent / "custom_components" / "aliyun_iot" / "brand"
UNIT = 2048  # pixels of the drawing, made small at the end
CLOUD = (24, 134, 196, 255)
HOME = (255, 255, 255, 255)
SIGNAL = (255, 167, 38, 255)
DARK_TEXT, LIGHT_TEXT = (33, 43, 54, 255), (236, 240, 243, 255)


def icon() -> Image.Image:
    """Draw a cloud with a home in it, and a value on its way up."""
    image = Image.new("RGBA", (UNIT, UNIT))
    draw = ImageDraw.Draw(image)
    for x, y, radius in ((560, 1180, 520), (1060, 820, 640), (1540, 1200, 500)):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=CLOUD)
    draw.rectangle((560, 1100, 1540, 1700), fill=CLOUD)
    draw.polygon(((1024, 700), (560, 1120), (1488, 1120)), fill=HOME)
    draw.rounded_rectangle((690, 1040, 1358, 1560), radius=50, fill=HOME)
    draw.polygon(((1024, 1010), (854, 1200), (1194, 1200)), fill=SIGNAL)
    draw.rounded_rectangle((960, 1160, 1088, 1440), radius=40, fill=SIGNAL)
    return image.crop(image.getbbox())


def square(image: Image.Image, size: int) -> Image.Image:
    """Fit a drawing into a square without changing its proportions."""
    side = max(image.size)
    canvas = Image.new("RGBA", (side, side))
    canvas.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return canvas.resize((size, size), Image.Resampling.LANCZOS)


def logo(height: int, colour: tuple[int, int, int, int]) -> Image.Image:
    """Set the drawing beside the name."""
    drawing = icon()
    drawing = drawing.resize((drawing.width * 512 // drawing.height, 512), Image.Resampling.LANCZOS)
    font = ImageFont.load_default(170)
    lines = ("Alibaba Cloud", "IoT Platform")
    width = max(int(font.getlength(line)) for line in lines)
    canvas = Image.new("RGBA", (drawing.width + 60 + width, 512))
    canvas.paste(drawing, (0, 0))
    draw = ImageDraw.Draw(canvas)
    for number, line in enumerate(lines):
        draw.text((drawing.width + 60, 60 + number * 200), line, font=font, fill=colour)
    canvas = canvas.crop(canvas.getbbox())
    return canvas.resize((canvas.width * height // canvas.height, height), Image.Resampling.LANCZOS)


def main() -> None:
    """Write every file that Home Assistant looks for."""
    BRAND.mkdir(exist_ok=True)
    drawings = {
        "icon": square(icon(), 256),
        "icon@2x": square(icon(), 512),
        "logo": logo(128, DARK_TEXT),
        "logo@2x": logo(256, DARK_TEXT),
        "dark_logo": logo(128, LIGHT_TEXT),
        "dark_logo@2x": logo(256, LIGHT_TEXT),
    }
    for name, image in drawings.items():
        image.save(BRAND / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
