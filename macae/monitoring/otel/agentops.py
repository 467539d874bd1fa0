"""AgentOps as one more destination of OTLP. Its own package is never imported: see docs/tracing.md for what that would do."""

from __future__ import annotations

import re

from macae.errors import ConfigError

__all__ = ["agentops_destination"]

ENDPOINT = "https://otlp.agentops.ai"


def agentops_destination(token: str, endpoint: str = ENDPOINT) -> dict[str, str]:
    """Settings that send traces to AgentOps: `load_settings(sinks="otlp", **agentops_destination(token))`. Off unless you ask.

    `token` goes into the header `Authorization: Bearer …`. This was not tried against AgentOps itself. Raises ConfigError for
    a token that cannot be a header.
    """
    token = token.strip()
    if not re.fullmatch(r"[\x21-\x7e]+", token):
        raise ConfigError(
            "The token for AgentOps is empty or holds spaces or other characters that no header takes."
        )
    escaped = token.replace("%", "%25").replace(",", "%2C")
    return {"otlp_endpoint": endpoint, "otlp_headers": f"Authorization=Bearer%20{escaped}"}
