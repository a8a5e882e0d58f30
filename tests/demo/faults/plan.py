"""Plan: the faults, and their order in the life of each Home Assistant."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from . import asked, house, network
from .patient import Patient

TIMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault, and the seconds without progress after which missing values count as lost."""

    name: str
    do: Callable[[Patient, int], Awaitable[None]]
    patience: float = 25.0
    # In this one of the times the thing model lacks some properties, and is imported whole right after the fault.
    late: int = TIMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The faults that one Home Assistant goes through, one after the other."""

    name: str
    faults: Sequence[Fault]
    # True if the wall clock can be stepped.
    stepped: bool = False


BROKER_KILLED = Fault(name="broker killed and back", do=network.broker_killed)
CUT = Fault(name="cut between PUBLISH and reply", do=network.cut)
LOST = Fault(name="replies lost", do=network.replies_lost)
LATE = Fault(name="replies late", do=network.replies_late)
TOO_LATE = Fault(name="replies later than the timeout", do=network.replies_too_late)
HALF_OPEN = Fault(name="half-open link", do=network.half_open)
THROTTLED = Fault(name="throttled in silence", do=network.throttled)
UNAVAILABLE = Fault(name="CONNACK 3", do=network.unavailable)
TAKEN = Fault(name="taken over once", do=network.taken_over)
TAKEN_FOR_GOOD = Fault(name="taken over, given up, repaired", do=network.taken_over_for_good, late=1)
MEMORY_LOST = Fault(name="platform lost its memory", do=network.memory_lost)
RELOADED = Fault(name="entry reloaded", do=house.reloaded)
RESTARTED = Fault(name="restarted", do=house.restarted)
RESTARTED_ALONE = Fault(name="restarted during an outage", do=house.restarted_alone)
KILLED = Fault(name="killed -9", do=house.killed)
KILLED_ALONE = Fault(name="killed -9 during an outage", do=house.killed_alone)
PURGED = Fault(name="purge during an outage", do=house.purged)
FLOODED = Fault(name="outage longer than the queue", do=house.flooded)
FULL = Fault(name="restarted, disk full", do=house.restarted_on_a_full_disk)
FULL_KILLED = Fault(name="killed -9, disk full", do=house.killed_on_a_full_disk)
FORWARD = Fault(name="clock an hour forward", do=house.clock_forward)
BACK = Fault(name="clock an hour back", do=house.clock_back)

IMPORTED_RELOADED = Fault(name="import, then reload", do=asked.ended(asked.imported, house.reloaded), late=0)
IMPORTED_RESTARTED = Fault(name="import, then restart", do=asked.ended(asked.imported, house.restarted), late=0)
IMPORTED_KILLED = Fault(name="import, then kill -9", do=asked.ended(asked.imported, house.killed), late=0)
ASKED_RELOADED = Fault(name="send_history, then reload", do=asked.ended(asked.requested, house.reloaded))
ASKED_RESTARTED = Fault(name="send_history, then restart", do=asked.ended(asked.requested, house.restarted))
ASKED_KILLED = Fault(name="send_history, then kill -9", do=asked.ended(asked.requested, house.killed))
SET_UP_RELOADED = Fault(name="history at the set-up, then reload", do=asked.ended(asked.set_up, house.reloaded))
SET_UP_RESTARTED = Fault(name="history at the set-up, then restart", do=asked.ended(asked.set_up, house.restarted))
SET_UP_KILLED = Fault(name="history at the set-up, then kill -9", do=asked.ended(asked.set_up, house.killed))

# A link that ends soon after the last one makes the integration wait longer, and give up after three; a new entry, or a
# link that lasted a minute, resets that. So faults that cut the link alternate with those that reset it.
_REPLIES = (LATE, LOST, TOO_LATE, THROTTLED, HALF_OPEN)
_RESTARTS = (
    (RESTARTED, BROKER_KILLED),
    (KILLED, TAKEN),
    (FULL, MEMORY_LOST),
    (FULL_KILLED, CUT),
    (KILLED_ALONE,),
    (RESTARTED_ALONE,),
)
_STEPS = (FORWARD, BACK, BACK, FORWARD, FORWARD, BACK)

COURSES = (
    Course(name="restarts", faults=[fault for pair in _RESTARTS for fault in pair] * TIMES),
    Course(name="replies", faults=list(_REPLIES) * TIMES),
    Course(name="refusals", faults=[*[UNAVAILABLE, RELOADED] * TIMES, TAKEN_FOR_GOOD]),
    Course(name="imports", faults=[IMPORTED_RELOADED, IMPORTED_RESTARTED, IMPORTED_KILLED] * TIMES),
    Course(name="requests", faults=[ASKED_RELOADED, ASKED_RESTARTED, ASKED_KILLED] * TIMES),
    Course(name="set-ups", faults=[SET_UP_RELOADED, SET_UP_RESTARTED, SET_UP_KILLED] * TIMES),
    Course(name="recorder", faults=[PURGED, RELOADED, FLOODED, RELOADED] * TIMES),
    # The clock has a course of its own: asking libfaketime for the time is slow, and a home asks all the time.
    Course(name="clock", faults=_STEPS, stepped=True),
)
SHORT = (Course(name="short", faults=[BROKER_KILLED, IMPORTED_RESTARTED, CUT, KILLED_ALONE]),)


def picked(courses: Sequence[Course], names: Sequence[str]) -> list[Course]:
    """Return the courses whose names begin with one of these, and of other courses the faults that do."""
    beginnings = tuple(names)
    found = []
    for course in courses:
        whole = course.name.startswith(beginnings)
        faults = [fault for fault in course.faults if whole or fault.name.startswith(beginnings)]
        if faults:
            found.append(replace(course, faults=faults))
    return found
