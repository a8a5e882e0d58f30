"""Schema: the schema library under the name that every Home Assistant knows.

Since 2026.9, Home Assistant answers `import voluptuous` with its successor, probatio, which has types to check against.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

__all__ = ["vol"]
