"""Settings: read from the environment (`MACAE_*`) and a `.env` file when they are asked for, never at import."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from macae.errors import ConfigError

__all__ = ["Settings", "load_settings"]

Provider = Literal["offline", "openai", "azure"]


class Settings(BaseSettings):
    """All that can be set. Each field is also an environment variable: `provider` is `MACAE_PROVIDER`.

    Times are in seconds.
    """

    model_config = SettingsConfigDict(
        env_prefix="MACAE_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        env_parse_none_str="none",
        extra="ignore",
        frozen=True,
    )

    home: Path = Path(".macae")
    """Where everything that is remembered lives: the store, the sample company, progress."""
    user: str = "local"
    """Who the engine and the command line act as, unless told."""

    provider: Provider = "offline"
    """Which model answers: `offline` (rule-based, no key), `openai` (any OpenAI-compatible server), `azure`."""
    model: str = "gpt-4o"
    """The model's name (for Azure: only what it can do; the deployment is what is called)."""
    api_key: SecretStr | None = None
    """The key. Without it the provider's own variable is read: OPENAI_API_KEY or AZURE_OPENAI_API_KEY."""
    base_url: str | None = None
    """An OpenAI-compatible server: GitHub Models, Ollama, LiteLLM, … Default: the provider's own (OPENAI_BASE_URL)."""
    azure_endpoint: str | None = None
    """The Azure OpenAI resource, https://NAME.openai.azure.com (or AZURE_OPENAI_ENDPOINT)."""
    azure_deployment: str | None = None
    """The Azure deployment's name (or AZURE_OPENAI_DEPLOYMENT). Default: the model's name."""
    azure_api_version: str = "2024-10-21"
    temperature: float | None = 0.0
    """None (MACAE_TEMPERATURE=none) leaves it to the server: some models accept no value."""

    model_timeout: float = Field(60.0, gt=0)
    """One model call, its retries included."""
    model_retries: int = Field(2, ge=0, le=10)
    """How often a failed model call is tried again (429, 5xx, no connection)."""
    model_concurrency: int = Field(8, ge=1)
    """How many model calls may run at the same time, all sessions together. A classroom with one key wants few."""
    model_queue: int = Field(200, ge=0)
    """How many more may wait for their turn."""
    model_patience: float = Field(120.0, gt=0)
    """How long a call may wait for its turn, or for a rate limit to pass."""
    tool_timeout: float = Field(30.0, gt=0)
    """One tool call."""
    step_timeout: float = Field(300.0, gt=0)
    """One attempt of a step: all its model and tool calls."""
    max_tool_rounds: int = Field(8, ge=1)
    """How many rounds of tool calls one attempt of a step may take."""
    max_steps: int = Field(6, ge=1, le=50)
    """The most steps that a plan may have."""
    plan_tokens: int | None = Field(None, gt=0)
    """The most tokens for a plan; then it is paused until you allow more. None: no limit."""
    plan_usd: float | None = Field(None, gt=0)
    """The most US dollars for a plan, at list prices. Needs a model whose price is known."""
    plan_seconds: float | None = Field(None, gt=0)
    """The most working time for a plan (waiting for a person does not count)."""
    max_revisions: int = Field(5, ge=0)
    """How often a plan may be revised after a failed or rejected step."""
    buffer_size: int = Field(100, ge=1)
    """How many messages of its history an agent sends to the model. What came before is sent as a short note."""
    buffer_tokens: int | None = Field(None, ge=200)
    """About how many tokens of its history an agent sends, at most. None: only the messages are counted."""
    summary: Literal["rules", "model"] = "rules"
    """Who writes the note on older messages: rules (names, numbers, decisions, tool calls), or the model (rules when it fails)."""
    summary_size: int = Field(3000, ge=200)
    """The most characters of that note."""
    auto_approve: bool = False
    """Approve every step without a person (recorded as `auto:env`, and a banner says so). For tests and demos."""

    store: Literal["sqlite", "cosmos"] = "sqlite"
    """Where sessions, plans, steps and the audit trail are kept: a file in `home`, or Azure Cosmos DB."""
    cosmos_endpoint: str | None = None
    """The Cosmos DB account, https://NAME.documents.azure.com:443/ (or COSMOSDB_ENDPOINT)."""
    cosmos_key: SecretStr | None = None
    """Its key. Without one you are who Azure says you are (DefaultAzureCredential: `az login`, a managed identity, …)."""
    cosmos_database: str = Field("macae", min_length=1)
    """The database (or COSMOSDB_DATABASE). It must exist, unless the key may create it."""
    cosmos_container: str = Field("memory", min_length=1)
    """The container (or COSMOSDB_CONTAINER). Created on first use."""
    cosmos_partition: Literal["session", "user_session"] = "session"
    """What a container is divided by: the session (/session_id), or the user and the session."""
    cosmos_ttl: int | None = Field(None, gt=0)
    """Seconds after its last change that a session is kept as a whole, at least: plan, steps, messages and trail then end together,
    before twice as long, also when a step still waits. The same for every process. None: for ever.
    """
    cosmos_timeout: float = Field(10.0, gt=0)
    """One call to Cosmos DB, its retries included."""
    cosmos_verify: bool = True
    """False only for an emulator, whose certificate nobody has signed."""
    lease: float = Field(15.0, gt=0)
    """How long a process that is not heard of counts as alive, where the store is Cosmos DB. It renews three times as often."""

    embedding: Literal["auto", "lexical", "minilm", "openai", "azure"] = "auto"
    """What turns texts into vectors: `lexical` (by letters, needs nothing), `minilm` (by meaning, a model of 79 MB), or a
    server's. `auto`: `minilm` where its model is there already, else `lexical`. Nothing is downloaded unasked.
    """
    embedding_model: str = "text-embedding-3-small"
    """The server's embedding model (for Azure: its deployment)."""
    chroma_url: str | None = None
    """A Chroma server, http://HOST:PORT. Default: a folder in `home`."""
    knowledge: Path | None = None
    """A folder of your own documents for the knowledge base (Markdown, text, CSV, PDF). Default: Contoso's policies."""

    capture: Literal["messages", "numbers"] = "messages"
    """What is kept of a model call: `messages`, what was sent and answered too; `numbers`, only tokens, seconds and price."""
    sinks: str = ""
    """Where events go beside the store, with commas between: `ndjson`, `trace` (files in `home`/logs), `otlp`, `azure`."""
    sink_days: int = Field(7, ge=1)
    """Days after which the files of `ndjson` and `trace` are deleted."""
    sink_megabytes: float = Field(50.0, gt=0)
    """Megabytes after which such a file is followed by a new one."""
    otlp_endpoint: str | None = None
    """Where `otlp` sends traces, http://HOST:4318 (or OTEL_EXPORTER_OTLP_ENDPOINT)."""
    otlp_headers: SecretStr | None = None
    """Headers of those requests, NAME=VALUE with commas between (or OTEL_EXPORTER_OTLP_HEADERS)."""
    trace_content: bool = False
    """Whether `otlp` and `azure` also get what was said: goals, prompts, replies, arguments, results, people's names."""
    azure_monitor: SecretStr | None = None
    """The connection string of Application Insights (or APPLICATIONINSIGHTS_CONNECTION_STRING)."""

    compliance: str = "workshop"
    """What may not pass, and where: `workshop` (keys and tokens only), `gdpr`, `hipaa`, `off`, or a policy file (YAML)."""
    safety: Literal["off", "rules", "model"] = "rules"
    """Who looks at a goal before it is planned: `rules`; `model` asks the model too, and refuses when it cannot be asked; `off`, nobody."""

    session_tokens: int | None = Field(None, gt=0)
    """The most tokens for a session; its plans then pause until you allow more."""
    session_usd: float | None = Field(None, gt=0)
    """The most US dollars for a session."""
    user_tokens: int | None = Field(None, gt=0)
    """The most tokens for a user, all sessions together."""
    user_usd: float | None = Field(None, gt=0)
    """The most US dollars for a user."""
    day_tokens: int | None = Field(None, gt=0)
    """The most tokens for a user on one day (UTC)."""
    day_usd: float | None = Field(None, gt=0)
    """The most US dollars for a user on one day."""
    budget_warn: float = Field(0.8, gt=0, le=1)
    """From which part of a limit on you are warned."""
    budget_stop: float = Field(2.0, ge=1)
    """How many times a limit may be used, however much you allow; then nothing more can be allowed."""

    alerts: Path | None = None
    """A file of alert rules (YAML), or `off`. Default: the rules that come along."""
    alert_webhook: SecretStr | None = None
    """A web address that alerts are posted to."""
    alert_format: Literal["plain", "slack", "teams"] = "plain"
    """How the posted alert is written."""
    alert_email: str | None = None
    """Whom alerts are mailed to; several with commas between."""
    alert_urls: SecretStr | None = None
    """Addresses for the package apprise, with commas between (`pip install apprise`)."""
    smtp_host: str | None = None
    """The mail server for alerts."""
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_from: str = "macae@localhost"
    """The sender of those mails."""
    smtp_tls: bool = True
    """Whether the connection to the mail server is encrypted (STARTTLS)."""

    coach_url: str | None = None
    """The coach board that notebooks report to. Nothing is sent without this and MACAE_COACH_CODE; `coach_report()` shows what is."""
    coach_code: SecretStr | None = None
    """The join code that the coach tells."""
    coach_folder: Path | None = None
    """A shared folder to report to instead, where there is no server: one small file a learner."""
    team: str = ""
    """The team's name on the coach's board."""
    name: str = ""
    """Your name there, if you want it to be seen."""

    @property
    def store_path(self) -> Path:
        """The SQLite file that holds sessions, plans, steps and the audit trail."""
        return self.home / "macae.db"

    @property
    def log_path(self) -> Path:
        """The folder of the event files."""
        return self.home / "logs"

    @property
    def chroma_path(self) -> Path:
        """The folder of the embedded vector database."""
        return self.home / "chroma"


