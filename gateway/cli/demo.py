"""knooppunt demo: play one whole exchange through a hub of its own, and judge it; or leave such a hub running. What it
does stands in `gateway.cli.playing` and `gateway.cli.left_running`.
"""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.named_path import NamedPath
from gateway.cli.output import speaks


@click.command()
@click.option("--serve", is_flag=True, help="Leave a hub with the demo's organisations running, and say what to try.")
@click.option("--keep", type=click.Path(path_type=NamedPath, file_okay=False), help="Work in this folder and leave it.")
@click.option("--port", type=click.IntRange(1, 65535), default=8443, show_default=True, help="Port for --serve.")
@speaks
def demo(serve: bool, keep: Path | None, port: int, as_json: bool) -> None:
    """Play a day in the life of a hub in a temporary directory, over TLS on loopback, and judge every step of it.

    Exit code 0 only if all of it holds; if not, the directory stays, to be looked at.
    """
    # Late, for whoever asks for help.
    if serve:
        from gateway.cli.left_running import leave_running

        leave_running(keep or Path("demo-site"), port, as_json)
    else:
        from gateway.cli.playing import judge_a_play

        judge_a_play(keep, as_json)
