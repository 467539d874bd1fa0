"""What a run changed, as structure, text and HTML."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

from macae import contoso
from macae.contoso import Company
from tests.contoso.cases import TODAY

EVIL = "<img src=x onerror=alert(1)>\x1b[2J & 'quote\""


async def test_added_changed_and_removed_rows(company: Company) -> None:
    before = company.snapshot()
    await contoso.hr.assign_mentor("Jessica Smith", "Yuki Tanaka")
    await contoso.hr.update_employee_record("Oliver Grant", "location", "Austin")
    await contoso.product.cancel_mobile_extras_pack("Second SIM")
    found = contoso.diff(before, company)
    assert [(c.table, c.kind) for c in found] == [
        ("employees", "changed"),
        ("mentorships", "added"),
        ("subscription_extras", "removed"),
    ]
    assert len(found) == 3 and set(found.tables) == {"employees", "mentorships", "subscription_extras"}
    assert found.tables["employees"][0].columns == {"location": ("Dublin", "Austin")}
    text = str(found)
    assert "~ Oliver Grant (16): location: Dublin → Austin" in text
    assert "+ employee_id: Jessica Smith (41), mentor_id: Yuki Tanaka (14)" in text
    assert "- subscription_id: Alex Romero (1), pack: Second SIM" in text
    back = json.loads(json.dumps(found.to_dict()))
    assert (
        back[0]["before"]["location"] == "Dublin" and back[1]["before"] is None and back[2]["after"] is None
    )


def test_nothing_changed(company: Company) -> None:
    found = contoso.diff(company, company)
    assert not found and len(found) == 0
    assert str(found) == "Nothing changed." and "Nothing changed" in found._repr_html_()


async def test_files_and_snapshots_compare_alike(tmp_path: Path) -> None:
    with (
        Company.create(tmp_path / "a.db", today=TODAY) as one,
        Company.create(tmp_path / "b.db", today=TODAY) as two,
    ):
        with contoso.use(two):
            await contoso.generic.save_note("Something new")
        by_company = contoso.diff(one, two)
        assert str(by_company) == str(contoso.diff(one.snapshot(), two.snapshot()))
    assert str(by_company) == str(contoso.diff(str(tmp_path / "a.db"), tmp_path / "b.db"))


async def test_a_snapshot_does_not_change_with_the_company(company: Company) -> None:
    before = company.snapshot()
    await contoso.generic.save_note("later")
    assert len(before.tables["notes"]) == 2


async def test_hostile_text_is_shown_and_does_nothing(company: Company) -> None:
    before = company.snapshot()
    await contoso.generic.save_note(EVIL, title=EVIL)
    await contoso.tech_support.create_support_ticket(EVIL)
    ticket = company.db.execute("SELECT max(number) FROM tickets").fetchone()[0]
    middle = company.snapshot()
    await contoso.tech_support.resolve_support_ticket(ticket, EVIL)
    for found in (contoso.diff(before, middle), contoso.diff(middle, company)):
        page = re.sub(r"(?s)<style>.*?</style>", "", found._repr_html_())
        tags = set(re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)", page))
        assert tags <= {"div", "h4", "ul", "li", "b", "span", "i", "del"}
        assert "&lt;img src=x onerror=alert(1)&gt;" in page
        assert "<img src=x" in html.unescape(page)
        assert "\x1b" not in page and "\x1b" not in str(found)


async def test_long_text_is_cut_in_what_is_shown_only(company: Company) -> None:
    before = company.snapshot()
    await contoso.generic.save_note("word " * 1000)
    found = contoso.diff(before, company)
    assert len(str(found)) < 500 and len(found._repr_html_()) < 4000
    assert len(found.changes[0].after["body"]) == 4999  # type: ignore[index]


def test_the_page_follows_the_theme(company: Company) -> None:
    """Every colour is one of JupyterLab's, with a fallback for other notebooks."""
    style = re.findall(r"(?s)<style>(.*?)</style>", contoso.diff(company, company)._repr_html_())[0]
    colours = re.findall(r"(?:color|background): ([^;}]+)", style)
    assert colours and all(re.match(r"var\(--jp-[a-z0-9-]+, .+\)", c.strip()) for c in colours), colours
