"""Checks of challenge 8 on a file of events, one JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from macae.models import Event
from macae.workshop.props.happenings import feed, happened
from macae.workshop.trial import Trial

__all__ = ["keeps_the_lines"]

HOSTILE = 'one\ntwo\r\nthree\u2028four\x85five "six" \\n {"seven": 7} </script> \x1b[31mé€'


def texts() -> list[Event]:
    """Events whose texts are meant to break a line."""
    return [
        happened("goal_received", "ann", HOSTILE),
        happened("tool_started", text="order", tool="order", arguments={"note": HOSTILE, "quantity": 3}, key="1", effect="change"),
        happened("step_completed", text=""),
    ]  # fmt: skip


def counted(number: int, word: str) -> str:
    """`1 line`, `2 lines`."""
    return f"{number} {word}" + ("" if number == 1 else "s")


def lines(path: Path) -> list[bytes]:
    """What stands in a file now, line by line, without blank ones."""
    return [line for line in path.read_bytes().split(b"\n") if line.strip()] if path.is_file() else []


def size(path: Path) -> int:
    """How many bytes can be read now."""
    return path.stat().st_size if path.is_file() else 0


async def keeps_the_lines(attempt: Any, trial: Trial) -> None:
    """Lines are whole, seen at once, and survive a crash."""
    await writes(attempt, trial)
    await goes_on(attempt, trial)
    await survives(attempt, trial)


async def writes(attempt: Any, trial: Trial) -> None:
    """One object a line, at once."""
    path = trial.folder / "events.ndjson"
    sink = await trial.call(attempt, path)
    wanted = texts()
    for number, event in enumerate(wanted, 1):
        before = size(path)
        await feed(trial, sink, [event])
        found = lines(path)
        trial.expect(
            len(found) >= number or size(path) == before,
            expected=f"after {counted(number, 'event')}, {counted(number, 'line')}",
            seen=f"{counted(len(found), 'line')}: the {number} events stand in one",
            look='JSON has no line end. Write `b"\\n"` after each event.',
            kind="no-line-end",
        )
        trial.expect(
            len(found) >= number,
            expected=f"after {counted(number, 'event')}, somebody who reads the file sees {counted(number, 'line')}",
            seen=counted(len(found), "line"),
            look="What is written waits in a buffer. `flush()` after each line.",
            kind="not-flushed",
        )
        trial.expect(
            len(found) == number,
            expected=f"after {counted(number, 'event')} {counted(number, 'line')}",
            seen=f"{counted(len(found), 'line')}, the last one: {found[-1].decode('utf-8', 'replace')}",
            look="A text may have line breaks in it. JSON writes them as \\n: `event.model_dump_json()`, all in one line.",
            kind="more-lines",
        )
    for line, event in zip(lines(path), wanted, strict=True):
        try:
            told = json.loads(line)
        except ValueError:
            trial.fail(
                expected="a JSON object in each line",
                seen=line.decode("utf-8", "replace"),
                look="`str(event)` and `repr` are no JSON. `event.model_dump_json()` is.",
                kind="no-json",
            )
        trial.expect(
            isinstance(told, dict) and told == json.loads(event.model_dump_json()),
            expected="the whole event, each field of it",
            seen=told,
            look="`event.model_dump_json()` is a text already. Through `json.dumps` it would be a text in a text.",
            kind="not-whole",
        )
    trial.proven(
        "Three events are three lines, each seen as soon as it was written, whatever their texts are."
    )
    sink.close()
    await reads(attempt, trial, path, wanted)
    trial.proven("What was written comes back as the same events.")


async def reads(attempt: Any, trial: Trial, path: Path, wanted: list[Event], kind: str = "not-read") -> None:
    """What the learner's `read` gives."""
    try:
        found = await trial.call(attempt.read, path)
    except UnicodeDecodeError as error:
        trial.fail(
            expected="a file whose torn line ends in the middle of a letter is read",
            seen=f"UnicodeDecodeError: {error.reason}",
            look="The file as text is one whole; one bad byte spoils it. Read bytes, and split those: `path.read_bytes().split(b\"\\n\")`.",
            kind="torn-letter",
        )  # fmt: skip
    except ValueError as error:
        trial.fail(
            expected="lines that are no whole event are left out",
            seen=f"{type(error).__name__}: {str(error).splitlines()[0]}",
            look="`try:` around the one line, `except ValidationError:` and go on with the next.",
            kind="torn-line",
        )
    trial.expect(isinstance(found, list) and all(isinstance(one, Event) for one in found), expected="a list of Event objects", seen=found, look="`Event.model_validate_json(line)` for each line.", kind="no-events")  # fmt: skip
    if [one.text for one in found] != [one.text for one in wanted] and kind == "not-read" and len(found) < len(wanted):  # fmt: skip
        trial.fail(
            expected=f"{len(wanted)} events",
            seen=f"{len(found)}: some lines were cut in pieces",
            look="`splitlines()` breaks at eight other signs too, such as U+2028, which may stand in a text. Split at `\\n` alone.",
            kind="cut-lines",
        )
    trial.expect(
        [one.model_dump() for one in found] == [one.model_dump() for one in wanted],
        expected=f"the {len(wanted)} whole events, in order",
        seen=[one.text or one.type.value for one in found],
        look="What did the last process leave at the end of the file, and where does your first line stick?",
        kind=kind,
    )


