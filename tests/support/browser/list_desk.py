"""A desk user at the page of lists in a real browser, with questions that wait, and what he does in his spreadsheet."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.async_api import BrowserContext, FilePayload, expect
from support.browser.desk_user import Desk, desk
from support.keys.pki import PARTIES
from support.portal.portals import UNIT_A1

from gateway.client.inbox import InboxMessage
from xsd.samples import sample

MODULE = ("Schuldregeling", "2.0")
LINES = 3  # of each question, as the sample has them
TITLE = "Saldoverzoek (Schuldregeling 2.0)"
MOST_MILLISECONDS = 120_000
Row = dict[str, str]

FILLED: Mapping[str, str] = {
    "Klantnummer SE": "SE-00123",
    "Contactpersoon SE naam": "T. Voorbeeld",
    "Datum": "01-03-2026",
    "Matchen": "Ja",
    "Schuldtype": "openstaande schuld",
    "FactuurnummerSE": "F-00017",
    "openstaand.Ontstaansdatum": "1-6-2025",
    "openstaand.OrigineleVordering": "1.250,00",
    "openstaand.ActueelBedrag": "1300,5",
}
"""The cells of an answer, as somebody types them."""


def asking(number: int, **changes: str) -> bytes:
    """Question `number`, whose references follow from it."""
    conversation = str(uuid.UUID(int=5000 + number))
    found = sample(
        *MODULE, "Saldoverzoek", referentienummer=reference(number), conversatie_referentienummer=conversation,
        afzender=PARTIES["counsellor"][0], ontvanger=PARTIES["creditor"][0],
    )  # fmt: skip
    for before, after in changes.items():
        found = found.replace(before.encode(), after.encode())
    return found


def reference(number: int) -> str:
    return str(uuid.UUID(int=number))


def read(octets: bytes) -> list[Row]:
    """The rows of a file that the portal wrote."""
    return list(csv.DictReader(io.StringIO(octets.decode("utf-8-sig"), newline=""), delimiter=";"))


def saved(rows: Sequence[Row]) -> bytes:
    """The rows as a spreadsheet saves them."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def filled(rows: Sequence[Row], **changes: str) -> list[Row]:
    """Every row with its answer."""
    return [{**row, **FILLED, **changes} for row in rows]


@dataclass
class ListDesk:
    """The page of lists."""

    desk: Desk
    unit: str = UNIT_A1

    async def open(self) -> None:
        """The page, its keys opened."""
        await self.desk.page.goto(f"{self.desk.seen.address}/lijsten/{quote(self.unit, safe='')}")
        await self.desk.unlock()
        await expect(self.desk.page.get_by_role("heading", name="Lijst downloaden")).to_be_visible()

    async def says(self, text: str) -> None:
        """What is told, however long a long list takes."""
        await expect(self.desk.page.locator("#state")).to_contain_text(text, timeout=MOST_MILLISECONDS)

    async def download(self) -> bytes:
        """The list of balances."""
        async with self.desk.page.expect_download(timeout=MOST_MILLISECONDS) as saving:
            await self.desk.press("Downloaden")
        found = await (await saving.value).path()
        return found.read_bytes()

    async def choose(self, *files: bytes, names: Sequence[str] = ()) -> None:
        """Choose files, as lijst1.csv and so on."""
        called = [*names, *(f"lijst{number + 1}.csv" for number in range(len(names), len(files)))]
        await self.desk.page.get_by_label("Kies een of meer CSV-bestanden").set_input_files(
            [FilePayload(name=name, mimeType="text/csv", buffer=file) for name, file in zip(called, files, strict=True)]
        )

    async def collected(self, count: int) -> tuple[InboxMessage, ...]:
        """So many answers, as the counsellor pulls them; there are no more."""
        for _ in range(count):
            await self.desk.collected()
        await self.desk.collected()
        return await self.desk.counsellor.inbox.messages(limit=count + 1)

    async def complaints(self) -> list[list[str]]:
        """File, row, column and what was read, of everything that is wrong."""
        table = self.desk.page.locator("table.complaints tbody tr")
        return [[(await cell.inner_text()) for cell in await row.locator("td").all()] for row in await table.all()]


@asynccontextmanager
async def list_desk(
    profile: BrowserContext,
    folder: Path,
    *colleagues: str,
    questions: int = 3,
    question: Callable[[int], bytes] = asking,
    **options: Any,
) -> AsyncIterator[ListDesk]:
    """So many questions wait for unit A1, which works with lists."""
    extra = {"creditor": {"desk": {"lists": True}}}
    async with desk(profile, folder, *colleagues, document=question(1), module=MODULE, extra=extra, **options) as at:
        for number in range(2, questions + 1):
            pushed = await at.counsellor.push(question(number), "Saldoverzoek", module=MODULE, unchecked=True)
            assert pushed.receipt is not None, pushed.errors
        yield ListDesk(at)
