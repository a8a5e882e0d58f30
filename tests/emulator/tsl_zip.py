"""Thing model ZIP: unpacks module files without trusting the sizes that the ZIP declares."""

from io import BytesIO
import struct
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo
import zlib

from .tsl_problems import LONGEST_QUOTE, Place, quote

LARGEST_ZIP = 2560 * 1024
MOST_FILES = 20

# A ZIP with files, and an empty one.
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED = 0x1
_BROKEN = (BadZipFile, zlib.error, struct.error, EOFError, OSError, OverflowError, RuntimeError, ValueError)


def is_zip(content: bytes) -> bool:
    return content.startswith(_MAGIC)


def unpack(root: Place, content: bytes, largest: int) -> list[tuple[Place, bytes]]:
    """Return the contents of a ZIP's files within the size limits, each with the place for its problems."""
    if len(content) > LARGEST_ZIP:
        root.note(f"a ZIP must be of at most {LARGEST_ZIP} bytes, is of {len(content)}")
        return []
    try:
        with ZipFile(BytesIO(content)) as archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
            if not 1 <= len(files) <= MOST_FILES:
                root.note(f"a ZIP must have 1 to {MOST_FILES} files, has {len(files)}")
                return []
            return [(place, text) for info in files for place, text in _read(root, archive, info, largest)]
    except _BROKEN as error:
        root.note(f"must be a whole ZIP: {_why(error)}")
        return []


def _read(root: Place, archive: ZipFile, info: ZipInfo, largest: int) -> list[tuple[Place, bytes]]:
    """Return one file; none, and its problem noted, for a file that breaks a rule."""
    place = Place(problems=root.problems, file=_short(info.filename))
    # Only these two unpack piece by piece, so that false headers cannot fill the memory.
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or info.flag_bits & _ENCRYPTED:
        place.note("must be stored or deflated, and not encrypted")
        return []
    if info.file_size > largest:
        place.note(f"must be of at most {largest} bytes, is of {info.file_size}")
        return []
    try:
        with archive.open(info) as file:
            return [(place, file.read(largest + 1))]
    except _BROKEN as error:
        place.note(f"must be whole in the ZIP: {_why(error)}")
        return []


def _why(error: Exception) -> str:
    # Cut, because some texts repeat a file name of any length.
    return str(error)[: 2 * LONGEST_QUOTE]


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_QUOTE and name.isprintable() else quote(name)
