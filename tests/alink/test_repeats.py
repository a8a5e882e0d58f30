"""Repeats: which command was carried out before."""

import asyncio
from typing import Any

from custom_components.aliyun_iot.alink.protocol.commands import Answer, Command, CommandKind
from custom_components.aliyun_iot.alink.repeats import Repeats, key_of

DONE = Answer(code=200, is_executed=True)
REFUSED = Answer(code=403)


def command(id_: str = "7", *, kind: CommandKind = CommandKind.SET, **values: Any) -> Command:
    return Command(id=id_, kind=kind, values=values)


async def answered(answer: Answer) -> Answer:
    return answer


def ended(repeats: Repeats, one: Command, answer: Answer, now: float = 0.0) -> None:
    repeats.began(key_of(one), asyncio.ensure_future(answered(answer)))
    repeats.ended(key_of(one), answer, now)


def test_id_kind_and_content_make_a_command_and_the_order_of_names_does_not() -> None:
    keys = [
        key_of(command(a=1, b=2)),
        key_of(command(a=1)),
        key_of(command(a=1.0)),
        key_of(command(a="1")),
        key_of(command("8", a=1)),
        key_of(command(kind=CommandKind.GET, a=1)),
        key_of(Command(id="7", kind=CommandKind.GET, values={}, names=("a",))),
    ]
    assert len(set(keys)) == len(keys)
    assert key_of(command(b=2, a=1)) == keys[0]


async def test_one_that_runs_is_found_until_it_ends() -> None:
    repeats, one = Repeats(), command()
    task = asyncio.ensure_future(answered(DONE))
    repeats.began(key_of(one), task)
    assert (repeats.find(key_of(one), 0.0), repeats.running) == (task, 1)
    repeats.ended(key_of(one), DONE, 0.0)
    assert (repeats.find(key_of(one), 0.0), repeats.running) == (DONE, 0)


async def test_one_that_was_carried_out_is_remembered_for_a_quarter_of_an_hour() -> None:
    repeats = Repeats()
    ended(repeats, command(), DONE, 100.0)
    assert repeats.find(key_of(command()), 1000.0) == DONE
    assert repeats.find(key_of(command()), 1000.1) is None


async def test_five_thousand_refusals_push_nothing_out() -> None:
    repeats = Repeats()
    ended(repeats, command(), DONE)
    for number in range(5000):
        ended(repeats, command(f"refused {number}"), REFUSED)
    assert repeats.find(key_of(command()), 1.0) == DONE
    assert repeats.find(key_of(command("refused 1")), 1.0) is None


async def test_a_thousand_are_remembered_and_the_oldest_goes() -> None:
    repeats = Repeats()
    for number in range(1001):
        ended(repeats, command(str(number)), DONE)
    assert repeats.find(key_of(command("0")), 0.0) is None
    assert repeats.find(key_of(command("1")), 0.0) == DONE
