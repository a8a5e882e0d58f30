"""A device in a process of its own, which a test may stop: `python -m tests.alink.standing_still PORT SECRET`.

It writes a line when it is connected, and one with the id of each command that it carries out.
"""

import asyncio
import sys

from custom_components.aliyun_iot.alink.device import Device
from custom_components.aliyun_iot.alink.protocol.commands import Answer, Command
from custom_components.aliyun_iot.alink.protocol.endpoints import Endpoint
from custom_components.aliyun_iot.alink.protocol.identity import SecretCredentials
from custom_components.aliyun_iot.alink.status import Connection, Status
from custom_components.aliyun_iot.alink.transport import watch
from custom_components.aliyun_iot.alink.transport.access import Access
from custom_components.aliyun_iot.alink.transport.trust import make_trust

from .client import IDENTITY

STUCK = 0.5  # s instead of ten, which is also long for a busy machine


async def carry_out(command: Command) -> Answer:
    print(command.id, flush=True)
    return Answer(code=200, is_executed=True)


async def main(port: int, secret: str) -> None:
    watch._STUCK = STUCK + 1.0  # type: ignore[misc]  # a second passes between two looks as it is
    links = 0

    def told(status: Status) -> None:
        nonlocal links
        if status.connection is Connection.CONNECTED and links != device._session.links:
            links = device._session.links
            print("connected", flush=True)

    device = Device(
        Access(
            credentials=SecretCredentials(identity=IDENTITY, device_secret=secret),
            endpoint=Endpoint(host="127.0.0.1", port=port),
        ),
        make_trust(),
        on_status=told,
        on_command=carry_out,
    )
    await device.run()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
