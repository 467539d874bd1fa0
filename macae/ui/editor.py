"""The editor inside a card: the step's action and, where its call is known, the arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from macae.models import Step
from macae.ui.arguments import as_text, parse, schema_of
from macae.ui.parts import Parts

__all__ = ["Editor"]


class Editor:
    """Made when a person presses Edit; `save` and `discard` are called by its buttons."""

    def __init__(
        self,
        parts: Parts,
        step: Step,
        parameters: Mapping[str, Any],
        save: Callable[[], None],
        discard: Callable[[], None],
    ) -> None:
        self.step = step
        pending = step.pending_call
        self.function = pending.tool if pending else step.function
        self.present = dict((pending.arguments if pending else step.arguments) or {})
        self.action = parts.field("Action", value=step.task, rows=2)
        present = self.present
        required = set(parameters.get("required", ()))
        properties: dict[str, Any] = {name: schema_of(value) for name, value in present.items()}
        properties.update(parameters.get("properties", {}) if self.function else {})
        self.schemas = properties
        self.fields = {
            name: parts.field(
                name, "" if name in required else "optional", as_text(present.get(name)), "macae-argument"
            )
            for name in properties
        }
        self.save = parts.button(
            "Save", "check", save, "macae-primary", "macae-save", tip=f"Save step {step.index}"
        )
        self.discard = parts.button(
            "Discard", "undo", discard, "macae-discard", tip="Leave the step as it is"
        )
        self.widget = parts.column(
            [self.action, *self.fields.values(), parts.row([self.save, self.discard])], "macae-editor"
        )

    def changes(self) -> dict[str, Any]:
        """What `Engine.edit` is to change: empty when nothing did. Raises InvalidInput for a value of the wrong kind."""
        found: dict[str, Any] = {}
        if self.action.value.strip() != self.step.task:
            found["action"] = self.action.value.strip()
        if self.function:
            arguments = self._arguments()
            if arguments != self.present:
                found.update(function=self.function, arguments=arguments)
        return found

    def _arguments(self) -> dict[str, Any]:
        present = self.present
        found: dict[str, Any] = {}
        for name, field in self.fields.items():
            if field.value == as_text(present.get(name)):
                if name in present:
                    found[name] = present[name]
            elif field.value.strip() or isinstance(present.get(name), str):
                found[name] = parse(name, field.value, self.schemas[name])
        return found
