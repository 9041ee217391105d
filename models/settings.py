"""Every setting of Limelight, typed, in one place.

Read from the environment (`LIMELIGHT_…`) and, below it, from the table `[limelight]` of `.streamlit/secrets.toml`.
docs/settings.md has a table made from the descriptions here; a test compares the two.
"""

import sys
from functools import cache
from pathlib import Path
from typing import Any, Literal

import psutil
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from models.errors import BadSettings

SECRETS = Path(".streamlit/secrets.toml")


class _SecretsTable(TomlConfigSettingsSource):
    """The `[limelight]` table of the secrets file, which Streamlit itself also reads."""

    def _read_file(self, file_path: Any) -> dict[str, Any]:
        table = super()._read_file(file_path).get("limelight", {})
        return table if isinstance(table, dict) else {}


class Settings(BaseSettings):
    """Typed settings; the defaults serve one laptop."""

    model_config = SettingsConfigDict(env_prefix="LIMELIGHT_", extra="ignore", frozen=True)

    cache_folder: Path | None = Field(
        None, description="where downloaded models are kept; default: the platform's user cache folder"
    )
    model_memory_gb: float = Field(
        0.0,
        ge=0,
        allow_inf_nan=False,
        description="memory for loaded models in GB, least recently used out; 0 means half of the machine",
    )
    inference_threads: int = Field(
        1, ge=1, le=64, description="CPU threads one inference may use; 1 serves many streams best"
    )
    camera_fps: int = Field(15, ge=1, le=60, description="camera frames per second that a page asks for at first")
    camera_size: Literal["320×240", "640×480", "1280×720"] = Field(
        "640×480", description="camera size that a page asks for at first: 320×240, 640×480 or 1280×720"
    )
    upload_mb: int = Field(20, ge=1, le=64, description="largest picture a visitor may give, in MB")
    video_seconds: int = Field(
        120, ge=1, le=3600, description="longest video a visitor may give, in seconds; any length takes the same memory"
    )
    video_mb: int = Field(200, ge=1, le=2000, description="largest video a visitor may give, in MB")
    pdf_pages: int = Field(30, ge=1, le=500, description="pages of a PDF file that are read at a time")
    hub_model_gb: float = Field(
        8.0,
        ge=0,
        allow_inf_nan=False,
        description="largest model that a visitor may have fetched from the Hugging Face hub, in GB; 0: none is",
    )
    hub_gb: float = Field(
        30.0, ge=0, allow_inf_nan=False, description="disk for all models fetched from the hub together, in GB"
    )
    project_hours: float = Field(
        24.0,
        ge=0,
        allow_inf_nan=False,
        description="how long a visitor's Teachable project is kept on the server after its last change, or after its "
        "last tab was closed, in hours, so that a reload brings it back; 0 keeps none",
    )
    project_folder: Path | None = Field(
        None, description="where they are kept; default: the platform's folder for a user's state"
    )
    project_mb: int = Field(
        100, ge=10, le=2000, description="memory for the samples of one visitor's Teachable project, in MB"
    )
    projects_gb: float = Field(
        5.0,
        gt=0,
        allow_inf_nan=False,
        description="disk for all visitors' kept projects together, in GB; the oldest go first",
    )
    presenter_password: SecretStr | None = Field(
        None, description="opens the presenter's console at /console: 8 letters at least; without one it is off"
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://[\w.\-\[\]:]+(/[\w./\-]*)?)?$",
        description="address that people reach this server by, for the QR code; default: the one the browser used",
    )
    allowed_hosts: list[str] = Field(
        default_factory=list,
        description="further names that people reach this server by, as a JSON list such as "
        '["room.example.org", "*.example.net"]; addresses by number, names of the local network (*.local), the '
        "certificate's names and LIMELIGHT_PUBLIC_URL always work",
    )
    max_cameras: int = Field(
        0, ge=0, le=1000, description="cameras that may be on at a time; 0: as many as the machine turns out to carry"
    )
    age_limit_s: float = Field(
        0.5,
        gt=0,
        le=60,
        description="streams are stepped down when the slowest answers (95 %) are older than this, in seconds",
    )
    cpu_limit: float = Field(
        0.95, gt=0, le=1, description="… or when this server keeps more than this share of all processor cores busy"
    )
    rooms_hours: float = Field(
        0.0,
        ge=0,
        le=24 * 90,
        allow_inf_nan=False,
        description="how long a room and all that was pooled in it is kept after it was opened, in hours; 0: no rooms",
    )
    rooms_url: SecretStr | None = Field(
        None,
        description="database of the rooms, such as postgresql+psycopg://user:password@host/name; default: a SQLite "
        "file in the platform's folder for a user's state",
    )
    room_mb: int = Field(500, ge=10, le=20_000, description="pictures that one room takes, in MB")
    ice_servers: list[dict[str, Any]] = Field(
        default_factory=list,
        description="STUN/TURN servers as a JSON list of RTCIceServer; empty is right on one local network",
    )
    turn_urls: list[str] = Field(
        default_factory=list,
        description="addresses of a TURN server with a shared secret (coturn: use-auth-secret) as a JSON list, such as "
        '["turn:turn.example.org:3478"]',
    )
    turn_secret: SecretStr | None = Field(None, description="that secret; each session gets credentials made of it")
    turn_hours: float = Field(2.0, gt=0, le=48, description="how long such credentials hold, in hours")
    cloudflare_turn_key: str = Field("", description="key id of Cloudflare's TURN service, to use that one")
    cloudflare_turn_token: SecretStr | None = Field(None, description="API token that belongs to it")
    twilio_account_sid: str = Field(
        "", description="account of Twilio's network traversal service, to use that one (pip install twilio)"
    )
    twilio_auth_token: SecretStr | None = Field(None, description="token that belongs to it")
    ice_relay_only: bool = Field(
        False, description="connect cameras through the TURN server only, also where a direct way would do"
    )
    cert_file: Path | None = Field(
        None, description="certificate for `make run-https` (PEM, with its chain); default: one of our own making"
    )
    key_file: Path | None = Field(None, description="its private key (PEM)")
    ice_loopback: bool = Field(
        False,
        description="connect cameras over 127.0.0.1 only: for a machine without any network, and for tests",
    )
    end_frame_at_marker: bool = Field(
        True,
        description="hand a video frame on when its last packet is here, one frame interval sooner than aiortc",
    )
    metrics_port: int = Field(0, ge=0, le=65535, description="port of the Prometheus metrics; 0: none")
    metrics_address: str = Field("127.0.0.1", description="address that the metrics are served on")
    log_format: Literal["plain", "json"] = Field(
        "plain", description="plain lines for a terminal, or json: one object a line"
    )
    stats_file: Path | None = Field(
        None, description="append the engines' and the cache's numbers as a JSON line a second, for the bench"
    )

    @field_validator("presenter_password")
    @classmethod
    def _long_enough(cls, password: SecretStr | None) -> SecretStr | None:
        if password is not None and len(password.get_secret_value()) < 8:
            raise ValueError("a password of fewer than 8 letters is soon guessed: choose a longer one")
        return password

    @property
    def model_memory_bytes(self) -> int:
        """The model cache's budget in bytes."""
        return int(self.model_memory_gb * 1e9) or psutil.virtual_memory().total // 2

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, _SecretsTable(settings_cls, SECRETS)


def _given(error: Any) -> str:
    """What the setting was, unless it is a secret."""
    field = Settings.model_fields.get(str(error["loc"][0])) if error["loc"] else None
    return "" if field is not None and "SecretStr" in str(field.annotation) else f" (is {error['input']!r})"


@cache
def settings() -> Settings:
    """The process's settings, read once. Raises BadSettings that names each setting in error and what it takes."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"LIMELIGHT_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}{_given(e)}" for e in error.errors()]
        raise BadSettings("Wrong setting. " + "; ".join(lines)) from error
    except (OSError, ValueError) as error:
        raise BadSettings(f"The settings could not be read: {error}. Check LIMELIGHT_… and {SECRETS}.") from error


def table() -> str:
    """The settings as a Markdown table, for docs/settings.md: `python -m models.settings`."""
    rows = ["| setting | default | what it does |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"
        rows.append(f"| `LIMELIGHT_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
