"""Checks of challenge 8 on card numbers: masked where they are, and only there."""

from __future__ import annotations

from typing import Any

from macae.workshop.props.plain import at_once
from macae.workshop.trial import Trial

__all__ = ["masks_cards_only"]

CARDS = (
    ("Pay with 4111111111111111.", "Pay with [card]."),
    ("Pay with 4111 1111 1111 1111, please.", "Pay with [card], please."),
    ("5500-0000-0000-0004", "[card]"),
    ("Amex 3782 822463 10005 or 6011000990139424?", "Amex [card] or [card]?"),
    ("Short: 4222222222222; long: 6304000000000000000.", "Short: [card]; long: [card]."),
    ("(4111 1111 1111 1111)\n4111-1111-1111-1111 ", "([card])\n[card] "),
)
"""Texts with cards, and what is to come of them."""
ORDERS = (
    "Order PO-4111111111111111 is late.",
    "See PO4111111111111111.",
    "See inv_5500000000000004.",
    "Serial 4111111111111111A, batch 4111111111111111-B.",
)
"""Right digits, and yet no cards: letters stand at them."""
LOOK_ALIKES = (
    "Parcel 4111111111111112 and parcel 1234 5678 9012 3456.",
    "Call 555 0100 on 2026-11-21 at 9:30.",
    "A thousand: 1000, a million: 1000000.",
)
APART = (
    "Two numbers:\n41111111\n11111111",
    "A table:\t4111\t1111\t1111\t1111",
    "Far apart: 4111  1111  1111  1111",
)
"""Right digits, and something else between them than one space or dash."""
LONGER = "Meter 41111111111111111111111 reads 79927398713 units."
"""23 digits, and 11 that fulfil the rule."""


def tried(attempt: Any, trial: Trial, text: str) -> Any:
    """What the learner's function gives; where it stumbles inside of our `luhn`, that is told as what it is."""
    try:
        return at_once(attempt, trial, text)
    except ValueError as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is None or not trace.tb_frame.f_code.co_qualname.startswith("luhn"):
            raise
        trial.fail(
            expected="`luhn` is asked about digits alone",
            seen=f"a text with something else in it, for {text!r}",
            look="A find may have blanks and dashes: `luhn(only_digits(found[0]))`.",
            kind="not-digits",
        )


def beside(text: str) -> str:
    """What stands at the number of an order."""
    return "an underscore" if "inv_" in text and "PO" not in text else "a letter or a dash"


async def masks_cards_only(attempt: Any, trial: Trial) -> None:
    """Each card goes, whatever its form; nothing else changes."""
    seen = tried(attempt, trial, "Nothing here.")
    trial.expect(isinstance(seen, str), expected="a text", seen=seen, look="`return` the text, changed or not.", kind="no-text")  # fmt: skip
    trial.expect(seen == "Nothing here.", expected="a text without a card comes back as it was", seen=seen, kind="changed")  # fmt: skip
    for text, wanted in CARDS:
        told = tried(attempt, trial, text)
        if told == wanted:
            continue
        look = (
            "Digits may stand in groups, with one space or dash between: `BEGINS + DIGITS + ENDS` finds them."
            " (In an f-string the braces of a pattern mean something else.)"
        )
        kind = "let-through"
        left = [digits for digits in ("1111", "0004", "10005", "9424", "2222", "0000") if digits in told]
        if not left and "[card]" not in told:
            kind = "no-mark"
            look = '`return "[card]"` for a find that is a card: what `masked` returns comes in its place.'
        elif not left:
            kind = "neighbour-lost"
            at = next((i for i, (a, b) in enumerate(zip(wanted, told, strict=False)) if a != b), len(told))
            lost = {" ": "a blank", "\n": "a line break"}.get(wanted[at : at + 1], f"`{wanted[at : at + 1]}`")
            look = f"What stands around a card stays; here {lost} is lost. With which sign does your find begin, and with which does it end?"
        elif told != text and "[card]" in told:
            look = "From 13 digits to 19, several in one text, at its beginning and end too. " + look
        trial.fail(expected=repr(wanted), seen=repr(told), look=look, kind=kind)
    trial.proven(
        "Cards of 13 to 19 digits are masked, in groups or not, several in one text; what stands around them stays."
    )
    for text in LOOK_ALIKES:
        told = tried(attempt, trial, text)
        trial.expect(
            told == text or "[card]" in told,
            expected=f"{text!r} stays: no card in it",
            seen=repr(told),
            look="A find that is no card has to be given back: `return found[0]`.",
            kind="look-alike-lost",
        )
        trial.expect(
            told == text,
            expected=f"{text!r} stays: no card in it",
            seen=repr(told),
            look="Many numbers have sixteen digits. Ask `luhn(digits)`, with the digits alone, before you mask.",
            kind="no-luhn",
        )
    trial.proven("Parcels, telephone numbers and dates stay: their check digit is not a card's.")
    for text in APART:
        told = tried(attempt, trial, text)
        trial.expect(
            told == text,
            expected=f"{text!r} stays: other things than one space or dash stand between the digits",
            seen=repr(told),
            look="`\\s` is also a line break and a tab, and `*` is any number of them.",
            kind="too-wide",
        )
    for text in ORDERS:
        told = tried(attempt, trial, text)
        trial.expect(
            told == text,
            expected=f"{text!r} stays: {beside(text)} stands at the number",
            seen=repr(told),
            look="About one order number in ten fulfils Luhn by chance. What stands before and after? Letters, digits, dashes and underscores may not: `\\w` is all of them but the dash.",
            kind="order-masked",
        )
    told = tried(attempt, trial, LONGER)
    trial.expect(
        told == LONGER,
        expected="a longer number stays, and a shorter one too",
        seen=repr(told),
        look="13 to 19 digits, and none before or after them.",
        kind="order-masked",
    )
    trial.proven("Order numbers stay, even where their digits fulfil the rule.")
