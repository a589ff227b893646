"""Rows C01 to C16: what is compressed and how far it is inflated, over sockets against a running hub; and its abuse.

Decisions that a row left open: compressed parts are EBMS:0010 where the P-Mode has no CompressionType, unless it takes
them all the same (C07). What inflates beyond the ratio is EBMS:0303, beyond the size that a P-Mode sets EBMS:0010
(C12). Only the compression that the header names is undone: gzip inside of gzip is the sender's own (EN-12).
"""

from __future__ import annotations

import gzip
import os
import resource
import zlib
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from support.client.client_rows import TWICE, office
from support.hubs.contract import Refused
from support.hubs.hub import TestedHub
from support.hubs.hub_script import HubScript, receipt, silence
from support.hubs.rows import Row, Sent, Stimulus, both, delivered, refused, sent_of, taken
from support.hubs.rows import ids as ids_of
from support.keys.pki import PARTIES
from support.messages.security import CLEAR, PDF, attachment, because, clear, digest_of, signed_so, with_attachments
from support.messages.whole_parts import compress
from support.messages.wire import Draft, Part, ping, post, pull_request, saldoverzoek

from crypto import names
from crypto.content_ids import content_id_uri
from crypto.digest import DIGESTS
from crypto.elements import document_root
from gateway.client.inbox import InboxMessage, InboxPart
from gateway.client.outbox import OutboxState
from gateway.client.outgoing import Attachment
from gateway.client.push import push
from gateway.client.taking import Outcome
from gateway.ebms import names as ebms
from gateway.ebms.model import Property, UserMessage
from gateway.limits import Limits
from xsd.samples import sample

BROKEN = Refused("EBMS:0303")
INCONSISTENT = Refused("EBMS:0003")
NOT_AGREED = Refused("EBMS:0010")
COMPRESSION = "PMode[1].PayloadService.CompressionType"
OFF = {"counsellor": {"overrides": {COMPRESSION: ""}}}
OFF_BUT_TAKEN = {"counsellor": {"overrides": {COMPRESSION: "", "Knooppunt.CompressedWhenOff": True}}}
SMALL_PARTS = {"counsellor": {"attachments": {"max_octets": 50_000}}}
BOTH_WAYS = (True, False)
MIB = 1024 * 1024


# ---- what is sent


def compressed_as(octets: Callable[[bytes], bytes], draft: Callable[[], Draft] = saldoverzoek) -> Stimulus:
    """A document whose compressed form is what `octets` makes of the document; signed and encrypted as it should be."""

    def make() -> Draft:
        made = draft()
        return made.with_parts(replace(made.parts[0], plain=octets(made.parts[0].octets)))

    return make


def packed(octets: bytes) -> bytes:
    return compress(octets, salt=bytes(16))


def attached(content: bytes, plain: bytes) -> Stimulus:
    """An attachment that has to come out as `content` when `plain` is sent for it."""
    return lambda: with_attachments(replace(attachment(content), plain=plain))


def with_properties(change: Callable[[dict[str, str]], dict[str, str]]) -> Stimulus:
    """A document with other part properties."""

    def make() -> Draft:
        made = saldoverzoek()
        values = {each.name: each.value for each in made.parts[0].info().properties}
        properties = tuple(Property(name=name, value=value) for name, value in change(values).items())
        return made.with_parts(replace(made.parts[0], properties=properties))

    return make


def with_size(octets: int, *, compressed: bool) -> Stimulus:
    """An attachment of that size."""
    return lambda: with_attachments(attachment(os.urandom(octets), compressed=compressed))


def signed_before_compression(draft: Callable[[], Draft] = saldoverzoek) -> Stimulus:
    """The digest is one of the document, which was compressed after that."""

    def make() -> Sent:
        made = draft()
        digest = DIGESTS[names.SHA256].digest(made.parts[0].octets)
        return sent_of(signed_so(digest_of(content_id_uri(made.parts[0].content_id), digest), lambda: made)())

    return make


