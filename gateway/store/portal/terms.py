"""How long what the portal keeps is kept, and how much of it; each with its reason. Spans, no clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

SESSION_LONGEST: Final = timedelta(hours=8)  # a working day
SESSION_IDLE: Final = timedelta(minutes=30)
LOGIN_OPEN: Final = timedelta(minutes=10)  # as long as a broker's assertion may be
LOGINS_OPEN: Final = 10_000  # anybody can begin one, before any proof
ASSERTION_LONGEST: Final = timedelta(days=1)  # no issuer makes us remember it for longer
PAIRING_TRIES: Final = 10  # wrong codes of one organisation; a code has 40 bits, and lives as long as its session
PAIRING_TRIES_WITHIN: Final = timedelta(hours=1)
CEREMONY_OPEN: Final = timedelta(hours=1)
CEREMONIES_OPEN: Final = 100  # of one unit
CEREMONY_WORDS: Final = 16  # messages of both sides; the protocol has fewer
LOCKS_OF_A_PERSON: Final = 20  # of one unit: a few devices, a sheet, and what was begun and left
KEY_SETS_OF_A_DAY: Final = 20  # of one unit; each is a request, and is kept as long as those
REQUESTS_OF_A_DAY: Final = 20  # of one organisation, besides those for keys; somebody reads each of them
OCTETS_OF_A_WISH: Final = 16 * 1024  # a certificate, in base64
JOININGS_WAITING: Final = 200  # of all strangers together, who prove nothing; somebody calls each of them
JOININGS_OF_NUMBER: Final = 3  # waiting, of one number in the trade register: anybody can write it down
JOINING_STAYS: Final = timedelta(days=30)  # once decided; with it goes the contact that it names
RETIRED_STAYS: Final = timedelta(days=7)  # as long as what was typed may lie in a browser, sealed as messages are
LOST_STAYS: Final = timedelta(days=1)  # nobody opens them; what was being taken in meanwhile expires under them
LOST_WAITS: Final = timedelta(hours=24)  # whoever still has a lock may object to that all are lost
LOCK_UNCOUNTED: Final = timedelta(days=1)  # an enrolment that was never finished
REQUEST_UNDECIDED: Final = timedelta(days=90)  # and one whose approval was begun and left; to leave, after its last day
MEMORY: Final = timedelta(days=396)  # thirteen months, as the log of messages: journal, hands, links, requests
MAIL_UNCONFIRMED: Final = timedelta(days=7)  # an address whose link nobody opened, and the link itself
MAIL_HEARD_AFTER: Final = timedelta(days=7)  # an address that was removed hears for so long still what touches security
MAIL_TRIED: Final = timedelta(days=5)  # as mail servers do among themselves
MAIL_WAITS: Final = timedelta(days=8)  # a line that nobody sends: longer than any is tried, with its last pause
MAIL_LEASE: Final = timedelta(minutes=5)  # a letter that is being sent; longer than sending may take
MAIL_LINK: Final = timedelta(days=60)  # the link by which to unsubscribe; every letter has a newer one
WATCHED_STAYS: Final = timedelta(days=30)  # nobody looked at it for so long: mail was switched off meanwhile
ADDRESSES_OF_ORGANISATION: Final = 100
ADDRESSES_OF_A_DAY: Final = 20  # of one organisation: each is a letter to somebody who may not have asked for it
DORMANT: Final = MEMORY  # a person who did not log in for so long is forgotten, linked or not

CHALLENGE_OCTETS: Final = 32
OCTETS_OF_A_COPY: Final = 64 * 1024  # two RSA keys, an organisation's, their names: some 8 KiB
OCTETS_OF_A_DOCUMENT: Final = 256 * 1024
OCTETS_OF_A_WORD: Final = 16 * 1024
CHARACTERS_OF_A_FAILURE: Final = 300  # of what a mail server says
OCTETS_OF_A_MEMO: Final = 4 * 1024
