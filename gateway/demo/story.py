"""The demo: a day in the life of a hub, played by real processes over real sockets, and judged at every step.

Three organisations exchange ten questions and their answers; the hub is killed while messages are on their way; a
wrong message and a stranger are refused; every module carries a message; somebody sits down at a desk of the portal, in
a real browser; a message that nobody collects runs out its term under a moved clock; in the end nothing is left, and
every octet that the hub and the browser wrote is searched for what may not be in it.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from gateway.administration import verbs
from gateway.administration.client import AnsweringHub
from gateway.client.inbox import InboxMessage
from gateway.client.outgoing import Unsendable
from gateway.clock import SystemClock
from gateway.demo.browser import BrowserFault, open_browser
from gateway.demo.desk import Seat, answer_at, make_keys, search_what_the_desk_left
from gateway.demo.report import Report
from gateway.demo.search import search
from gateway.demo.search_controls import missed, open_deleted_control, plant_controls
from gateway.demo.tour import tour
from gateway.site.desk_needs import broker_lacks, find_browser
from gateway.site.documents import Document, Drawn, make_document, spoilt
from gateway.site.hub_process import HubProcess
from gateway.site.making import Site, make_site
from gateway.site.organisations import AGENCY, CREDIT_BANK, CREDITOR, DESK_CREDITOR, FUND, at_desks, five
from gateway.site.players import Player, acknowledged, cast
from gateway.site.ports import free_ports
from gateway.store.model import MessageFilter, State
from xsd.catalogue import Catalogue, load_catalogue
from xsd.message_type import MessageType

QUESTIONS = 10
TERM = timedelta(days=12)  # past every term: four working days and the holidays that may lie between


@dataclass(slots=True)
class Stage:
    """What all acts share."""

    site: Site
    hub: HubProcess
    report: Report
    catalogue: Catalogue
    drawn: Drawn
    desk: Seat | None
    players: dict[str, Player] = field(default_factory=dict)

    def kind(self, name: str, module: str = "Schuldregeling", version: str = "2.0") -> MessageType:
        """A message type that is in the catalogue."""
        found = self.catalogue.message(module, version, name)
        if found is None:
            raise LookupError(f"{module} {version} {name}")
        return found

    def document(
        self, name: str, sender: str, receiver: str, *, about: InboxMessage | None = None, variant: str | None = None
    ) -> Document:
        """A message of Schuldregeling 2.0 between two players; `about` is the question that it answers."""
        return make_document(
            self.kind(name),
            self.drawn,
            sender=self.site.organisation(sender).party,
            receiver=self.site.organisation(receiver).party,
            at=SystemClock().now(),
            answering=(about.conversation_id, about.tracking_identifier or "") if about else None,
            variant=variant,
        )


async def play(folder: Path, tell: Callable[[str], None], *, port: int) -> Report:
    """Play the whole story in an empty folder; the report says whether everything was as it has to be."""
    report = Report(tell)
    async with site_of_the_day(folder, tell, port) as (site, desk):
        hub = HubProcess(site.settings, folder / "hub" / "hub.log")
        stage = Stage(site=site, hub=hub, report=report, catalogue=load_catalogue(), drawn=Drawn(), desk=desk)
        await hub.start(tell=tell)
        try:
            async with cast(site.with_systems, stage.catalogue) as players:
                stage.players = players
                await ask_while_the_hub_is_killed(stage)
                await refuse_what_is_wrong(stage)
                await answer(stage)
                await tour(stage.catalogue, stage.drawn, players, report)
                await visit_the_portal(stage)
                await let_one_run_out(stage)
                await nothing_is_left(stage)
        finally:
            await hub.stop()
    return report


@asynccontextmanager
async def site_of_the_day(
    folder: Path, tell: Callable[[str], None], port: int
) -> AsyncIterator[tuple[Site, Seat | None]]:
    """The site, and a desk with its broker at work where this machine has what a desk needs."""
    browser, lacks = find_browser(), broker_lacks()
    if browser is None:
        lacks = "there is no Chromium on this machine: apt-get install chromium"
    now = SystemClock().now()
    if lacks is not None or browser is None:
        tell("making a test authority, a hub and five organisations")
        tell(f"nobody sits at a desk of the portal in this run: {lacks}")
        yield await asyncio.to_thread(make_site, folder, five(), at=now, port=port), None
        return
    from gateway.site.with_portal import make_site_with_portal, open_broker  # late: it needs signxml

    tell("making a test authority, a hub with a portal, a broker of logins, five organisations and two at a desk")
    desks = at_desks()
    portal_port, broker_port = free_ports(2)
    site, portal = await asyncio.to_thread(
        make_site_with_portal,
        folder,
        [*five(), *desks],
        at=now,
        port=port,
        portal_port=portal_port,
        broker_port=broker_port,
    )
    sits = next(each for each in desks if each.slug == DESK_CREDITOR)
    desk = Seat(portal=portal, program=browser, profile=folder / "browser", kvk=sits.desk_kvk or "", name=sits.name)
    async with open_broker(portal):
        yield site, desk


async def ask_while_the_hub_is_killed(stage: Stage) -> None:
    """Ten questions, and a SIGKILL while they are on their way; each sender goes on with the same MessageId."""
    tell, bank = stage.report.tell, stage.players[CREDIT_BANK]
    documents = [stage.document("Saldoverzoek", CREDIT_BANK, (CREDITOR, AGENCY)[n % 2]) for n in range(QUESTIONS)]
    tell(f"the credit bank pushes {QUESTIONS} Saldoverzoeken")
    first = [await bank.push(each) for each in documents[: QUESTIONS // 2]]
    rest = [asyncio.create_task(bank.push(each)) for each in documents[QUESTIONS // 2 :]]
    done, _ = await asyncio.wait(rest, return_when=asyncio.FIRST_COMPLETED)
    before = len(first) + len(done)
    tell(f"SIGKILL to hub process {stage.hub.pid}, with {before} receipts out and pushes on their way")
    await stage.hub.kill()
    waiting = await asyncio.to_thread(search, stage.drawn.tokens, [stage.site.folder / "hub"])
    stage.report.fact("names and numbers on the disk of the killed hub", expected=0, found=len(waiting.hits))
    await stage.hub.start(tell=tell)
    results = [*first, *await asyncio.gather(*rest)]
    stage.report.fact("Saldoverzoeken with a receipt that verifies", expected=QUESTIONS, found=acknowledged(results))
    async with _admin(stage) as hub:
        stored = await hub.ask(verbs.messages, MessageFilter(limit=1000))
    stage.report.fact(
        "messages in the hub after the kill, none lost and none twice", expected=QUESTIONS, found=len(stored)
    )


async def refuse_what_is_wrong(stage: Stage) -> None:
    """A message against its schema, and a pull of somebody else's mailbox."""
    bank = stage.players[CREDIT_BANK]
    spoilt_document = spoilt(stage.document("Saldoverzoek", CREDIT_BANK, CREDITOR))
    try:
        await bank.push(spoilt_document)
        kept = 0
    except Unsendable as refused:
        kept = len(refused.violations)
    stage.report.fact("a wrong Saldoverzoek, found out by its sender's own check", expected=True, found=kept >= 3)
    wrong = await bank.push(spoilt_document, unchecked=True)
    stage.report.tell("a wrong Saldoverzoek is refused:")
    for error in wrong.errors:
        stage.report.tell(f"    {error.code} {error.description} ({error.detail})")
    codes = {error.code for error in wrong.errors}
    stage.report.fact(
        "a wrong Saldoverzoek", expected="refused with EBMS:0004", found=f"{wrong.state.value} with {', '.join(codes)}"
    )
    stage.report.fact("its violations, each named", expected=True, found=len(wrong.errors) >= 3)
    said = " ".join(f"{error.description} {error.detail}" for error in wrong.errors)
    stage.report.fact("values repeated in the refusal", expected=0, found=sum(t in said for t in stage.drawn.tokens))
    stranger = stage.players[FUND].asking_for(stage.players[CREDITOR])
    (pulled,) = await stranger.pull(limit=1)
    codes = {error.code for error in pulled.errors}
    stage.report.fact(
        "a stranger's pull", expected="refused EBMS:0010", found=f"{pulled.outcome.value} {', '.join(codes)}"
    )


