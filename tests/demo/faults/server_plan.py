"""Server plan: the faults of a home whose recorder keeps its rows in a database server."""

from . import servers
from .plan import (
    ASKED_KILLED,
    ASKED_RELOADED,
    ASKED_RESTARTED,
    FLOODED,
    KILLED,
    KILLED_ALONE,
    PURGED,
    RELOADED,
    RESTARTED,
    RESTARTED_ALONE,
    TIMES,
    Course,
    Fault,
)

# s; the integration waits a minute for the recorder to write, and a quarter of one before it asks again
PATIENCE = 100.0

STOPPED = Fault(name="server stopped", do=servers.stopped, patience=PATIENCE)
STOPPED_WHILE_READ = Fault(name="server stopped while read", do=servers.stopped_while_read, patience=PATIENCE)
SERVER_KILLED = Fault(name="server killed -9", do=servers.killed, patience=PATIENCE)
FROZEN = Fault(name="server frozen", do=servers.frozen, patience=PATIENCE)
KILLED_WITHOUT = Fault(name="killed -9 without the server", do=servers.killed_without, patience=PATIENCE)
AWAY_AT_START = Fault(name="server away at the start", do=servers.away_at_start, patience=PATIENCE)
AWAY_FOR_A_LIFE = Fault(name="server away until a restart", do=servers.away_for_a_life, patience=PATIENCE)

SERVER_COURSES = (
    Course(name="server stops", faults=[STOPPED, STOPPED_WHILE_READ, SERVER_KILLED, FROZEN] * TIMES),
    Course(name="server away", faults=[AWAY_AT_START, KILLED_WITHOUT, AWAY_FOR_A_LIFE] * TIMES),
    Course(name="recorder", faults=[PURGED, RELOADED, FLOODED, RELOADED] * TIMES),
    Course(name="restarts", faults=[RESTARTED, KILLED, KILLED_ALONE, RESTARTED_ALONE] * TIMES),
    Course(name="requests", faults=[ASKED_RELOADED, ASKED_RESTARTED, ASKED_KILLED] * TIMES),
)
_SHORT = (RESTARTED, KILLED_ALONE, FLOODED, PURGED, ASKED_KILLED, STOPPED, STOPPED_WHILE_READ, AWAY_AT_START)
SERVER_SHORT = (Course(name="short", faults=_SHORT),)
