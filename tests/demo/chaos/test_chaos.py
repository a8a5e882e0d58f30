"""The chaos run is judged: it knows every fault of the emulator, and keeps within the integration's quick attempts."""

from dataclasses import fields
from random import Random
from unittest.mock import AsyncMock, Mock

from custom_components.aliyun_iot.alink.transport import supervision
from tests.emulator.faults import Faults

from .foreign import PAYLOADS, TOPICS, message
from .kinds import ELSEWHERE, KINDS, RELOADED
from .mischief import Mischief
from .rage import Plan, Rage
from .strain import MOST_KICKS, MOST_REFUSALS, Strain, Weight


def test_each_fault_of_the_emulator_has_a_kind() -> None:
    names = " ".join(kind.name for kind in KINDS)
    assert {field.name for field in fields(Faults) if field.name not in names} == ELSEWHERE


def test_each_kind_has_a_name_of_its_own() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)


async def test_the_emulator_takes_whatever_a_kind_draws() -> None:
    own = Mock(spec=Mischief, dice=Random(15))
    for _ in range(50):
        for kind in KINDS:
            kind.begin(own, 1.0)
    drawn = [call.args[0] for call in own.held.call_args_list + own.greeted.call_args_list]
    drawn += [call.args[1] for call in own.lying_ahead.call_args_list]
    assert len(drawn) > 1000
    for faults in drawn:
        Faults().update(faults)
    assert {call.args[0]["topic"] for call in own.said.call_args_list} == set(TOPICS)


def test_a_flood_is_one_of_small_messages() -> None:
    dice = Random(15)
    drawn = [(payload, message(dice, payload)["times"]) for payload in PAYLOADS for _ in range(50)]
    assert {len(PAYLOADS[payload]) < 300 for payload, times in drawn if times > 1} == {True}
    assert max(times for _, times in drawn) == 300


def test_a_third_link_is_cut_only_after_a_reload() -> None:
    strain, cut = Strain(), Weight(kicks=1)
    for _ in range(MOST_KICKS):
        assert strain.allows(cut)
        with strain.under(cut):
            pass
    assert not strain.allows(cut)
    assert strain.allows(Weight())
    strain.renewed()
    assert strain.allows(cut)


def test_a_fault_that_outlasts_a_reload_counts_after_it_too() -> None:
    strain, refused = Strain(), Weight(refusals=2)
    with strain.under(refused), strain.under(refused):
        strain.renewed()
        assert not strain.allows(refused)
    strain.renewed()
    assert strain.allows(refused)


def test_an_attempt_that_reaches_nobody_ends_the_kicks_and_a_link_the_refusals() -> None:
    strain, worst = Strain(), Weight(kicks=MOST_KICKS, refusals=MOST_REFUSALS)
    with strain.under(worst):
        pass
    strain.missed()
    assert (strain.allows(Weight(kicks=1)), strain.allows(Weight(refusals=1))) == (True, False)
    strain.connected()
    assert strain.allows(worst)


def test_one_more_would_make_the_integration_wait_for_an_hour() -> None:
    assert (MOST_KICKS + 1, MOST_REFUSALS + 1) == (supervision._KICKS, supervision._REFUSALS)


def idle(dice: Random) -> Mock:
    """Return a mischief that does nothing."""
    own = Mock(spec=Mischief, dice=dice, strain=Strain(), patient=Mock(), until=0.0)
    for means in (
        own.held,
        own.greeted,
        own.said,
        own.cut,
        own.down,
        own.refusing,
        own.disabled,
        own.lacking,
        own.lying_ahead,
    ):
        means.return_value = AsyncMock()
    own.reload.side_effect = own.strain.renewed
    return own


async def test_all_kinds_come_and_never_too_many_of_those_that_wear() -> None:
    rage = Rage(plan=Plan(seconds=1.0, pause=(0.0, 0.0)), mischief=idle(Random(15)))
    await rage.go()
    kinds = [kind for _, kind, _ in rage.begun]
    assert {kind.name for kind in kinds} == {kind.name for kind in KINDS}
    kicks = [0]
    for kind in kinds:
        kicks.append(0 if kind is RELOADED else kicks[-1] + kind.weight.kicks)
    assert max(kicks) == MOST_KICKS


async def test_the_second_half_of_a_short_run_has_a_reload_and_then_quick_faults_only() -> None:
    rage = Rage(plan=Plan(seconds=1.0, pause=(0.0, 0.0), is_short=True), mischief=idle(Random(15)))
    await rage.go()
    late = [kind for at, kind, _ in rage.begun if at > 0.5]
    assert late[0] is RELOADED
    assert all(kind.is_quick for kind in late)
    assert not all(kind.is_quick for _, kind, _ in rage.begun)
