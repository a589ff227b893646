"""Every published message of another product has one line here, and the line says what is to be made of it.

The columns: the file, by folder; the day (midnight UTC) at which it is judged; what its numbers say, computed without
the product's security rooms; then three verdicts of the product, ebMS codes without their prefix: of its verifier alone
with older algorithms allowed, of the whole receiving side under the shipped suite, of the same under a P-Mode of the
sender's own time, which allows older algorithms and asks for neither signature nor encryption. Where the file's source
states what is right or wrong with its signature, that is what stands here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from support.published.reference_arithmetic import arithmetic
from support.published.reference_messages import http_message, message_files, split
from support.published.reference_verdicts import (
    OLDER,
    SHIPPED,
    Circumstances,
    TestPolicy,
    inflate,
    open_parts,
    security_verdict,
    verdict,
)

from gateway.ebms.envelope import locate
from gateway.limits import ENVELOPE_LIMITS
from xsd.document import parse_document

TABLE = """
[cef]
sample1.txt                                          2026-11-22 unreadable     none     0007            0007
sample2.txt                                          2026-11-22 unreadable     none     0007            0007
sample3.txt                                          2026-11-22 unsigned       none     0103            accepted
sample4.txt                                          2026-11-22 unreadable     none     0007            0007
sample5.txt                                          2026-11-22 unreadable     none     0007            0007
sample_entsog.txt                                    2026-11-22 unsigned       none     0103            accepted

[golden]
pullrequest-signed-bst.xml                           2026-11-22 valid          accepted accepted        accepted
receipt-signed-nrr-phase4.xml                        2026-11-22 valid          accepted accepted        accepted
usermessage-encrypted-compressed-oaep.as4            2026-11-22 unsigned       none     0009            0009
usermessage-multihop-signed.as4                      2017-06-01 valid          accepted accepted        accepted
usermessage-phase4-full-http.as4in                   2021-12-30 valid-sealed   0102     0102            0102
usermessage-signed-encrypted-ski.as4                 2026-11-22 valid          accepted 0103            accepted
usermessage-signed-soap-only.txt                     2017-06-01 valid          accepted 0010            0010

[negative]
ebms-sed-invalid_AgreementRef_URI.xml                2026-11-22 unsigned       none     0003            0003
ebms-sed-invalid_receiver.xml                        2026-11-22 unsigned       none     0103            accepted
ebms-sed-messaging_empty.xml                         2026-11-22 unsigned       none     0009            0009
ebms-sed-messaging_missing.xml                       2026-11-22 unsigned       none     0009            0009
ebms-sed-messaging_multiple.xml                      2026-11-22 unsigned       none     0009            0009
ebms-sed-messaging_soap11.xml                        2026-11-22 unsigned       none     VersionMismatch VersionMismatch
ebms-sed-messaging_two_usermessages.xml              2026-11-22 unsigned       none     0008            0008
ebms-sed-messaging_xsd_invalid.xml                   2026-11-22 unsigned       none     0009            0009
ebms-sed-messaging_xsd_invalid_To.xml                2026-11-22 unsigned       none     0009            0009
ebms-sed-signed_invalid.xml                          2026-11-22 unknown-signer 0101     0103            0103
error-0006-signed-reformatted.xml                    2017-06-01 invalid        0101     0101            0101
phase4-ErrorMessageNoRefToMessageID.xml              2026-11-22 unsigned       none     0103            accepted
phase4-PullRequest12-bad-namespace-uri.xml           2026-11-22 unreadable     none     0009            0009
phase4-TwoUserMessages.xml                           2026-11-22 unsigned       none     0008            0008
phase4-UserMessageNoPartyID.xml                      2026-11-22 unsigned       none     0009            0009
phase4-UserMessageWithCompressedPayload12-not-wellformed.xml 2026-11-22 unreadable     none     0009            0009
phase4-WrongCompression.mime                         2026-11-22 unsigned       none     0003            0003
phase4-WrongSigningAlgorithm.xml                     2016-01-01 unsupported    0103     0003            0003
phase4-WrongSigningDigestAlgorithm.xml               2016-01-01 unsupported    0103     0003            0003
phase4-soap11-EmptyMessaging.xml                     2026-11-22 unsigned       none     VersionMismatch VersionMismatch
phase4-soap11-MessageInfoIDMissing.xml               2026-11-22 unsigned       none     VersionMismatch VersionMismatch
phase4-soap11-MessageInfoImaginaryTimestamp.xml      2026-11-22 unsigned       none     VersionMismatch VersionMismatch
phase4-soap11-MessageInfoMissing.xml                 2026-11-22 unsigned       none     VersionMismatch VersionMismatch
phase4-soap11-NoMessaging.xml                        2026-11-22 unsigned       none     VersionMismatch VersionMismatch
pullrequest-bad-signaturevalue.xml                   2026-11-22 invalid        0101     0101            0101
pullrequest-unsigned.xml                             2026-11-22 unsigned       none     0103            accepted
receipt-invalid-signature.as4                        2026-11-22 invalid        0103     0103            0103
usermessage-bad-gzip.txt                             2026-11-22 unsigned       none     0103            0303
usermessage-compressed-no-mimetype.txt               2026-11-22 unsigned       none     0303            0303
usermessage-missing-attachment.as4                   2026-11-22 unsigned       none     0009            0009
usermessage-untrusted-signer.txt                     2016-12-01 invalid        0101     0010            0010

