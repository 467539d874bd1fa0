"""From settings and variables to a client, or to an error that names what to set."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import macae.llm
from macae.config import Settings, load_settings
from macae.errors import ConfigError, ModelAuthError
from macae.llm import create_client, describe
from tests.llm.conftest import KEY, settings_for
from tests.llm.test_calls import HELLO
from tests.support.openai_server import OpenAIServer, text


@pytest.mark.parametrize("ending", ["", "/", "//", "/chat/completions", "/chat/completions/"])
async def test_base_url_as_people_paste_it(server: OpenAIServer, ending: str) -> None:
    server.answer(text("hi"))
    client = create_client(settings_for("openai", server.url + ending))
    assert (await client.create(HELLO)).content == "hi"
    await client.close()
    assert server.requests[0].path == "/v1/chat/completions"


@pytest.mark.parametrize("ending", ["", "/", "/openai/deployments/x/chat/completions?api-version=2023"])
async def test_azure_endpoint_as_people_paste_it(server: OpenAIServer, ending: str) -> None:
    server.answer(text("hi"))
    client = create_client(settings_for("azure", server.azure_url + ending, azure_api_version="2025-01-01"))
    assert (await client.create(HELLO)).content == "hi"
    await client.close()
    assert server.requests[0].path == "/openai/deployments/dep/chat/completions?api-version=2025-01-01"


async def test_openai_by_its_own_variables(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("MACAE_PROVIDER", "openai")
    server.answer(text("hi"))
    client = create_client(load_settings())
    await client.create(HELLO)
    await client.close()
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


async def test_azure_by_its_own_variables(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", server.azure_url)
    monkeypatch.setenv("AZURE_OPENAI_DEPLOYMENT", "mine")
    monkeypatch.setenv("AZURE_OPENAI_API_VERSION", "2025-03-01")
    server.answer(text("hi"))
    client = create_client(Settings(provider="azure"))
    await client.create(HELLO)
    await client.close()
    assert server.requests[0].path == "/openai/deployments/mine/chat/completions?api-version=2025-03-01"
    assert server.requests[0].headers["api-key"] == KEY


async def test_everything_in_a_file(server: OpenAIServer, tmp_path: Path) -> None:
    lines = [
        "MACAE_PROVIDER=openai",
        f"OPENAI_API_KEY={KEY}",
        f"MACAE_BASE_URL={server.url}",
        "MACAE_API_KEY=",
    ]
    (tmp_path / ".env").write_text("\n".join([*lines, "MACAE_TEMPERATURE=none", ""]), encoding="utf-8")
    server.answer(text("hi"))
    client = create_client(load_settings())
    await client.create(HELLO)
    await client.close()
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert "temperature" not in server.requests[0].json


async def test_a_local_server_needs_no_key(server: OpenAIServer) -> None:
    server.answer(text("hi"))
    client = create_client(Settings(provider="openai", base_url=server.url, model="llama3.2"))
    assert (await client.create(HELLO)).content == "hi"
    await client.close()


@pytest.mark.parametrize("model", ["gpt-4o", "claude-3-haiku", "gemini-2.0-flash", "Llama-3.3-70B-Instruct"])
def test_the_key_goes_nowhere_but_where_it_was_told(model: str) -> None:
    client: Any = create_client(Settings(provider="openai", api_key=KEY, model=model))
    assert str(client.inner._client.base_url) == "https://api.openai.com/v1/"


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"provider": "openai"}, ["MACAE_API_KEY", "OPENAI_API_KEY"]),
        ({"provider": "openai", "base_url": "https://models.github.ai/inference"}, ["MACAE_API_KEY"]),
        (
            {"provider": "openai", "base_url": "localhost:11434/v1"},
            ["MACAE_BASE_URL", "MACAE_API_KEY", "http://"],
        ),
        ({"provider": "openai", "base_url": "http://[::1", "api_key": KEY}, ["MACAE_BASE_URL"]),
        ({"provider": "openai", "base_url": "http://host:port/v1", "api_key": KEY}, ["MACAE_BASE_URL"]),
        ({"provider": "openai", "api_key": KEY + "\u201d"}, ["MACAE_API_KEY"]),
        ({"provider": "openai", "api_key": KEY + " " + KEY}, ["MACAE_API_KEY"]),
        (
            {"provider": "azure"},
            ["MACAE_AZURE_ENDPOINT", "AZURE_OPENAI_ENDPOINT", "MACAE_API_KEY", "az login"],
        ),
        (
            {"provider": "azure", "azure_endpoint": "name.openai.azure.com"},
            ["MACAE_AZURE_ENDPOINT", "https://"],
        ),
    ],
)
def test_what_is_missing_or_wrong_is_named_at_once(settings: dict[str, Any], named: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        create_client(Settings(**settings))
    assert all(name in str(caught.value) for name in named), caught.value
    assert KEY not in str(caught.value)
    assert KEY not in describe(Settings(**settings))


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, "offline: rule-based, deterministic, no AI model"),
        ({"provider": "openai"}, "openai: gpt-4o at api.openai.com"),
        (
            {
                "provider": "openai",
                "base_url": f"http://me:{KEY}@localhost:11434/v1?key={KEY}",
                "model": "llama3.2",
            },
            "openai: llama3.2 at localhost:11434",
        ),
        ({"provider": "azure"}, "azure: not set up, MACAE_AZURE_ENDPOINT is missing"),
        (
            {"provider": "azure", "azure_endpoint": "https://x.openai.azure.com/", "api_key": KEY},
            "azure: deployment gpt-4o at x.openai.azure.com, key",
        ),
        (
            {"provider": "azure", "azure_endpoint": "https://x.openai.azure.com", "azure_deployment": "d"},
            "azure: deployment d at x.openai.azure.com, Azure sign-in",
        ),
    ],
)
def test_describe(settings: dict[str, Any], line: str) -> None:
    assert describe(Settings(**settings)) == line


class FakeCredential:
    """Stands where azure-identity's own would."""

    closed = 0
    problem: Exception | None = None

    def get_token(self, *scopes: str, **options: Any) -> Any:
        if self.problem is not None:
            raise self.problem
        assert scopes == ("https://cognitiveservices.azure.com/.default",)
        return SimpleNamespace(token=KEY, expires_on=4_000_000_000)

    def get_token_info(self, *scopes: str, **options: Any) -> Any:
        return self.get_token(*scopes)

    def close(self) -> None:
        type(self).closed += 1


