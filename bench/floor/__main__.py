"""The floor as a process of its own: `python -m bench.floor`, which does as many transactions as it is told to.

Nothing of ours works here, and an import contract keeps it so: cryptography, canonical forms, digests, schemas, commits
and empty HTTPS requests are done by hand with the libraries that the hub uses, and with freed memory overwritten as the
hub has it. The hub does the same and everything that makes it a hub; the ratio of the two is what `make bench` tells.

It first says `{"requests_pid": N}`, the empty server's; then it answers each line `COUNT CONNECTIONS` on its input with
one line of JSON: CPU microseconds of each step, over all these transactions together.

    echo 200 4 | python -m bench.floor --bits 2048 --schema xsd/modules/Schuldregeling/2.0/schema.xsd \\
      --header-schema xsd/protocol/ebms.xsd --document SAMPLE.xml
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import uvloop

from bench.floor.requests import EmptyServer, empty_server
from bench.floor.work import Floor

REQUESTS = "3 HTTPS requests"
PERTURB = "MALLOC_PERTURB_"


async def answer_lines(floor: Floor, server: EmptyServer) -> None:
    """Until the input ends."""
    number = 0
    async with server.session() as session:
        for line in sys.stdin:  # nothing else is to be done meanwhile
            count, connections = (int(each) for each in line.split())
            used, last = floor.transact(number, count)
            number += count
            found = {name: nanoseconds / 1e3 for name, nanoseconds in used.items()}
            exchanges = [(last.push, len(last.receipt)), (last.pull, len(last.answer)), (last.receipt_in, 0)]
            found[REQUESTS] = 1e6 * await server.seconds(session, exchanges, count, connections)
            print(json.dumps(found), flush=True)


def main() -> None:
    """What the process does."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--bits", type=int, default=2048, choices=(2048, 3072, 4096))
    parser.add_argument("--schema", type=Path, required=True)
    parser.add_argument("--header-schema", type=Path, required=True)
    parser.add_argument("--document", type=Path, required=True)
    arguments = parser.parse_args()
    if PERTURB not in os.environ:  # the C library reads it when a process starts
        os.execve(sys.executable, [sys.executable, "-m", "bench.floor", *sys.argv[1:]], os.environ | {PERTURB: "165"})
    with tempfile.TemporaryDirectory(prefix="floor-") as name:
        floor = Floor(
            arguments.bits,
            schema=arguments.schema,
            header_schema=arguments.header_schema,
            document=arguments.document,
            folder=Path(name),
        )
        with empty_server(Path(name)) as server:
            print(json.dumps({"requests_pid": server.pid}), flush=True)
            uvloop.run(answer_lines(floor, server))


if __name__ == "__main__":
    main()
