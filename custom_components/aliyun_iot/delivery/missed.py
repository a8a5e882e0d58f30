"""Rejections over a restart: the stretches that the platform has rejected so far."""

from collections.abc import Container, Mapping

from ..alink import Lane, Refusal, Rejection
from .mark import Missed


def missed_of(rejections: Mapping[str, Rejection]) -> dict[str, Missed]:
    """Return the stretches to remember; a stretch waits for another model also while later values are taken."""
    return {
        identifier: Missed(
            first=min(first for first, _ in rejection.missed.values()),
            last=max(last for _, last in rejection.missed.values()),
            code=rejection.latest.code,
            text=rejection.latest.text,
            is_over=rejection.is_over,
        )
        for identifier, rejection in rejections.items()
        if rejection.missed
    }


def rejections_of(missed: Mapping[str, Missed], published: Container[str]) -> dict[str, Rejection]:
    """Return the remembered rejections of properties that are still published; the counts begin anew."""
    return {
        identifier: Rejection(
            count=0,
            latest=Refusal(code=one.code, text=one.text),
            is_over=one.is_over,
            missed={Lane.PAST: (one.first, one.last)},
        )
        for identifier, one in missed.items()
        if identifier in published
    }
