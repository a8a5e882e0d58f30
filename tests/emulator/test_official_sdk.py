from .official_sdk import prove


async def test_the_platforms_own_sdk_takes_the_emulator_for_the_platform() -> None:
    lines = await prove()
    assert [(what, seen) for what, seen, _ in lines] == [(what, wanted) for what, _, wanted in lines]
