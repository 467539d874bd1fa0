"""The tracks: what a day, half a day, two hours and two days hold, and how far a room should be by when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

__all__ = ["SHARE", "TITLES", "TRACKS", "Item", "Milestone", "Track", "clock"]

SHARE = 70
"""Per cent of the learners who should be in a challenge, or further, by its milestone."""
GRACE = 15
"""Minutes after a challenge's planned beginning at which its milestone is."""
NIGHT = 1440


@dataclass(frozen=True)
class Item:
    """One line of an agenda. Minutes."""

    minutes: int
    what: str
    challenge: int | None = None


@dataclass(frozen=True)
class Milestone:
    """So many minutes after the beginning, `SHARE` per cent should be in this challenge or further."""

    minute: int
    challenge: int


@dataclass(frozen=True)
class Track:
    """An agenda for each day."""

    name: str
    title: str
    begins: str
    """The usual beginning, HH:MM."""
    days: tuple[tuple[Item, ...], ...]

    @cached_property
    def milestones(self) -> tuple[Milestone, ...]:
        """By when the room should be where, in order."""
        found = []
        for day, items in enumerate(self.days):
            minute = day * NIGHT
            for item in items:
                if item.challenge is not None:
                    found.append(Milestone(minute + min(GRACE, item.minutes // 2), item.challenge))
                minute += item.minutes
        return tuple(found)

    @property
    def challenges(self) -> tuple[int, ...]:
        """The challenges it goes through."""
        return tuple(item.challenge for items in self.days for item in items if item.challenge is not None)

    def agenda(self, day: int) -> list[tuple[int, Item]]:
        """Each line of a day with the minutes since the beginning at which it starts."""
        minute, found = 0, []
        for item in self.days[day]:
            found.append((minute, item))
            minute += item.minutes
        return found


def clock(begins: str, minute: int) -> str:
    """The clock time so many minutes after HH:MM."""
    hours, minutes = map(int, begins.split(":"))
    return f"{(total := hours * 60 + minutes + minute) // 60 % 24:02d}:{total % 60:02d}"


def c(number: int, minutes: int, title: str) -> Item:
    """A challenge."""
    return Item(minutes, f"Challenge {number}: {title}", number)


TITLES = (
    "Preflight",
    "A first team",
    "Typed messages",
    "Specialists",
    "The planner",
    "The manager",
    "The human",
    "Memory",
    "Watch it",
)
"""The challenges' names. 9 and 10 (shipping, your own engine) come later."""
PREFLIGHT, FIRST, TYPED, SPECIALISTS, PLANNER, MANAGER, HUMAN, MEMORY, _WATCH = TITLES

TRACKS: dict[str, Track] = {
    track.name: track
    for track in (
        Track(
            "two-hours", "Two hours", "14:00",
            ((
                Item(5, "Welcome, and the demo"),
                c(0, 15, PREFLIGHT), c(1, 45, FIRST), Item(5, "Break"), c(3, 45, SPECIALISTS),
                Item(5, "Show one department each, and where to go on"),
            ),),
        ),
        Track(
            "half-day", "Half a day", "09:00",
            ((
                Item(10, "Welcome, and the demo"),
                c(0, 15, PREFLIGHT), c(1, 45, FIRST), c(2, 40, TYPED), Item(15, "Break"),
                c(4, 50, PLANNER), c(6, 50, HUMAN), Item(15, "Show, scores, what next"),
            ),),
        ),
        Track(
            "day", "A day", "09:00",
            ((
                Item(15, "Welcome, the demo, teams"),
                c(0, 15, PREFLIGHT), c(1, 45, FIRST), Item(15, "Break"), c(2, 40, TYPED), c(3, 45, SPECIALISTS),
                Item(10, "Show: one department of each team"), Item(55, "Lunch"),
                c(4, 55, PLANNER), c(5, 65, MANAGER), Item(15, "Break"), c(6, 60, HUMAN),
                Item(30, "Show: every team's engine"), Item(15, "Scores, what next"),
            ),),
        ),
        Track(
            "two-days", "Two days", "09:00",
            (
                (
                    Item(30, "Welcome, the demo, teams, how an engine runs (on the whiteboard)"),
                    c(0, 15, PREFLIGHT), c(1, 60, FIRST), Item(15, "Break"), c(2, 55, TYPED), Item(65, "Lunch"),
                    c(3, 60, SPECIALISTS), Item(15, "Break"),
                    Item(75, "Team project: a department for a company of your own"), Item(30, "Show: the departments"),
                ),
                (
                    Item(15, "What we have, and what is missing"),
                    c(4, 60, PLANNER), Item(15, "Break"), c(5, 75, MANAGER), Item(60, "Lunch"),
                    c(6, 65, HUMAN), Item(15, "Break"),
                    c(7, 65, MEMORY), Item(35, "Show: every team's engine"), Item(15, "Scores, what next"),
                ),
            ),
        ),
    )
}  # fmt: skip
