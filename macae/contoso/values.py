"""What a tool was given, checked; and amounts as it says them."""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Iterable

from macae.errors import ToolRefused

__all__ = ["amount", "choice", "email", "listed", "near", "positive", "sentence", "simple", "usd", "words"]


def usd(dollars: float) -> str:
    """An amount for readers: `$1,234.50`, whole dollars without cents."""
    sign, dollars = ("-", -dollars) if dollars < 0 else ("", dollars)
    return f"{sign}${dollars:,.2f}".removesuffix(".00")


def positive(count: int, what: str, most: int = 1000) -> int:
    """A count from 1 to `most`."""
    if not 1 <= count <= most:
        raise ToolRefused(f"{what} {str(count)[:20]} is not possible. Choose a number from 1 to {most}.")
    return count


def amount(dollars: float, what: str, *, least: float = 0.01, most: float = 10_000_000) -> float:
    """An amount in US dollars within bounds, to the cent."""
    if not math.isfinite(dollars) or not least <= dollars <= most:
        raise ToolRefused(f"{what} {dollars!s:.20} is not possible. Choose from {usd(least)} to {usd(most)}.")
    return round(float(dollars), 2)


def sentence(text: str, what: str, *, most: int = 200, may_be_empty: bool = False) -> str:
    """A text without outer spaces (a short one on one line), not longer than `most` characters."""
    text = " ".join(text.split()) if most <= 200 else text.strip()
    if not text and not may_be_empty:
        raise ToolRefused(f"{what} is empty. Say what it should be.")
    if len(text) > most:
        raise ToolRefused(f"{what} has {len(text)} characters; at most {most} are possible. Shorten it.")
    return text


def email(address: str) -> str:
    """An e-mail address in lower case."""
    address = address.strip().lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9._+-]{0,62}@[a-z0-9-]+(\.[a-z0-9-]+)+", address):
        raise ToolRefused(
            f"{address[:80]!r} is no e-mail address. It must be a name, the sign @ and a domain, such as contoso.com."
        )
    return address


def choice(given: str, options: Iterable[str], what: str) -> str:
    """The option that was meant. Case, spaces and hyphens do not matter."""
    options = list(options)
    found = {simple(option): option for option in options}.get(simple(given))
    if found is None:
        raise ToolRefused(
            f"{what} {given[:60]!r} is not possible{near(given, options)}. Choose one of: {', '.join(options)}."
        )
    return found


def near(given: str, options: Iterable[str]) -> str:
    """`; did you mean X or Y?` when something similar exists, else nothing."""
    options = list(options)
    wanted = simple(given)
    keys = {simple(option): option for option in options}
    found = [keys[key] for key in difflib.get_close_matches(wanted, keys, n=3, cutoff=0.6)]
    found += [o for o in options if wanted and wanted in simple(o).split(" ") and o not in found]
    return f" (did you mean {' or '.join(found[:3])}?)" if found else ""


def simple(text: str) -> str:
    """A text for comparing: lower case, no accents, single spaces, no hyphens or apostrophes."""
    flat = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.sub(r"['’`]", "", flat).casefold().replace("-", " ").replace("_", " ").split())


SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "my",
        "of",
        "on",
        "or",
        "our",
        "the",
        "to",
        "with",
        "what",
    ]
)


def words(text: str) -> set[str]:
    """The words that carry meaning, without a plural s."""
    found = re.findall(r"[a-z0-9]+", simple(text))
    return {w if len(w) < 4 or w.endswith("ss") else w.removesuffix("s") for w in found} - SMALL


def listed(lines: Iterable[str], nothing: str) -> str:
    """Lines as a list, or what to say when there are none."""
    found = [f"- {line}" for line in lines]
    return "\n".join(found) if found else nothing
