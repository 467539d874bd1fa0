"""MACAE: a Multi-Agent Custom Automation Engine. A goal becomes a plan; each step waits for your yes; agents carry it out.

```python
from macae import Engine

async with Engine() as engine:
    plan = await engine.submit("Onboard a new employee, Jessica Smith.")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.agents.base import BaseAgent
    from macae.agents.team import AgentSpec, Team
    from macae.agents.teamfile import load_team
    from macae.config import Settings, load_settings
    from macae.engine.engine import Engine
    from macae.engine.guide import initialize, initialize_runtime_and_context, retrieve_all_agent_tools
    from macae.errors import MacaeError
    from macae.tools import tool

__version__ = "0.1.0"

__all__ = [
    "AgentSpec",
    "BaseAgent",
    "Engine",
    "MacaeError",
    "Settings",
    "Team",
    "__version__",
    "initialize",
    "initialize_runtime_and_context",
    "load_settings",
    "load_team",
    "retrieve_all_agent_tools",
    "tool",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "AgentSpec": "macae.agents.team",
        "BaseAgent": "macae.agents.base",
        "Engine": "macae.engine.engine",
        "MacaeError": "macae.errors",
        "Settings": "macae.config",
        "Team": "macae.agents.team",
        "initialize": "macae.engine.guide",
        "initialize_runtime_and_context": "macae.engine.guide",
        "load_settings": "macae.config",
        "load_team": "macae.agents.teamfile",
        "retrieve_all_agent_tools": "macae.engine.guide",
        "tool": "macae.tools",
    },
)
