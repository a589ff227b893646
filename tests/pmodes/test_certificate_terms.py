"""`from` and `until` of a certificate in a P-Mode file: their forms, what is complained of, and who shows them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.configuration.pmode_files import COUNSELLOR, CREDITOR, CREDITOR_YAML, FILES, HUB_YAML, read

from crypto.certificates import term_of
from gateway.written.complaints import ConfigurationFault
from pmodes.effective import effective
from pmodes.model import Leg
from pmodes.validity import listed

FIRST = "certificates/creditor-signing.pem"
OWN_BEGIN, OWN_END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)


def creditor(entry: str) -> str:
    """The creditor's file with another entry for its first signing certificate."""
    return CREDITOR_YAML.replace(f"{FIRST},", f"{entry},")


@pytest.mark.parametrize(
    ("said", "begins", "ends"),
    [
        ("", OWN_BEGIN, OWN_END),
        ("from: 2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC), OWN_END),
        ("from: 2026-12-01", datetime(2026, 11, 30, 23, tzinfo=UTC), OWN_END),
        ("until: 2026-07-01", OWN_BEGIN, datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC)),
        ("from: 2026-07-01T09:30:00+02:00", datetime(2026, 7, 1, 7, 30, tzinfo=UTC), OWN_END),
        ("from: 2026-07-01T09:30Z", datetime(2026, 7, 1, 9, 30, tzinfo=UTC), OWN_END),
        ('until: "2026-07-01 09:30:00Z"', OWN_BEGIN, datetime(2026, 7, 1, 9, 30, tzinfo=UTC)),
        ("from: 2010-01-01, until: 2050-01-01", OWN_BEGIN, OWN_END),
        ("from: 2026-07-01, until: 2026-07-01", *(datetime(2026, 6, 30, 22, tzinfo=UTC),),
         datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_days_are_dutch_days_and_both_ends_lie_within_the_validity(said: str, begins: datetime, ends: datetime) -> None:
    entry = f"{{file: {FIRST}{', ' if said else ''}{said}}}"
    found = read(creditor=creditor(entry)).by_party[CREDITOR]
    term = term_of(found.signing_certificates[0], found.signing_terms)
    assert (term.begins_at, term.ends_at) == (begins, ends)
    assert found.signing_certificates == read().by_party[CREDITOR].signing_certificates
    assert term_of(found.signing_certificates[1], found.signing_terms).ends_at == OWN_END


@pytest.mark.parametrize(
    ("entry", "path", "said"),
    [
        ("{file: F, from: soon}", "certificates.signing[0].from", "must be a day such as 2026-05-15, or a moment"),
        ("{file: F, from: 2026-02-30}", "certificates.signing[0].from", "must be a day such as"),
        ("{file: F, from: 2026-02-03T10:00:00}", "certificates.signing[0].from", "with its offset"),
        ("{file: F, until: 0001-01-01T00:00:00+10:00}", "certificates.signing[0].until", "must be a day"),
        ("{file: F, from: 20260203}", "certificates.signing[0].from", "must be a day"),
        ("{file: F, form: 2026-02-03}", "certificates.signing[0].form", "did you mean from?"),
        ("{file: F, since: 2026-02-03}", "certificates.signing[0].since", "there is no such key"),
        ("{from: 2026-02-03}", "certificates.signing[0].file", "this key is needed"),
        ("{file: F, from: 2041-01-01}", "certificates.signing[0]", "leave it no moment at which it counts"),
        ("{file: F, until: 2019-01-01}", "certificates.signing[0]", "give moments within that"),
        ("{file: F, from: 2026-02-03, until: 2026-02-02}", "certificates.signing[0]", "no moment"),
        ("{file: F, from: 2026-02-03}, F", "certificates.signing", "stands here twice"),
        ("[F]", "certificates.signing[0]", "must be keys with values"),
    ],
)
def test_what_cannot_be_is_told_once_with_its_key_and_what_to_write(entry: str, path: str, said: str) -> None:
    with pytest.raises(ConfigurationFault) as refused:
        read(creditor=creditor(entry.replace("F", FIRST)))
    (complaint,) = refused.value.complaints
    assert (complaint.file, complaint.path) == ("creditor.yaml", path)
    assert said in complaint.sentence
    assert complaint.line == CREDITOR_YAML[: CREDITOR_YAML.index(FIRST)].count("\n") + 1


def test_the_hub_is_told_that_it_opens_what_comes_whenever_it_comes() -> None:
    place = "certificates/hub-encryption.pem"
    with pytest.raises(ConfigurationFault, match="whenever it comes"):
        read(hub=HUB_YAML.replace(place, f"{{file: {place}, from: 2026-01-01}}"))
    found = read(hub=HUB_YAML.replace(place, f"{{file: {place}, until: 2026-01-01}}")).hub
    assert [each.ends_at.year for each in found.encryption_terms.values()] == [2026]


def test_the_effective_p_mode_and_the_list_of_certificates_show_the_term() -> None:
    entry = f"{{file: {FIRST}, from: 2026-07-01, until: 2026-09-01}}"
    configuration = read(creditor=creditor(entry))
    organisation = configuration.by_party[CREDITOR]
    pmode = configuration.pmode(organisation, None, Leg.SENDING)
    shown = {each.name: each for each in effective(configuration, pmode)}
    assert shown["Knooppunt.SignatureTerms"].value.endswith("from 2026-06-30 22:00:00Z until 2026-09-01 21:59:59Z")
    line = CREDITOR_YAML[: CREDITOR_YAML.index(FIRST)].count("\n") + 1
    assert shown["Knooppunt.SignatureTerms"].origin == f"creditor.yaml:{line}"
    first = next(each for each in listed(configuration) if each.party == CREDITOR and each.use == "signing")
    assert (first.begins_at.isoformat(), first.ends_at.isoformat()) == (
        "2026-06-30T22:00:00+00:00",
        "2026-09-01T21:59:59+00:00",
    )
    other = configuration.pmode(configuration.by_party[COUNSELLOR], None, Leg.SENDING)
    assert {each.name: each.value for each in effective(configuration, other)}["Knooppunt.SignatureTerms"] == ""
    assert len(FILES) == 4
