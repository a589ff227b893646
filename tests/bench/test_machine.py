"""What a process cost, as the kernel counts it."""

from __future__ import annotations

import subprocess
import sys

from bench.machine import cpu_seconds

THREAD_THAT_ENDED = """
import threading, time
def work():
    begun = time.thread_time()
    while time.thread_time() - begun < 0.1:
        pass
one = threading.Thread(target=work)
one.start()
one.join()
print("done", flush=True)
input()
"""


def test_what_a_thread_used_counts_after_it_has_ended() -> None:
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", THREAD_THAT_ENDED], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"done\n"
        assert cpu_seconds(process.pid) >= 0.1
    finally:
        process.communicate(b"\n")
