"""Reads a policy file (YAML). An error names the line and the field.

start: gdpr                                   # a preset that the rows below change; none: all is allowed
routes: [input, model, store, log, screen]    # the columns of the rows; this order when left out
rules:
  secrets:        [block, mask, mask, mask, mask]     # a row in a group's name: secrets, personal, health, all
  EMAIL_ADDRESS:  [flag, mask, allow, mask, allow]    # a later row wins over an earlier one
  PHONE_NUMBER:   mask                                # the same on every route
  PROJECT:        {model: block, log: mask}           # the other routes stay as they were
words:
  PROJECT: [Heron, Blue Bird]                 # words of one's own, with a name of one's own: flagged at input, else masked
detectors: [patterns, presidio]               # who looks; patterns alone when left out
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

from macae.config import Settings
from macae.errors import ConfigError
from macae.monitoring.compliance.detecting import ENTITIES
from macae.monitoring.compliance.policy import ACTIONS, GROUPS, NAME, PRESETS, ROUTES, Policy

__all__ = ["load_policy", "preset", "read_policy"]

FIELDS = ("start", "routes", "rules", "words", "detectors")
KNOWN_DETECTORS = ("patterns", "presidio")
TEXT = "tag:yaml.org,2002:str"
MOST_WORDS = 5_000
MOST_BYTES = 1_000_000


def load_policy(settings: Settings) -> Policy:
    """The policy that MACAE_COMPLIANCE names: a preset, or a YAML file.

    Raises ConfigError for a name that is neither, and for a file that cannot be used, naming its line.
    """
    name = settings.compliance.strip()
    if name.lower() in PRESETS:
        return preset(name.lower())
    try:
        path = Path(name).expanduser()
    except RuntimeError:
        raise ConfigError(f"MACAE_COMPLIANCE is {name[:80]!r}, and there is no such user.") from None
    try:
        with path.open("rb") as file:
            read = file.read(MOST_BYTES + 1)
        text = read.decode("utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"MACAE_COMPLIANCE is {name[:80]!r}, which is neither a preset ({', '.join(PRESETS)}) nor a file that is there."
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise ConfigError(f"The policy file {path} (MACAE_COMPLIANCE) cannot be read: {why}.") from None
    if len(read) > MOST_BYTES:
        raise ConfigError(f"The policy file {path} (MACAE_COMPLIANCE) is larger than 1 MB.")
    return read_policy(text, path.name)


@cache
def preset(name: str) -> Policy:
    """A policy that comes along. Raises ConfigError for another name."""
    if name not in PRESETS:
        raise ConfigError(f"There is no preset {name[:40]!r}. There are: {', '.join(PRESETS)}.")
    file = resources.files(__package__ or "") / "presets" / f"{name}.yaml"
    return read_policy(file.read_text(encoding="utf-8"), name)


def read_policy(text: str, name: str) -> Policy:
    """The policy of a file's text. `name` is what the file is called. Raises ConfigError."""
    import yaml

    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark is not None else ""
        why = getattr(error, "problem", None) or "it is no YAML"
        raise ConfigError(f"The policy file {name} cannot be used: {where}{why}.") from None
    except RecursionError:
        raise ConfigError(f"The policy file {name} cannot be used: it is nested too deeply.") from None
    return Reader(name).policy(tree)


