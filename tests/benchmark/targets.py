"""Targets: the bounds that the figures have to keep, and their verdicts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_LEAST_FACTOR: Final = 2.0
_STATESTREAM_FACTOR: Final = 1 / 8
_MESSAGES: Final = 0.006
_UNSELECTED_US: Final = 1.0
_OFFLINE_MB: Final = 1.0
_BUDGET_USE: Final = 0.9
_STALL_MS: Final = 50.0
_READING_FACTOR: Final = 1.5
_COMMAND_MS: Final = 10.0
_CONFIRMED_S: Final = 1.5
_WAITING: Final = 1_000
_FREE: Final = 5  # messages a second, of a free instance
# Ten times as many may cost ten times as much, and a quarter more for the noise of a busy machine; quadratic, it would
# be a hundred times.
_TEN_TIMES: Final = 12.5
CROWDS: Final = ("appearing", "renamed", "lamps")

type Measured = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One promise."""

    name: str
    figure: str
    wanted: str
    reached: bool


def exporter_cost(measured: Measured, name: str) -> float:
    """Microseconds a change that an exporter adds, the best repetition of each."""
    return float(min(measured[name]["cpu_us"]) - min(measured["nothing"]["cpu_us"]))


def targets(measured: Measured) -> list[Target]:
    """Return the promises that the measured figures can judge."""
    found: list[Target] = []
    for judge in (
        _cost,
        _messages,
        _arrived,
        _unselected,
        _sustained,
        _many,
        _crowds,
        _offline,
        _catching_up,
        _reading,
        _commands,
        _stalls,
    ):
        try:
            found += judge(measured)
        except KeyError:  # not measured, or failed
            continue
    return found


def _cost(measured: Measured) -> Iterator[Target]:
    ours = exporter_cost(measured, "ours")
    for other, what, factor in (
        ("least", "the least", _LEAST_FACTOR),
        ("statestream", "mqtt_statestream", _STATESTREAM_FACTOR),
    ):
        limit = factor * exporter_cost(measured, other)
        yield Target(
            name=f"CPU beside {what}",
            figure=f"{ours:.1f} us/change",
            wanted=f"<= {limit:.1f} ({factor:g} x {exporter_cost(measured, other):.1f})",
            reached=ours <= limit,
        )


def _messages(measured: Measured) -> Iterator[Target]:
    messages = measured["ours"]["messages"]
    yield Target(
        name="messages", figure=f"{messages:.4f} /change", wanted=f"<= {_MESSAGES}", reached=messages <= _MESSAGES
    )


def _arrived(measured: Measured) -> Iterator[Target]:
    values, changes = measured["ours"]["values"], measured["ours"]["changes"]
    yield Target(name="confirmed", figure=f"{values} values", wanted=f"{changes}", reached=values == changes)


def _unselected(measured: Measured) -> Iterator[Target]:
    own = min(measured["unselected"]["with_us"]) - min(measured["unselected"]["without_us"])
    yield Target(
        name="a change that nobody picked",
        figure=f"{own:+.2f} us",
        wanted=f"<= {_UNSELECTED_US:g} us",
        reached=own <= _UNSELECTED_US,
    )


def _sustained(measured: Measured) -> Iterator[Target]:
    seen = measured["sustained"]
    yield Target(
        name="1,000 changes/s for 60 s, 5 messages/s",
        figure=f"{seen['confirmed']} confirmed",
        wanted=f"{seen['changes']}",
        reached=seen["confirmed"] == seen["changes"],
    )


def _many(measured: Measured) -> Iterator[Target]:
    seen = measured["many"]
    yield Target(
        name="5,000 entities",
        figure=f"{seen['first_values']} first values",
        wanted=f"{seen['entities']}",
        reached=seen["first_values"] == seen["entities"],
    )


def _crowds(measured: Measured) -> Iterator[Target]:
    for name in CROWDS:
        if "ratio" not in measured.get(name, {}):
            continue
        seen = measured[name]
        yield Target(
            name=f"{seen['count']:,} {name} beside {seen['count'] // 10}",
            figure=f"{seen['ratio']:.1f} x",
            wanted=f"<= {_TEN_TIMES:g} x, all values",
            reached=seen["ratio"] <= _TEN_TIMES and seen["many"]["values"] == seen["many"]["wanted"],
        )


def _offline(measured: Measured) -> Iterator[Target]:
    grown = measured["offline"]["grown_mb_per_million"]
    yield Target(
        name="offline, memory",
        figure=f"{grown:+.2f} MB/million",
        wanted=f"< {_OFFLINE_MB:g}",
        reached=grown < _OFFLINE_MB,
    )


def _catching_up(measured: Measured) -> Iterator[Target]:
    seen = measured["catching_up"]
    yield Target(
        name="catching up, everything",
        figure=f"{seen['distinct']} values",
        wanted=f">= {seen['rows']}",
        reached=seen["distinct"] >= seen["rows"],
    )
    yield Target(
        name="catching up, budget",
        figure=f"{100 * seen['budget_use']:.0f} %",
        wanted=f">= {100 * _BUDGET_USE:.0f} %",
        reached=seen["budget_use"] >= _BUDGET_USE,
    )


def _reading(measured: Measured) -> Iterator[Target]:
    seen = measured["reading"]
    factor = min(seen["with_us"]) / min(seen["without_us"])
    yield Target(
        name="a row of the past with its unit",
        figure=f"{factor:.2f} x one without",
        wanted=f"<= {_READING_FACTOR:g}",
        reached=factor <= _READING_FACTOR,
    )


def _commands(measured: Measured) -> Iterator[Target]:
    seen = measured["commands"]
    limit = seen["paho_ms"] + _COMMAND_MS
    yield Target(
        name="a set's action, p95, beside a bare paho",
        figure=f"{seen['action_ms']:.1f} ms",
        wanted=f"<= {limit:.1f} ({seen['paho_ms']:.1f} + {_COMMAND_MS:g})",
        reached=seen["action_ms"] <= limit,
    )
    yield Target(
        name="a new state among values that wait",
        figure=f"{seen['confirmed_s']:.2f} s, {seen['waiting']} waiting",
        wanted=f"<= {_CONFIRMED_S:g} s, {_WAITING:,}",
        reached=seen["confirmed_s"] <= _CONFIRMED_S and seen["waiting"] >= _WAITING,
    )
    for name, what in (("most_in_a_window", "values wait"), ("most_in_a_flood", "a flood")):
        yield Target(
            name=f"our messages in 1.05 s, {what}",
            figure=f"{seen[name]}",
            wanted=f"<= {_FREE}",
            reached=seen[name] <= _FREE,
        )
    yield Target(
        name="values confirmed in a flood",
        figure=f"{seen['confirmed']} values",
        wanted=f">= {seen['changes']}",
        reached=seen["confirmed"] >= seen["changes"],
    )


def _stalls(measured: Measured) -> Iterator[Target]:
    for name in ("ours", "sustained", "many", *CROWDS, "offline", "catching_up", "commands"):
        if "stall" not in measured.get(name, {}):
            continue
        longest = measured[name]["stall"]["longest"]
        yield Target(
            name=f"longest stall, {name.replace('_', ' ')}",
            figure=f"{longest:.1f} ms",
            wanted=f"<= {_STALL_MS:g} ms",
            reached=longest <= _STALL_MS,
        )
