"""What the platform has not taken so far, over a restart."""

from collections.abc import Container, Mapping

from ..alink import Lane, Refusal, Rejection
from .mark import Missed


def missed_of(rejections: Mapping[str, Rejection]) -> dict[str, Missed]:
    """Pick what to remember."""
    return {
        identifier: Missed(
            first=min(first for first, _ in rejection.missed.values()),
            last=max(last for _, last in rejection.missed.values()),
            code=rejection.latest.code,
            text=rejection.latest.text,
        )
        for identifier, rejection in rejections.items()
        if rejection.missed and not rejection.is_over
    }


def rejections_of(missed: Mapping[str, Missed], published: Container[str]) -> dict[str, Rejection]:
    """Go on with what was remembered of what is still published; the counts begin anew."""
    return {
        identifier: Rejection(
            count=0, latest=Refusal(code=one.code, text=one.text), missed={Lane.PAST: (one.first, one.last)}
        )
        for identifier, one in missed.items()
        if identifier in published
    }
