"""Which certificates may be used below a root that is trusted, and which step decides against others (CE-01, CE-08)."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import pytest
from support.keys.issuing import AT, DAY, holder, named
from support.keys.path_makers import OIN, SECOND, Path, crosses, everybody_for_everybody, three
from support.keys.path_table import ROWS

from crypto.certificates import thumbprint_sha256
from crypto.findings import Term
from crypto.paths import PathVerdict, judge_authority, judge_certificate


def judged(path: Path, **other: object) -> PathVerdict:
    return judge_certificate(path.end, replace(path.policy(), **other))  # type: ignore[arg-type]


def decides(verdict: PathVerdict) -> str:
    failed = verdict.failed
    if failed is None:
        return ""
    return failed.what if failed.about == "the certificate" else f"{failed.what} of {failed.about}"


CLAUSES = {
    "validity": "CE-01", "revocation": "CE-02", "keyUsage": "CE-03", "extendedKeyUsage": "CE-03", "path": "CE-04",
    "basicConstraints": "CE-04", "pathLenConstraint": "CE-04", "critical extensions": "CE-04", "names": "CE-06",
    "signature": "CE-07", "key": "CE-08", "serial number": "CE-08", "certificatePolicies": "SR-10", "": "taken",
}  # fmt: skip


@pytest.mark.parametrize(
    "row", [pytest.param(name, id=f"{CLAUSES[row.ours.partition(' of ')[0]]} {name}") for name, row in ROWS.items()]
)
def test_a_path_may_be_used_or_one_step_decides_against_it(row: str) -> None:
    verdict = judged(ROWS[row].made())
    assert decides(verdict) == ROWS[row].ours, verdict


def test_a_certificate_that_is_pinned_is_asked_for_no_path_and_no_purpose() -> None:
    server = ROWS["for servers only"].made()
    assert judged(server, pinned=(server.end,), serial_number="another").holds
    assert decides(judged(server, pinned=(holder("Another").certificate,))) == "extendedKeyUsage"


@pytest.mark.parametrize("row", ["for encryption only", "one second after its end", "an RSA key of 1024 bits"])
def test_a_certificate_that_is_pinned_has_to_be_fit_all_the_same(row: str) -> None:
    path = ROWS[row].made()
    assert decides(judged(path, pinned=(path.end,))) == ROWS[row].ours


@pytest.mark.parametrize(
    ("numbers", "found"),
    [((OIN,), ""), ((), "absent"), ((OIN, OIN), "2 of them"), ((OIN[:-1],), OIN[:-1]), ((f"{OIN} ",), f"{OIN} ")],
)
def test_the_one_serial_number_in_the_subject_is_compared_as_written(numbers: tuple[str, ...], found: str) -> None:
    verdict = judged(three(subject=named("Organisation", *numbers)), serial_number=OIN)
    failed = verdict.failed
    assert (failed.found if failed else "") == found


def test_the_end_is_left_to_whoever_knows_the_time_where_he_says_so() -> None:
    assert judged(ROWS["one second after its end"].made(), judges_end=False).holds
    assert decides(judged(ROWS["an issuer that has ended"].made(), judges_end=False)) == "validity of issuer 1"


def test_a_root_may_be_trusted_for_other_purposes() -> None:
    path = ROWS["for clients"].made()
    policy = path.policy()
    narrow = replace(policy.roots[0], purposes=frozenset({"1.3.6.1.5.5.7.3.4"}))
    assert judged(path).holds
    assert decides(judged(path, roots=(narrow,))) == "extendedKeyUsage"


@pytest.mark.parametrize("leads", [False, True])
def test_a_thousand_crossed_certificates_take_no_time(leads: bool) -> None:
    path = crosses(1000, one_leads_to_a_root=leads)
    policy = path.policy()
    begun = process_time()
    assert judge_certificate(path.end, policy).holds is leads
    assert process_time() - begun < 0.2


def test_what_a_path_costs_is_bounded_where_every_authority_vouches_for_every_other() -> None:
    path = everybody_for_everybody(12)
    policy = path.policy()
    begun = process_time()
    assert decides(judge_certificate(path.end, policy)) == "path"
    assert process_time() - begun < 0.2


def test_the_sentence_says_what_decides() -> None:
    said = judged(ROWS["for servers only"].made()).sentence
    assert said.startswith("may not be used: extendedKeyUsage of the certificate: expected: 1.3.6.1.5.5.7.3.2 or")
    assert said.endswith("; found: 1.3.6.1.5.5.7.3.1")
    assert judged(three()).sentence == "may be used"


@pytest.mark.parametrize(
    ("row", "ours"),
    [
        ("below one authority", ""),
        ("an issuer that has ended", "validity"),
        ("an issuer that is no authority", "basicConstraints"),
        ("an issuer that may not sign certificates", "keyUsage"),
        ("a root that has ended", "validity of the root"),
        ("a path length on the root", "pathLenConstraint of the root"),
        ("a root of the same name", ""),
    ],
)
def test_an_authority_is_judged_by_whether_it_may_vouch(row: str, ours: str) -> None:
    path = ROWS[row].made()
    asked = path.intermediates[0] if path.intermediates else path.roots[0]
    assert decides(judge_authority(asked, path.policy())) == ours


@pytest.mark.parametrize(("row", "holds"), [("below one authority", True), ("a root that has ended", False)])
def test_a_root_is_judged_like_an_authority_itself(row: str, holds: bool) -> None:
    path = ROWS[row].made()
    assert judge_authority(path.roots[0], path.policy()).holds is holds


def test_a_certificate_that_was_withdrawn_may_not_be_used_listed_or_not() -> None:
    path = three()
    withdrawn = frozenset({thumbprint_sha256(path.end)})
    assert decides(judged(path, withdrawn=withdrawn)) == "withdrawal"
    assert decides(judged(path, withdrawn=withdrawn, pinned=(path.end,))) == "withdrawal"


def test_a_certificate_that_is_pinned_counts_for_its_term_alone() -> None:
    path = three()
    begun, to_come = (Term(begins_at=AT + each, ends_at=AT + DAY) for each in (-SECOND, SECOND))
    assert judged(path, pinned=(path.end,), terms={path.end: begun}).holds
    assert decides(judged(path, pinned=(path.end,), terms={path.end: to_come})) == "validity"
