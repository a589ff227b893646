"""Settings of a hub that is a node of a PostgreSQL database."""

from __future__ import annotations

import re

from gateway.site.making import Site


def on_node(site: Site, node: str, *, url: str | None = None, key: str = "duplicates.key") -> Site:
    """The site with the data directory of this node."""
    text = site.settings.read_text()
    url = url or re.findall(r'url = "(postgresql:[^"]*)"', text)[0]
    text = re.sub(r"\[store\]\n(.+\n)*\n", "", text)
    section = f'[store]\nurl = "{url}"\nduplicate_key_file = "{key}"\n\n'
    text = re.sub(r'\[data\]\ndirectory = "[^"]*"', f'{section}[data]\ndirectory = "{node}"', text)
    site.settings.write_text(text)
    return site