async def answer(stage: Stage) -> None:
    """Both creditors pull and answer, one matched and one unmatched; the hub is killed again before the last pulls."""
    tell = stage.report.tell
    answers: list[Document] = []
    verified = received = 0
    for slug, variant in ((CREDITOR, None), (AGENCY, "niet-matchen")):
        player = stage.players[slug]
        if slug == AGENCY:
            await player.pull(limit=2)
            tell(f"SIGKILL to hub process {stage.hub.pid}, with half a mailbox pulled")
            await stage.hub.kill()
            await stage.hub.start(tell=tell)
        await player.pull()
        messages = await player.process()
        received += len(messages)
        verified += sum(message.origin == "verified" for message, _ in messages)
        tell(f"{player.made.name} pulled {len(messages)} questions and answers {'unmatched' if variant else 'matched'}")
        for message, _ in messages:
            document = stage.document("SaldoverzoekAntwoord", slug, CREDIT_BANK, about=message, variant=variant)
            answers.append(document)
            result = await player.push(document)
            if acknowledged([result]) != 1:
                tell(f"the answer was not taken: {result.errors}")
    stage.report.fact("questions pulled, each once", expected=QUESTIONS, found=received)
    bank = stage.players[CREDIT_BANK]
    await bank.pull()
    back = await bank.process()
    matched = sum(b"<Matchen>true</Matchen>" in octets for _, octets in back)
    unmatched = sum(b"<Matchen>false</Matchen>" in octets for _, octets in back)
    same = {message.tracking_identifier: octets for message, octets in back}
    intact = sum(same.get(each.reference) == each.octets for each in answers)
    verified += sum(message.origin == "verified" for message, _ in back)
    tell(f"the credit bank pulled {len(back)} answers")
    stage.report.fact("answers back, octet for octet", expected=QUESTIONS, found=intact)
    stage.report.fact(
        "answers matched and unmatched",
        expected=f"{QUESTIONS // 2} and {QUESTIONS // 2}",
        found=f"{matched} and {unmatched}",
    )
    stage.report.fact("senders' own signatures verified by receivers", expected=2 * QUESTIONS, found=verified)
    async with _admin(stage) as hub:
        open_questions = await hub.ask(verbs.messages, MessageFilter(open_questions=True, limit=1000))
    stage.report.fact("questions without an answer", expected=0, found=len(open_questions))


