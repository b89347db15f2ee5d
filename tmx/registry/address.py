"""Where a registry is: a path or a URL in, an `Address` out; and whether SQLite may live there."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from tmx.errors import ConfigError, NotFoundError
from tmx.registry.sql import POSTGRESQL, SQLITE

MOUNTS = Path("/proc/self/mountinfo")

NETWORK_FILE_SYSTEMS = frozenset({
    "afs", "beegfs", "ceph", "cifs", "fuse.ceph", "fuse.glusterfs", "fuse.juicefs", "fuse.s3fs", "fuse.sshfs",
    "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "orangefs", "panfs", "pvfs2", "smb3", "smbfs", "wekafs",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """Where a registry is.

    Attributes
    ----------
    url : URL
        What SQLAlchemy connects to, password included.
    shown : str
        The same for people: as the user wrote it, without the password.
    path : Path or None
        The absolute path of the SQLite file; None for a server.
    """

    url: URL
    shown: str
    path: Path | None

    @classmethod
    def parse(cls, where: "str | Path | Address") -> "Address":
        """Read a path (`tmx.db`), `sqlite:///…` or `postgresql://…`.

        Raises
        ------
        ConfigError
            If it is none of these.
        """
        if isinstance(where, Address):
            return where
        if isinstance(where, Path) or "://" not in where:
            return cls._of_file(str(where), str(where))
        try:
            url = make_url(where)
        except ArgumentError:
            raise ConfigError("the registry's URL cannot be read: write postgresql://user@host/name") from None
        return cls._of_url(url)

    @classmethod
    def _of_url(cls, url: URL) -> "Address":
        shown = url.render_as_string(hide_password=True)
        match url.get_backend_name():
            case "sqlite":
                return cls._of_file(url.database or "", shown)
            case "postgresql" | "postgres":
                return cls(url.set(drivername="postgresql+psycopg"), shown, None)
            case other:
                raise ConfigError(f"{other!r} is not a database that tmx knows: a path, sqlite:// or postgresql://")

    @classmethod
    def _of_file(cls, path: str, shown: str) -> "Address":
        if path in {"", ":memory:"} or path.startswith("file:"):
            raise ConfigError(f"{shown or 'an empty path'!r} is no registry: it must be a file, such as tmx.db")
        absolute = Path(path).expanduser().absolute()
        return cls(URL.create(SQLITE, database=str(absolute)), shown, absolute)

    @property
    def dialect(self) -> str:
        """The database's name: `sqlite` or `postgresql`."""
        return SQLITE if self.path else POSTGRESQL


def check_place(path: Path, shown: str, *, create: bool) -> None:
    """Refuse a place where an SQLite registry is not, or must not be.

    Raises
    ------
    NotFoundError
        If there is no such file and none is to be created, or no such directory.
    ConfigError
        If it is a directory, or on a network file system.
    """
    if path.is_dir():
        raise ConfigError(f"{shown} is a directory: name a file in it, such as {path / 'tmx.db'}")
    if not path.parent.is_dir():
        raise NotFoundError(f"{shown}: there is no directory {path.parent}")
    if not create and not path.exists():
        raise NotFoundError(f"there is no registry at {shown}: `tmx db upgrade` makes one, so does `tmx submit`")
    if kind := network_file_system(path):
        raise ConfigError(
            f"{shown} is on a network file system ({kind}), where SQLite loses data:"
            " put it on a local disk, or use PostgreSQL (TMX_DATABASE_URL=postgresql://user@host/tmx)"
        )


def network_file_system(path: Path, mounts: str | None = None) -> str | None:
    """Return the kind of network file system that holds a path, or None.

    SQLite's write-ahead log needs memory shared between its processes. Over a network it reports success, and fails
    or corrupts later.

    Parameters
    ----------
    path : Path
        A file that may not exist yet.
    mounts : str, optional
        The text of Linux' `mountinfo`; by default this system's. Elsewhere nothing is detected.
    """
    if mounts is None:
        mounts = MOUNTS.read_text(errors="replace") if MOUNTS.exists() else ""
    real = Path(os.path.realpath(path))
    kind, deepest = "", -1
    for point, mounted in _mounts(mounts):
        if len(point.parts) >= deepest and real.is_relative_to(point):
            kind, deepest = mounted, len(point.parts)
    return kind if kind in NETWORK_FILE_SYSTEMS else None


def _mounts(mountinfo: str) -> list[tuple[Path, str]]:
    """Return each mount point with its kind of file system, in the order in which they were mounted."""
    found = []
    for line in mountinfo.splitlines():
        place, _, kind = line.partition(" - ")
        if kind and len(fields := place.split()) > 4:
            point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
            found.append((Path(point), kind.split()[0]))
    return found
