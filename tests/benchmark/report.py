"""Report: the figures as a person reads them."""

from collections.abc import Iterator
from typing import Any

from . import profiled
from .targets import CROWDS, Measured, exporter_cost, targets

_NAMES = {
    "nothing": "(a) no exporter",
    "statestream": "(b) mqtt_statestream",
    "ours": "(c) aliyun_iot",
    "least": "(d) least possible",
}


def report(measured: Measured) -> str:
    """Write everything that was measured."""
    return "\n".join([*_exporters(measured), *_others(measured), *_verdicts(measured), *_profile(measured)])


def _exporters(measured: Measured) -> Iterator[str]:
    names = [name for name in _NAMES if "cpu_us" in measured.get(name, {})]
    if not names:
        return
    yield ""
    yield "20,000 changes of 200 sensors, 200 every 0.1 s, over TCP with QoS 1"
    yield (
        f"{'':22} {'CPU us/change':>13} {'(of it gc)':>10} {'beyond (a)':>10} {'messages/change':>15}"
        f" {'bytes/change':>12} {'last confirmed':>14} {'peak memory':>11} {'stall':>8}"
    )
    for name in names:
        seen = measured[name]
        at, best = min(enumerate(seen["cpu_us"]), key=lambda pair: float(pair[1]))
        beyond = f"{exporter_cost(measured, name):10.1f}" if "nothing" in names else " " * 10
        yield (
            f"{_NAMES[name]:22} {best:13.1f} {seen['collecting_us'][at]:10.1f} {beyond} {seen['messages']:15.4f}"
            f" {seen['bytes']:12.1f} {seen['seconds']:12.3f} s {seen['peak_mb']:8.0f} MB"
            f" {seen['stall']['longest']:5.1f} ms"
        )


def _others(measured: Measured) -> Iterator[str]:
    yield ""
    for name, write in _LINES.items():
        seen = measured.get(name)
        if seen is None:
            continue
        why = seen.get("failed") or seen.get("missing")
        yield f"{name.replace('_', ' ')}: {why or write(seen)}" + _stall(seen)
    for name in _NAMES:
        if "failed" in measured.get(name, {}):
            yield f"{name}: {measured[name]['failed']}"


def _stall(seen: Any) -> str:
    if "stall" not in seen:
        return ""
    stall = seen["stall"]
    return (
        f"; longest stall {stall['longest']:.1f} ms ({stall['busy']:.1f} ms computing); beside that"
        f" {stall['collecting']:.0f} ms of garbage collection, {stall['elsewhere']:.0f} ms of other programs"
    )


def _unselected(seen: Any) -> str:
    without, own = min(seen["without_us"]), min(seen["with_us"])
    return f"{own:.2f} us a change with the integration, {without:.2f} us without"


def _latency(seen: Any) -> str:
    return (
        f"a single change is at a subscriber after {seen['ours_ms']:.2f} ms (longest {seen['ours_longest_ms']:.2f}),"
        f" a bare publish after {seen['bare_ms']:.2f} ms (longest {seen['bare_longest_ms']:.2f})"
    )


def _many(seen: Any) -> str:
    return (
        f"{seen['entities']} entities set up in {seen['set_up_s']:.2f} s, {seen['first_values']} first values arrived"
        f" after {seen['first_values_s']:.2f} s in {seen['messages']} messages"
    )


def _crowd(seen: Any) -> str:
    few, many = seen["few"], seen["many"]
    return (
        f"{seen['count']} of them cost {many['cpu_s']:.2f} s of CPU, {seen['ratio']:.1f} times as much as a tenth"
        f" ({few['cpu_s']:.3f} s); {many['values']} of {many['wanted']} values arrived after {many['seconds']:.2f} s"
    )


def _offline(seen: Any) -> str:
    return (
        f"{seen['after_100k_mb']:.1f} MB after 100,000 changes, {seen['after_1m_mb']:.1f} MB after 1,000,000;"
        f" {seen['cpu_us']:.1f} us a change"
    )


def _sustained(seen: Any) -> str:
    return (
        f"{seen['values']} of {seen['changes']} arrived, {seen['confirmed']} confirmed,"
        f" the last {seen['after_the_last_s']:.2f} s after its change, none later than"
        f" {seen['longest_on_its_way_s']:.2f} s; {seen['messages_per_second']:.2f} messages a second"
    )


def _catching_up(seen: Any) -> str:
    return (
        f"{seen['distinct']} of {seen['rows']} in {seen['messages']} messages and {seen['seconds']:.1f} s,"
        f" {seen['cpu_us']:.1f} us a value, {seen['grown_mb']:+.1f} MB after the first quarter"
    )


def _reading(seen: Any) -> str:
    own, without = min(seen["with_us"]), min(seen["without_us"])
    return f"{own:.1f} us a row with the attributes that tell its unit, {without:.1f} us without, {own / without:.2f} x"


def _commands(seen: Any) -> str:
    return (
        f"of 20, 19 reach their action within {seen['action_ms']:.1f} ms and have their reply within"
        f" {seen['reply_ms']:.1f} ms, that of a bare paho within {seen['paho_ms']:.1f} ms; with {seen['waiting']}"
        f" values waiting at one message a second, the new state is confirmed {seen['confirmed_s']:.2f} s after its"
        f" change at the latest; in a flood of {seen['sets']} commands in {seen['flood_s']:g} s"
        f" {seen['confirmed']} values were confirmed, of {seen['changes']} changes and the lamp, and the answers were"
        f" {', '.join(f'{count} x {code}' for code, count in seen['answers'].items())}"
    )


_LINES = {
    "unselected": _unselected,
    "latency": _latency,
    "many": _many,
    **dict.fromkeys(CROWDS, _crowd),
    "offline": _offline,
    "sustained": _sustained,
    "catching_up": _catching_up,
    "reading": _reading,
    "commands": _commands,
}


def _verdicts(measured: Measured) -> Iterator[str]:
    found = targets(measured)
    if found:
        yield ""
        yield f"{'wanted':42} {'figure':>22}   {'limit':26}"
    for target in found:
        yield f"{target.name:42} {target.figure:>22}   {target.wanted:26} {'reached' if target.reached else 'MISSED'}"


def _profile(measured: Measured) -> Iterator[str]:
    if "us_per_change" in measured.get("profile", {}):
        yield ""
        yield profiled.table(dict(measured["profile"]))
