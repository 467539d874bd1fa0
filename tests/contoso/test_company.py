"""The company's file: made, opened, reset, damaged, shared."""

from __future__ import annotations

import asyncio
import multiprocessing
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from macae import contoso
from macae.contoso import Company
from macae.contoso.calls import changes, reads
from macae.errors import StoreError, ToolRefused
from macae.tools import running_call
from tests.contoso.cases import TODAY
from tests.contoso.conftest import call


def staff(company: Company) -> int:
    return int(company.db.execute("SELECT count(*) FROM employees").fetchone()[0])


async def hire(company: Company, name: str = "Ada Byron") -> str:
    with contoso.use(company):
        return await contoso.hr.register_new_employee(name)


def test_a_fresh_copy_is_quick_and_the_same_for_the_same_day(tmp_path: Path) -> None:
    Company.create(today=TODAY).close()  # the data files are read once
    times = []
    for number in range(8):
        start = time.process_time()
        Company.create(tmp_path / f"{number}.db", today=TODAY).close()
        times.append(time.process_time() - start)
    assert min(times) < 0.05, "seconds of processor time: other tests run beside this one"
    assert not contoso.diff(tmp_path / "0.db", tmp_path / "4.db")


@pytest.mark.parametrize(
    "today", [date(2026, 1, 1), date(2026, 12, 31), date(2028, 2, 29), date(2027, 3, 31)]
)
async def test_it_can_be_made_on_any_day(today: date) -> None:
    with Company.create(today=today) as company, contoso.use(company):
        assert company.today == today
        assert company.db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert 38 <= staff(company) <= 45
        monday = company.db.execute(
            "SELECT start_date FROM employees WHERE name = 'Jessica Smith'"
        ).fetchone()[0]
        assert (
            date.fromisoformat(monday).weekday() == 0 and 0 < (date.fromisoformat(monday) - today).days <= 7
        )
        for statement in (
            "SELECT billed_on FROM bills",
            "SELECT opened_on FROM tickets",
            "SELECT ordered_on FROM purchase_orders",
        ):
            assert all(date.fromisoformat(day) <= today for (day,) in company.db.execute(statement))


def test_a_temporary_company_leaves_nothing_behind() -> None:
    company = Company.create()
    assert company.today == date.today()
    folder = company.path.parent
    assert company.path.exists()
    company.close()
    company.close()
    assert not folder.exists()


async def test_it_is_left_as_it_was_and_reopened(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "contoso.db"
    with Company.open(path, today=TODAY) as company:  # open makes it when it is missing
        before = staff(company)
        await hire(company)
    with Company.open(path) as again:
        assert (staff(again), again.today) == (before + 1, TODAY)
    with Company.open(path, today=date(2026, 12, 1)) as later:
        assert later.today == date(2026, 12, 1), "time went on since it was made"
    with Company.create(path) as fresh:
        assert (staff(fresh), fresh.today) == (before, date.today())


async def test_reset_brings_everything_back_and_forgets_effects(company: Company) -> None:
    before = company.snapshot()
    with running_call(call("k:1")):
        await contoso.procurement.order_hardware("laptop", 3)
    other = Company.open(company.path)
    company.reset()
    assert not contoso.diff(before, company)
    assert company.effect("k:1") is None and company.today == TODAY
    assert not contoso.diff(company, other), "a second connection sees it too"
    other.close()
    company.reset(today=date(2027, 5, 4))
    assert company.today == date(2027, 5, 4)


async def test_the_key_is_stored_with_the_effect_or_not_at_all(company: Company) -> None:
    with running_call(call("s:1")), pytest.raises(ToolRefused, match="past"):
        await contoso.hr.book_training_session("Marketing", "2020-01-01")
    assert company.effect("s:1") is None
    with running_call(call("s:1")):
        told = await contoso.hr.book_training_session("Marketing", "2026-12-01")
    with Company.open(company.path) as reopened:
        effect = reopened.effect("s:1")
        assert effect is not None and effect["summary"] == told and effect["tool"] == "book_training_session"
        assert "2026-12-01" in effect["arguments"] and effect["at"]
    assert company.effect("s:2") is None


async def test_a_key_never_stands_for_another_call(company: Company) -> None:
    with running_call(call("s:1")):
        await contoso.procurement.order_hardware("laptop", 1)
        before = company.snapshot()
        with pytest.raises(ToolRefused, match=r"already ran as order_hardware.*PO-1042"):
            await contoso.procurement.order_hardware("laptop", 2)
        with pytest.raises(ToolRefused, match="already ran as order_hardware"):
            await contoso.generic.save_note("hello")
    assert not contoso.diff(before, company)


async def test_a_failure_in_the_middle_leaves_nothing(company: Company) -> None:
    @changes
    async def half() -> str:
        """Write, then fail."""
        contoso.current().db.execute("DELETE FROM notes")
        raise RuntimeError("broken")

    before = company.snapshot()
    with running_call(call("h:1")), pytest.raises(RuntimeError, match="broken"):
        await half()
    assert not contoso.diff(before, company) and company.effect("h:1") is None


async def test_a_reading_tool_cannot_write(company: Company) -> None:
    @reads
    async def sly() -> str:
        """Claim to read."""
        contoso.current().db.execute("DELETE FROM notes")
        return "done"

    before = company.snapshot()
    with pytest.raises(StoreError, match="readonly"):
        await sly()
    assert not contoso.diff(before, company)
    await contoso.generic.save_note("writing works again")


async def test_nothing_may_be_awaited_inside_a_transaction(company: Company) -> None:
    @changes
    async def slow() -> str:
        """Wait inside."""
        await asyncio.sleep(0)
        return "done"

    with pytest.raises(RuntimeError, match="awaited"):
        await slow()
    assert not company.db.in_transaction


async def test_who_me_is() -> None:
    with Company.create(today=TODAY) as company, contoso.use(company):
        assert "Alex Romero" in await contoso.product.get_subscription()
        with running_call(call("a:1", user="marcus.bell")):
            assert "Marcus Bell" in await contoso.product.get_subscription()
        with running_call(call("a:2", user="fatima.zahra@contoso.com")):
            assert "Fatima Zahra" in await contoso.hr.get_leave_balance()
        with running_call(call("a:3", user="somebody-else")):
            assert "Alex Romero" in await contoso.hr.get_leave_balance()
        with running_call(call("a:4", user="grace.kim")), pytest.raises(ToolRefused, match="no mobile plan"):
            await contoso.product.enable_roaming()


def test_threads_take_turns(tmp_path: Path) -> None:
    """Learners' code runs in worker threads with loops of their own; one company, many threads."""
    errors: list[BaseException] = []
    with Company.create(tmp_path / "c.db", today=TODAY) as company:

        def work() -> None:
            async def order() -> None:
                with contoso.use(company):
                    for _ in range(5):
                        await contoso.procurement.order_hardware("headset", 1, "Sales")

            try:
                asyncio.run(order())
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not errors
        assert company.db.execute("SELECT in_stock FROM items WHERE sku = 'HEA-1'").fetchone()[0] == 6


def order_in_process(path: str) -> None:
    async def order() -> None:
        with Company.open(path) as company, contoso.use(company):
            for _ in range(5):
                await contoso.procurement.order_hardware("headset", 1, "Sales")

    asyncio.run(order())


def test_processes_take_turns_also_when_both_make_the_file(tmp_path: Path) -> None:
    path = str(tmp_path / "c.db")
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=order_in_process, args=(path,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    with Company.open(path) as company:
        assert company.db.execute("SELECT in_stock FROM items WHERE sku = 'HEA-1'").fetchone()[0] == 16


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"is a folder.*contoso\.db"):
        Company.open(tmp_path)
    with pytest.raises(StoreError, match="no sample company at"):
        contoso.diff(tmp_path / "none.db", tmp_path / "none.db")


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match="Choose another path"):
        Company.open(tmp_path / "file" / "contoso.db")


