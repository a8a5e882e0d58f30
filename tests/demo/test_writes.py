"""The lines of strace, read as writes of the integration's files."""

from .writes import Call, calls

MARK = "aliyun_iot.delivery_01"
FOLDER = "/home/x/.storage"
TRACE = f"""\
417 1795826028.5 openat(AT_FDCWD</home/x>, "{FOLDER}/k3_x9-{MARK}.new", O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0600) = 9</a>
417 1795826028.6 fsync(9<{FOLDER}/k3_x9-{MARK}.new> <unfinished ...>
418 1795826028.6 openat(AT_FDCWD, "{FOLDER}/{MARK}", O_RDONLY|O_CLOEXEC) = 7<{FOLDER}/{MARK}>
417 1795826028.7 <... fsync resumed>) = 0
417 1795826028.8 rename("{FOLDER}/k3_x9-{MARK}.new", "{FOLDER}/{MARK}") = 0
417 1795826028.9 rename("{FOLDER}/draft1", "{FOLDER}/core.entity_registry") = 0
418 1795826029.0 rename("{FOLDER}/draft2", "{FOLDER}/aliyun_iot.model") = 0
418 1795826029.1 --- SIGCHLD {{si_signo=SIGCHLD}} ---
"""


def test_only_changes_of_our_own_files_are_counted() -> None:
    assert list(calls(TRACE.splitlines())) == [
        Call(time=1795826028.5, kind="open", name=MARK),
        Call(time=1795826028.6, kind="fsync", name=MARK),
        Call(time=1795826028.8, kind="replace", name=MARK),
        Call(time=1795826029.0, kind="replace", name="aliyun_iot.model"),
    ]
