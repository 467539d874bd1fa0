"""Word lists for reading names: English ones that are no names, and frequent ones of other languages."""

from __future__ import annotations

__all__ = ["FOREIGN_WORDS", "FUNCTION_WORDS", "GENERIC", "OPENERS"]


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTION_WORDS = _listed(
    """
    a about after all also an and any are as at be been before both but by can could did do does done
    each every for from had has have he her here hers him his how i if in into is it its just may me
    might more most my next no none not now of on once one only or other our out over own per please she
    should since so some such than thanks that the their them then there these they this those through
    to too under until up upon us was we well were what when where which while who whom whose why will
    with within would yes yet you your
    """
)
"""English words that carry no fact."""

OPENERS = _listed(
    """
    according additionally another best currently dear details done dr finally first further furthermore
    hello hi however kind last lastly let make meanwhile moreover mr mrs ms new next note ok okay
    overall prof regards result results second see sir sorry status summary therefore third thus today
    tomorrow warm welcome
    """
)
"""Words that often begin a sentence or a line."""

GENERIC = _listed(
    """
    access account action address agent ai am api approval asap asset assets assistant benefits budget
    calendar campaign catalog catalogue ceo cfo chief cio cloud company compliance contract csv cto
    customer data date day days delivery department desk director document email employee employees
    equipment eur faq finance gbp generic hardware head helpdesk hr human id info information internet
    inventory invoice invoices it item items json laptop leave legal letter list mailbox management
    manager marketing meeting mentor message monitor n/a name network notebook number office officer ok
    onboarding operations order orders payroll pc pdf phone plan plans pm policy press price procurement
    product products program project purchase quantity release report request requests resources review
    roaming salary sales security service services session software standard start step steps stock
    supplier support system tbd team tech technical ticket tickets time title total training travel
    update url usb usd user vacation vendor vpn work
    """
)
"""Words of any office: written with capitals they are titles, not names."""

FOREIGN_WORDS = _listed(
    """
    aan alla als ao att au auch auf aus aux av avec bei bij che com da dans das del della dem den der
    des det di dos du een ein eine einen el es est está et foi fue för für gli han het ihr ihre il im
    inte ist jest las le les los mit más na naar nach nicht nie niet non nous não och ont ook para pas
    per por pour på se sich sie sind się sono sont su sur são till um uma una und une von voor vous werd
    wir wird wordt wurde zijn zu är è été
    """
)
"""Frequent words of other languages in Latin letters, none of them English."""
