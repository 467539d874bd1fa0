"""What the settings leave open and the providers' own variables say, from the environment or the same `.env`."""

from __future__ import annotations

import os
from urllib.parse import SplitResult, urlsplit

from macae.config import Settings

__all__ = [
    "azure_deployment",
    "azure_endpoint",
    "azure_version",
    "base_url",
    "host_of",
    "is_local",
    "key_of",
    "wrong_key",
    "wrong_url",
]

_OPENAI_URL = "https://api.openai.com/v1"
_LOCAL_HOSTS = ("localhost", "::1", "0.0.0.0", "host.docker.internal")


def key_of(settings: Settings, variable: str) -> str:
    """The key from the settings, else from the provider's `variable`; empty where there is none."""
    own = settings.api_key.get_secret_value() if settings.api_key else ""
    return (own or _variable(settings, variable)).strip()


def base_url(settings: Settings) -> str:
    """The address of the OpenAI-compatible API."""
    url = settings.base_url or _variable(settings, "OPENAI_BASE_URL") or _OPENAI_URL
    return url.strip().rstrip("/").removesuffix("/chat/completions")


def azure_endpoint(settings: Settings) -> str:
    """The address of the Azure OpenAI resource; empty where none is set."""
    url = settings.azure_endpoint or _variable(settings, "AZURE_OPENAI_ENDPOINT")
    return url.strip().partition("/openai/")[0].rstrip("/")  # the portal shows longer URLs too


def azure_deployment(settings: Settings) -> str:
    """The deployment that is called."""
    named = settings.azure_deployment or _variable(settings, "AZURE_OPENAI_DEPLOYMENT")
    return named or _variable(settings, "AZURE_OPENAI_DEPLOYMENT_NAME") or settings.model


def azure_version(settings: Settings) -> str:
    """The API version: the settings' where it was set, else the provider's variable, else the default."""
    if "azure_api_version" in settings.model_fields_set:
        return settings.azure_api_version
    return _variable(settings, "AZURE_OPENAI_API_VERSION") or settings.azure_api_version


def wrong_key(variable: str, key: str) -> list[str]:
    """What is wrong with `key`, if anything: it is sent in a header, which carries plain characters only."""
    if all("!" <= character <= "~" for character in key):
        return []
    return [f"{variable} holds a space or a character that no key has"]


def wrong_url(variable: str, url: str) -> list[str]:
    """What is wrong with `url`, if anything."""
    parts = _split(url)
    if parts is not None and parts.scheme in ("http", "https") and parts.hostname:
        return []
    return [f"{variable} must be a URL that starts with https:// or http://"]


def host_of(url: str) -> str:
    """The host and port of `url`, without user information."""
    parts = _split(url)
    return (parts.netloc.rpartition("@")[2] if parts else "") or "an address that is no URL"


def is_local(url: str) -> bool:
    """Whether a server on this machine or in the room is meant, which may need no key."""
    parts = _split(url)
    host = (parts.hostname if parts else None) or ""
    return host in _LOCAL_HOSTS or host.startswith("127.") or host.endswith(".local")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # a wrong one raises
    except ValueError:
        return None
    return parts


def _variable(settings: Settings, name: str) -> str:
    if value := os.environ.get(name):
        return value
    from dotenv import dotenv_values

    file = settings.model_config.get("env_file")
    return (dotenv_values(file, encoding="utf-8").get(name) or "") if isinstance(file, str) else ""
