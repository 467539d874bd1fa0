"""The readers of values that are facts: people, departments, dates, numbers, references."""

from __future__ import annotations

from macae.llm.offline.counts import read_amount, read_percent, read_quantity
from macae.llm.offline.groups import read_audience, read_company, read_department
from macae.llm.offline.people import read_people, read_person
from macae.llm.offline.readers import Reader
from macae.llm.offline.references import read_email, read_link, read_phone, read_reference
from macae.llm.offline.times import read_date, read_length, read_time

__all__ = ["READERS"]


READERS: dict[str, Reader] = {
    "person": read_person, "people": read_people, "audience": read_audience, "department": read_department, "company": read_company, "date": read_date,
    "time": read_time, "length": read_length, "percent": read_percent, "amount": read_amount, "quantity": read_quantity, "rating": read_quantity,
    "reference": read_reference, "email": read_email, "phone": read_phone, "link": read_link,
}  # fmt: skip
