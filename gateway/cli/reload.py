"""knooppunt reload: has a hub that runs read its files again, waits, and tells what came of it. What it does follows
from the verb alone (`gateway.administration.verbs`).
"""

from __future__ import annotations

from gateway.administration.verbs import VERBS
from gateway.cli.administration import command_of_verb

reload = command_of_verb(VERBS["reload"])
