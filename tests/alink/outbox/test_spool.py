"""The spool that keeps nothing."""

import asyncio

import pytest

from custom_components.aliyun_iot.alink.outbox.spool import NoSpool
from custom_components.aliyun_iot.alink.protocol.messages import Sample

from .instant import Clock, instantly

SAMPLE = Sample("t", 1, 1)


def test_every_sample_that_it_is_given_is_lost() -> None:
    spool = NoSpool()
    assert (spool.losses, spool.is_pending, spool.oldest) == ({}, False, None)
    spool.keep([SAMPLE, SAMPLE])
    spool.keep([SAMPLE])
    assert spool.losses == {"no_room": 3}


@instantly
async def test_it_never_has_anything_to_read_back(clock: Clock) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3600):
            await NoSpool().read()
