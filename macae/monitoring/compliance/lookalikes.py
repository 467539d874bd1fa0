"""What the words before a number say that it is, when that is nobody's: a part, an order, a drawing."""

from __future__ import annotations

import re

__all__ = ["is_numbered", "is_of_a_thing"]

THINGS = (
    r"(?:article|artikel|art[íi]culo|articolo|barcode|batch|bestell(?:ung)?|catalog(?:ue)?|container|conteneur|contenedor|delivery(?:[ ]note)?|dessin|drawing|"
    r"inventory|inventar|lieferschein|(?<![^\W_])(?:part|parts|item|lot|model|pos|sku|ean|gtin|upc|imei|isbn|issn|dwg|asset|page|drg)|material|modell|"
    r"ersatzteil|(?<![^\W_])teile?|pallet|parcel|pi[èe]ce|pieza|produ[ck]t|r[ée]f[ée]rence|serial|serie[ns]?|shipment|sendung|tracking|zeichnung|cost[ _-]?cent(?:er|re)|kostenstelle)"
)
PAPERS = (
    r"(?:account|aktenzeichen|angebot|auftrag|build|commande|contrat?|contract|contrato|customer|docket|dossier|expediente|facture|factura|invoice|konto|kunden|"
    r"(?<![^\W_])(?:case|id|job|no|nr|n[°º]|number of|order|po|pr|ref|rma|ticket|file|plan|project|projekt|quote|quotation|permit|row|wo)|pedido|rechnung|version|vertrag|vorgang|#)"
)
OF = r"s?[ _-]?(?:numbers?|num|no|nr|nummer|code|id|ids|n[°º])?\.?[\"']?[ .:=#\"'-]{0,3}$"
THING = re.compile(rf"(?i){THINGS}{OF}")
NUMBERED = re.compile(rf"(?i)(?:{THINGS}|{PAPERS}){OF}")
BEFORE = 28
"""Characters before a number that are looked at."""


def is_of_a_thing(text: str, start: int) -> bool:
    """Whether a thing stands directly before the number that begins there: a part, a drawing, a parcel."""
    return THING.search(text, max(0, start - BEFORE), start) is not None


def is_numbered(text: str, start: int) -> bool:
    """Whether a thing or a paper stands before the number, or only "no." or the like."""
    return NUMBERED.search(text, max(0, start - BEFORE), start) is not None
