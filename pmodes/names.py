"""The identifiers that processing modes speak of: URIs of ebMS 3.0 and AS4, and those of the hub."""

from __future__ import annotations

from typing import Final

_CORE: Final = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"

ONE_WAY: Final = _CORE + "oneWay"
PUSH: Final = _CORE + "push"
PULL: Final = _CORE + "pull"
DEFAULT_MPC: Final = _CORE + "defaultMPC"
INITIATOR_ROLE: Final = _CORE + "initiator"
RESPONDER_ROLE: Final = _CORE + "responder"

# Every P-Mode has a twin with this service and action, for messages that nobody is to receive (eDelivery AS4 1.4.4.3).
TEST_SERVICE: Final = _CORE + "service"
TEST_ACTION: Final = _CORE + "test"

OIN_TYPE: Final = "urn:oasis:names:tc:ebcore:partyid-type:iso6523:0190"
UNIT_TYPE: Final = "urn:oasis:names:tc:ebcore:partyid-type:unregistered:knooppunt"

DEFAULT_BASE: Final = "urn:knooppunt"

TRACKING_IDENTIFIER: Final = "trackingIdentifier"
CROSS_REFERENCE: Final = "crossReference"
ORIGINAL_SENDER: Final = "originalSender"
FINAL_RECIPIENT: Final = "finalRecipient"
