"""A row of the table of models."""

from dataclasses import dataclass

from models.runtime.downloads import Remote
from models.runtime.packaged import PackagedFile, PackagedFiles


@dataclass(frozen=True)
class ModelEntry:
    """What the app knows of a model before loading it.

    `loader` is "module:function", called as function(path of the downloaded file or None, report); for a model of the
    hub the path is a folder. `download_mb` is about how large the download is; `memory_bytes` is what it takes once
    loaded, used when it does not tell (`nbytes`). `debian_package` is the program's that does the work, for a model
    that is no file of ours.
    """

    name: str
    title: str
    task: str
    loader: str
    licence: str
    origin: str
    note: str
    memory_bytes: int
    file: Remote | None = None
    download_mb: int | None = None
    debian_package: str | None = None

    @property
    def bundled(self) -> bool:
        """Whether it is here once Limelight is, and works with no network at all."""
        if isinstance(self.file, PackagedFile | PackagedFiles):
            return self.file.is_in_package()
        return self.file is None and self.debian_package is None

    @property
    def source(self) -> str:
        """Where the weights come from, in words a visitor reads."""
        if self.debian_package is not None:
            return f"Debian package {self.debian_package}, where it is installed"
        return "bundled" if self.bundled else f"download, {self.download_mb} MB"
