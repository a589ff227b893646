"""The error table against its transcription, and what an error says to whom."""

from __future__ import annotations

import dataclasses

import pytest
from lxml import etree
from support.keys.pki import NOW
from support.messages.units import envelope

from crypto import faults
from gateway.ebms import texts
from gateway.ebms.envelope import locate
from gateway.ebms.errors import (
    ERRORS,
    SECURITY_ERRORS,
    InvalidReceipt,
    Other,
    SchemaRefused,
    UnreadableRequest,
    ValueInconsistent,
    error_for,
    severity_of,
)
from gateway.ebms.model import ErrorEntry, ErrorSignal, Messaging
from gateway.ebms.read import read_messaging
from gateway.ebms.text import Text
from xsd.checking.header_schema import header_violations
from xsd.checking.violations import Violation

# ebMS3 Core 6.7.1, 6.7.2; ebMS3 Part 2 2.5.6, 5.2; AS4 3.6.
TRANSCRIPTION = """
0001 ValueNotRecognized            failure  Content
0002 FeatureNotSupported           warning  Content
0003 ValueInconsistent             failure  Content
0004 Other                         failure  Content
0005 ConnectionFailure             failure  Communication
0006 EmptyMessagePartitionChannel  warning  Communication
0007 MimeInconsistency             failure  Unpackaging
0008 FeatureNotSupported           failure  Unpackaging
0009 InvalidHeader                 failure  Unpackaging
0010 ProcessingModeMismatch        failure  Processing
0011 ExternalPayloadError          failure  Content
0020 RoutingFailure                failure  Processing
0021 MPCCapacityExceeded           failure  Processing
0022 MessagePersistenceTimeout     failure  Processing
0023 MessageExpired                warning  Processing
0060 ResponseUsingAlternateMEP     warning  Processing
0101 FailedAuthentication          failure  Processing
0102 FailedDecryption              failure  Processing
0103 PolicyNoncompliance           failure  Processing
0201 DysfunctionalReliability      failure  Processing
0202 DeliveryFailure               failure  Communication
0301 MissingReceipt                failure  Communication
0302 InvalidReceipt                failure  Communication
0303 DecompressionFailure          failure  Communication
"""
ROWS = [line.split() for line in TRANSCRIPTION.strip().splitlines()]
ALL_TEXTS = {
    **{name: value for name, value in vars(texts).items() if isinstance(value, Text)},
    **{code: each.text for code, each in ERRORS.items()},
}


def violations(count: int) -> list[Violation]:
    return [
        Violation(code=f"XSD-{n}", line=n, path=f"/Bericht/Veld[{n}]", nl=f"Fout {n}.", en=f"Fault {n}.")
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize(("number", "name", "severity", "category"), ROWS, ids=[f"EBMS:{row[0]}" for row in ROWS])
def test_a_class_says_what_the_specification_says(number: str, name: str, severity: str, category: str) -> None:
    found = ERRORS[f"EBMS:{number}"]

    assert (found.short_description, found.severity, found.category) == (name, severity, category)
    assert found.origin == "ebms"


def test_there_are_no_other_classes() -> None:
    assert sorted(ERRORS) == [f"EBMS:{row[0]}" for row in ROWS]


@pytest.mark.parametrize("name", sorted(ALL_TEXTS))
def test_every_public_sentence_is_one_whole_sentence_in_both_languages(name: str) -> None:
    for sentence in (ALL_TEXTS[name].en, ALL_TEXTS[name].nl):
        assert sentence.endswith(".")
        assert sentence[0].isupper() or sentence.startswith("eb:")
        assert not set("{}%\"'/\\") & set(sentence.replace("PartyId's", "").replace("application/gzip", ""))


def test_an_error_becomes_one_entry_with_everything_that_the_specification_asks_for() -> None:  # X01
    error = ValueInconsistent(texts.NOT_A_URI, "the detail", ref_to_message_id="one@a")

    assert error.entries() == (
        ErrorEntry(
            code="EBMS:0003",
            severity="failure",
            short_description="ValueInconsistent",
            category="Content",
            origin="ebms",
            ref_to_message_in_error="one@a",
            description=texts.NOT_A_URI.en,
            language="en",
        ),
    )


def test_the_private_detail_is_never_part_of_an_entry() -> None:  # X11
    error = ValueInconsistent(texts.NOT_A_URI, "/etc/secret", ref_to_message_id="one@a")

    assert "/etc/secret" in str(error)
    assert not any("secret" in str(value) for each in error.entries() for value in dataclasses.asdict(each).values())


@pytest.mark.parametrize(("language", "spoken"), [("nl", "nl"), ("en", "en"), ("fr", "en"), ("", "en")])
def test_an_error_speaks_the_language_of_the_organisation_or_english(language: str, spoken: str) -> None:
    (entry,) = Other().entries(language)

    assert entry.language == spoken
    assert entry.description == getattr(Other.text, spoken)


def test_an_error_keeps_the_first_message_it_was_about() -> None:
    assert Other().about("one@a").about("two@a").ref_to_message_id == "one@a"
    assert Other().about(None).about("two@a").ref_to_message_id == "two@a"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (faults.FailedAuthentication("d"), "EBMS:0101"),
        (faults.FailedDecryption("d"), "EBMS:0102"),
        (faults.PolicyNoncompliance("d"), "EBMS:0103"),
    ],
)
def test_a_fault_of_the_security_layer_has_its_code_and_keeps_its_detail(
    fault: faults.SecurityFault, code: str
) -> None:
    error = error_for(fault)

    assert (error.code, error.detail, error.public) == (code, "d", type(error).text)