async def test_azure_sign_in(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("azure.identity.DefaultAzureCredential", FakeCredential)
    monkeypatch.setattr(FakeCredential, "closed", 0)
    server.answer(text("hi"))
    client = create_client(settings_for("azure", server.azure_url, api_key=None))
    assert (await client.create(HELLO)).content == "hi"
    await client.close()
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert FakeCredential.closed == 1


async def test_azure_sign_in_that_fails(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import CredentialUnavailableError

    monkeypatch.setattr("azure.identity.DefaultAzureCredential", FakeCredential)
    for kind in (ClientAuthenticationError, CredentialUnavailableError):
        monkeypatch.setattr(FakeCredential, "problem", kind(message=f"no {KEY}"))
        client = create_client(settings_for("azure", server.azure_url, api_key=None))
        with pytest.raises(ModelAuthError, match=r"az login.*MACAE_API_KEY") as caught:
            await client.create(HELLO)
        await client.close()
        assert KEY not in str(caught.value)


async def test_offline() -> None:
    pytest.importorskip("macae.llm.offline.client")
    client = create_client(Settings())
    assert client.model == "offline"
    assert client.model_info["function_calling"]
    await client.close()


def test_names_load_lazily() -> None:
    code = (
        "import sys, macae.llm; heavy = {'openai', 'autogen_core', 'tiktoken'} & set(sys.modules); assert not heavy, heavy;"
        "from macae.llm import create_client, describe; assert 'openai' not in sys.modules"
    )
    root = Path(macae.llm.__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, timeout=60)
    assert all(hasattr(macae.llm, name) for name in macae.llm.__all__)
    assert set(macae.llm.__all__) <= set(dir(macae.llm))
    with pytest.raises(AttributeError, match="nothing"):
        macae.llm.nothing  # noqa: B018
