"""The errors of tmx: one tree, whose members carry the exit code of the command line.

A message names the thing, the place and the next command to try; it is one line, because people read it in a
terminal and in a registry column.
"""


class TmxError(Exception):
    """Something went wrong that tmx understands; the message says what to do."""

    exit_code = 1


class ConfigError(TmxError):
    """A config, sweep file, option or value is not acceptable."""

    exit_code = 2


class MissingPackageError(ConfigError):
    """Something was asked for that needs a package of an extra.

    Parameters
    ----------
    what : str
        What was asked for.
    extra : str
        The extra of tmx that brings the package.
    """

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs a package that is not installed: pip install 'tmx[{extra}]'")


class SchemaError(TmxError):
    """The registry's schema is not the one that this version of tmx works with."""

    exit_code = 3


class NotFoundError(TmxError):
    """The named run, sweep, file or registry does not exist."""

    exit_code = 4


class StorageError(TmxError):
    """An artifact cannot be written, or is damaged, truncated or of another kind."""

    exit_code = 2


class WriteError(StorageError):
    """An artifact could not be written; another time, or with space on the disk, it may be."""


class RegistryError(TmxError):
    """The registry's database refused or could not be reached."""

    exit_code = 2


class LeaseLostError(RegistryError):
    """A worker tried to record a result for a run whose lease it no longer holds."""
