"""The process settings: one TOML file, every key documented, unknown keys refused.

Nothing but the command line and the wiring imports this room.
"""

from __future__ import annotations

from gateway.settings.key_section import KeySection
from gateway.settings.mail_section import MailSection
from gateway.settings.monitoring_section import MonitoringSection, TracesSection
from gateway.settings.password_reference import PasswordReference
from gateway.settings.portal_section import EHerkenningSection, OidcSection, PortalSection
from gateway.settings.reading import SettingsFault, named_in, parse_settings, read_settings
from gateway.settings.reference import ReferenceRow, settings_reference
from gateway.settings.sections import DataSection, ListenSection, Settings, SigningKeySection, passwords
from gateway.settings.store_section import ObjectsSection, StoreSection

__all__ = [
    "DataSection",
    "EHerkenningSection",
    "KeySection",
    "ListenSection",
    "MailSection",
    "MonitoringSection",
    "ObjectsSection",
    "OidcSection",
    "PasswordReference",
    "PortalSection",
    "ReferenceRow",
    "Settings",
    "SettingsFault",
    "SigningKeySection",
    "StoreSection",
    "TracesSection",
    "named_in",
    "parse_settings",
    "passwords",
    "read_settings",
    "settings_reference",
]
