"""The locations of the program's files on this system."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import platformdirs

from chatgrid_tui.errors import UsageProblem

_APPLICATION = "chatgrid-tui"


@dataclass(frozen=True, slots=True)
class Paths:
    """The files and folders of one run. Nothing is created here; writers create the folders (0700)."""

    config_file: Path
    data_folder: Path
    """The history and its lock."""

    @classmethod
    def usual(cls, config_file: Path | None = None, data_folder: Path | None = None) -> Paths:
        """Return the system's standard locations, or the given ones instead.

        Raises:
            UsageProblem: a given path starts with the home of an unknown user.
        """
        if config_file is None:
            config_file = platformdirs.user_config_path(_APPLICATION, appauthor=False) / "config.toml"
        if data_folder is None:
            data_folder = platformdirs.user_data_path(_APPLICATION, appauthor=False)
        try:
            return cls(config_file.expanduser().absolute(), data_folder.expanduser().absolute())
        except RuntimeError as problem:
            raise UsageProblem(f"There is no home folder for {config_file} or {data_folder}.") from problem

    @property
    def keys_file(self) -> Path:
        """The API keys, in a separate file so that the configuration can be shared."""
        return self.config_file.with_name("keys.toml")

    @property
    def user_themes(self) -> Path:
        """The user's own themes, which replace packaged themes of the same name."""
        return self.config_file.with_name("themes")

    @property
    def prompts(self) -> Path:
        """The user's prompts."""
        return self.config_file.with_name("prompts")

    @property
    def theme_folders(self) -> tuple[Path, Path]:
        """The theme folders, the packaged one first."""
        return packaged_themes(), self.user_themes


def packaged_themes() -> Path:
    """Return the folder of the packaged themes, in the installed package or in the checkout."""
    packaged = Path(__file__).resolve().parents[1] / "themes"
    # An editable install has none in the package, since the build copies them there.
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[3] / "themes"
