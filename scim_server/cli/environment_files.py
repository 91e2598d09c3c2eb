"""A file of settings, NAME=VALUE on each line: it can be read again while the server runs, an environment cannot."""

import os
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from scim_server.cli.failures import Refused


@dataclass
class EnvironmentFile:
    """The settings of a file, which go before those that this process was begun with."""

    path: Path
    _ours: set[str] = field(default_factory=set)

    def apply(self) -> None:
        """Bring the environment to what the file says now, and take out what it says no more. Raises Refused."""
        try:
            # By its text: of a file that is not there dotenv makes one that says nothing, and a server with none of
            # its settings.
            told = dotenv_values(stream=StringIO(self.path.read_text(encoding="utf-8")), interpolate=False)
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise Refused(f"{self.path} cannot be read as a file of settings: {reason}.") from error
        silent = next((name for name, value in told.items() if value is None), None)
        if silent is not None:
            raise Refused(f"{self.path} names {silent} without a value: write {silent}=VALUE.")
        for name in self._ours - told.keys():
            os.environ.pop(name, None)
        self._ours = set(told)
        os.environ.update({name: str(value) for name, value in told.items()})
