"""Everything a process is told from outside; the only place that reads the environment."""

import os
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """One service's settings: `KITH_*` variables, or files of the same names in the secrets folder.

    Secrets are `SecretStr`, so that no log or traceback shows them.
    """

    model_config = SettingsConfigDict(
        env_prefix="KITH_",
        secrets_dir=os.environ.get("KITH_SECRETS") or None,
        extra="ignore",
        frozen=True,
    )

    service: str = ""
    database_url: SecretStr = SecretStr("")
    owner_url: SecretStr = SecretStr("")
    database_pool: int = 8
    kafka: str = "127.0.0.1:9092"
    stream_prefix: str = ""
    replication: int = 1
    static_members: bool = False
    max_poll_s: float = Field(default=300, gt=0)  # a member busy with one batch for longer loses its partitions
    issuer: str = "http://127.0.0.1:8000/sign-in"
    audience: str = "kith"
    jwks: str = ""
    token_endpoint: str = ""
    cookie_key: SecretStr = SecretStr("")
    person_key: SecretStr = SecretStr("")
    contact_public_key: str = ""
    contact_private_key: SecretStr = SecretStr("")
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 2525
    smtp_sender: str = "Kith <no-reply@kith.example>"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: bool = False
    mailbox: Path | None = None
    assets: Path = ROOT / "build" / "assets"
    base_url: str = "http://127.0.0.1:8000"
    embedded: bool = False
    json_logs: bool = True
    log_level: str = "INFO"
    sent_days: int = Field(default=7, ge=1)
    inbox_days: int = Field(default=30, ge=1)
    outbox_limit_s: float = Field(default=900.0, gt=0)
    relay_idle_s: float = Field(default=10.0, ge=8)  # a relay may be silent for 7 s while the broker is slow
    stuck_s: float = Field(default=25.0, gt=0)
    retry_seconds: tuple[float, ...] = (1.0, 5.0, 25.0)
