from collections.abc import AsyncGenerator

from aiohttp import ClientSession
import pytest

from . import Emulator


@pytest.fixture
async def console(emulator: Emulator) -> AsyncGenerator[ClientSession]:
    async with ClientSession(f"http://127.0.0.1:{emulator.console_port}") as session:
        yield session


@pytest.mark.parametrize("path", ["/", "/page/main.js", "/api/devices"])
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 200),
        ("LOCALHOST:{port}", 200),
        ("127.8.8.8:{port}", 200),
        ("[::1]:{port}", 200),
        ("evil.example:{port}", 403),
        ("localhost.evil.example:{port}", 403),
        ("127.0.0.1.evil.example:{port}", 403),
        ("93.184.215.14:{port}", 403),
        ("127.0.0.1", 403),
        ("127.0.0.1:1", 403),
        ("127.0.0.1:port", 403),
        ("[::1:{port}", 403),
    ],
)
async def test_only_this_machine_is_the_host(
    emulator: Emulator, console: ClientSession, *, path: str, host: str, status: int
) -> None:
    async with console.get(path, headers={"Host": host.format(port=emulator.console_port)}) as response:
        assert response.status == status


async def test_a_foreign_host_changes_nothing(emulator: Emulator, console: ClientSession) -> None:
    headers = {"Host": f"evil.example:{emulator.console_port}"}
    async with console.post("/api/faults", json={"throttle": True}, headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (403, 403)
    assert not emulator.faults.throttle


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://127.0.0.1:{port}"}, 200),
        ({"Origin": "http://127.0.0.1:{port}", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "https://127.0.0.1:{port}"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_another_sites_page_changes_nothing(
    emulator: Emulator, console: ClientSession, *, headers: dict[str, str], status: int
) -> None:
    sent = {name: value.format(port=emulator.console_port) for name, value in headers.items()}
    async with console.post("/api/faults", json={"throttle": True}, headers=sent) as response:
        assert response.status == status
    assert emulator.faults.throttle is (status == 200)


async def test_another_sites_page_may_be_the_way_here(console: ClientSession) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "http://other.example"}
    async with console.get("/", headers=headers) as response:
        assert response.status == 200
