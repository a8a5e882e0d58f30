"""The schema library under the name that every Home Assistant knows.

Home Assistant answers to `voluptuous` with its successor probatio; types are checked against that one.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

__all__ = ["vol"]
