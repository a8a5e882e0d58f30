"""Databases: Debian's own servers for Home Assistant's recorder, each in a folder of its own and on loopback only."""

import asyncio
from collections.abc import Mapping, Sequence
import contextlib
import importlib.util
import os
from pathlib import Path
import pwd
import shutil
import signal
import subprocess
import sys

import sqlalchemy
from sqlalchemy.exc import OperationalError

from .processes import Program, StartError, lasting_port

# The user, the password and the database have the same name.
NAME = "homeassistant"
# Both servers refuse to run as root.
UNPRIVILEGED = "nobody"
# s; a server that was killed first repairs its files
SECONDS = 60
HEADERS = Path(__file__).parents[2] / ".cache" / "python" / "headers"


class Server:
    """One database server and its files."""

    name: str
    # Debian's packages, and the driver that Home Assistant's documentation names: a package of PyPI, and its module.
    packages: Sequence[str]
    driver: tuple[str, str]
    # A server must end while Home Assistant is connected to it.
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path) -> None:
        self.data = folder / "database"
        # At its start, MariaDB removes what others of its kind have left in the folder for temporary files.
        self._temporary = folder / "temporary"
        self.port = lasting_port()
        self.program = Program(self.name, folder)

    # For the kinds of servers

    @classmethod
    def program_of(cls, name: str) -> Path | None:
        """Return one of the server's programs, if it is installed."""
        raise NotImplementedError

    @classmethod
    def before_install(cls) -> None:
        """Prepare the system, so that the packages start nothing."""

    @property
    def url(self) -> str:
        """Return the address as it is written into Home Assistant's configuration."""
        raise NotImplementedError

    def _make(self) -> Sequence[str]:
        """Return the command that makes the files of a new server."""
        raise NotImplementedError

    def _serve(self) -> Sequence[str]:
        """Return the command that runs the server."""
        raise NotImplementedError

    # What can be done with one

    @classmethod
    def install(cls) -> None:
        """Install the server and the driver where they are missing; root on a Debian is needed for the server."""
        if not cls.is_installed():
            if os.geteuid() != 0 or not shutil.which("apt-get"):
                raise StartError(f"{cls.name} is missing: install {' '.join(cls.packages)} first")
            print(f"installing {' '.join(cls.packages)}", flush=True)
            apt_get("update")
            cls.before_install()
            apt_get("install", *cls.packages)
        package, module = cls.driver
        if importlib.util.find_spec(module) is None:
            print(f"installing {package} into {sys.prefix}", flush=True)
            # A Python that scripts/setup has unpacked has its headers there.
            headers = {name: str(HEADERS) for name in ("C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH") if HEADERS.exists()}
            command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable, package]
            _checked(command, {**os.environ, **headers})

    @classmethod
    def is_installed(cls) -> bool:
        raise NotImplementedError

    async def start(self) -> None:
        """Start the server, the first time with new files, and wait until it answers."""
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TMPDIR": str(self._temporary)}
        if not self.data.exists():
            for own in (self.data, self._temporary):
                own.mkdir(parents=True)
                if os.geteuid() == 0:
                    shutil.chown(own, UNPRIVILEGED)
            await asyncio.to_thread(_checked, [*_as_nobody(), *self._make()], environment)
        await self.program.start([*_as_nobody(), *self._serve()], cwd=self.data, environment=environment)
        engine = sqlalchemy.create_engine(self.url, poolclass=sqlalchemy.NullPool)
        for _ in range(SECONDS * 10):
            with contextlib.suppress(OperationalError):
                await asyncio.to_thread(lambda: engine.connect().close())
                return
            if not self.program.running:
                break
            await asyncio.sleep(0.1)
        raise StartError(f"{self.name} is not up:\n{self.program.tail()}")

    async def stop(self) -> None:
        """End it in good order; it has written everything then, and answers nobody."""
        if self.program.running:
            os.kill(self.program.pid, self.stop_signal)
            try:
                await asyncio.wait_for(self.program.wait(), SECONDS)
            except TimeoutError:
                await self.kill()

    async def kill(self) -> None:
        """End all its processes as a power cut would."""
        self._signal_all(signal.SIGKILL)
        await self.program.wait()

    def freeze(self) -> None:
        """Let it keep its connections and do nothing."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        """Signal the server and its children; each of PostgreSQL's has a process group of its own."""
        pid = self.program.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (pid, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, number)


