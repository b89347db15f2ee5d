"""YAML as tmx reads it: plain data with the place of everything, and none of YAML's surprises.

PyYAML only tokenises; the tree is built here from its events, so that every key and value has a line and a
column for messages. The rules differ from YAML 1.1 where that misleads: ``1e-4`` and ``10e-6`` are numbers,
only ``true`` and ``false`` are booleans (``no`` and ``on`` are text), ``12:30`` is text, a key that stands
twice is an error. Anchors, aliases, merge keys, tags and several documents in one file are refused.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

import yaml

from tmx.config.problems import shown, suggestion
from tmx.errors import ConfigError

MAX_BYTES = 16 * 2**20
_MAX_DEPTH = 32

_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"[-+]?[0-9]{1,40}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

PlainValue: TypeAlias = bool | int | float | str | None


@dataclass(frozen=True)
class Mark:
    """A place in a file; line and column count from one."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def error(self, message: str) -> ConfigError:
        """Make the error that says `message` of this place."""
        return ConfigError(f"{self}: {message}")


@dataclass(frozen=True)
class Scalar:
    """A single value, and the text that stood for it."""

    value: PlainValue
    text: str
    mark: Mark


@dataclass(frozen=True)
class ListNode:
    """A list."""

    items: tuple["Node", ...]
    mark: Mark


@dataclass(frozen=True)
class Entry:
    """A key and its value."""

    key: str
    node: "Node"
    mark: Mark


@dataclass(frozen=True)
class MapNode:
    """A mapping, in the order of the file."""

    entries: tuple[Entry, ...]
    mark: Mark


Node: TypeAlias = Scalar | ListNode | MapNode


@dataclass(frozen=True)
class Document:
    """The root mapping of a file, and the file's text."""

    root: MapNode
    text: str
    path: Path


def read_document(path: str | Path) -> Document:
    """Read a YAML file whose root is a mapping.

    Raises
    ------
    ConfigError
        If the file cannot be read, is not UTF-8, not YAML as tmx reads it, empty, or no mapping at its root.
    """
    text = _read_text(Path(path))
    return Document(parse_mapping(text, str(path)), text, Path(path))


def parse_mapping(text: str, source: str) -> MapNode:
    """Read YAML text whose root is a mapping; messages call it by the name `source`.

    Raises
    ------
    ConfigError
        If it is not YAML as tmx reads it, empty, or no mapping at its root.
    """
    root = _parse(text, source)
    if isinstance(root, Scalar) and root.value is None:
        raise ConfigError(f"{source}: the file is empty")
    if not isinstance(root, MapNode):
        raise root.mark.error("expected 'name: value' lines")
    return root


def entries_of(mapping: MapNode, allowed: Collection[str], what: str) -> dict[str, Entry]:
    """Give the entries of a mapping by name.

    Raises
    ------
    ConfigError
        If a name is not among the allowed ones; `what` says in the message what the mapping is.
    """
    for entry in mapping.entries:
        if entry.key not in allowed:
            raise entry.mark.error(
                f"{what}: unknown name {shown(entry.key)}{suggestion(entry.key, allowed)}"
                f" (there are {', '.join(allowed)})"
            )
    return {entry.key: entry for entry in mapping.entries}


def parse_value(text: str, source: str) -> Node:
    """Read one value such as ``1e-4``, ``true``, ``30 deg`` or ``[1, 2]``, as if it stood after a key."""
    if text.lstrip().startswith(("[", "{", '"', "'")):
        return _parse(text, source)
    return plain_scalar(text.strip(), Mark(source, 1, 1))


def plain_scalar(text: str, mark: Mark) -> Scalar:
    """Find out what unquoted text stands for."""
    if text in _NULLS:
        return Scalar(None, text, mark)
    if text in _BOOLEANS:
        return Scalar(_BOOLEANS[text], text, mark)
    if _INTEGER.fullmatch(text):
        return Scalar(int(text), text, mark)
    return Scalar(float(text) if _FLOAT.fullmatch(text) else text, text, mark)