[oasis]
UserMessage_No_MPC_P2P_NoWSSecurity.as4receipt.xml   2026-11-22 unsigned       none     0103            accepted
UserMessage_No_MPC_P2P_NoWSSecurity.xml              2026-11-22 unsigned       none     0003            0003
UserMessage_No_MPC_P2P_WSSecurity.as4receipt.xml     2026-11-22 unsigned       none     0103            accepted
UserMessage_No_MPC_P2P_WSSecurity.xml                2026-11-22 invalid        0103     0003            0003
UserMessage_No_MPC_WSSecurity_multihop.as4receipt.xml 2026-11-22 unsigned       none     0103            accepted
UserMessage_No_MPC_WSSecurity_multihop.xml           2026-11-22 invalid        0103     0003            0003
UserMessage_Specified_MPC_P2P.as4receipt.xml         2026-11-22 unsigned       none     0103            accepted
UserMessage_Specified_MPC_P2P.xml                    2026-11-22 invalid        0103     0003            0003
UserMessage_Specified_MPC_multihop.as4receipt.xml    2026-11-22 unsigned       none     0103            accepted
UserMessage_Specified_MPC_multihop.xml               2026-11-22 invalid        0103     0003            0003

[structure]
bundled-usermessage-receipt.xml                      2026-11-22 unsigned       none     0009            0009
domibus-bst_X509PKIPathv1_incoming_message.xml       2019-01-01 invalid        0101     0003            0003
domibus-bst_x509v3_incoming_message.xml              2019-01-01 invalid        0101     0003            0003
domibus-is_incoming_message.xml                      2026-11-22 invalid        0101     0003            0003
domibus-ski_incoming_message.xml                     2026-11-22 invalid        0101     0003            0003
domibus-soapEnvelope-PullRequest.xml                 2019-01-01 invalid        0101     0101            0101
domibus-soapEnvelope-SignalMessage-error.xml         2026-11-22 unsigned       none     0103            accepted
domibus-soapEnvelope-SignalMessage-receipt-pull.xml  2026-11-22 invalid        0101     0101            0101
domibus-soapEnvelope-UserMessage-receipt-split-and-join.xml 2026-11-22 invalid        0101     0101            0101
ebms-sed-valid_payload_message.xml                   2026-11-22 unsigned       none     0103            0011
ebms-sed-valid_simple_message.xml                    2026-11-22 unsigned       none     0103            accepted
phase4-ErrorMessage.xml                              2026-11-22 unsigned       none     0103            accepted
phase4-ErrorMessageWithFault.xml                     2026-11-22 unsigned       none     0103            accepted
phase4-soap11-BundledMessage.xml                     2026-11-22 unsigned       none     VersionMismatch VersionMismatch
pullrequest-usernametoken-role-ebms.txt              2026-11-22 unsigned       none     0103            accepted
receipt-multihop.xml                                 2026-11-22 unsigned       none     0103            accepted
receipt-nri-unsigned.xml                             2026-11-22 unsigned       none     0103            accepted
"""

# The content keys that the samples' source prints: they stand where unwrapping would have given them.
CONTENT_KEYS = {
    "golden/usermessage-encrypted-compressed-oaep.as4": "86b9ba79809702539b870e7fd0f6d276",
    "golden/usermessage-signed-encrypted-ski.as4": "408aab8bcbf80d367c30d516528b97f8",
}
# Whose P-Mode does not have the certificate that the message brings.
STRANGERS = {"negative/usermessage-untrusted-signer.txt"}


@dataclass(frozen=True, slots=True)
class Line:
    """One message file and what is said of it."""

    file: str
    at: str
    arithmetic: str
    verifier: str
    shipped: str
    older: str

    @property
    def content_key(self) -> bytes | None:
        key = CONTENT_KEYS.get(self.file)
        return None if key is None else bytes.fromhex(key)

    def circumstances(self, policy: TestPolicy) -> Circumstances:
        """What the product judges it under."""
        return Circumstances(
            policy=policy,
            at=datetime.fromisoformat(self.at).replace(tzinfo=UTC),
            own_token=self.file not in STRANGERS,
            content_key=self.content_key,
        )


def _lines() -> Iterator[Line]:
    folder = ""
    for row in filter(None, TABLE.splitlines()):
        if row.startswith("["):
            folder = row.strip("[]")
            continue
        name, *said = row.split()
        yield Line(f"{folder}/{name}", *said)


LINES = tuple(_lines())
lines = pytest.mark.parametrize("line", LINES, ids=lambda line: line.file)


def test_every_file_has_a_line_and_every_line_a_file() -> None:
    assert [line.file for line in LINES] == list(message_files())


@lines
def test_the_numbers_of_a_published_message_say_what_its_line_says(line: Line) -> None:
    assert arithmetic(http_message(line.file), line.content_key) == line.arithmetic


@lines
def test_the_verifier_accepts_what_the_numbers_allow_and_nothing_else(line: Line) -> None:
    found = security_verdict(http_message(line.file), line.circumstances(OLDER))
    assert found == line.verifier
    assert (found == "accepted") == (line.arithmetic == "valid")


@lines
def test_the_shipped_suite_judges_a_published_message_as_its_line_says(line: Line) -> None:
    assert verdict(http_message(line.file), line.circumstances(SHIPPED)) == line.shipped


@lines
def test_a_p_mode_of_its_own_time_judges_a_published_message_as_its_line_says(line: Line) -> None:
    assert verdict(http_message(line.file), line.circumstances(OLDER)) == line.older


@pytest.mark.parametrize("line", [line for line in LINES if line.content_key], ids=lambda line: line.file)
def test_a_printed_content_key_opens_every_part_and_each_inflates(line: Line) -> None:
    parts = split(http_message(line.file))
    positions = locate(parse_document(parts.root, limits=ENVELOPE_LIMITS))
    opened = open_parts(positions, parts, frozenset(parts.others), line.circumstances(OLDER))
    assert len(opened) == 2
    assert all(inflate(part.octets) for part in opened.values())
