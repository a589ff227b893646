"""The sections of the portal: where it listens, what it says to its visitors, and by which broker they log in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from gateway.addresses import read_url
from gateway.settings.key_section import KeySection
from gateway.settings.password_reference import PasswordReference, password_reference
from gateway.settings.values import Descriptor, EnvironmentName, FilePath, Hosts, Origin, Section
from gateway.written.moments import DayOrMoment

Text = Annotated[str, Field(min_length=1, max_length=500)]


def _entity(value: str) -> str:
    if not value.isascii() or any(each.isspace() for each in value) or not 0 < len(value) <= 255:
        raise ValueError("must be an entity id, such as urn:etoegang:DV:00000003123456780000:entities:0001")
    return value


EntityId = Annotated[str, AfterValidator(_entity)]


def _provider_url(value: str) -> str:
    parts = read_url(value)
    if not value.startswith("https:") and parts.host not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("must begin with https: what comes from there is believed")
    return value


ProviderUrl = Annotated[str, AfterValidator(_provider_url)]
ClaimNames = Annotated[list[Annotated[str, Field(min_length=1, max_length=255)]], Field(min_length=1, max_length=8)]


class LoginServiceSection(Section):
    """One service as it stands in the service catalogue."""

    index: int = Field(ge=0, le=65_535, description="Its number, by which a login asks for it.")
    id: EntityId = Field(description="Its ServiceID, such as `urn:etoegang:DV:…:services:0001`.")
    uuid: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")] = Field(
        description="Its ServiceUUID."
    )


class EHerkenningSection(KeySection):
    """The login by eHerkenning; its key signs logins, opens what is encrypted for them, and serves nothing else."""

    entity_id: EntityId = Field(description="Who the portal is to the broker.")
    broker: EntityId = Field(description="Entity id of the broker (herkenningsmakelaar).")
    broker_metadata: FilePath = Field(description="The broker's metadata, as it was fetched.")
    broker_metadata_anew: DayOrMoment | None = Field(
        None,
        description="From when on metadata count anew: where the broker itself gives ones that end earlier than those"
        " that were relied on before, a moment after which the portal has not relied on any, with its offset.",
    )
    broker_signers: list[FilePath] = Field(
        min_length=1, description="Certificates (PEM or DER), one of which has to have signed that metadata."
    )
    other_keys: list[KeySection] = Field(
        default_factory=list, description="Keys that open besides: around a rollover the next or the last."
    )
    tls_client: KeySection | None = Field(
        None,
        description="Key and certificate that the portal shows by TLS where it resolves a login, for a broker that"
        " demands one: the pair of this section, or one of its own. None: it shows none.",
    )
    user: LoginServiceSection = Field(description="The service that employees log in for.")
    administrator: LoginServiceSection = Field(description="The service that administrators log in for.")
    level: Literal["loa3", "loa4"] = Field("loa3", description="Lowest level of assurance that is let in.")
    consumer_index: int | None = Field(
        None, ge=0, le=65_535, description="Our address by its index, for a broker that wants no URL in a request."
    )
    artifact_content_type: Literal["text/xml", "application/soap+xml"] = Field(
        "text/xml", description="Type under which an artifact is resolved; brokers differ."
    )


class ClaimsSection(Section):
    """Where a token says what: each a list of names that lead to the claim, from the outermost inwards."""

    organisation: ClaimNames = Field(
        ["urn:etoegang:core:LegalSubjectID"], description="The organisation's number; `represents` counts besides."
    )
    organisation_kind: ClaimNames = Field(["namequalifier"], description="Which kind of number that is.")
    pseudonym: ClaimNames = Field(
        ["urn:etoegang:core:ActingSubjectID"], description='Who the person is to this provider, as `["sub"]`.'
    )
    branch: ClaimNames = Field(
        ["urn:etoegang:1.9:ServiceRestriction:Vestigingsnr"],
        description="The establishment that the mandate is limited to.",
    )


class OidcSection(KeySection):
    """The login by OpenID Connect; its key signs what asks for tokens, and serves nothing else."""

    issuer: ProviderUrl = Field(description="The provider, to the letter as its tokens name it.")
    authorization_url: ProviderUrl = Field(description="Its authorization endpoint, where browsers are sent.")
    token_url: ProviderUrl = Field(description="Its token endpoint.")
    keys_url: ProviderUrl = Field(description="Where it publishes its keys (`jwks_uri`).")
    audience: ProviderUrl | None = Field(
        None, description="Whom our assertions are for, where the provider wants something else than its issuer."
    )
    user: EntityId = Field(description="Client id of the service that employees log in for.")
    administrator: EntityId = Field(description="Client id of the service that administrators log in for.")
    level: Literal["loa3", "loa4"] = Field("loa3", description="Lowest level of assurance that is let in.")
    levels: dict[EntityId, Literal["loa1", "loa2", "loa2plus", "loa3", "loa4"]] = Field(
        default_factory=lambda: {f"urn:etoegang:core:assurance-class:{each}": each for each in ("loa3", "loa4")},
        description="Which level each `acr` of this provider stands for; any other is refused. Unless it is said, loa3"
        " and loa4 under their names of eHerkenning.",
    )
    acr_values: list[EntityId] = Field(
        default_factory=list, description="`acr_values` that go along, such as `idp:eherkenning`."
    )
    claims: ClaimsSection = Field(default_factory=ClaimsSection, description="Where its tokens say what.")


class PortalSection(Section):
    """The pages of desk users; without this section the hub has none."""

    url: Origin = Field(description="How browsers reach the portal: scheme and host, as `https://portaal.example`.")
    host: Hosts = Field(["127.0.0.1"], description="Address to listen on, or a list of them.")
    port: int = Field(8444, ge=0, le=65_535, description="Port to listen on; 0 lets the system choose one.")
    tls_certificate: FilePath | None = Field(
        None, description="Certificate chain (PEM); none: plain HTTP, behind a proxy that ends TLS."
    )
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
    helpdesk: Text = Field(description="How visitors reach the helpdesk, in words: it stands on every page.")
    notice: Text | None = Field(None, description="A sentence above all pages.")
    joining: bool = Field(
        False,
        description="Whether a page takes requests to take part from anybody, without a login; somebody has to look at"
        " them then: `knooppunt request list`.",
    )
    languages: list[Literal["nl", "en"]] = Field(
        ["nl", "en"], min_length=1, max_length=2, description="Languages of the pages; the first is the usual one."
    )
    eherkenning: EHerkenningSection | None = Field(None, description="The login by eHerkenning (SAML).")
    oidc: OidcSection | None = Field(None, description="The login by OpenID Connect, in place of that one.")

    @property
    def tls_key_password(self) -> PasswordReference:
        """Where the password of the TLS key is."""
        return password_reference(self, "tls_key_password")
