"""How soon a link is tried again."""

import pytest

from custom_components.aliyun_iot.alink.protocol.limits import CONNECTS_PER_MINUTE
from custom_components.aliyun_iot.alink.transport.backoff import retry_delay


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_no_minute_sees_more_connects_than_the_platform_allows(jitter: float) -> None:
    times = [0.0]
    for failures in range(1, 40):
        times.append(times[-1] + retry_delay(failures, jitter))
    assert all(sum(start <= moment < start + 60.0 for moment in times) <= CONNECTS_PER_MINUTE for start in times)


def test_the_first_retry_is_quick_and_the_later_ones_are_slow_and_spread() -> None:
    assert 1.0 <= retry_delay(1, 0.0) < retry_delay(1, 1.0) <= 5.0
    assert [retry_delay(failures, 1.0) for failures in (3, 4, 5, 1000)] == [30.0, 60.0, 120.0, 120.0]
    assert retry_delay(1000, 0.0) == 60.0