def checkout(folder: Path | None = None) -> Path:
    """The workshop's folder when `folder` (default: the current one) is inside it, else `folder` itself.

    A notebook's kernel runs in the notebook's own folder, the command line mostly at the top: both are to find the same things.
    """
    here = (folder or Path.cwd()).absolute()
    for candidate in (here, *here.parents):
        if (candidate / "workshop.py").is_file() and (candidate / "macae").is_dir():
            return candidate
    return here


def load_settings(**overrides: object) -> Settings:
    """The settings now; `overrides` win over the environment, which wins over `.env`, which wins over the defaults.

    Inside the workshop's folder, its `.env` and its `.macae` are meant, in whichever subfolder one is.
    Raises ConfigError naming each wrong variable.
    """
    top = checkout()
    try:
        settings = Settings(_env_file=(top / ".env", ".env"), **overrides)  # type: ignore[arg-type]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The file .env in {top} cannot be read as UTF-8 text: {error}.") from None
    except ValidationError as error:
        lines = [f"MACAE_{'_'.join(str(p) for p in e['loc']).upper()}: {e['msg']}" for e in error.errors()]
        raise ConfigError("These settings cannot be used. " + "; ".join(lines)) from None
    if "home" not in settings.model_fields_set and top != Path.cwd():
        settings = settings.model_copy(update={"home": top / settings.home})
    return settings
