"""How addresses are written: one table for hosts, one for URLs, one for networks."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.addresses import UrlParts, bracketed, read_host, read_mail_address, read_network, read_url


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "0.0.0.0"),
        ("::", "::"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("localhost", "localhost"),
        ("hub.example.org", "hub.example.org"),
        ("hub.example.org.", "hub.example.org."),
        ("knooppunt_hub-1", "knooppunt_hub-1"),
        ("3com.example", "3com.example"),
    ],
)
def test_a_host_is_a_name_or_a_literal_without_its_brackets(written: str, host: str) -> None:
    assert read_host(written) == host


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "must be a host name"),
        (" 127.0.0.1", "must be a host name"),
        ("127.0.0.1:8443", "a port; the port stands in a key of its own"),
        ("localhost:8443", "a port; the port stands in a key of its own"),
        ("[::1]:8443", "a port; the port stands in a key of its own"),
        ("[::1", "no IPv6 address"),
        ("::1]", "no IPv6 address"),
        ("[127.0.0.1]", "no IPv6 address"),
        (":::1", "no IPv6 address"),
        ("::ffff:127.0.0.1", "write 127.0.0.1"),
        ("127.1", "is no address"),
        ("256.0.0.1", "is no address"),
        ("010.0.0.1", "is no address"),
        ("2130706433", "is no address"),
        ("0x7f.0.0.1", "is no address"),
        ("hub..example", "must be a host name"),
        ("-hub.example", "must be a host name"),
        ("hüb.example", "must be a host name"),
        ("hub.example/as4", "must be a host name"),
        ("user@hub.example", "must be a host name"),
        ("*", "must be a host name"),
        ("a" * 64 + ".example", "must be a host name"),
    ],
)
def test_what_is_no_host_is_refused_with_what_to_write(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"must be|write|port") as refused:
        read_host(written)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("https://hub.example.org/as4", UrlParts("https", "hub.example.org", 443, "/as4")),
        ("http://127.0.0.1:8080/as4", UrlParts("http", "127.0.0.1", 8080, "/as4")),
        ("https://[::1]:8443/as4", UrlParts("https", "::1", 8443, "/as4")),
        ("https://[2001:DB8::1]/", UrlParts("https", "2001:db8::1", 443, "/")),
        ("HTTPS://hub.example.org", UrlParts("https", "hub.example.org", 443, "/")),
        ("https://hub.example.org:443/a%20b", UrlParts("https", "hub.example.org", 443, "/a%20b")),
    ],
)
def test_a_url_names_a_scheme_a_host_a_port_and_a_path(written: str, parts: UrlParts) -> None:
    assert read_url(written) == parts


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("ftp://hub.example.org", "must be an http or https URL"),
        ("hub.example.org/as4", "must be an http or https URL"),
        ("https:hub.example.org", "must be an http or https URL"),
        ("https://hub.example.org/as4?x=1", "without a query"),
        ("https://hub.example.org/as4?", "without a query"),
        ("https://hub.example.org/as4#x", "without a query"),
        ("https://hub.example.org/a b", "must be an http or https URL"),
        ("https://hub.example.org/é", "must be an http or https URL"),
        ("https://hub.example.org/a|b", "characters in its path"),
        ("https://hub.example.org/100%", "characters in its path"),
        ("https:///as4", "must be a host name"),
        ("https://user:secret@hub.example.org/as4", "names a user"),
        ("https://::1/as4", "stands in brackets"),
        ("https://::1:8443/as4", "stands in brackets"),
        ("https://[::1/as4", "stands in brackets"),
        ("https://[::1]8443/as4", "colon before the port"),
        ("https://[fe80::1%25eth0]/as4", "no zone"),
        ("https://[::ffff:127.0.0.1]/as4", "write 127.0.0.1"),
        ("https://[hub.example.org]/as4", "brackets"),
        ("https://hub.example.org:/as4", "a port is a number"),
        ("https://hub.example.org:0/as4", "a port is a number"),
        ("https://hub.example.org:65536/as4", "a port is a number"),
        ("https://hub.example.org:+443/as4", "a port is a number"),
        ("https://hub.example.org:84x3/as4", "a port is a number"),
        ("https://127.1/as4", "is no address"),
    ],
)
def test_a_url_that_a_participant_could_not_use_is_refused(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        read_url(written)
    assert said in str(refused.value)


@pytest.mark.parametrize("written", ["10.0.0.0/8", "192.0.2.1", "::1", "2001:db8::/32", "0.0.0.0/0"])
def test_an_address_is_the_network_of_itself(written: str) -> None:
    assert read_network(written) == ip_network(written)


def test_a_network_may_stand_in_brackets() -> None:
    assert read_network("[::1]") == ip_network("::1/128")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "such as 10.0.0.0/8"),
        ("10.0.0.1/8", "did you mean 10.0.0.0/8"),
        ("2001:db8::1/32", "did you mean 2001:db8::/32"),
        ("10.0.0.1:80", "such as 10.0.0.0/8"),
        ("::ffff:10.0.0.0/104", "as IPv4"),
        ("10.0.0.0/33", "such as 10.0.0.0/8"),
        ("proxy.example.org", "such as 10.0.0.0/8"),
        ("fe80::1%eth0", "without a zone"),
    ],
)
def test_a_network_that_would_match_nobody_or_somebody_else_is_refused(written: str, said: str) -> None:
    with pytest.raises(ValueError, match="must be an address or network") as refused:
        read_network(written)
    assert said in str(refused.value)


@pytest.mark.parametrize("host", ["::1", "2001:db8::1", "127.0.0.1", "hub.example.org"])
def test_a_host_that_was_read_goes_into_a_url_and_comes_back(host: str) -> None:
    assert read_url(f"https://{bracketed(host)}:8443/as4").host == host


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("post@organisatie.example", "post@organisatie.example"),
        ("P.de-Vries+hub@Organisatie.Example", "P.de-Vries+hub@organisatie.example"),
        ("a@xn--caf-dma.example", "a@xn--caf-dma.example"),
    ],
)
def test_a_mail_address_is_a_name_at_a_host(written: str, read: str) -> None:
    assert read_mail_address(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "=?utf-8?q?x?=@example.org", "a=?b@example.org",
        "", "post", "@example.nl", "post@", "post@localhost", "post@192.0.2.1", "post@[192.0.2.1]", "a b@example.nl",
        "a@example.nl\r\nBcc: b@example.nl", "a@example.nl\n", "a@example.nl,b@example.nl", "A <a@example.nl>",
        '"a b"@example.nl', "a(x)@example.nl", "a..b@example.nl", ".a@example.nl", "a.@example.nl", "é@example.nl",
        "a@caf\u00e9.example", "a@-x.example", "a@x..example", f"{'a' * 65}@example.nl",
        f"a@{f'{63 * chr(120)}.' * 4}nl",
    ],
)  # fmt: skip
def test_anything_else_is_none_PO_67(written: str) -> None:
    with pytest.raises(ValueError, match="must be a mail address"):
        read_mail_address(written)


@given(st.one_of(st.text(max_size=40), st.from_regex(r"\A[ -~]{1,12}@[ -~]{1,12}\.[a-z]{2}\Z")))
def test_what_is_read_is_one_address_in_one_line_of_a_header(text: str) -> None:
    try:
        read = read_mail_address(text)
    except ValueError:
        return
    message = EmailMessage(policy=SMTP)
    message["To"] = Address(addr_spec=read)
    assert [str(each) for each in message["To"].addresses] == [read]
    assert message.as_bytes().replace(b"\r\n ", b"").count(b"\r\n") == 2
