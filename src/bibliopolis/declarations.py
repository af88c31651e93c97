"""Strict YAML: every node knows its file and line, and every mistake is one clear line.

The files people write by hand (``content_types/``, ``workflows/``, ``theme.yaml``) are read
with this. A site is configured by people who do not read tracebacks, so nothing unknown is
passed over, and what YAML itself gets wrong (``on`` and ``no`` become booleans, the second of
two equal keys wins) is refused.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bibliopolis.errors import ConfigurationError

# The same YAML read by libyaml, where PyYAML has it, takes a tenth of the time: half of a start.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12

_BOOLEAN = "tag:yaml.org,2002:bool"
_INTEGER = "tag:yaml.org,2002:int"
_NULL = "tag:yaml.org,2002:null"
_STRING = "tag:yaml.org,2002:str"
_FLOAT = "tag:yaml.org,2002:float"
_KINDS = {
    _BOOLEAN: "true or false",
    _INTEGER: "a number",
    _FLOAT: "a number with a fraction",
    _NULL: "nothing",
    _STRING: "text",
    "tag:yaml.org,2002:map": "keys with values",
    "tag:yaml.org,2002:seq": "a list",
    "tag:yaml.org,2002:timestamp": "a date",
}


@dataclass(frozen=True)
class Node:
    """One value of a declaration, and the place where it is written."""

    file: Path
    node: yaml.Node

    @property
    def line(self) -> int:
        """Return the line the value begins on, counted from one."""
        return int(self.node.start_mark.line) + 1

    def error(self, message: str) -> ConfigurationError:
        """Return the error that says where; the caller raises it."""
        return ConfigurationError(shown(self.file), self.line, message)

    @property
    def kind(self) -> str:
        """Say what YAML took the value for, in words."""
        return _KINDS.get(self.node.tag, "something else")

    def items(self) -> dict[str, Node]:
        """Return a mapping's values by key; keys are names, each written once."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(f"keys with values are expected here, not {self.kind}")
        found: dict[str, Node] = {}
        for key_node, value_node in self.node.value:
            key = Node(self.file, key_node)
            name = key.text("a key")
            if name in found:
                raise key.error(f"the key “{name}” is written twice")
            found[name] = Node(self.file, value_node)
        return found

    def mapping(self, known: Collection[str], required: Collection[str] = ()) -> dict[str, Node]:
        """Return a mapping's values by key, none of them unknown, none missing."""
        found = self.items()
        for key in self.key_nodes():
            name = key.text()
            if name not in known:
                raise key.error(f"unknown key “{name}”; {meant(name, known)}")
        for name in required:
            if name not in found:
                raise self.error(f"the key “{name}” is missing")
        return found

    def key_nodes(self) -> list[Node]:
        """Return the keys of a mapping, each with its own line."""
        assert isinstance(self.node, yaml.MappingNode)
        return [Node(self.file, key) for key, _value in self.node.value]

    def key(self, name: str) -> Node:
        """Return the key of that name, for a message about the whole entry."""
        return next(key for key in self.key_nodes() if key.node.value == name)

    def sequence(self) -> list[Node]:
        """Return the nodes of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error(f"a list is expected here, not {self.kind}")
        return [Node(self.file, node) for node in self.node.value]

    def text(self, what: str = "text") -> str:
        """Return a text; a word that YAML reads as a boolean must be quoted."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.error(f"{what} is expected here, not {self.kind}")
        if self.node.tag == _BOOLEAN:
            raise self.error(
                f"YAML reads {self.node.value} as true or false; "
                f"write '{self.node.value}' in quotes if you mean the word"
            )
        if self.node.tag != _STRING:
            raise self.error(f"{what} is expected here, not {self.kind}")
        if not self.node.value.strip():
            raise self.error(f"{what} is expected here, and this is empty")
        return str(self.node.value)

    def name(self, known: Collection[str], what: str) -> str:
        """Return a name that must be one of those known."""
        name = self.text(f"the name of a {what}")
        if name not in known:
            raise self.error(f"unknown {what} “{name}”; {meant(name, known)}")
        return name

    def names(self, known: Collection[str], what: str) -> tuple[str, ...]:
        """Return a list of known names, each written once."""
        found: list[str] = []
        for node in self.sequence():
            name = node.name(known, what)
            if name in found:
                raise node.error(f"“{name}” is in this list twice")
            found.append(name)
        return tuple(found)

    def boolean(self) -> bool:
        """Return true or false."""
        if self.node.tag != _BOOLEAN:
            raise self.error(f"true or false is expected here, not {self.kind}")
        return bool(self.data())

    def integer(self, minimum: int | None = None) -> int:
        """Return a whole number, not below the minimum."""
        if self.node.tag != _INTEGER:
            raise self.error(f"a whole number is expected here, not {self.kind}")
        number = int(self.data())
        if minimum is not None and number < minimum:
            raise self.error(f"a whole number from {minimum} is expected here, not {number}")
        return number

    def data(self) -> Any:
        """Return the plain value: what ``yaml.safe_load`` would have made of it."""
        if isinstance(self.node, yaml.MappingNode):
            return {name: value.data() for name, value in self.items().items()}
        if isinstance(self.node, yaml.SequenceNode):
            return [node.data() for node in self.sequence()]
        loader = yaml.SafeLoader("")
        try:
            return loader.construct_object(self.node, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            raise self.error(f"this cannot be read as {self.kind}") from error
        finally:
            loader.dispose()


def meant(name: str, known: Iterable[str]) -> str:
    """Say which of the known names was probably meant, or name them all."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean “{close[0]}”?"
    if not names:
        return "none is known"
    if len(names) > 16:
        return f"{len(names)} are known, none of them like it"
    return "known are: " + ", ".join(names)


def shown(file: Path) -> Path:
    """Return the path as messages show it: folder and file, whatever machine it is on."""
    return Path(*file.parts[-2:]) if len(file.parts) > 2 else file


def read(file: Path) -> Node:
    """Read a declaration: one YAML document, of sane size and depth, without anchors."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigurationError(shown(file), None, "the file cannot be read") from error
    return read_bytes(file, content)


def read_bytes(file: Path, content: bytes) -> Node:
    """Read a declaration that somebody has sent; ``file`` is what messages call it."""
    if len(content) > MAX_BYTES:
        raise ConfigurationError(
            shown(file), None, f"a declaration has at most {MAX_BYTES // 1024} KiB"
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigurationError(shown(file), line, "this is not UTF-8") from error
    try:
        try:
            node = _compose(file, text, LOADER)
        except yaml.YAMLError:
            # Python's own reader points more exactly to where the mistake is.
            node = _compose(file, text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(str(error.problem or error.context).split())
        where = mark.line + 1 if mark else None
        raise ConfigurationError(shown(file), where, f"this is not YAML: {problem}") from error
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise ConfigurationError(shown(file), None, f"this is not YAML: {problem}") from error
    if node is None:
        raise ConfigurationError(shown(file), 1, "the file is empty")
    return Node(file, node)


def _compose(file: Path, text: str, loader: Any) -> yaml.Node | None:
    _check_events(file, text, loader)
    return yaml.compose(text, Loader=loader)


def _check_events(file: Path, text: str, loader: Any) -> None:
    """Refuse anchors, tags, several documents and deep nesting, before any tree is built."""
    depth = 0
    documents = 0
    for event in yaml.parse(text, Loader=loader):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise ConfigurationError(shown(file), line, "one file holds one declaration")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ConfigurationError(
                shown(file), line, "anchors and aliases (& and *) are not used here"
            )
        if getattr(event, "tag", None):
            raise ConfigurationError(shown(file), line, "tags (!) are not used here")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise ConfigurationError(shown(file), line, f"nested more than {MAX_DEPTH} levels deep")


def files(folder: Path) -> tuple[Path, ...]:
    """Return the declarations of a folder, in the order of their names."""
    return tuple(sorted(folder.glob("*.yaml")))


def beside(config: Any, file: Path | str) -> Path:
    """Return the path of a declaration; a relative one begins at the package that calls."""
    path = Path(file)
    if path.is_absolute():
        return path
    return Path(config.package.__file__).parent / path


@contextmanager
def told_as(config: Any, file: Path) -> Iterator[None]:
    """Let Pyramid tell of a conflict by the declaration's name, not by our loop over files."""
    config.info = f"  {shown(file)}:1"
    try:
        yield
    finally:
        config.info = ""
