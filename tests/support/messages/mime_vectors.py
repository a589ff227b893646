"""Bodies of multipart/related messages as they stand on the wire, with what a reader makes of them.

One table for reader and writer: a row that is `ours` is also what the writer must produce, octet for octet.
"""

from __future__ import annotations

from dataclasses import dataclass

SOAP = "application/soap+xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a reader has to make of one part."""

    content_id: str | None
    octets: bytes
    media_type: str | None = "application/octet-stream"
    root: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One message body and its Content-Type."""

    name: str
    content_type: str
    body: bytes
    parts: tuple[Part, ...]
    ours: bool = False


def related(boundary: str = "b", more: str = "") -> str:
    return f'multipart/related; type="{SOAP}"; boundary="{boundary}"{more}'


def head(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


ROOT_HEAD = head(f"Content-Type: {SOAP}; charset=UTF-8", "Content-Transfer-Encoding: binary", "Content-ID: <root@a>")
PART_HEAD = head("Content-Type: application/octet-stream", "Content-Transfer-Encoding: binary", "Content-ID: <p@a>")
ROOT = Part(content_id="root@a", octets=b"<e/>", media_type=SOAP, root=True)
ODD = "'()+_,-./:=?0aZ" + "x" * 55


def body(*parts: bytes, boundary: str = "b") -> bytes:
    mark = boundary.encode()
    return b"--" + mark + b"".join(b"\r\n" + part + b"\r\n--" + mark for part in parts) + b"--\r\n"


def two(part: bytes, content: Part, name: str, content_type: str = related()) -> Vector:
    """A root and one more part."""
    return Vector(name=name, content_type=content_type, body=body(ROOT_HEAD + b"<e/>", part), parts=(ROOT, content))


P = Part(content_id="p@a", octets=b"\x00\xff payload")
BOTH = body(ROOT_HEAD + b"<e/>", PART_HEAD + P.octets)

VECTORS = [
    Vector(
        name="T03",
        content_type=related(more='; start="<root@a>"'),
        body=body(ROOT_HEAD + b"<e/>"),
        parts=(ROOT,),
        ours=True,
    ),
    Vector(name="T02", content_type=related(more='; start="<root@a>"'), body=BOTH, parts=(ROOT, P), ours=True),
    Vector(
        name="C16-empty",
        content_type=related(more='; start="<root@a>"'),
        body=body(ROOT_HEAD + b"<e/>", PART_HEAD),
        parts=(ROOT, Part(content_id="p@a", octets=b"")),
        ours=True,
    ),
    Vector(
        name="content-of-line-ends-and-dashes",
        content_type=related(more='; start="<root@a>"'),
        body=body(ROOT_HEAD + b"<e/>", PART_HEAD + b"\r\n\r\n--\r\n--a\n--b--\n--b\n\r\r\n-\r\n\r"),
        parts=(ROOT, Part(content_id="p@a", octets=b"\r\n\r\n--\r\n--a\n--b--\n--b\n\r\r\n-\r\n\r")),
        ours=True,
    ),
    Vector(
        name="T13-odd",
        content_type=related(ODD, '; start="<root@a>"'),
        body=body(ROOT_HEAD + b"<e/>", PART_HEAD + b"x", boundary=ODD),
        parts=(ROOT, Part(content_id="p@a", octets=b"x")),
        ours=True,
    ),
    Vector(
        name="T13-blank-inside",
        content_type=related("a b"),
        body=body(ROOT_HEAD + b"<e/>", boundary="a b"),
        parts=(ROOT,),
    ),
    Vector(
        name="T13-unquoted",
        content_type=f"multipart/related;boundary=----=_Part_0_1.2;type={SOAP}",
        body=body(ROOT_HEAD + b"<e/>", boundary="----=_Part_0_1.2"),
        parts=(ROOT,),
    ),
    Vector(
        name="T04",
        content_type=related(more="; start=root@a"),
        body=body(PART_HEAD + b"x", ROOT_HEAD + b"<e/>"),
        parts=(Part(content_id="p@a", octets=b"x"), ROOT),
    ),
    Vector(name="T05", content_type=related(), body=BOTH, parts=(ROOT, P)),
    Vector(
        name="T07",
        content_type=related(),
        body=body(head(f"Content-Type: {SOAP}") + b"<e/>", PART_HEAD + P.octets),
        parts=(Part(content_id=None, octets=b"<e/>", media_type=SOAP, root=True), P),
    ),
    Vector(name="T08", content_type="multipart/related; boundary=b", body=BOTH, parts=(ROOT, P)),
    Vector(
        name="T14",
        content_type=related(),
        body=b"Dit is voor oude lezers.\r\n--\r\n\r\n" + BOTH + b"\r\nen dit voor niemand --b\r\n--b\r\n\r\n--b--",
        parts=(ROOT, P),
    ),
    Vector(
        name="T14-preamble-like-boundary", content_type=related(), body=b" --b\r\n\n --b\r\n" + BOTH, parts=(ROOT, P)
    ),
    Vector(name="no-line-end-after-last", content_type=related(), body=BOTH[:-2], parts=(ROOT, P)),
    Vector(name="blanks-after-last", content_type=related(), body=BOTH[:-2] + b" \t ", parts=(ROOT, P)),
    Vector(
        name="blanks-after-boundary",
        content_type=related(),
        body=BOTH.replace(b"--b\r\n", b"--b \t\r\n"),
        parts=(ROOT, P),
    ),
    two(
        head("CONTENT-TYPE:application/octet-stream\t", "cOnTeNt-Id:\t <p@a> ", "X-Foo:", "x:y:z") + b"x",
        Part(content_id="p@a", octets=b"x"),
        "T15-case-and-blanks",
    ),
    two(
        head("Content-Type: text/xml;\r\n\tcharset=utf-8", "Content-ID: <p@a>") + b"x",
        Part(content_id="p@a", octets=b"x", media_type="text/xml"),
        "T15-MI-06-one-fold",
    ),
    two(
        head("Content-Type: text/xml", "Content-ID: <p@a>") + b"x",
        Part(content_id="p@a", octets=b"x", media_type="text/xml"),
        "T15-folded-header",
        f'multipart/related;\r\n\ttype="{SOAP}";\r\n boundary="b"',
    ),
    two(
        head(
            "Content-ID: <p@a>",
            'Content-Disposition: attachment;\r\n filename="café.pdf";\r\n\tsize=9',
            "Content-Description: één\r\n twee\r\n drie",
            "Content-Encoding: identity",
            "Content-Length: 5",
        )
        + b"hallo",
        Part(content_id="p@a", octets=b"hallo", media_type=None),
        "headers-that-mean-nothing-and-a-length-that-holds",
    ),
    two(
        head("Content-ID: <p@a>", "Content-Length: 8", "Content-Transfer-Encoding: base64") + b"aGFsbG8=",
        Part(content_id="p@a", octets=b"hallo", media_type=None),
        "a-length-is-that-of-the-wire",
    ),
    Vector(
        name="T14-a-kibibyte-before-and-after",
        content_type=related(),
        body=b"x" * 1_024 + b"\r\n" + BOTH + b"y" * 1_024,
        parts=(ROOT, P),
    ),
    two(head("Content-ID: p@a") + b"x", Part(content_id="p@a", octets=b"x", media_type=None), "no-brackets-no-type"),
    two(b"\r\nx", Part(content_id=None, octets=b"x", media_type=None), "no-header"),
    two(b"", Part(content_id=None, octets=b"", media_type=None), "no-header-no-body"),
    two(
        b"Content-ID: <p@a>\r\n",
        Part(content_id="p@a", octets=b"", media_type=None),
        "a-header-that-ends-in-the-boundary",
    ),
    two(head("Content-ID: <a%40b>") + b"x", Part(content_id="a@b", octets=b"x", media_type=None), "T18"),
    two(
        head("Content-ID: <p@a>", "Content-Transfer-Encoding: BASE64") + b"aGFs\r\nbG8=\r\n",
        Part(content_id="p@a", octets=b"hallo", media_type=None),
        "T16-MI-07-base64",
    ),
    two(
        head("Content-ID: <p@a>", "Content-Transfer-Encoding: base64"),
        Part(content_id="p@a", octets=b"", media_type=None),
        "C16-base64-empty",
    ),
    two(
        head("Content-ID: <p@a>", "Content-Transfer-Encoding: quoted-printable")
        + b"caf=C3=a9 =3D=\r\n x  \r\n\r\ny =\r\n",
        Part(content_id="p@a", octets=b"caf\xc3\xa9 = x\r\n\r\ny ", media_type=None),
        "T16-MI-07-quoted-printable",
    ),
    two(
        head("Content-ID: <p@a>", "Content-Transfer-Encoding: 8bit") + b"\xc3\xa9=41",
        Part(content_id="p@a", octets=b"\xc3\xa9=41", media_type=None),
        "MI-07-8bit",
    ),
    two(
        head("Content-ID: <p@a>", "Content-Transfer-Encoding: 7bit") + b"a",
        Part(content_id="p@a", octets=b"a", media_type=None),
        "MI-07-7bit",
    ),
    two(
        head(*(f"X-{n}: y" for n in range(15)), "Content-ID: <p@a>") + b"x",
        Part(content_id="p@a", octets=b"x", media_type=None),
        "MI-06-16-headers",
    ),
    two(
        head(
            "Received: a", "Content-ID: <p@a>", "received: b", " c", "Content-Disposition: x", "Content-Disposition: y"
        )
        + b"x",
        Part(content_id="p@a", octets=b"x", media_type=None),
        "MI-06-means-nothing-twice",
    ),
    two(
        head("X: " + "y" * (8 * 1024 - 26), "Content-ID: <p@a>")[:-2] + b"\r\nx",
        Part(content_id="p@a", octets=b"x", media_type=None),
        "MI-06-8-KiB",
    ),
    Vector(
        name="MI-11-65",
        content_type=related(),
        body=body(ROOT_HEAD + b"<e/>", *(head(f"Content-ID: <{n}>") for n in range(64))),
        parts=(ROOT, *(Part(content_id=str(n), octets=b"", media_type=None) for n in range(64))),
    ),
]

# id, Content-Type, body, what is the matter
FAULTS: list[tuple[str, str, bytes, str]] = [
    ("T06", related(more="; start=other"), BOTH, "start names no part"),
    ("T06-case", related(more="; start=ROOT@a"), BOTH, "start names no part"),
    ("T09", 'multipart/related; type="text/xml"; boundary=b', BOTH, "type contradicts the root part"),
    ("T09-xop", 'multipart/related; type="application/xop+xml"; boundary=b', BOTH, "type contradicts the root part"),
    ("T10", f'multipart/related; type="{SOAP}"', BOTH, "no boundary"),
    ("T10-empty", related(""), BOTH, "no boundary"),
    ("T10-71", related("x" * 71), BOTH, "no boundary"),
    ("T10-last-blank", related("b "), BOTH, "no boundary"),
    ("T10-not-allowed", related("b@"), BOTH, "no boundary"),
    ("T10-two", related(more="; boundary=c"), BOTH, "parameter given twice"),
    ("T10-two-case", related(more="; BOUNDARY=b"), BOTH, "parameter given twice"),
    ("MI-09-form-data", "multipart/form-data; boundary=b", BOTH, "not multipart/related"),
    ("MI-09-mixed", "multipart/mixed; boundary=b", BOTH, "not multipart/related"),
    ("MI-15-charset", 'multipart/related; boundary="b', BOTH, "malformed parameter"),
    ("T11", related(), BOTH[:-4], "final boundary"),
    ("T11-one-dash", related(), BOTH[:-3], "final boundary"),
    ("T11-half-line-end", related(), BOTH[:-1], "final boundary"),
    ("T11-in-part", related(), BOTH[:-12], "final boundary"),
    ("T11-in-header", related(), BOTH[:60], "final boundary"),
    ("T11-nothing", related(), b"", "final boundary"),
    ("T11-other-boundary", related("c"), BOTH, "final boundary"),
    ("no-part", related(), b"--b--\r\n", "no part"),
    ("preamble", related(), b"x" * 1_025 + b"\r\n" + BOTH, "preamble too long"),
    ("epilogue", related(), BOTH + b"x" * 1_025, "epilogue too long"),
    ("epilogue-of-parts", related(), BOTH + BOTH * 9, "epilogue too long"),
    *(
        (f"SR-{line}", related(), body(ROOT_HEAD, head("Content-ID: <p@a>", line) + b"hallo"), reason)
        for line, reason in {
            "Content-Length: 4": "longer than its Content-Length",
            "Content-Length: 0": "longer than its Content-Length",
            "Content-Length: 6": "shorter than its Content-Length",
            "Content-Length: 5, 5": "malformed Content-Length",
            "Content-Length: +5": "malformed Content-Length",
            "Content-Length: 0x5": "malformed Content-Length",
            "Content-Length:": "malformed Content-Length",
            "Content-Length:\r\n 5": "folded",
            "content-encoding: gzip": "not supported",
            "Content-Encoding:": "not supported",
            "Content-Encoding: identity, gzip": "not supported",
            "Transfer-Encoding: chunked": "not supported",
            "Transfer-Encoding: identity": "not supported",
            "Content-Range: bytes 0-4/9": "not supported",
            "Content-Range:\r\n bytes 0-4/9": "folded",
            "Content-Transfer-Encoding: binary\r\n ": "folded",
            "Content-Transfer-Encoding: é": "not allowed",
        }.items()
    ),
    ("T17", related(), body(head(f"Content-Type: {SOAP}", "Content-Transfer-Encoding: x-foo")), "Transfer-Encoding"),
    ("MI-07-empty", related(), body(head(f"Content-Type: {SOAP}", "Content-Transfer-Encoding:")), "Transfer-Encoding"),
    (
        "MI-07-two",
        related(),
        body(head(f"Content-Type: {SOAP}", *["Content-Transfer-Encoding: base64"] * 2)),
        "given twice",
    ),
    (
        "MI-02-content-id",
        related(),
        body(head(f"Content-Type: {SOAP}", "Content-ID: <a>", "content-id: <a>")),
        "given twice",
    ),
    ("MI-02-content-type", related(), body(head(*[f"Content-Type: {SOAP}"] * 2)), "given twice"),
    (
        "MI-02-encoding",
        related(),
        body(head(f"Content-Type: {SOAP}", *["Content-Encoding: identity"] * 2)),
        "given twice",
    ),
    ("MI-02-length", related(), body(head(f"Content-Type: {SOAP}", *["content-length: 0"] * 2)), "given twice"),
    (
        "MI-06-17-of-one-name",
        related(),
        body(head(f"Content-Type: {SOAP}", *["Received: a"] * 16)),
        "too many part headers",
    ),
    ("MI-05-lf", related(), BOTH.replace(b"\r\n", b"\n"), "goes on"),
    ("MI-05-cr", related(), BOTH.replace(b"\r\n", b"\r"), "goes on"),
    ("MI-05-lf-after-boundary", related(), BOTH.replace(b"--b\r\n", b"--b\n"), "goes on"),
    ("MI-05-lf-in-header", related(), BOTH.replace(b"\r\nContent-T", b"\nContent-T"), "goes on"),
    ("MI-05-lf-between-headers", related(), BOTH.replace(b"8\r\nContent-T", b"8\nContent-T"), "not allowed"),
    ("MI-05-cr-in-header", related(), BOTH.replace(b"binary", b"bina\rry"), "not allowed"),
    ("MI-05-lf-last", related(), BOTH[:-2] + b"\n", "goes on"),
    ("MI-05-preamble-lf", related(), b"x\n--b\r\n" + ROOT_HEAD + b"<e/>\r\n" + BOTH, "no CRLF"),
    ("MI-05-preamble-lf-first", related(), b"\n--b\n\n<e/>\r\n" + BOTH, "no CRLF"),
    ("MI-05-preamble-cr", related(), b"x\r--b\r\r<e/>\r\n" + BOTH, "no CRLF"),
    ("prefix", related(), BOTH.replace(b"payload", b"\r\n--b1\r\n"), "goes on"),
    ("prefix-dash", related(), BOTH.replace(b"payload", b"\r\n--b-x\r\n"), "goes on"),
    ("prefix-last", related(), BOTH[:-2] + b"x\r\n", "goes on"),
    ("prefix-in-preamble", related(), b"--b1\r\n" + BOTH, "goes on"),
    ("padding", related(), BOTH.replace(b"--b\r\n", b"--b" + b" " * 257 + b"\r\n"), "goes on"),
    ("MI-06-fold-in-id", related(), body(head(f"Content-Type: {SOAP}", "Content-ID:\r\n <a>")), "folded"),
    ("MI-06-two-folds", related(), body(head(f"Content-Type:\r\n {SOAP};\r\n a=b")), "folded"),
    ("MI-06-fold-first", related(), body(head(f" Content-Type: {SOAP}")), "folded"),
    ("MI-06-fold-of-nothing", related(), body(head("X: y", f" Content-Type: {SOAP}")), "not SOAP 1.2"),
    ("MI-06-no-colon", related(), body(head(f"Content-Type: {SOAP}", "X")), "malformed part header"),
    ("MI-06-no-name", related(), body(head(f"Content-Type: {SOAP}", ": x")), "malformed part header"),
    ("MI-06-blank-before-colon", related(), body(head(f"Content-Type : {SOAP}")), "malformed part header"),
    ("MI-06-8-bit", related(), body(head(f"Content-Type: {SOAP}; a=é")), "not allowed"),
    ("MI-06-8-bit-id", related(), body(head(f"Content-Type: {SOAP}", "Content-ID: <é@a>")), "not allowed"),
    ("MI-06-no-utf-8", related(), body(head(f"Content-Type: {SOAP}", "X: y")).replace(b"y", b"\xff"), "not allowed"),
    ("MI-06-8-bit-name", related(), body(head(f"Content-Type: {SOAP}", "é: x")), "malformed part header"),
    ("MI-06-nul", related(), body(head(f"Content-Type: {SOAP}", "X: \0")), "not allowed"),
    ("MI-06-delete", related(), body(head(f"Content-Type: {SOAP}", "X: \x7f")), "not allowed"),
    (
        "MI-06-17",
        related(),
        body(head(f"Content-Type: {SOAP}", *(f"X{n}: y" for n in range(16)))),
        "too many part headers",
    ),
    ("MI-06-9-KiB", related(), body(head(f"Content-Type: {SOAP}", "X: " + "y" * 9_000)), "header too long"),
    ("MI-06-endless", related(), b"--b\r\nX: " + b"y" * 9_000, "header too long"),
    ("T19-MI-01", related(), body(ROOT_HEAD, PART_HEAD, PART_HEAD), "one Content-ID"),
    ("MI-01-case", related(), body(ROOT_HEAD, PART_HEAD, PART_HEAD.replace(b"p@a", b"P@A")), "one Content-ID"),
    (
        "MI-01-blanks",
        related(),
        body(ROOT_HEAD, PART_HEAD, PART_HEAD.replace(b"<p@a>", b"  < p@a >")),
        "one Content-ID",
    ),
    ("MI-01-brackets", related(), body(ROOT_HEAD, PART_HEAD, PART_HEAD.replace(b"<p@a>", b"p@a")), "one Content-ID"),
    ("MI-01-percent", related(), body(ROOT_HEAD, PART_HEAD, PART_HEAD.replace(b"p@a", b"p%40a")), "one Content-ID"),
    ("MI-01-root", related(), body(ROOT_HEAD, ROOT_HEAD), "one Content-ID"),
    ("content-id-open", related(), body(ROOT_HEAD.replace(b"root@a>", b"root@a")), "malformed Content-ID"),
    ("content-id-empty", related(), body(ROOT_HEAD.replace(b"root@a", b"")), "malformed Content-ID"),
    ("content-id-blank-inside", related(), body(ROOT_HEAD.replace(b"root@a", b"ro ot")), "malformed Content-ID"),
    ("content-id-nul", related(), body(ROOT_HEAD.replace(b"root@a", b"a%00b")), "malformed Content-ID"),
    ("content-id-not-utf-8", related(), body(ROOT_HEAD.replace(b"root@a", b"a%ffb")), "malformed Content-ID"),
    (
        "MI-09-nested",
        related(),
        body(ROOT_HEAD, head("Content-Type: Multipart/Mixed; boundary=c")),
        "message of its own",
    ),
    ("MI-09-rfc822", related(), body(ROOT_HEAD, head("Content-Type: message/rfc822")), "message of its own"),
    ("MI-09-root", related(), body(head("Content-Type: multipart/related; boundary=c")), "message of its own"),
    ("MI-11-66", related(), body(ROOT_HEAD, *[b"\r\n"] * 65), "too many parts"),
    ("MI-11-3000", related(), body(ROOT_HEAD, *[b"\r\n"] * 3_000), "too many parts"),
    ("MI-15-text-xml", "multipart/related; boundary=b", body(head("Content-Type: text/xml") + b"<e/>"), "not SOAP 1.2"),
    ("MI-15-missing", related(), body(head("Content-ID: <root@a>") + b"<e/>"), "not SOAP 1.2"),
    ("MI-15-malformed", related(), body(head("Content-Type: soap") + b"<e/>"), "without a media type"),
    ("MI-17-xop", "multipart/related; boundary=b", body(head("Content-Type: application/xop+xml")), "not SOAP 1.2"),
    *(
        (f"T16-base64-{n}", related(), body(ROOT_HEAD, head("Content-Transfer-Encoding: base64") + text), "base64")
        for n, text in enumerate(
            [
                b"aGFsbG8",
                b"a",
                b"aGFsbG8=aGFs",
                b"aG=FsbG8",
                b"aGF!bG8=",
                b"aGFsbG8=\r\n=",
                b"====",
                b"aGFs bG8=",
                b"aGFsbG9=",
                b"aGFsbB==",
                b"\taGFsbG8=",
            ]
        )
    ),
    *(
        (
            f"T16-qp-{n}",
            related(),
            body(ROOT_HEAD, head("Content-Transfer-Encoding: quoted-printable") + text),
            "quoted",
        )
        for n, text in enumerate(
            [b"=4", b"=zz", b"a=4\r\n", b"\xe9", b"\0", b"a\nb", b"a\rb", b"a" * 999, b"=3", b"==3D"]
        )
    ),
]


def wire(octets: bytes) -> tuple[str, bytes]:
    """The Content-Type and body of a message in a file that may begin with HTTP headers, or with the body itself."""
    text = octets.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"--"):
        return related(text[2 : text.index(b"\r\n")].decode()), octets
    headers, _, content = octets.partition(b"\r\n\r\n")
    unfolded = headers.decode().replace("\r\n ", " ").replace("\r\n\t", " ")
    fields = dict(line.split(":", 1) for line in unfolded.split("\r\n"))
    return next(value.strip() for name, value in fields.items() if name.lower() == "content-type"), content