def uncompressed(draft: Callable[[], Draft] = saldoverzoek) -> Callable[[], Draft]:
    def make() -> Draft:
        made = draft()
        return made.with_parts(*(replace(each, compressed=False) for each in made.parts))

    return make


def in_two_members(octets: bytes) -> bytes:
    return packed(octets[:1000]) + gzip.compress(octets[1000:])


def bomb(mebibytes: int) -> bytes:
    """Zeros, about a thousandth of their size; 64 MiB of them are compressed once and repeated."""
    deflater = zlib.compressobj(9, wbits=-15)
    zeros = bytes(MIB)
    begin = deflater.compress(zeros) + deflater.flush(zlib.Z_FULL_FLUSH)
    block = b"".join(deflater.compress(zeros) for _ in range(min(mebibytes, 64))) + deflater.flush(zlib.Z_FULL_FLUSH)
    head = b"\x1f\x8b\x08\x00" + bytes(6)
    return head + begin + block * max(1, mebibytes // 64) + b"\x03\x00" + bytes(8)


def empty_part(*, compressed: bool, draft: Callable[[], Draft] = saldoverzoek) -> Stimulus:
    return lambda: with_attachments(Part(octets=b"", mime_type=PDF, compressed=compressed), draft=draft)


def empty_ping(*, compressed: bool) -> Draft:
    return ping().with_parts(Part(octets=b"", mime_type=PDF, compressed=compressed))


def question(encoding: str = "utf-8") -> bytes:
    octets = sample(
        "Schuldregeling", "2.0", "Saldoverzoek", afzender=PARTIES["counsellor"][0], ontvanger=PARTIES["creditor"][0]
    )  # fmt: skip
    return octets if encoding == "utf-8" else etree.tostring(etree.fromstring(octets), encoding=encoding)


# ---- rows that do not fit a table


def says_compressed(message: UserMessage, types: list[str]) -> None:
    """Every part is declared as gzip, with the type that it had before."""
    assert [each.property(ebms.MIME_TYPE) for each in message.parts] == types
    assert {each.property(ebms.COMPRESSION_TYPE) for each in message.parts} == {ebms.GZIP}


async def c02(hub: TestedHub) -> None:
    async with HubScript(receipt()) as script, office(script.url, hub.folder) as counsellor:
        await counsellor.push()
    (request,) = script.requests
    says_compressed(request.user_message, ["application/xml"])
    assert [each.get("MimeType") for each in document_root(request.positions.messaging).iter(names.ENCRYPTED_DATA)] == [
        ebms.GZIP
    ]
    await taken(with_attachments)(hub)
    pulled = await post(hub, pull_request())
    assert pulled.user_message is not None
    says_compressed(pulled.user_message, ["application/xml", PDF, "application/xml"])


async def pushed_and_pulled(hub: TestedHub, payload: bytes, *attachments: Attachment) -> InboxMessage:
    """From one participant's system to the other's, through the hub."""
    async with (
        office(hub.url, hub.folder, "counsellor") as counsellor,
        office(hub.url, hub.folder, "creditor") as creditor,
    ):
        result = await push(
            counsellor.who,
            payload,
            module="Schuldregeling",
            version="2.0",
            message_type="Saldoverzoek",
            outbox=counsellor.outbox,
            means=counsellor.means,
            checks=None,
            attachments=attachments,
        )
        assert result.state is OutboxState.ACKNOWLEDGED, (result, hub.log.lines[-1])
        assert [each.outcome for each in await creditor.pull()] == [Outcome.STORED, Outcome.EMPTY]
        return max(await creditor.inbox.messages(), key=lambda each: each.number)


async def c03(hub: TestedHub) -> None:
    for encoding in ("utf-8", "utf-16"):
        payload = question(encoding)
        note = Attachment(content="één".encode("latin-1"), mime_type=PDF, character_set="iso-8859-1")
        got = await pushed_and_pulled(hub, payload, note, Attachment(content=b"%PDF", mime_type=PDF))
        assert [each.character_set for each in got.parts] == [encoding, "iso-8859-1", None]
        assert [each.read() for each in got.parts] == [payload, note.content, b"%PDF"]


async def c04(hub: TestedHub) -> None:
    contents = [os.urandom(3_000), b"%PDF" * 100_000, b"\x1f\x8b"]
    for count in (0, 1, len(contents)):
        payload = question()
        sent = [Attachment(content=each, mime_type=PDF) for each in contents[:count]]
        got = await pushed_and_pulled(hub, payload, *sent)
        assert [each.read() for each in got.parts] == [payload, *contents[:count]]
        assert [each.mime_type for each in got.parts] == ["application/xml", *[PDF] * count]


async def c05(hub: TestedHub) -> None:
    assert {each.name for each in fields(Attachment)} == {"content", "mime_type", "character_set"}
    assert not [each.name for each in (*fields(InboxPart), *fields(InboxMessage)) if "compress" in each.name]
    await refused(NOT_AGREED, lambda: saldoverzoek().with_property(ebms.COMPRESSION_TYPE, ebms.GZIP))(hub)


async def c12(hub: TestedHub) -> None:
    """A hundred MiB and ten GiB are given up at the ratio, in little memory."""
    bombs = [attached(b"", bomb(each)) for each in (100, 10 * 1024)]
    sent = [sent_of(each()) for each in bombs]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await because("ratio", BROKEN, *((lambda made=each: made) for each in sent))(hub)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 128 * 1024, f"{grown} KiB more"


async def names_the_limit(hub: TestedHub) -> None:
    reply = await post(hub, sent_of(attached(b"", bomb(100))()).wire)
    assert reply.codes == ("EBMS:0303",)
    assert reply.error is not None
    (error,) = reply.error.errors
    assert "100 times its size, which counts above 32 MiB" in (error.description or "")


async def c15(hub: TestedHub) -> None:
    async with HubScript(silence, receipt()) as script, office(script.url, hub.folder) as counsellor:
        assert (await counsellor.push(retry=TWICE)).state is OutboxState.ACKNOWLEDGED
    first, second = script.requests
    assert first.references == second.references
    assert (first.content_type, first.body) == (second.content_type, second.body)
    await taken(with_attachments)(hub)
    offered = await post(hub, pull_request())
    hub.clock.move(timedelta(minutes=16))
    again = await post(hub, pull_request(at=hub.clock.now()))
    assert again.body == offered.body


C = (
    Row(
        "C01",
        "compressing after signing is refused, the right order taken",
        both(
            refused(Refused("EBMS:0101"), signed_before_compression(), signed_before_compression(clear)),
            delivered(clear),
        ),
        extra=CLEAR,
    ),
    Row("C02", "what is sent is compressed, and says so", c02),
    Row("C03", "the CharacterSet is that of the document, and what its sender says of an attachment", c03),
    Row("C04", "what was compressed is delivered as it was, one part and several", c04),
    Row("C05", "compression is between the two gateways: nobody can set it, nobody sees it", c05),
    Row("C06", "an uncompressed part is taken", delivered(uncompressed(), uncompressed(with_attachments))),
    Row(
        "C07",
        "a compressed part where none is agreed is refused, unless the P-Mode takes it all the same",
        both(refused(NOT_AGREED, saldoverzoek, good=uncompressed()), delivered(uncompressed())),
        extra=OFF,
    ),
    Row(
        "C08",
        "a compressed part without its MimeType is refused",
        refused(BROKEN, with_properties(lambda found: {ebms.COMPRESSION_TYPE: found[ebms.COMPRESSION_TYPE]})),
    ),
    Row(
        "C09",
        "what is no gzip is refused",
        because(
            "not gzip",
            BROKEN,
            compressed_as(bytes),
            compressed_as(zlib.compress),
            compressed_as(lambda octets: b"PK\x03\x04" + octets),
        ),
    ),
    Row(
        "C10",
        "gzip that is cut, broken or followed by something is refused",
        refused(
            BROKEN,
            compressed_as(lambda octets: packed(octets)[:-1]),
            compressed_as(lambda octets: packed(octets)[:-9]),
            compressed_as(lambda octets: packed(octets)[:30]),
            compressed_as(lambda octets: packed(octets)[:-8] + bytes(4) + packed(octets)[-4:]),
            compressed_as(lambda octets: packed(octets) + b"\0"),
            compressed_as(lambda octets: packed(octets) + packed(octets)[:-1]),
        ),
    ),
    Row("C11", "gzip of two members is both, one after the other", delivered(compressed_as(in_two_members))),
    Row("C12", "a bomb is given up at the ratio", c12),
    Row(
        "C13",
        "another CompressionType is refused",
        refused(
            INCONSISTENT,
            *(
                with_properties(lambda found, kind=each: {**found, ebms.COMPRESSION_TYPE: kind})
                for each in ("application/zip", "gzip", "Application/GZIP")
            ),
        ),
    ),
    Row(
        "C14",
        "a CharacterSet that cannot be one is refused",
        refused(
            INCONSISTENT,
            *(
                with_properties(lambda found, name=each: {**found, ebms.CHARACTER_SET: name})
                for each in ("!!", "utf 8", "8859-1")
            ),
        ),
    ),
    Row("C15", "a message that is sent again has the same digests", c15),
    Row(
        "C16",
        "an empty part is delivered empty, compressed or not",
        both(
            delivered(
                *(empty_part(compressed=each, draft=draft) for each in BOTH_WAYS for draft in (saldoverzoek, clear))
            ),
            taken(*((lambda flag=each: empty_ping(compressed=flag)) for each in BOTH_WAYS)),
        ),
        extra=CLEAR,
    ),
)

ROWS = ids_of(C)

ABUSE = (
    Row(
        "C07 taken all the same",
        "a P-Mode may take what it did not agree",
        delivered(saldoverzoek),
        extra=OFF_BUT_TAKEN,
    ),
    Row(
        "EN-12 at the size that a P-Mode sets",
        "what inflates beyond it is refused, what fills it taken",
        both(
            refused(NOT_AGREED, *(with_size(50_001, compressed=each) for each in BOTH_WAYS)),
            delivered(*(with_size(50_000, compressed=each) for each in BOTH_WAYS)),
        ),
        extra=SMALL_PARTS,
    ),
    Row(
        "EN-12 nested",
        "one layer is undone; the rest is the sender's",
        delivered(attached(packed(bytes(9_000)), packed(packed(bytes(9_000))))),
    ),
    Row(
        "EN-12 a document of gzip",
        "is no document",
        refused(Refused("EBMS:0004"), compressed_as(lambda octets: packed(packed(octets)))),
    ),
    Row(
        "EN-12 white pages",
        "eleven mebibytes that compress a thousandfold are no bomb",
        delivered(attached(bytes(11 * MIB), gzip.compress(bytes(11 * MIB)))),
    ),
    Row("EN-12 the limit", "a refusal names the limit that was passed", names_the_limit),
    Row(
        "EN-12 the limit of all parts",
        "parts count together",
        both(
            delivered(lambda: with_attachments(attachment(bytes(MIB)), attachment(bytes(MIB)))),
            because("larger", BROKEN, lambda: with_attachments(*(attachment(bytes(MIB)) for _ in range(3)))),
        ),
        limits=Limits(inflated_octets=3 * MIB),
    ),
    Row(
        "EN-14 other size than declared",
        "the length in the trailer has to be that of the content",
        because(
            "length",
            BROKEN,
            compressed_as(lambda octets: packed(octets)[:-4] + (len(octets) + 1).to_bytes(4, "little")),
        ),
    ),
    Row(
        "EN-14 no octets",
        "the gzip of nothing may be nothing: an empty part, and no document",
        both(delivered(attached(b"", b"")), refused(Refused("EBMS:0004"), compressed_as(lambda _octets: b""))),
    ),
    Row(
        "EN-14 an empty document",
        "is refused by its schema",
        refused(Refused("EBMS:0004"), compressed_as(lambda _octets: packed(b""))),
    ),
)


@pytest.mark.parametrize("row", [pytest.param(each, id=each.id) for each in (*C, *ABUSE)])
async def test_compression(row: Row, tmp_path: Path) -> None:
    await row.run(tmp_path)
