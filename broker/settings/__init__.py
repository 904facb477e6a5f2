"""The configuration: one `passerelle.toml`, one file a partner, secrets in files beside; read and checked as a whole.

`load` either gives settings that can be used or raises every problem at once. Nothing is repaired, nothing ignored.

`schema` is the table of all keys; `reader` holds one file against it (`places` finds lines); `rules` look at several
values and files; `files` reads an instance's folder; `secrets` reads its secrets; `loading` puts everything together into
the `model`; `explain` and `inventory` are for people.
"""

from broker.settings.loading import load
from broker.settings.model import Accessibility, Settings, SettingsInvalid, Support
from broker.settings.reader import SettingProblem

__all__ = ["Accessibility", "SettingProblem", "Settings", "SettingsInvalid", "Support", "load"]
