"""Every section and key of the settings, documented where it stands.

Secrets stand in the file by reference only: the path of a file, the number of a descriptor, or the name of an
environment variable.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from gateway.limits import CertificateForm, EdgeLimits, Limits, StoreLimits
from gateway.settings.key_section import KeySection
from gateway.settings.mail_section import MailSection
from gateway.settings.monitoring_section import MonitoringSection, TracesSection
from gateway.settings.password_reference import PasswordReference, password_reference
from gateway.settings.portal_section import PortalSection
from gateway.settings.store_section import StoreSection
from gateway.settings.values import (
    Descriptor,
    EnvironmentName,
    FilePath,
    Fraction,
    HeaderName,
    Host,
    Hosts,
    IdHost,
    Network,
    Octets,
    PerSecond,
    Seconds,
    Section,
    Url,
    Urn,
)
from gateway.written.moments import DayOrMoment

MESSAGE: Final = Limits()
EDGE: Final = EdgeLimits()
STORE: Final = StoreLimits()


class HubSection(Section):
    """Who the hub is."""

    base_urn: Urn = Field("urn:knooppunt", description="Base of every name on the wire: services, MPCs, P-Mode ids.")
    public_url: Url = Field(description="URL of the AS4 endpoint as participants use it.")
    message_id_host: IdHost = Field(
        "knooppunt.invalid",
        description="Right-hand side of the MessageIds that the hub makes; 218 characters at most.",
    )


class DataSection(Section):
    """Where messages are kept."""

    directory: FilePath = Field(description="Folder of the store, its database and blobs; one hub process at a time.")
    engine: str = Field(
        "sqlite",
        description="What a store in `directory` stands on: `sqlite`, the one engine for that. One in a PostgreSQL"
        " database is named by the section `[store]`.",
    )
    mark: FilePath | None = Field(
        None,
        description="Folder outside `directory`, this hub's alone and best on another disk, for the mark by which a"
        " store that went back is noticed; none: it lies in `directory`, and goes back with it.",
    )
    create: bool = Field(
        False,
        description="Whether a hub that finds no store there makes a new one, as in a container that begins empty;"
        " else `knooppunt store new` makes it.",
    )
    log_days: int = Field(
        STORE.log_days,
        ge=90,
        le=36_500,
        description="How many days the message log and the receipts in it are kept after a message was removed:"
        " thirteen months.",
    )
    ballast_bytes: int = Field(
        STORE.ballast_octets,
        ge=0,
        description="Size of the file that an operator can release when the disk is full; 0: none.",
    )
    alarm_free_fraction: Fraction = Field(
        STORE.alarm_free_fraction,
        description="Part of the disk that has to stay free, or `knooppunt status` and the alert rules tell of it.",
    )
    large_message_free_fraction: Fraction = Field(
        STORE.large_message_free_fraction,
        description="Part of the disk that has to stay free for a message over 1 MiB to be taken.",
    )
    any_message_free_fraction: Fraction = Field(
        STORE.any_message_free_fraction,
        description="Part of the disk that has to stay free for any message to be taken.",
    )


class ListenSection(Section):
    """Where the hub listens."""

    host: Hosts = Field(
        ["127.0.0.1"],
        description="Address to listen on, or a list of them: `0.0.0.0` is every IPv4 address of the machine, `::`"
        " every IPv6 address, and both together are everything.",
    )
    port: int = Field(8443, ge=0, le=65_535, description="Port to listen on; 0 lets the system choose one.")
    tls_certificate: FilePath | None = Field(None, description="Certificate chain (PEM); none: plain HTTP.")
    tls_key: FilePath | None = Field(None, description="Private key of the certificate (PEM or PKCS #12).")
    tls_key_password_file: FilePath | None = Field(
        None,
        description="File whose first line is the password of the TLS key; nobody but its owner and group may read it.",
    )
    tls_key_password_fd: Descriptor | None = Field(
        None, description="Number of an open descriptor from which the password of the TLS key is read."
    )
    tls_key_password_env: EnvironmentName | None = Field(
        None, description="Environment variable with the password of the TLS key; a file or descriptor is safer."
    )
    client_ca: FilePath | None = Field(None, description="Authorities (PEM) for TLS client certificates.")
    client_certificate: Literal["none", "optional", "required"] = Field(
        "none", description="Whether a TLS client certificate is asked for."
    )
    minimum_tls: Literal["1.2", "1.3"] = Field("1.2", description="Lowest TLS version.")
    trusted_proxies: list[Network] = Field(
        default_factory=list, description="Networks whose X-Forwarded-For is believed when counting per address."
    )
    proxy_protocol: bool = Field(
        False,
        description="Whether each connection begins with a PROXY header (version 2), which gives the client's address:"
        " from `trusted_proxies` alone, and nobody else may connect.",
    )
    client_certificate_header: HeaderName | None = Field(
        None,
        description="Header in which `trusted_proxies` that end TLS hand on the client's certificate, as `Client-Cert`;"
        " from anybody else a request with it is refused. None: such a header means nothing.",
    )
    client_certificate_form: CertificateForm = Field(
        "rfc9440",
        description="How the certificate stands in that header: `rfc9440` is its DER octets in base64 between colons,"
        " `escaped-pem` its PEM text in percent-encoding, as `$ssl_client_escaped_cert` of nginx.",
    )

    @property
    def tls_key_password(self) -> PasswordReference:
        """Where the password of the TLS key is."""
        return password_reference(self, "tls_key_password")


class LimitsSection(Section):
    """What one message, one connection and one address may take."""

    soap_bytes: Octets = Field(MESSAGE.soap_octets, description="Size of the SOAP part.")
    document_bytes: Octets = Field(
        MESSAGE.document_octets,
        description="Size of the XML document after decompression. No text in it may have more than 10,000,000 octets,"
        " whatever stands here.",
    )
    message_bytes: Octets = Field(MESSAGE.message_octets, description="Size of a whole request.")
    inflated_bytes: Octets = Field(
        MESSAGE.inflated_octets, description="Size of all parts of a message after decompression."
    )
    inflation_ratio: int = Field(
        MESSAGE.inflation_ratio, ge=2, description="How many times its size a part may grow; counts above 32 MiB."
    )
    parts: int = Field(MESSAGE.parts, ge=1, le=64, description="Number of parts of a message.")
    handshake_seconds: Seconds = Field(
        EDGE.handshake_seconds, description="Time for the TLS handshake, from the moment of connecting."
    )
    header_seconds: Seconds = Field(
        EDGE.header_seconds, description="Time for the request line and headers, of each request."
    )
    envelope_seconds: Seconds = Field(EDGE.envelope_seconds, description="Time for the SOAP part, after the headers.")
    idle_seconds: Seconds = Field(EDGE.idle_seconds, description="Time without a byte in either direction.")
    total_seconds: Seconds = Field(EDGE.total_seconds, description="Time for a whole request.")
    minimum_bytes_per_second: PerSecond = Field(
        EDGE.slow_octets_per_second, description="Slowest upload; a body that is half a minute behind is cut off."
    )
    connections: int = Field(EDGE.connections, ge=2, description="Open connections.")
    connections_per_address: int = Field(
        EDGE.connections_per_address,
        ge=1,
        description="Open connections of one address (IPv6: of a /64); a /56 or IPv4 /24 has twice as many.",
    )
    connection_seconds: Seconds = Field(
        EDGE.connection_seconds, description="Age at which a kept connection ends with an answer."
    )
    arriving_bytes: Octets = Field(
        EDGE.arriving_octets,
        description="Octets of envelopes that are not whole yet, in all; one address has a quarter.",
    )
    requests_in_progress: int = Field(
        EDGE.requests_in_progress,
        ge=2,
        description="Requests whose envelope is whole, being worked on; one address has a quarter.",
    )
    requests_per_second_per_address: PerSecond = Field(
        EDGE.requests_per_second, description="Above it an address gets 429."
    )
    unreadable_per_second_per_address: PerSecond = Field(
        EDGE.unreadable_per_second,
        description="Unreadable requests of one address that get a signed error; above it a bare 429.",
    )
    unreadable_per_second: PerSecond = Field(
        EDGE.unreadable_in_all_per_second,
        description="The same of all strangers together: each signature costs a millisecond or more.",
    )
    stranger_cpu_fraction_per_address: Fraction = Field(
        EDGE.stranger_cpu_seconds_per_second,
        gt=0,
        description="Part of one core that an address may cost that proved nothing; all such have 8 times.",
    )
    stranger_bytes_per_second_per_address: PerSecond = Field(
        EDGE.stranger_octets_per_second,
        description="Octets a second of such an address; above it, or the CPU time, 429.",
    )
    refusals_logged_per_second: PerSecond = Field(
        EDGE.log_lines_per_second,
        description="Log lines of one kind about what was refused before it was an envelope of AS4, or with a bare"
        " status, after a hundred at once; the rest is counted in `unsaid`.",
    )
    retry_after_seconds: int = Field(
        EDGE.retry_after_seconds,
        ge=1,
        le=86_400,
        description="What Retry-After says first in a 503 for load or disk, and in a 429.",
    )


class PModesSection(Section):
    """Where processing modes are configured."""

    folder: FilePath = Field(description="Folder with hub.yaml and a file for each organisation.")
    watch: bool = Field(
        False,
        description="Whether a hub that runs notices by itself that these files, its keys or its certificates changed,"
        " and reloads when nobody has written for a second; else it waits for `knooppunt reload` or SIGHUP.",
    )
    promotes_by_report: bool = Field(
        False,
        description="Whether `knooppunt org promote` takes an organisation from here to production only with a report"
        " of the schema suite that passed for every module version of its file (`--suite-report`).",
    )


class OutboundSection(Section):
    """What the hub may connect to, for CRLs and OCSP; an empty list is nothing."""

    hosts: list[Host] = Field(
        default_factory=list,
        description="Names of the hosts that it may call; whatever else names a URL, the hub calls no other.",
    )
    networks: list[Network] = Field(
        default_factory=list,
        description="Networks of addresses inside (loopback, private, link-local, NAT64) that such a host may have; by"
        " default it may only have an address of the internet.",
    )
    ca: FilePath | None = Field(None, description="Authorities (PEM) for https; none: those of the system.")


class ModulesSection(Section):
    """Message definitions besides the shipped ones."""

    folders: list[FilePath] = Field(default_factory=list, description="Further module folders: Module/version/.")


class LogSection(Section):
    """What is logged."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe level.")
    format: Literal["json", "text"] = Field("json", description="One JSON object a line, or text for a terminal.")
    file: FilePath | None = Field(None, description="File to append to; none: standard error.")