async def goes_on(attempt: Any, trial: Trial) -> None:
    """A second sink for the same file."""
    path = trial.folder / "again.ndjson"
    wanted = texts()
    for event in wanted:
        sink = await trial.call(attempt, path)
        await feed(trial, sink, [event])
        sink.close()
    raw = path.read_bytes()
    trial.expect(
        not raw.startswith(b"\n"),
        expected="no blank line at the beginning of a new file",
        seen="a blank line",
        look='A new or an empty file has no line to end: it ends with `b""`, which is not `b"\\n"` and yet not torn.',
        kind="blank-line",
    )
    trial.expect(
        b"\n\n" not in raw,
        expected="no blank line: the old file ended with a whole line, so there was nothing to end",
        seen="a blank line",
        look="Only a torn line is ended. One byte of a bytes object is a number, which no text equals: `[-1]` gives 10, `[-1:]` gives a byte.",
        kind="blank-line",
    )  # fmt: skip
    trial.expect(
        len(lines(path)) == len(wanted),
        expected=f"after {len(wanted)} processes with one event each, {len(wanted)} lines",
        seen=counted(len(lines(path)), "line"),
        look='`"w"` empties the file. `"a"` goes on at its end.',
        kind="overwritten",
    )
    await reads(attempt, trial, path, wanted)
    sink = await trial.call(attempt, path)
    meanwhile = happened("thought", text="From another process.")
    with path.open("ab") as other:
        other.write(meanwhile.model_dump_json().encode() + b"\n")
    await feed(trial, sink, wanted[:1])
    sink.close()
    trial.expect(
        meanwhile.text.encode() in path.read_bytes(),
        expected="a line that another process wrote meanwhile stays",
        seen="it was written over",
        look="A file that is opened for appending (`a`) writes at the end that it has now. One that is written anew does not know of others.",
        kind="overwritten",
    )
    await reads(attempt, trial, path, [*wanted, meanwhile, wanted[0]])
    trial.proven("A new sink for an old file goes on at its end, also while somebody else writes.")


async def survives(attempt: Any, trial: Trial) -> None:
    """The process died in the middle of a line, once in the middle of a letter."""
    first, torn, last = texts()[0], texts()[1], happened("step_completed", text="After the crash.")
    whole = first.model_dump_json().encode() + b"\n"
    line = torn.model_dump_json().encode()
    letter = line.index("é".encode()) + 1
    for cut in (40, letter, len(line) - 1, len(line)):
        path = trial.folder / f"torn{cut}.ndjson"
        path.write_bytes(whole + line[:cut])
        sink = await trial.call(attempt, path)
        await feed(trial, sink, [last])
        sink.close()
        raw = path.read_bytes()
        trial.expect(
            raw.startswith(whole),
            expected="what stood in the file stays",
            seen="the file was written anew",
            look="Go on at its end.",
            kind="overwritten",
        )
        trial.expect(
            raw.startswith(whole + line[:cut]),
            expected="the torn line stays as it is, and is ended",
            seen="it was taken out",
            look="It may be a whole event that lacks only its line break. Nothing is taken out of a log: write the end that is missing.",
            kind="taken-out",
        )
        found = [first, torn, last] if cut == len(line) else [first, last]
        await reads(attempt, trial, path, found, kind="stuck-together")
    trial.proven(
        "After a crash in the middle of a line, and of a letter, every whole event is found, and the next one too."
    )
