"""Where the files of the program are on this system."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import platformdirs

from chatgrid_tui.errors import UsageProblem

_APPLICATION = "chatgrid-tui"


@dataclass(frozen=True, slots=True)
class Paths:
    """The files and folders of one run. Nothing is created here; the writers create the folders (0700)."""

    config_file: Path
    data_folder: Path
    """The history and its lock."""

    @classmethod
    def usual(cls, config_file: Path | None = None, data_folder: Path | None = None) -> Paths:
        """Return the system's usual places, or the given ones instead.

        Raises:
            UsageProblem: a given one begins with the home of a user who has none here.
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
        """The keys, apart from the configuration, so that the latter can be shared."""
        return self.config_file.with_name("keys.toml")

    @property
    def user_themes(self) -> Path:
        """The user's own themes. One of them replaces a packaged theme of the same name."""
        return self.config_file.with_name("themes")

    @property
    def theme_folders(self) -> tuple[Path, Path]:
        """The folders of themes, the packaged ones first."""
        return packaged_themes(), self.user_themes


def packaged_themes() -> Path:
    """Return the folder of the packaged themes: in the installed package, else in the checkout."""
    packaged = Path(str(files("chatgrid_tui"))) / "themes"
    # An editable install has none in the package, as the build puts them there.
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[3] / "themes"