class Reader:
    """Reads one file's tree."""

    def __init__(self, name: str) -> None:
        self.name = name

    def wrong(self, node: Any, why: str) -> NoReturn:
        """Raise ConfigError with the line."""
        line = f"line {node.start_mark.line + 1}: " if node is not None else ""
        raise ConfigError(f"The policy file {self.name} cannot be used: {line}{why}.")

    def policy(self, tree: Any) -> Policy:
        """The whole file."""
        fields: dict[str, Any] = {}
        for key, value in self.pairs(tree, "the file", "fields: rules, words, …"):
            if key.value not in FIELDS:
                self.wrong(key, f"there is no field {key.value[:40]!r}; there are {', '.join(FIELDS)}")
            fields[key.value] = value
        start = self.start(fields["start"]) if "start" in fields else Policy()
        words = {**start.words, **(self.words(fields["words"]) if "words" in fields else {})}
        detectors = start.detectors
        if "detectors" in fields:
            detectors = tuple(self.one_of(n, KNOWN_DETECTORS, "detector") for n in self.items(fields["detectors"], "detectors"))  # fmt: skip
            if not detectors:
                self.wrong(
                    fields["detectors"],
                    "detectors is empty: nothing would be found; MACAE_COMPLIANCE=off says that openly",
                )
        routes: list[Any] = list(ROUTES)
        if "routes" in fields:
            routes = [self.one_of(node, ROUTES, "route") for node in self.items(fields["routes"], "routes")]
            if len(set(routes)) < len(routes):
                self.wrong(fields["routes"], "routes names one of them twice")
        rules: dict[str, dict[Any, Any]] = {entity: dict(row) for entity, row in start.rules.items()}
        known = {*ENTITIES, *words}
        for key, value in self.pairs(fields["rules"], "rules", "rows") if "rules" in fields else ():
            entities = GROUPS.get(key.value, (key.value,))
            if key.value not in GROUPS and key.value not in known and not ("presidio" in detectors and NAME.fullmatch(key.value)):  # fmt: skip
                self.wrong(
                    key,
                    f"rules: there is no entity {key.value[:40]!r}; there are {', '.join([*GROUPS, *ENTITIES, *words])}",
                )
            row = self.row(key.value, value, routes)
            for entity in entities:
                rules[entity] = {**rules.get(entity, {}), **row}
        for entity in words:
            rules.setdefault(entity, {**dict.fromkeys(ROUTES, "mask"), "input": "flag"})
        return Policy(self.name, rules, words, detectors)

    def start(self, node: Any) -> Policy:
        """The preset that the file changes."""
        if node.id != "scalar":
            self.wrong(node, f"start must be one name, such as start: gdpr; there are {', '.join(PRESETS)}")
        name = "off" if node.value in (False, "off", "Off", "no") else node.value
        if name not in PRESETS:
            self.wrong(node, f"start: there is no preset {str(name)[:40]!r}; there are {', '.join(PRESETS)}")
        return preset(name)

    def row(self, entity: str, node: Any, routes: list[Any]) -> dict[Any, Any]:
        """One entity's actions."""
        if node.id == "scalar":
            return dict.fromkeys(ROUTES, self.one_of(node, ACTIONS, f"action (in {entity})"))
        if node.id == "mapping":
            return {
                self.one_of(key, ROUTES, f"route (in {entity})"): self.one_of(value, ACTIONS, f"action (in {entity})")
                for key, value in self.pairs(node, entity, "routes")
            }  # fmt: skip
        if len(node.value) != len(routes):
            self.wrong(
                node, f"{entity} has {len(node.value)} actions for {len(routes)} routes ({', '.join(routes)})"
            )
        return dict(zip(routes, (self.one_of(n, ACTIONS, f"action (in {entity})") for n in node.value), strict=True))  # fmt: skip

    def words(self, node: Any) -> dict[str, tuple[str, ...]]:
        """The lists of words."""
        result: dict[str, tuple[str, ...]] = {}
        for key, value in self.pairs(node, "words", "lists of words"):
            if not NAME.fullmatch(key.value) or key.value in ENTITIES:
                self.wrong(key, f"words: {key.value[:40]!r} cannot be a name of one's own; take capital letters, such as PROJECT")  # fmt: skip
            given = self.items(value, f"words {key.value}")
            for item in given:
                if item.tag != TEXT:  # a 1 would be found in every figure, and who writes No may mean a name
                    self.wrong(item, f"words {key.value}: {item.value[:40]!r} is no text in YAML; write it in quotes")  # fmt: skip
            listed = [" ".join(item.value.split()) for item in given]
            if not listed or len(listed) > MOST_WORDS or not all(listed):
                self.wrong(value, f"words {key.value} needs 1 to {MOST_WORDS:,} words, none of them empty")
            result[key.value] = tuple(listed)
        return result

    def pairs(self, node: Any, what: str, of: str) -> list[tuple[Any, Any]]:
        """The pairs of a mapping whose keys are texts, each once."""
        if node is None or node.id != "mapping":
            self.wrong(node, f"{what} must hold {of}")
        seen: set[str] = set()
        for key, _ in node.value:
            if key.id != "scalar" or key.value in seen:
                self.wrong(key, f"{what}: a name must be a word, and stand there once")
            seen.add(key.value)
        return list(node.value)

    def items(self, node: Any, what: str) -> list[Any]:
        """The texts of a list."""
        if node.id != "sequence" or any(item.id != "scalar" for item in node.value):
            self.wrong(node, f"{what} must be a list, such as [a, b]")
        return list(node.value)

    def one_of(self, node: Any, known: tuple[str, ...], what: str) -> Any:
        """A text that must be one of some."""
        if node.id != "scalar" or node.value not in known:
            given = repr(node.value)[:40] if node.id == "scalar" else "a list"
            self.wrong(node, f"there is no {what} {given}; there are {', '.join(known)}")
        return node.value
