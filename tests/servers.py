"""PostgreSQL and a Chroma server for tests and measurements: started on loopback in a temporary folder, and stopped."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_SECONDS = 120


def missing() -> str:
    """Why servers cannot be started here; empty when they can."""
    if _postgres_programs() is None:
        return "PostgreSQL is not installed (Debian: apt-get install postgresql)"
    if os.geteuid() == 0 and _postgres_user() is None:
        return "PostgreSQL does not run as root, and there is no user postgres to run it as"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "psycopg is not installed (pip install 'article-qa[server]')"
    return ""


def _postgres_programs() -> Path | None:
    """The folder of the latest PostgreSQL's programs, which Debian does not put on the path."""
    latest = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = str(latest[-1]) if latest else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _postgres_user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return None


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Postgres:
    """A PostgreSQL server of its own, in `folder`."""

    folder: Path
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        programs = _postgres_programs()
        assert programs is not None
        self._programs = programs
        user = _postgres_user() if os.geteuid() == 0 else None
        self._as: dict[str, object] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        if user:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "-U", "qa", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C", "-D", self._data)
        # What was committed survives a killed server; a power cut is not what is tested.
        options = f"port={self.port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories='{self.folder}'\n"
        with open(self._data + "/postgresql.conf", "a") as file:
            file.write(options + "fsync=off\nfull_page_writes=off\nshared_buffers=64MB\nmax_connections=100\n")

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> str:
        command = [str(self._programs / program), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=_SECONDS * 2, **self._as,  # type: ignore[call-overload]
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return str(done.stdout)

    def url(self, schema: str = "public") -> str:
        """The address of its database, in which an index has a schema of its own."""
        return f"postgresql://qa@127.0.0.1:{self.port}/postgres?options=-csearch_path%3D{schema}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._run("pg_ctl", "-D", self._data, "-w", "-l", str(self.folder / "log"), "start")

    def stop(self, how: str = "fast") -> None:
        """Stop; `immediate` is as if it were killed."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", how, "stop")

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """What a statement gives."""
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as db:
            cursor = db.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []


@dataclass
class Chroma:
    """A Chroma server of its own, the one in Rust, in `folder`."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        program = Path(sys.executable).with_name("chroma")
        command = [str(program), "run", "--path", str(self.folder), "--host", "127.0.0.1", "--port", str(self.port)]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        until = time.monotonic() + _SECONDS
        while not self._answers():
            assert time.monotonic() < until and self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """Kill it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@dataclass(frozen=True)
class Servers:
    """Both."""

    postgres: Postgres
    chroma: Chroma

    def schema(self, name: str) -> str:
        """The address of a new, empty place for an index."""
        self.postgres.execute(f"CREATE SCHEMA {name}")
        return self.postgres.url(name)


@contextmanager
def servers() -> Iterator[Servers]:
    """Both servers, until the end."""
    with tempfile.TemporaryDirectory(prefix="qa-servers-") as folder:
        os.chmod(folder, 0o755)  # where another user is to run a server
        places = [Path(folder, "postgres"), Path(folder, "chroma")]
        for place in places:
            place.mkdir()
        postgres, chroma = Postgres(places[0]), Chroma(places[1])
        try:
            postgres.start()
            chroma.start()
            yield Servers(postgres, chroma)
        finally:
            chroma.stop()
            postgres.stop("immediate")
