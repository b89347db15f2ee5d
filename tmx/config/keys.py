"""The content of a run: what a stage reads of a config, in a form that hashes to the same value for ever."""

import hashlib
import json
import os
from functools import lru_cache
from typing import Any

from tmx.config.fields import Stage
from tmx.config.model import SimulationConfig
from tmx.config.reading import fields_read
from tmx.config.schema import FIELDS
from tmx.errors import ConfigError

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
_FILES = frozenset(name for name, field in FIELDS.items() if field.about.file)


def stage_inputs(config: SimulationConfig, stage: Stage) -> dict[str, Any]:
    """Give the fields that a stage reads under the switches of this config.

    A file stands there by the SHA-256 of its content, so that its place and name do not matter. What a stage
    reads through the result of the stage before it is not among its inputs.

    Returns
    -------
    dict
        Field to value, ready for JSON.

    Raises
    ------
    ConfigError
        If a file cannot be read.
    """
    values = vars(config)
    return {name: _input(name, values[name]) for name in fields_read(values, stage)}


def canonical_json(value: object) -> str:
    """Write JSON that is the same for equal values: sorted keys, no spaces, shortest floats, no -0.0.

    Raises
    ------
    ConfigError
        If it holds a number that is not finite, or something that JSON cannot say.
    """
    try:
        return _ENCODER.encode(_canonical(value))
    except (TypeError, ValueError) as error:
        raise ConfigError(f"no canonical JSON: {error}") from None


def sha256_of(value: object) -> str:
    """Hash the canonical JSON of a value; 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def _input(name: str, value: Any) -> Any:
    if name in _FILES and value is not None:
        return {"sha256": _file_sha256(name, value)}
    return _canonical(value)


def _canonical(value: Any) -> Any:
    if isinstance(value, float):
        return value + 0.0
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, dict):
        return {_key(key): _canonical(item) for key, item in value.items()}
    return value


def _key(key: object) -> str:
    if isinstance(key, str):
        return key
    raise TypeError(f"the key {key!r} is not text")


def _file_sha256(name: str, path: str) -> str:
    try:
        status = os.stat(path)
        return _content_sha256(path, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise ConfigError(f"{name}: {path} cannot be read: {error.strerror}") from None


@lru_cache(maxsize=256)
def _content_sha256(path: str, modified_ns: int, size: int) -> str:
    """Hash a file; time and size make the cache forget a file that has changed."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