def test_every_fault_of_the_security_layer_has_a_code() -> None:
    direct = set(faults.SecurityFault.__subclasses__())
    assert set(SECURITY_ERRORS) == direct | {finer for each in direct for finer in each.__subclasses__()}


def test_all_decryption_faults_are_told_with_one_sentence() -> None:  # E15
    assert len({error_for(faults.FailedDecryption(detail)).entries() for detail in ("tag", "padding", "length")}) == 1


def test_a_schema_refusal_has_one_entry_for_each_violation() -> None:
    entries = SchemaRefused(violations(3)).about("one@a").entries("nl")

    assert [each.description for each in entries] == ["Fout 1.", "Fout 2.", "Fout 3."]
    assert {each.language for each in entries} == {"nl"}
    assert {(each.code, each.severity, each.category) for each in entries} == {("EBMS:0004", "failure", "Content")}
    assert entries[1].detail == "code=XSD-2 line=2 path=/Bericht/Veld[2]"
    assert entries[1].ref_to_message_in_error == "one@a"


@pytest.mark.parametrize(
    ("count", "entries", "last"),
    [
        (1, 1, "Fault 1."),
        (50, 50, "Fault 50."),
        (51, 50, "There are 2 more violations."),
        (1_000, 50, "There are 951 more violations."),
    ],
)
def test_a_schema_refusal_has_fifty_entries_at_most_and_the_last_says_how_many_more(
    count: int, entries: int, last: str
) -> None:
    found = SchemaRefused(violations(count)).entries()

    assert len(found) == entries
    assert found[-1].description == last


def test_a_schema_refusal_without_violations_still_has_an_entry() -> None:
    assert len(SchemaRefused(()).entries()) == 1


def test_a_schema_refusal_reads_back_from_the_wire_and_follows_the_header_schema() -> None:
    signal = ErrorSignal(
        message_id="error@hub",
        timestamp=NOW,
        ref_to_message_id="one@a",
        errors=SchemaRefused(violations(60)).about("one@a").entries("nl"),
    )
    messaging = locate(etree.fromstring(envelope(Messaging(error=signal)))).messaging

    assert header_violations(messaging) == ()
    assert read_messaging(messaging).error == signal


@pytest.mark.parametrize(
    ("code", "written", "severity"),
    [
        pytest.param("EBMS:0006", "failure", "warning", id="a known code weighs what the specification says"),
        pytest.param("EBMS:0005", "warning", "failure", id="a known code whatever was written"),
        pytest.param("EBMS:9999", "failure", "failure", id="X12"),
        pytest.param("EBMS:9999", " Warning ", "warning", id="X12 warning"),
        pytest.param("EBMS:9999", "fatal", "failure", id="X12 another word"),
    ],
)
def test_a_received_error_weighs_by_its_code_where_that_is_known(code: str, written: str, severity: str) -> None:
    assert severity_of(ErrorEntry(code=code, severity=written)) == severity


def test_an_invalid_receipt_has_one_public_sentence() -> None:  # R12, R14, P13
    assert InvalidReceipt(detail="unknown message").entries() == InvalidReceipt(detail="other signer").entries()


def test_a_request_without_an_envelope_carries_its_status_and_error() -> None:
    refusal = UnreadableRequest(413, Other(detail="too large"))

    assert (refusal.status, refusal.error.code) == (413, "EBMS:0004")
    assert "too large" in str(refusal)


def test_every_class_of_the_table_can_be_raised_without_arguments() -> None:
    for each in ERRORS.values():
        assert each().entries()[0].description == each.text.en
