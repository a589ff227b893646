"""Of each key of the P-Mode files: two lines that differ in it alone, and what `knooppunt pmode diff` says of them."""

from __future__ import annotations

from support.configuration.pmode_files import COUNSELLOR, HUB_YAML
from support.keys.issuing import authority

from crypto.certificates import thumbprint_sha256

ONE = "ab" * 32
ROOTS = {"root-1.pem": (authority("G1").certificate,), "root-2.pem": (authority("G4").certificate,)}
ROOT_1, ROOT_2 = (f"sha256:{thumbprint_sha256(root).hex()}" for (root,) in ROOTS.values())
WITH_ROOT = HUB_YAML + "trust: {roots: [root-1.pem]}\n"

# Of each key of an organisation's file: two files that differ in it alone, and what is said of it.
OF_AN_ORGANISATION: dict[str, tuple[str, str, str]] = {
    "name": ("name: A", "name: B", "B: is called so instead of A"),
    "party": (
        f'party: "{COUNSELLOR}"',
        f'party: ["{COUNSELLOR}", {{value: x, type: urn:y}}]',
        f"has to carry the party ids {COUNSELLOR}, x (urn:y) in its messages instead of {COUNSELLOR}",
    ),
    "party.value": (
        f'party: ["{COUNSELLOR}", {{value: x, type: urn:y}}]',
        f'party: ["{COUNSELLOR}", {{value: z, type: urn:y}}]',
        f"has to carry the party ids {COUNSELLOR}, z (urn:y) in its messages instead of {COUNSELLOR}, x (urn:y)",
    ),
    "party.type": (
        f'party: ["{COUNSELLOR}", {{value: x, type: urn:y}}]',
        f'party: ["{COUNSELLOR}", {{value: x, type: urn:z}}]',
        "x (urn:z) in its messages instead of",
    ),
    "roles": (
        "roles: [shv-fase-2]",
        "roles: [shv-fase-2, schuldeiser]",
        "has the roles schuldeiser, shv-fase-2 instead of shv-fase-2",
    ),
    "modules": (
        'modules: {Schuldregeling: ["2.0"]}',
        'modules: {Schuldregeling: ["2.0"], Betalingsregeling: ["2.0"]}',
        "may send and receive Betalingsregeling 2.0",
    ),
    "modules.version": (
        'modules: {Schuldregeling: ["1.1", "2.0"]}',
        'modules: {Schuldregeling: ["2.0"]}',
        "may no longer send or receive Schuldregeling 1.1",
    ),
    "modules.from": (
        'modules: {Schuldregeling: ["2.0"]}',
        "modules: {Schuldregeling: [{version: 2.0, from: 2026-07-01}]}",
        "may send and receive Schuldregeling 2.0 from 2026-07-01, instead of on all days",
    ),
    "modules.until": (
        "modules: {Schuldregeling: [{version: 2.0, from: 2026-07-01}]}",
        "modules: {Schuldregeling: [{version: 2.0, from: 2026-07-01, until: 2027-01-01}]}",
        "Schuldregeling 2.0 from 2026-07-01 until 2027-01-01, instead of from 2026-07-01",
    ),
    "modules.answer_working_days": (
        'modules: {Schuldregeling: ["2.0"]}',
        "modules: {Schuldregeling: [{version: 2.0, answer_working_days: 15}]}",
        "has for its answers to questions of Schuldregeling 2.0 15 working days instead of the module's own term",
    ),
    "certificates": (
        "certificates: {signing: [a-signing.pem], encryption: [a-encryption.pem]}",
        "certificates: {signing: [b-signing.pem], encryption: [a-encryption.pem]}",
        "new signing certificate sha256:",
    ),
    "certificates.signing": (
        "certificates: {signing: [a-signing.pem], encryption: [a-encryption.pem]}",
        "certificates: {signing: [a-signing.pem, b-signing-next.pem], encryption: [a-encryption.pem]}",
        "valid from 2027-01-01 until 2040-01-01",
    ),
    "certificates.trust": (
        "certificates: {signing: [a-signing.pem], encryption: [a-encryption.pem]}",
        "certificates: {signing: [a-signing.pem], encryption: [a-encryption.pem], trust: roots}",
        "may also sign with a certificate that a root of hub.yaml vouches for",
    ),
    "certificates.encryption": (
        "certificates: {signing: [a-signing.pem], encryption: [a-encryption.pem, b-encryption.pem]}",
        "certificates: {signing: [a-signing.pem], encryption: [a-encryption.pem]}",
        "what waits stays sealed to it, and nothing more is sealed to the certificate sha256:",
    ),
    "kvk": ("kvk: '12345678'", "kvk: '12345679'", "has the KvK number 12345679 instead of 12345678"),
    "establishment": (
        "language: nl",
        "language: nl\nestablishment: '000012345678'",
        "has the establishment number 000012345678 instead of none",
    ),
    "legal_basis": (
        "language: nl",
        "language: nl\nlegal_basis: mandate",
        "handles debts on the ground mandate instead of none: a Toestemmingsverklaring comes with its messages",
    ),
    "access": ("access: system", "access: desk", "works at a desk in the portal"),
    "desk": ("", "desk: {lists: true}", "answers questions by lists"),
    "desk.lists": ("desk: {lists: true}", "desk: {lists: false}", "answers no questions by lists"),
    "collectief": ("collectief: false", "collectief: true", "takes part in Collectief Schuldregelen"),
    "agreements": (
        "agreements: {}",
        "agreements: {connection: 2026-01-01}",
        "signed the aansluitovereenkomst on 2026-01-01",
    ),
    "agreements.connection": (
        "agreements: {connection: 2026-01-01}",
        "agreements: {}",
        "has not signed the aansluitovereenkomst",
    ),
    "agreements.processing": (
        "agreements: {}",
        "agreements: {processing: 2026-01-02}",
        "signed the verwerkersovereenkomst on 2026-01-02",
    ),
    "suspended": (
        "suspended: false",
        "suspended: true",
        "is suspended: it may neither push nor pull; what waits for it runs to its term",
    ),
    "listed": ("listed: true", "listed: false", "is not named on the public page of participants"),
    "addresses": ("", "addresses: [192.0.2.0/24]", "may call from 192.0.2.0/24 instead of everywhere"),
    "language": ("language: nl", "language: en", "reads errors in English instead of Dutch"),
    "key_reference": ("key_reference: token", "key_reference: ski", "name certificates by ski instead of token"),
    "mailbox": ("mailbox: {}", "mailbox: {lease_seconds: 60}", "stays leased 60 seconds once it was pulled"),
    "mailbox.lease_seconds": (
        "mailbox: {lease_seconds: 60}",
        "mailbox: {lease_seconds: 61}",
        "a message from its mailbox stays leased 61 seconds once it was pulled, instead of 60",
    ),
    "mailbox.open_leases": (
        "mailbox: {}",
        "mailbox: {open_leases: 1}",
        "1 message of its mailbox may be leased at once instead of 100",
    ),
    "mailbox.quota_messages": (
        "mailbox: {}",
        "mailbox: {quota_messages: 5}",
        "its mailbox takes 5 messages instead of 10000",
    ),
    "mailbox.term_working_days": (
        "mailbox: {term_working_days: 4}",
        "mailbox: {term_working_days: 6}",
        "its mailbox keeps messages 6 working days instead of 4; what waits keeps its term",
    ),
    "mailbox.extension_days": (
        "mailbox: {}",
        "mailbox: {extension_days: 7}",
        "its mailbox keeps messages 7 days beyond the working days, instead of 0; what waits keeps its term",
    ),
    "mailbox.extension": (
        "mailbox: {}",
        "mailbox: {extension: request}",
        "its mailbox keeps a message beyond the working days only as long as its owner asks; what waits keeps its term",
    ),
    "acts_for": ("acts_for: []", "acts_for: [{value: x, type: urn:y}]", "sends in the name of x (urn:y), too"),
    "acts_for.value": (
        "acts_for: [{value: x, type: urn:y}]",
        "acts_for: [{value: z, type: urn:y}]",
        "no longer sends in the name of x (urn:y), nor gets its messages",
    ),
    "acts_for.type": (
        "acts_for: [{value: x, type: urn:y}]",
        "acts_for: [{value: x, type: urn:z}]",
        "sends in the name of x (urn:z), too",
    ),
    "agreement": ("language: nl", "language: nl\nagreement: {value: urn:a}", "the agreement urn:a instead of none"),
    "agreement.value": (
        "agreement: {value: urn:a}",
        "agreement: {value: urn:b}",
        "has to name the agreement urn:b instead of urn:a in its messages",
    ),
    "agreement.type": (
        "agreement: {value: urn:a}",
        "agreement: {value: urn:a, type: local}",
        "has to name the agreement urn:a (local) instead of urn:a",
    ),
    "attachments": ("attachments: {}", "attachments: {max_count: 1}", "its messages have 1 attachment at most"),
    "attachments.mime_types": (
        "attachments: {}",
        "attachments: {mime_types: [image/png]}",
        "attachments of its messages may be image/png instead of application/pdf",
    ),
    "attachments.max_count": ("attachments: {}", "attachments: {max_count: 2}", "2 attachments at most instead of 62"),
    "attachments.max_octets": (
        "attachments: {}",
        "attachments: {max_octets: 9}",
        "an attachment of its messages has 9 octets at most instead of any number of octets",
    ),
    "properties": ("properties: []", "properties: [{name: p}]", "its messages may carry the property p"),
    "properties.name": ("properties: [{name: p}]", "properties: [{name: q}]", "may no longer carry the property p"),
    "properties.required": (
        "properties: [{name: p}]",
        "properties: [{name: p, required: true}]",
        "its messages have to carry the property p (string, 255 characters at most)",
    ),
    "properties.data_type": ("properties: [{name: p}]", "properties: [{name: p, data_type: int}]", "p (int, 255"),
    "properties.max_length": ("properties: [{name: p}]", "properties: [{name: p, max_length: 9}]", "p (string, 9"),
    "part_properties": ("part_properties: []", "part_properties: [{name: p}]", "parts of its messages may carry the"),
    "part_properties.name": (
        "part_properties: [{name: p}]",
        "part_properties: [{name: q}]",
        "parts of its messages may no longer carry the property p",
    ),
    "part_properties.data_type": (
        "part_properties: [{name: p}]",
        "part_properties: [{name: p, data_type: date}]",
        "p (date, 255 characters at most)",
    ),
    "part_properties.max_length": (
        "part_properties: [{name: p}]",
        "part_properties: [{name: p, max_length: 8}]",
        "p (string, 8 characters at most)",
    ),
    "property_types": ("property_types: []", "property_types: [t]", "may say the type t"),
    "tls_thumbprints": (
        "",
        f"tls_thumbprints: [{ONE}]",
        f"connects with one of the TLS client certificates sha256:{ONE}, instead of any TLS client certificate or none",
    ),
    "compromised": (
        "compromised: []",
        f"compromised: [{ONE}]",
        f"the certificate sha256:{ONE} is withdrawn as compromised: nothing that it signed counts any more",
    ),
    "overrides": (
        "overrides: {}",
        "overrides: {Knooppunt.Origin: false}",
        "Knooppunt.Origin on leg 2 is set to false",
    ),
}
OF_THE_HUB: dict[str, tuple[str, str, str]] = {
    "name": ("#", "name: Ander", "is called so instead of Knooppunt"),
    "party": ("#", "party: '00000099000000009999'", "has the party id 00000099000000009999 instead of"),
    "party.value": ("#", "party: {value: '00000099000000009999'}", "every participant has to address it by that"),
    "party.type": (
        "party: {value: x, type: urn:a}",
        "party: {value: x, type: urn:b}",
        "has the party id x (urn:b) instead of x (urn:a)",
    ),
    "certificates": (
        "#",
        "certificates: {signing: [other-signing.pem], encryption: [certificates/hub-encryption.pem]}",
        "may sign with a further certificate, which participants have to know: sha256:",
    ),
    "certificates.signing": (
        "#",
        "certificates: {signing: [other-signing.pem], encryption: [certificates/hub-encryption.pem]}",
        "signs no more with sha256:",
    ),
    "certificates.encryption": (
        "#",
        "certificates: {signing: [certificates/hub-signing.pem], encryption: [other-encryption.pem]}",
        "takes what is encrypted to a further certificate: sha256:",
    ),
    "trust": ("#", "trust: {roots: [root-1.pem]}", f"trusts the root {ROOT_1} to vouch for signing certificates"),
    "trust.roots": (
        "trust: {roots: [root-1.pem, root-2.pem]}",
        "trust: {roots: [root-1.pem]}",
        f"trusts the root {ROOT_2} no more: what it vouches for is refused",
    ),
    "trust.roots.file": (
        "trust: {roots: [{file: root-1.pem}]}",
        "trust: {roots: [{file: root-2.pem}]}",
        f"trusts the root {ROOT_2} to vouch for signing certificates",
    ),
    "trust.roots.policies": (
        "trust: {roots: [root-1.pem]}",
        "trust: {roots: [{file: root-1.pem, policies: [1.2.3]}]}",
        "to vouch for signing certificates of the policies 1.2.3",
    ),
    "trust.roots.extended_key_usages": (
        "trust: {roots: [root-1.pem]}",
        "trust: {roots: [{file: root-1.pem, extended_key_usages: [1.2.4]}]}",
        "to vouch for signing certificates for the usages 1.2.4",
    ),
    "trust.intermediates": (
        "trust: {roots: [root-1.pem]}",
        "trust: {roots: [root-1.pem], intermediates: [root-2.pem]}",
        f"knows a further authority between a root and a certificate: {ROOT_2}",
    ),
    "revocation": (
        "#",
        "revocation: [{issuer: root-1.pem, crl: 'http://a.example/'}]",
        f"learns what the authority {ROOT_1} revoked from the CRL at http://a.example/",
    ),
    "revocation.issuer": (
        "revocation: [{issuer: root-1.pem, crl: 'http://a.example/'}]",
        "revocation: [{issuer: root-2.pem, crl: 'http://a.example/'}]",
        f"asks no more what the authority {ROOT_1} revoked",
    ),
    "revocation.crl": (
        "revocation: [{issuer: root-1.pem, crl: 'http://a.example/'}]",
        "revocation: [{issuer: root-1.pem, crl: 'http://b.example/'}]",
        f"learns what the authority {ROOT_1} revoked from the CRL at http://b.example/",
    ),
    "revocation.ocsp": (
        "revocation: [{issuer: root-1.pem, crl: 'http://a.example/'}]",
        "revocation: [{issuer: root-1.pem, crl: 'http://a.example/', ocsp: 'http://o.example/'}]",
        "from the CRL at http://a.example/ and the OCSP responder at http://o.example/",
    ),
    "language": ("#", "language: en", "tells errors to strangers, and by default to participants, in English"),
    "key_reference": ("#", "key_reference: ski", "by default, by ski instead of token"),
    "mailbox": ("#", "mailbox: {lease_seconds: 60}", "by default, a message from a mailbox stays leased 60 seconds"),
    "mailbox.lease_seconds": ("#", "mailbox: {lease_seconds: 61}", "stays leased 61 seconds"),
    "mailbox.open_leases": ("#", "mailbox: {open_leases: 7}", "7 messages of a mailbox may be leased at once"),
    "mailbox.quota_messages": ("#", "mailbox: {quota_messages: 7}", "a mailbox takes 7 messages"),
    "mailbox.term_working_days": ("#", "mailbox: {term_working_days: 9}", "a mailbox keeps messages 9 working days"),
    "mailbox.extension_days": ("#", "mailbox: {extension_days: 28}", "28 days beyond the working days"),
    "mailbox.extension": ("#", "mailbox: {extension: request}", "only as long as its owner asks"),
    "attachments": ("#", "attachments: {max_count: 1}", "by default, messages have 1 attachment at most"),
    "attachments.mime_types": ("#", "attachments: {mime_types: [image/png]}", "may be image/png"),
    "attachments.max_count": ("#", "attachments: {max_count: 3}", "3 attachments at most"),
    "attachments.max_octets": ("#", "attachments: {max_octets: 3}", "3 octets at most"),
    "compromised": ("#", f"compromised: [{ONE}]", f"sha256:{ONE} is withdrawn as compromised"),
    "closing_days": (
        "closing_days: [2026-05-16]",
        "closing_days: [2026-05-15]",
        "does not count 2026-05-15 as a working day in terms that begin now",
    ),
    "overrides": (
        "#",
        "overrides: {Knooppunt.LayerTwo: true}",
        "by default, Knooppunt.LayerTwo on leg 1 is set to true",
    ),
}
for _use in ("signing", "encryption"):
    _other = "encryption" if _use == "signing" else "signing"
    for _files in (OF_AN_ORGANISATION, OF_THE_HUB):
        for _key, _before, _after, _sentence in (
            ("file", "{file: a-USE.pem}", "{file: b-USE.pem}", "sha256:"),
            ("from", "a-USE.pem", "{file: a-USE.pem, from: 2026-05-15}", "counts from 2026-05-14 22:00:00Z until 2040"),
            (
                "until",
                "{file: a-USE.pem, until: 2026-05-15}",
                "{file: a-USE.pem, until: 2026-05-16T00:00:00Z}",
                "until 2026-05-16 00:00:00Z instead of from 2020-01-01 00:00:00Z until 2026-05-15 2",
            ),
            (
                "endorsement",
                "a-USE.pem",
                "{file: a-USE.pem, endorsement: c2lnbmF0dXJl}",
                "the key before vouches for the certificate sha256:",
            ),
        ):
            _lines = (
                f"certificates: {{{_use}: [{each.replace('USE', _use)}], {_other}: [certificates/o-{_other}.pem]}}"
                for each in (_before, _after)
            )
            _files[f"certificates.{_use}.{_key}"] = (*_lines, _sentence)  # type: ignore[assignment]
# Refused: it opens what is encrypted to it whenever it comes, and nobody asks who vouches for its own.
NEVER_OF_THE_HUB = {
    "certificates.encryption.from",
    "certificates.signing.endorsement",
    "certificates.encryption.endorsement",
}
for _key in NEVER_OF_THE_HUB:
    del OF_THE_HUB[_key]
