"""The schema library under the name that every Home Assistant knows.

Since 2026.9 Home Assistant ships probatio and answers to `voluptuous` with it; before, it was voluptuous itself. Types
are checked against the newer one.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

__all__ = ["vol"]