@pytest.mark.parametrize("how", [Company.open, Company.create])
def test_a_damaged_file_and_somebody_elses_file_are_left_alone(tmp_path: Path, how: type[Company]) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Contoso, " * 100, encoding="utf-8")
    with pytest.raises(StoreError, match="damaged"):
        how(letter)  # type: ignore[call-arg]
    assert letter.read_text(encoding="utf-8").startswith("Dear Contoso")
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE mine (x)")
    db.close()
    with pytest.raises(StoreError, match="no sample company"):
        how(other)  # type: ignore[call-arg]
    db = sqlite3.connect(other)
    assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]
    db.close()


def test_a_file_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    """`mode=ro` stands for a read-only disk: file modes do not stop the superuser that containers run tests as."""
    path = tmp_path / "c.db"
    Company.create(path, today=TODAY).close()
    real = sqlite3.connect

    def read_only(database: Path, **options: object) -> sqlite3.Connection:
        return real(f"file:{Path(database).as_posix()}?mode=ro", uri=True, **options)  # type: ignore[call-overload, no-any-return]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", read_only)
        with pytest.raises(StoreError, match=r"(?s)readonly.*writable"):
            Company.open(path)


async def test_a_full_disk_is_called_so_and_no_file_is_given_up_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that may have no more pages stands for a disk that has no more room."""
    path, real = tmp_path / "c.db", sqlite3.connect

    def full(database: Path, **options: object) -> sqlite3.Connection:
        db: sqlite3.Connection = real(database, **options)  # type: ignore[call-overload]
        db.execute("PRAGMA max_page_count = 1")
        return db

    company = Company.create(path, today=TODAY)
    company.db.execute("PRAGMA max_page_count = 1")  # it gets no more than it has
    with pytest.raises(StoreError, match=r"Nothing was changed\. Free some space and try again\.$"):
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
            await hire(company, f"{letter}da {letter * 30}yron")
    company.close()
    monkeypatch.setattr(sqlite3, "connect", full)
    with pytest.raises(StoreError, match=r"is full\. Free some space and try again\.$"):
        Company.open(tmp_path / "new.db")


async def test_a_closed_or_locked_company_is_a_store_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("macae.contoso.company.BUSY", 0.05)
    company = Company.create(tmp_path / "c.db", today=TODAY)
    other = sqlite3.connect(company.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        await hire(company)
    other.execute("ROLLBACK")
    other.close()
    await hire(company)
    company.close()
    with pytest.raises(StoreError, match="closed"):
        await hire(company)
    with pytest.raises(StoreError, match="closed"):
        company.snapshot()


def test_importing_it_does_no_work() -> None:
    """`import macae.contoso` loads neither AutoGen nor the departments."""
    script = "import sys, macae.contoso; print([m for m in sys.modules if m.startswith(('autogen', 'macae.contoso.'))])"
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.strip() == "[]"


def test_all_public_names_are_there() -> None:
    assert set(dir(contoso)) == set(contoso.__all__)
    assert all(getattr(contoso, name) is not None for name in contoso.__all__)
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = contoso.nothing_such
