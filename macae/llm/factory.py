"""From settings to a model client: the one place that knows the providers."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from macae.config import Settings
from macae.errors import ConfigError
from macae.llm.abilities import context_window, fixed_temperature, model_info
from macae.llm.endpoint import Endpoint, plain_url
from macae.llm.variables import (
    azure_deployment,
    azure_endpoint,
    azure_version,
    base_url,
    host_of,
    is_local,
    key_of,
    wrong_key,
    wrong_url,
)

if TYPE_CHECKING:
    from autogen_core.models import ChatCompletionClient

    from macae.llm.guarded import GuardedClient

__all__ = ["create_client", "describe"]

_KEYS = {
    "openai": "MACAE_API_KEY (or OPENAI_API_KEY)",
    "azure": "MACAE_API_KEY (or AZURE_OPENAI_API_KEY)",
}
_NO_KEY_NEEDED = "none"
_NOISE = (
    "Resolved model mismatch",
    "Finish reason mismatch",
    "No text content or tool calls",
    "(?s)Pydantic serializer warnings.*field_name='parsed'",
)
"""What AutoGen warns of though servers rightly do it, or does itself. The guard looks at each reply on its own."""
_SIGN_IN_SCOPE = "https://cognitiveservices.azure.com/.default"


def create_client(settings: Settings) -> GuardedClient:
    """The model client that `settings` ask for. Close it after use; use it on one event loop.

    Raises ConfigError naming every variable that is missing or wrong. Nothing is sent before the first call.
    """
    from macae.llm.guarded import GuardedClient
    from macae.llm.lane import Lane

    client: ChatCompletionClient
    if settings.provider == "offline":
        from macae.llm.offline import OfflineChatCompletionClient

        client = OfflineChatCompletionClient()
        offline = Endpoint("offline", timeout_variable="MACAE_MODEL_TIMEOUT")
        return GuardedClient(client, timeout=settings.model_timeout, endpoint=offline)
    close = None
    if settings.provider == "azure":
        client, endpoint, close = _azure(settings)
    else:
        client, endpoint = _openai(settings)
    return GuardedClient(
        client,
        timeout=settings.model_timeout,
        retries=settings.model_retries,
        endpoint=endpoint,
        on_close=close,
        lane=Lane(settings.model_concurrency, settings.model_queue, settings.model_patience),
    )


def describe(settings: Settings) -> str:
    """One line for banners: which model answers, and where. Never holds a secret, never raises."""
    if settings.provider == "offline":
        return "offline: rule-based, deterministic, no AI model"
    if settings.provider == "openai":
        return f"openai: {settings.model} at {host_of(base_url(settings))}"
    endpoint = azure_endpoint(settings)
    if not endpoint:
        return "azure: not set up, MACAE_AZURE_ENDPOINT is missing"
    way = "key" if key_of(settings, "AZURE_OPENAI_API_KEY") else "Azure sign-in"
    return f"azure: deployment {azure_deployment(settings)} at {host_of(endpoint)}, {way}"


def _openai(settings: Settings) -> tuple[ChatCompletionClient, Endpoint]:
    url = base_url(settings)
    key = key_of(settings, "OPENAI_API_KEY")
    problems = wrong_url("MACAE_BASE_URL (or OPENAI_BASE_URL)", url) + wrong_key(_KEYS["openai"], key)
    if not key and not is_local(url):
        problems.append(f"{_KEYS['openai']} is missing")
    _refuse(problems, "openai")
    from autogen_ext.models.openai import OpenAIChatCompletionClient

    endpoint = Endpoint(
        settings.model,
        plain_url(url),
        key_variable=_KEYS["openai"],
        model_variable="MACAE_MODEL",
        address_variable="MACAE_BASE_URL",
        timeout_variable="MACAE_MODEL_TIMEOUT",
        secrets=(key,) if key else (),
        remote=True,
        context_window=context_window(settings.model),
    )
    # The address is always given: without one, AutoGen sends some models' calls, with the key, to other companies.
    client = OpenAIChatCompletionClient(base_url=url, api_key=key or _NO_KEY_NEEDED, **_common(settings))
    return client, endpoint


def _azure(settings: Settings) -> tuple[ChatCompletionClient, Endpoint, Any]:
    url, deployment = azure_endpoint(settings), azure_deployment(settings)
    key = key_of(settings, "AZURE_OPENAI_API_KEY")
    name = "MACAE_AZURE_ENDPOINT (or AZURE_OPENAI_ENDPOINT)"
    problems = wrong_url(name, url) if url else [f"{name} is missing"]
    if not url and not key:
        problems.append(f"{_KEYS['azure']} is missing (not needed after `az login`)")
    _refuse(problems + wrong_key(_KEYS["azure"], key), "azure")
    from autogen_ext.models.openai import AzureOpenAIChatCompletionClient

    access: dict[str, Any] = {"api_key": key}
    close = None
    if not key:
        access, close = _azure_sign_in()
    endpoint = Endpoint(
        deployment,
        plain_url(url),
        key_variable=_KEYS["azure"],
        model_variable="MACAE_AZURE_DEPLOYMENT (or AZURE_OPENAI_DEPLOYMENT)",
        address_variable="MACAE_AZURE_ENDPOINT and MACAE_AZURE_API_VERSION",
        timeout_variable="MACAE_MODEL_TIMEOUT",
        secrets=(key,) if key else (),
        remote=True,
        context_window=context_window(settings.model),
    )
    client = AzureOpenAIChatCompletionClient(
        azure_endpoint=url,
        azure_deployment=deployment,
        api_version=azure_version(settings),
        **access,
        **_common(settings),
    )
    return client, endpoint, close


def _azure_sign_in() -> tuple[dict[str, Any], Any]:
    """Access by DefaultAzureCredential. Asking it blocks (it may run the Azure CLI), so it is asked in a thread."""
    import asyncio

    try:
        from azure.identity import DefaultAzureCredential, get_bearer_token_provider
    except ImportError:
        raise ConfigError(
            f"Azure without a key needs the package azure-identity. Install it, or set {_KEYS['azure']}."
        ) from None
    credential = DefaultAzureCredential()
    token = get_bearer_token_provider(credential, _SIGN_IN_SCOPE)

    async def provider() -> str:
        return await asyncio.to_thread(token)

    return {"azure_ad_token_provider": provider}, credential.close


def _common(settings: Settings) -> dict[str, Any]:
    """What both kinds of client are given. Retries are the guard's, because it knows the deadline."""
    from openai import DefaultAsyncHttpxClient

    from macae.llm.bounded import remember_response

    for message in _NOISE:
        warnings.filterwarnings("ignore", message=message)
    arguments: dict[str, Any] = {
        "model": settings.model,
        "model_info": model_info(settings.model),
        "timeout": settings.model_timeout,
        "max_retries": 0,
        "http_client": DefaultAsyncHttpxClient(
            timeout=settings.model_timeout, event_hooks={"response": [remember_response]}
        ),
    }
    chosen = "temperature" in settings.model_fields_set or not fixed_temperature(settings.model)
    if settings.temperature is not None and chosen:
        arguments["temperature"] = settings.temperature
    return arguments


def _refuse(problems: list[str], provider: str) -> None:
    if problems:
        raise ConfigError(
            f"The provider {provider} cannot be used: {'; '.join(problems)}. "
            "Set it in the environment or in .env, or use MACAE_PROVIDER=offline."
        )
