"""An evaluation set: a YAML list of cases, each with an id of its own."""

from __future__ import annotations

from collections import Counter
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from macae.errors import InvalidInput

__all__ = ["Case", "read_set"]


class Case(BaseModel):
    """What every case has."""

    id: str


One = TypeVar("One", bound=Case)


def read_set(file: Traversable | Path, name: str, model: type[One], what: str, way_out: str) -> list[One]:
    """The cases of a file. `what` is what they are called, such as "goals"; `name` is the file's.

    Raises InvalidInput that names the file and the case; one for a file that cannot be read ends with `way_out`.
    """
    import yaml

    try:
        rows = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"The {what} file {name} cannot be read: {error.strerror}. {way_out}") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"The {what} file {name} cannot be read: it is no UTF-8 text. {way_out}") from None
    except yaml.YAMLError as error:
        raise InvalidInput(f"The {what} file {name} is no valid YAML: {error}.") from None
    if not isinstance(rows, list) or not rows:
        raise InvalidInput(f"The {what} file {name} must hold a list of {what} (`- id: …`).")
    found: list[One] = []
    for number, row in enumerate(rows, 1):
        try:
            found.append(model.model_validate(row))
        except ValidationError as error:
            first = error.errors()[0]
            label = row.get("id", number) if isinstance(row, dict) else number
            where = ".".join(map(str, first["loc"]))
            raise InvalidInput(
                f"{what[:-1].capitalize()} {label} in {name} cannot be used: {where}: {first['msg']}."
            ) from None
    twice = sorted(id for id, times in Counter(one.id for one in found).items() if times > 1)
    if twice:
        raise InvalidInput(
            f"The {what} file {name} has {what} of the same id: {', '.join(twice)}. Name them apart."
        )
    return found