async def visit_the_portal(stage: Stage) -> None:
    """An organisation at a desk makes its keys in a browser; it is asked something, and answers there."""
    desk, bank = stage.desk, stage.players[CREDIT_BANK]
    if desk is None:
        return
    stage.report.tell(f"a browser opens the portal; an administrator of {desk.name} makes its keys there")
    try:
        async with open_browser(desk.program, desk.profile) as tab:
            await make_keys(tab, desk, lambda words: _approve_keys(stage, words))
            question = make_document(
                stage.kind("Saldoverzoek", "Schuldinventarisatie"),
                stage.drawn,
                sender=bank.made.party,
                receiver=stage.site.organisation(DESK_CREDITOR).party,
                at=SystemClock().now(),
            )
            pushed = await bank.push(question)
            stage.report.fact("a question for a desk, taken", expected=1, found=acknowledged([pushed]))
            stage.report.tell("somebody opens that question there, and answers it by its form")
            await answer_at(tab, desk, question, stage.drawn, stage.report)
    except BrowserFault as fault:
        stage.report.fact("the browser at the desk", expected="went on", found=str(fault))
        return
    await bank.pull()
    back = [octets for message, octets in await bank.process() if message.action == "SaldoverzoekAntwoord"]
    typed = sum(stage.drawn.tokens[-1].encode() in each for each in back)
    stage.report.fact("answers from the desk, with what was typed there", expected=1, found=typed)


async def _approve_keys(stage: Stage, words: str) -> None:
    """The operator, who was told the words over the telephone."""
    async with _admin(stage) as hub:
        (asked,) = await hub.ask(verbs.requests)
        await hub.ask(verbs.approve_request, asked.request, words)
    stage.report.tell(f"the operator approves them by seven words: {words}")


