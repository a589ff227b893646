"""A certificate that is withdrawn as compromised: said by thumbprint, and in use nowhere."""

from __future__ import annotations

import pytest
from support.hubs.hub import catalogue, configuration_texts, load_test_certificates
from support.keys.pki import identity

from crypto.certificates import thumbprint_sha256
from gateway.written.complaints import ConfigurationFault
from pmodes.configuration import Configuration
from pmodes.files import read_configuration


def configured(name: str, thumbprint: str) -> Configuration:
    texts = configuration_texts({name: {"compromised": [thumbprint]}})
    return read_configuration(texts, catalogue=catalogue(), load=load_test_certificates)


@pytest.mark.parametrize("name", ["counsellor", "hub"])
def test_what_one_file_says_holds_for_all(name: str) -> None:
    """Thumbprints may be written as openssl prints them; hub.yaml speaks for who has no file any more."""
    assert configured(name, ":".join(["AB"] * 32)).compromised == {"ab" * 32}


@pytest.mark.parametrize("name", ["counsellor", "creditor", "hub"])
def test_a_compromised_certificate_that_is_still_in_use_is_complained_of(name: str) -> None:
    thumbprint = thumbprint_sha256(identity("counsellor").signing.certificate).hex()
    with pytest.raises(ConfigurationFault) as refused:
        configured(name, thumbprint)
    (complaint,) = refused.value.complaints
    assert (complaint.file, complaint.path) == ("counsellor.yaml", "certificates.signing")
    assert "compromised" in complaint.sentence
