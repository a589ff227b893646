"""Which signing certificate that no file lists counts for an organisation: one that stands in the message as its token,
was issued below a root of hub.yaml, and whose one serialNumber in the subject is the organisation's own OIN.

What is listed anywhere counts by its listing alone, and what is listed as compromised does not count. The validity of
the certificate itself is left to whoever knows how far the clock can be trusted, as for one that is listed.

SECURITY: this is asked before a signature is verified, with a certificate that a stranger may have written. It is read
only where some organisation trusts roots, and a path is looked for only where its serialNumber names the very
organisation that the header, or the mailbox, has led to; what a path may cost is bounded (`crypto.paths`) and counts
against the stranger's share like all he causes. Verdicts are kept by the digest of the token, as long as nothing is
reloaded: so the path of a participant is judged once, and whatever a stranger writes is forgotten with the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from crypto.key_references import KeyIdentification, KeyReference
from crypto.paths import CertificateUse, PathPolicy, judge_certificate, load_untrusted, subject_serial_numbers
from gateway.ebms.errors import EbmsError
from gateway.ebms.evidence import Compared
from pmodes.configuration import Configuration
from pmodes.model import HubParty, Organisation
from pmodes.trust import NOBODY_ASKED, Vouched, own_oins

Owner: TypeAlias = HubParty | Organisation

NOT_SO: Final = "not so"
_KEPT: Final = 2_048
_LOOKED_AGAIN: Final = timedelta(minutes=1)  # at what no root vouched for, since time may mend it


def vouched_for(
    configuration: Configuration, organisation: Organisation, named: Callable[[], KeyIdentification], at: datetime
) -> Vouched:
    """Whether the certificate that a message names counts for that organisation without being listed.

    `named` tells how the message names it, and may raise an EbmsError.
    """
    if organisation.trust == "pinned":
        return NOBODY_ASKED
    try:
        identification = named()
    except EbmsError:  # told by whoever verifies
        return NOBODY_ASKED
    if identification.form is not KeyReference.TOKEN or any(configuration.signers_named(identification)):
        return NOBODY_ASKED
    octets = identification.identifier
    key = hashlib.sha256(organisation.party_id.encode() + b"\0" + octets).digest()
    known = configuration.vouched.get(key)
    if known is None or not known.since <= at <= known.until:
        known = _looked_at(configuration, organisation, octets, at)
        if len(configuration.vouched) >= _KEPT:
            configuration.vouched.clear()
        configuration.vouched[key] = known
    return known


def against_vouching(found: Vouched) -> Compared | None:
    """What decides against a certificate that bears the right OIN, for the log: of it and its path no value is told."""
    step = found.failed
    if step is None:
        return None
    return Compared(what=f"{step.what} of {step.about} in the path to a root", expected=step.expected, found=NOT_SO)


def path_policy(configuration: Configuration, owner: Owner, use: CertificateUse, at: datetime) -> PathPolicy:
    """What the hub judges a certificate of that owner by: what its file lists, and roots where it relies on them."""
    trust = configuration.hub.trust
    by_roots = isinstance(owner, Organisation) and owner.trust == "roots" and use == "signing"
    signing = use == "signing"
    return PathPolicy(
        roots=trust.roots if by_roots else (),
        intermediates=trust.intermediates,
        pinned=owner.signing_certificates if signing else owner.encryption_certificates if use == "encryption" else (),
        terms=owner.signing_terms if signing else owner.encryption_terms,
        withdrawn=frozenset(map(bytes.fromhex, configuration.compromised)),
        serial_number=next(iter(own_oins(owner)), None) if by_roots else None,
        at=at,
        use=use,
    )


def owner_by_root(configuration: Configuration, named: KeyIdentification, at: datetime) -> Organisation | None:
    """The organisation for which a certificate counts that nobody lists, by the OIN in it."""
    if not configuration.by_own_oin or named.form is not KeyReference.TOKEN:
        return None
    certificate = load_untrusted(named.identifier)
    if certificate is None:
        return None
    owners = (configuration.by_own_oin.get(each) for each in subject_serial_numbers(certificate))
    owner = next(owners, None)
    if owner is None or vouched_for(configuration, owner, lambda: named, at).certificate is None:
        return None
    return owner


def _looked_at(configuration: Configuration, organisation: Organisation, octets: bytes, at: datetime) -> Vouched:
    nothing = Vouched(since=at - _LOOKED_AGAIN, until=at + _LOOKED_AGAIN)
    certificate = load_untrusted(octets)
    if certificate is None or subject_serial_numbers(certificate) != own_oins(organisation):
        return nothing
    policy = path_policy(configuration, organisation, "signing", at)
    verdict = judge_certificate(certificate, replace(policy, pinned=(), judges_end=False))
    if not verdict.holds:
        return replace(nothing, failed=verdict.failed)
    above = verdict.path[1:]
    return Vouched(
        certificate=certificate,
        since=max(each.not_valid_before_utc for each in above),
        until=min(each.not_valid_after_utc for each in above),
    )