class SigningKeySection(KeySection):
    """One key with which the hub signs."""

    since: DayOrMoment | None = Field(
        None,
        alias="from",
        description="From when it signs in place of the one of its kind before it: a day, which begins at midnight in"
        " the Netherlands, or a moment with its offset.",
    )


class KeysSection(Section):
    """The hub's keys."""

    signing: list[SigningKeySection] = Field(
        min_length=1,
        description="Keys for signing: a participant's suite says which kind it gets. Of each kind one, and around a"
        " rollover the next, with the moment `from` which it signs.",
    )
    decryption: list[KeySection] = Field(
        min_length=1, description="Keys for decryption: the current one, and around a rollover the next or the last."
    )


class DirectorySection(KeySection):
    """The address book of participants; without this section the hub makes none."""

    public: bool = Field(
        False,
        description="Whether `/deelnemers` (in English `/participants`) and `/deelnemers.json` tell anybody who takes"
        " part: name, units, kind, modules. An organisation that says `listed: false` is left out.",
    )


class Settings(Section):
    """All settings of one hub process."""

    hub: HubSection = Field(description="Who the hub is.")
    data: DataSection = Field(description="Where messages are kept.")
    store: StoreSection | None = Field(
        None, description="The PostgreSQL database in which messages are kept; without this section, `data.directory`."
    )
    listen: ListenSection = Field(default_factory=ListenSection, description="Where the hub listens.")
    limits: LimitsSection = Field(default_factory=LimitsSection, description="What a message or address may take.")
    pmodes: PModesSection = Field(description="Where processing modes are configured.")
    outbound: OutboundSection = Field(default_factory=OutboundSection, description="What the hub may connect to.")
    modules: ModulesSection = Field(default_factory=ModulesSection, description="Further message definitions.")
    log: LogSection = Field(default_factory=LogSection, description="What is logged.")
    keys: KeysSection = Field(description="The hub's keys.")
    directory: DirectorySection | None = Field(
        None,
        description="The address book of participants, and the key that signs it and serves nothing else; without this"
        " section the hub makes none.",
    )
    portal: PortalSection | None = Field(
        None, description="The pages of desk users, on a listener of their own; without this section there are none."
    )
    mail: MailSection | None = Field(
        None, description="The mail server for what organisations at the portal are told; without this section no mail."
    )
    monitoring: MonitoringSection | None = Field(
        None,
        description="Metrics and health, on a listener of their own, for whoever watches the hub and for what balances"
        " its load; without this section there is none.",
    )
    traces: TracesSection | None = Field(
        None,
        description="Traces of exchanges for a collector of OpenTelemetry, which need the extra `traces`; without this"
        " section there are none.",
    )


def passwords(settings: Settings) -> tuple[PasswordReference, ...]:
    """Every reference to a password, whether it is used or not."""
    return (
        settings.listen.tls_key_password,
        *(each.password for each in (*settings.keys.signing, *settings.keys.decryption)),
        *(() if settings.directory is None else (settings.directory.password,)),
        *(() if settings.portal is None else _of_portal(settings.portal)),
        *(() if settings.mail is None else (settings.mail.password,)),
    )


def _of_portal(portal: PortalSection) -> tuple[PasswordReference, ...]:
    saml, oidc = portal.eherkenning, portal.oidc
    keys = (*(() if saml is None else (saml, *saml.other_keys)), *(() if oidc is None else (oidc,)))
    return (portal.tls_key_password, *(each.password for each in keys))