class PostgreSQL(Server):
    """PostgreSQL as Debian has it."""

    name = "postgresql"
    packages = ("postgresql",)
    driver = ("psycopg2-binary", "psycopg2")
    # Asked by SIGTERM, it would wait for its clients to leave.
    stop_signal = signal.SIGINT

    @classmethod
    def program_of(cls, name: str) -> Path | None:
        return max(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), default=None)

    @classmethod
    def is_installed(cls) -> bool:
        return cls.program_of("postgres") is not None

    @classmethod
    def before_install(cls) -> None:
        # The package makes a server of the system's own and starts it, unless this file says no.
        apt_get("install", "postgresql-common")
        with Path("/etc/postgresql-common/createcluster.conf").open("a") as settings:
            settings.write("create_main_cluster = false\n")

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}:{NAME}@127.0.0.1:{self.port}/postgres"

    def _make(self) -> Sequence[str]:
        password = self.data.parent / "password"
        password.write_text(NAME)
        options = ["--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        return [str(self.program_of("initdb")), f"--pgdata={self.data}", f"--username={NAME}", *options]

    def _serve(self) -> Sequence[str]:
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.program_of("postgres")), "-D", str(self.data), *given]


class MariaDB(Server):
    """MariaDB as Debian has it; the package with its programs only brings no service."""

    name = "mariadb"
    packages = ("mariadb-server-core", "mariadb-client-core", "libmariadb-dev", "pkg-config")
    driver = ("mysqlclient", "MySQLdb")

    @classmethod
    def program_of(cls, name: str) -> Path | None:
        found = shutil.which(name, path="/usr/sbin:/usr/bin")
        return None if found is None else Path(found)

    @classmethod
    def is_installed(cls) -> bool:
        return all(cls.program_of(name) for name in ("mariadbd", "my_print_defaults", "mariadb_config", "pkg-config"))

    @property
    def url(self) -> str:
        return f"mysql://{NAME}:{NAME}@127.0.0.1:{self.port}/{NAME}?charset=utf8mb4"

    def _make(self) -> Sequence[str]:
        (self.data.parent / "first.sql").write_text(
            f"CREATE DATABASE IF NOT EXISTS {NAME} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;\n"
            f"CREATE USER IF NOT EXISTS '{NAME}'@'127.0.0.1' IDENTIFIED BY '{NAME}';\n"
            f"GRANT ALL ON *.* TO '{NAME}'@'127.0.0.1';\n"
        )
        return [str(self.program_of("mariadb-install-db")), "--no-defaults", f"--datadir={self.data}", "--skip-test-db"]

    def _serve(self) -> Sequence[str]:
        settings = {
            "datadir": self.data,
            "socket": self.data / "socket",
            "pid-file": self.data / "pid",
            "port": self.port,
            "bind-address": "127.0.0.1",
            "skip-name-resolve": "ON",
            "init-file": self.data.parent / "first.sql",
        }
        given = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self.program_of("mariadbd")), "--no-defaults", *given]


SERVERS: Mapping[str, type[Server]] = {kind.name: kind for kind in (PostgreSQL, MariaDB)}


def apt_get(*words: str) -> None:
    _checked(["apt-get", "-qq", "-y", "--no-install-recommends", *words], {**os.environ, "LC_ALL": "C"})


def _as_nobody() -> Sequence[str]:
    """Return the words before a command that root may not run."""
    if os.geteuid() != 0:
        return ()
    user = pwd.getpwnam(UNPRIVILEGED)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


def _checked(command: Sequence[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, env=environment, cwd="/", check=False, capture_output=True, text=True)
    if done.returncode:
        raise StartError(f"{' '.join(command[:4])} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