def plain(node: Node) -> Any:
    """Strip a node of its places: a value, a list or a dict."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return {entry.key: plain(entry.node) for entry in node.entries}


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file{suggestion(path.name, _yaml_beside(path))}") from None
    except IsADirectoryError:
        raise ConfigError(f"{path}: is a directory: name a YAML file in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"{path}: cannot be read: {reason}") from None
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_BYTES // 2**20} MiB, which no config is")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8 text (byte 0x{raw[error.start]:02x}), as a YAML file is") from None


def _yaml_beside(path: Path) -> list[str]:
    """Return the names of the YAML files in the directory in which one is not."""
    return sorted(each.name for each in path.parent.glob("*.y*ml"))


def _parse(text: str, file: str) -> Node:
    try:
        return _Builder(text, file).document()
    except yaml.MarkedYAMLError as error:
        place = _mark(error.problem_mark or error.context_mark, file)
        raise place.error(_syntax_problem(error, text)) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Mark(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise place.error(f"not YAML: {error.reason}") from None


def _syntax_problem(error: yaml.MarkedYAMLError, text: str) -> str:
    mark = error.problem_mark
    line = text.splitlines()[mark.line] if mark and mark.line < len(text.splitlines()) else ""
    if mark and "\t" in line[: mark.column + 1]:
        return "a tab cannot stand here; indent with spaces"
    return f"not YAML: {error.problem or error.context}"


def _mark(mark: Any, file: str) -> Mark:
    return Mark(file, mark.line + 1, mark.column + 1) if mark else Mark(file, 1, 1)


class _Builder:
    """Builds the tree from PyYAML's events."""

    def __init__(self, text: str, file: str) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self._file = file

    def document(self) -> Node:
        start = Mark(self._file, 1, 1)
        event = self._next(yaml.StreamStartEvent, yaml.DocumentStartEvent)
        if isinstance(event, yaml.StreamEndEvent):
            return Scalar(None, "", start)
        root = self._node(event, 0)
        end = self._next(yaml.DocumentEndEvent)
        if not isinstance(end, yaml.StreamEndEvent):
            self._refuse(end, "a second document ('---') cannot stand in the same file")
        return root

    def _next(self, *skipped: type[Any]) -> Any:
        event = next(self._events)
        while isinstance(event, skipped):
            event = next(self._events)
        return event

    def _node(self, event: Any, depth: int) -> Node:
        self._check(event, depth)
        mark = _mark(event.start_mark, self._file)
        if isinstance(event, yaml.SequenceStartEvent):
            return ListNode(tuple(self._items(depth)), mark)
        if isinstance(event, yaml.MappingStartEvent):
            return MapNode(tuple(self._entries(depth)), mark)
        return Scalar(event.value, event.value, mark) if event.style else plain_scalar(event.value, mark)

    def _check(self, event: Any, depth: int) -> None:
        if depth > _MAX_DEPTH:
            self._refuse(event, f"nested deeper than {_MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            self._refuse(event, "anchors and aliases (&, *) are not read; write the value out")
        if event.tag:
            self._refuse(event, f"the tag {shown(event.tag)} is not read; write the plain value")

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _entries(self, depth: int) -> Iterator[Entry]:
        seen: dict[str, Mark] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, depth)
            if key.text in seen:
                raise key.mark.error(f"{key.text!r} stands twice, first in line {seen[key.text].line}")
            seen[key.text] = key.mark
            yield Entry(key.text, self._node(next(self._events), depth + 1), key.mark)

    def _key(self, event: Any, depth: int) -> Scalar:
        key = self._node(event, depth + 1)
        if not isinstance(key, Scalar):
            self._refuse(event, "a name must be a single word")
        if key.text == "<<":
            self._refuse(event, "merge keys (<<) are not read; write the values out")
        return key

    def _refuse(self, event: Any, message: str) -> NoReturn:
        raise _mark(event.start_mark, self._file).error(message)
