"""Targets: what an entity belongs to, and by which a choice can reach it."""

from typing import Final

TARGETS: Final = ("device_id", "area_id", "floor_id", "label_id")
