"""One typed settings object: where the home is and how the retailer wants things read.

Belongs here: paths under home and the values of ``signalbox.toml``. Not here: anything that opens another file.
"""

from __future__ import annotations

import os
import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from signalbox.errors import UsageError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
_JAVA_MEMORY = r"^\d+[mg]$"


class SparkSettings(BaseModel):
    """The second engine. ``address``: host and port of the Thrift server, loopback or a private network.

    ``storage``: folder that this machine and every worker see under this path; default: ``home/spark``. The rest is
    about the cluster that `signalbox cluster start` makes on this machine; a process needs 300 MB beside its memory.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str = Field(default="127.0.0.1:10000", pattern=r"^[\w.-]+:\d{1,5}$")
    storage: Path | None = None
    threads: int = Field(default=4, ge=1)
    workers: int = Field(default=2, ge=1)
    worker_memory: str = Field(default="2g", pattern=_JAVA_MEMORY)
    driver_memory: str = Field(default="3g", pattern=_JAVA_MEMORY)

    @field_validator("storage")
    @classmethod
    def _is_absolute(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_absolute():
            raise ValueError("give the whole path, as every worker sees it")
        return value

    @property
    def host(self) -> str:
        return self.address.rpartition(":")[0]

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])


class Settings(BaseModel):
    """The home and its settings. Times are UTC, amounts in ``reporting_currency``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path
    format_version: Literal[1] = 1
    environment: Literal["local", "test", "production"] = "local"
    clock: Literal["data", "wall"] = "data"
    reporting_time_zone: str = "Europe/Berlin"
    reporting_currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$")
    # The first day whose exceptions somebody works; what opened earlier stays with the old ways.
    cut_over_date: date | None = None
    snapshots_kept: int = Field(default=5, ge=1)
    settle_seconds: float = Field(default=2.0, ge=0)
    memory_limit: str = Field(default="4GB", pattern=r"^\d+(\.\d+)?\s?(MB|GB)$")
    threads: int = Field(default=2, ge=1)
    lock_wait_seconds: float = Field(default=0.0, ge=0)
    # `signalbox watch`: between two looks; between two looks at what people did with cases; between the starts of two
    # batches; before a failed build is tried again.
    watch_interval_seconds: float = Field(default=1.0, ge=0.05)
    watch_actions_seconds: float = Field(default=20.0, ge=0.05)
    watch_pause_seconds: float = Field(default=0.0, ge=0)
    watch_retry_seconds: float = Field(default=30.0, ge=1)
    watch_files_at_most: int = Field(default=5000, ge=1)
    # Where a complete build takes longer than the first, batches are quick builds; a complete one follows when no file
    # came for the second, and at the latest after the third.
    watch_quick_above_seconds: float = Field(default=30.0, ge=0)
    watch_quiet_seconds: float = Field(default=300.0, ge=0)
    watch_behind_seconds: float = Field(default=3600.0, ge=0)
    dashboard_port: int = Field(default=8501, ge=1, le=65535)
    dagster_port: int = Field(default=3000, ge=1, le=65535)
    # Where cases live: SQLite under home, or a team's database, such as postgresql+psycopg://user@host/database.
    cases_url: str | None = None
    # Channel of an alert -> the environment variable that holds its address for Apprise, of mail, chat or a webhook.
    alert_channels: dict[str, str] = {}
    spark: SparkSettings = SparkSettings()

    @field_validator("reporting_time_zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError) as error:
            raise ValueError(f"{value!r} is not an IANA time zone, such as Europe/Berlin") from error
        return value

    @property
    def cut_over_ts(self) -> datetime:
        """When that day begins in the reporting zone, UTC without zone; long ago where none is named."""
        if self.cut_over_date is None:
            return datetime(1900, 1, 1)
        begin = datetime.combine(self.cut_over_date, time(), ZoneInfo(self.reporting_time_zone))
        return begin.astimezone(UTC).replace(tzinfo=None)

    @property
    def config_path(self) -> Path:
        return self.home / "signalbox.toml"

    @property
    def landing_dir(self) -> Path:
        return self.home / "landing"

    @property
    def raw_dir(self) -> Path:
        return self.home / "raw"

    @property
    def quarantine_dir(self) -> Path:
        return self.home / "quarantine"

    @property
    def ledger_path(self) -> Path:
        return self.home / "ledger.sqlite"

    @property
    def cases_path(self) -> Path:
        return self.home / "cases" / "cases.sqlite"

    @property
    def secret_path(self) -> Path:
        return self.home / "secret.key"

    @property
    def warehouse_path(self) -> Path:
        return self.home / "warehouse" / "signalbox.duckdb"

    @property
    def dbt_target_dir(self) -> Path:
        return self.home / "warehouse" / "dbt_target"

    @property
    def serving_dir(self) -> Path:
        return self.home / "serving"

    @property
    def dagster_dir(self) -> Path:
        return self.home / "dagster"

    @property
    def cluster_dir(self) -> Path:
        return self.home / "cluster"

    @property
    def shared_dir(self) -> Path:
        """What the second engine reads and writes."""
        return self.spark.storage or self.home / "spark"

    @property
    def lock_path(self) -> Path:
        return self.home / ".lock"

    @property
    def own_adapters_dir(self) -> Path:
        return self.home / "adapters"

    @property
    def policy_dir(self) -> Path:
        return self.home / "policy"

    @property
    def contracts_dir(self) -> Path:
        return PROJECT_ROOT / "data" / "contracts"

    @property
    def adapters_dir(self) -> Path:
        return PROJECT_ROOT / "data" / "adapters"

    @property
    def dbt_project_dir(self) -> Path:
        return PROJECT_ROOT / "dbt_project"


def default_home() -> Path:
    """The home when nobody names one: ``SIGNALBOX_HOME``, else the checkout's ``data/``."""
    return Path(os.environ.get("SIGNALBOX_HOME") or PROJECT_ROOT / "data")


def load_settings(home: Path | None = None) -> Settings:
    """Read ``home/signalbox.toml`` (absent: defaults). Raises UsageError that names the file and the key."""
    home = (home or default_home()).expanduser().resolve()
    path = home / "signalbox.toml"
    values: dict[str, object] = {}
    if path.exists():
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: not valid TOML: {error}; mend it or remove it") from error
    if "SIGNALBOX_ENVIRONMENT" in os.environ:
        values["environment"] = os.environ["SIGNALBOX_ENVIRONMENT"]
    try:
        return Settings.model_validate({**values, "home": home})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path}: {key}: {first['msg']} (given: {first['input']!r})") from error
