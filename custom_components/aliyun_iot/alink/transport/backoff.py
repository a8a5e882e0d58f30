"""How long to wait before the next CONNECT."""

from typing import Final

_FIRST: Final = 5.0  # s
# Four more a minute at the earliest: with the one that just failed the platform's limit of five a minute is kept.
_SHORTEST_STEP: Final = 15.0  # s
_LONGEST_STEP: Final = 120.0  # s


def retry_delay(failures: int, jitter: float) -> float:
    """Seconds to wait after the given number of failures in a row, with `jitter` in 0 to 1.

    Quick once, then doubling; spread, so that a neighbourhood does not come back in the same second.
    """
    if failures <= 1:
        return 1.0 + (_FIRST - 1.0) * jitter
    step = min(_LONGEST_STEP, _SHORTEST_STEP * 2.0 ** min(failures - 2, 16))
    return step * (1.0 + jitter) / 2.0 if step > _SHORTEST_STEP else step * (1.0 + jitter / 2.0)
