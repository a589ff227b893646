"""Where a defect of the program is, for the log: enough to find it, and no value of a message.

SECURITY: an exception that nobody expected may quote what it failed on, so its text is never logged.
"""

from __future__ import annotations

from pathlib import PurePath


def place_of(defect: BaseException) -> str:
    """File and line of the innermost frame."""
    trace = defect.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else ""