async def let_one_run_out(stage: Stage) -> None:
    """A message that nobody collects ends with its term, and its sender finds a notice."""
    tell, bank = stage.report.tell, stage.players[CREDIT_BANK]
    document = stage.document("Saldoverzoek", CREDIT_BANK, AGENCY)
    await bank.push(document)
    tell(f"one more question, which nobody collects; the clock moves {TERM.days} days")
    await stage.hub.stop()
    await stage.hub.start(moved=TERM, tell=tell)
    async with _admin(stage) as hub:
        waiting = await hub.ask(verbs.messages, MessageFilter(tracking_identifier=document.reference))
        stage.report.fact(
            "that message, before anybody says that this clock is right",
            expected="stored",
            found=waiting[0].state.value,
        )
        await hub.ask(verbs.confirm_time)
    for player in stage.players.values():
        player.move_clock(TERM)
    async with _admin(stage) as hub:
        for _ in range(100):
            expired = await hub.ask(verbs.messages, MessageFilter(tracking_identifier=document.reference))
            if expired[0].state is State.REMOVED:
                break
            await asyncio.sleep(0.1)
    stage.report.fact("the message nobody collected", expected="removed", found=expired[0].state.value)
    empty = await stage.players[AGENCY].pull()
    stage.report.fact("its mailbox", expected="empty", found=empty[0].outcome.value)
    await bank.pull()
    notices = [octets for message, octets in await bank.process() if message.action == "Statusmelding"]
    told = sum(document.reference.encode() in octets for octets in notices)
    stage.report.fact("notices of that to its sender", expected=1, found=told)


async def nothing_is_left(stage: Stage) -> None:
    """Count what is left, then search every octet that the hub wrote, files deleted but open included."""
    for player in stage.players.values():
        results = await player.pull()
        stage.report.fact(f"mailbox of {player.made.name}", expected="empty", found=results[-1].outcome.value)
    async with _admin(stage) as hub:
        await hub.ask(verbs.purge)
        counts = dict((await hub.ask(verbs.counts)).states)
    left = counts[State.STORED] + counts[State.OFFERED] + counts[State.RECEIPTED] + counts[State.EXPIRED]
    hub_folder = stage.site.folder / "hub"
    blobs = [each for each in (hub_folder / "data" / "blobs").rglob("*") if each.is_file()]
    stage.report.fact("payloads left in the hub", expected=0, found=left + len(blobs))
    tell = stage.report.tell
    tell(f"searching every octet the hub wrote for {len(stage.drawn.tokens)} names and numbers drawn for this run")
    found = await asyncio.to_thread(search, stage.drawn.tokens, [hub_folder], pids=[stage.hub.pid])
    stage.report.fact("names and numbers found in what the hub wrote", expected=0, found=len(found.hits))
    for hit in found.hits[:5]:
        tell(f"    {hit.file} at {hit.offset}, as {hit.form}")
    stage.report.fact("files the search could not read", expected=0, found=len(found.unread))
    tell(f"    {found.files} files, {found.octets} octets")
    if stage.desk is not None:
        await asyncio.to_thread(search_what_the_desk_left, stage.desk, stage.drawn.tokens, hub_folder, stage.report)
    await asyncio.to_thread(_prove_the_search, stage)


def _prove_the_search(stage: Stage) -> None:
    """A search that misses what was planted proves nothing: plant one control per form, one of them deleted but
    open.
    """
    import os

    folder = stage.site.folder / "hub" / "planted"
    folder.mkdir()
    token = stage.drawn.token()
    try:
        controls = plant_controls(folder, token)
        with open_deleted_control(folder, token):
            found = search([token], [stage.site.folder / "hub"], pids=[stage.hub.pid, os.getpid()])
        overlooked = missed(controls, found, token)
    finally:
        shutil.rmtree(folder)
    stage.report.fact(
        "planted controls that the search found", expected=len(controls), found=len(controls) - len(overlooked)
    )
    deleted = sum("deleted" in hit.file for hit in found.hits)
    stage.report.fact(
        "a planted control in a deleted, open file", expected="found", found="found" if deleted else "missed"
    )


class _admin:  # noqa: N801 - used as a word
    """The administrative side of the running hub."""

    def __init__(self, stage: Stage) -> None:
        self._directory = stage.site.folder / "hub" / "data"

    async def __aenter__(self) -> AnsweringHub:
        self._client = await AnsweringHub.connect(self._directory)
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()
