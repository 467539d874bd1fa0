"""AutoGen's own agents and teams run on the offline model, with whatever prompts their writers chose."""

from __future__ import annotations

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.base import TaskResult
from autogen_agentchat.conditions import HandoffTermination, MaxMessageTermination, TextMentionTermination
from autogen_agentchat.messages import HandoffMessage, StructuredMessage, ToolCallRequestEvent
from autogen_agentchat.teams import RoundRobinGroupChat, SelectorGroupChat, Swarm
from autogen_core.memory import ListMemory, MemoryContent, MemoryMimeType
from pydantic import BaseModel

from macae.llm.offline import OfflineChatCompletionClient

HELP = "You help travellers."


async def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"It is sunny in {city}."


async def book_hotel(city: str, nights: int) -> str:
    """Book a hotel room in a city."""
    return f"A room in {city} is booked for {nights} nights."


def said(result: TaskResult) -> str:
    return str(result.messages[-1].content)  # type: ignore[union-attr]


def speakers(result: TaskResult) -> list[str]:
    found: list[str] = []
    for message in result.messages:
        if not found or found[-1] != message.source:
            found.append(message.source)
    return found


async def test_assistant_uses_its_tool_and_says_so() -> None:
    agent = AssistantAgent(
        "helper",
        OfflineChatCompletionClient(),
        tools=[get_weather, book_hotel],
        max_tool_iterations=3,
        system_message=HELP,
    )
    result = await agent.run(task="What's the weather in Paris?")
    assert said(result) == "It is sunny in Paris."
    calls = [m for m in result.messages if isinstance(m, ToolCallRequestEvent)]
    assert len(calls) == 1


async def test_assistant_reflects() -> None:
    agent = AssistantAgent(
        "helper",
        OfflineChatCompletionClient(),
        tools=[book_hotel],
        reflect_on_tool_use=True,
        system_message=HELP,
    )
    assert (
        said(await agent.run(task="Book a hotel in Rome for 3 nights"))
        == "A room in Rome is booked for 3 nights."
    )


async def test_a_second_question_is_a_second_call() -> None:
    agent = AssistantAgent(
        "helper",
        OfflineChatCompletionClient(),
        tools=[get_weather],
        max_tool_iterations=3,
        system_message=HELP,
    )
    await agent.run(task="What's the weather in Paris?")
    assert said(await agent.run(task="And the weather in Oslo?")) == "It is sunny in Oslo."


async def test_streaming_assistant() -> None:
    agent = AssistantAgent(
        "helper",
        OfflineChatCompletionClient(),
        tools=[get_weather],
        max_tool_iterations=3,
        system_message=HELP,
        model_client_stream=True,
    )
    assert said(await agent.run(task="What's the weather in Paris?")) == "It is sunny in Paris."


class Trip(BaseModel):
    city: str
    nights: int
    reason: str


async def test_structured_output() -> None:
    agent = AssistantAgent(
        "reader", OfflineChatCompletionClient(), output_content_type=Trip, system_message="Extract the trip."
    )
    result = await agent.run(task="We stay 4 nights in Lisbon because of the fair.")
    message = result.messages[-1]
    assert isinstance(message, StructuredMessage)
    assert message.content.city == "Lisbon"
    assert message.content.nights == 4


async def test_termination_word() -> None:
    agent = AssistantAgent(
        "helper",
        OfflineChatCompletionClient(),
        tools=[get_weather],
        max_tool_iterations=3,
        system_message="You help. When the task is done, reply with TERMINATE.",
    )
    team = RoundRobinGroupChat(
        [agent], termination_condition=TextMentionTermination("TERMINATE"), max_turns=4
    )
    result = await team.run(task="What's the weather in Paris?")
    assert said(result) == "It is sunny in Paris. TERMINATE"


async def test_other_termination_word() -> None:
    agent = AssistantAgent(
        "helper",
        OfflineChatCompletionClient(),
        tools=[get_weather],
        max_tool_iterations=3,
        system_message="Use tools. End your last message with the word FINISHED.",
    )
    assert said(await agent.run(task="weather in Paris?")).endswith("FINISHED")


async def test_selector_chooses_by_descriptions() -> None:
    client = OfflineChatCompletionClient()
    weather = AssistantAgent(
        "weather_expert",
        client,
        description="Knows the weather of cities.",
        tools=[get_weather],
        max_tool_iterations=3,
    )
    hotels = AssistantAgent(
        "hotel_expert", client, description="Books hotel rooms.", tools=[book_hotel], max_tool_iterations=3
    )
    team = SelectorGroupChat(
        [weather, hotels], client, termination_condition=MaxMessageTermination(4), max_turns=1
    )
    assert speakers(await team.run(task="Book a hotel in Rome for 3 nights")) == ["user", "hotel_expert"]
    team = SelectorGroupChat([weather, hotels], client, max_turns=1)
    assert speakers(await team.run(task="Will it rain in Oslo? What's the weather?")) == [
        "user",
        "weather_expert",
    ]


async def test_selector_with_a_prompt_of_ones_own() -> None:
    client = OfflineChatCompletionClient()
    writer = AssistantAgent("writer", client, description="Writes drafts of texts.")
    critic = AssistantAgent("critic", client, description="Reviews drafts and gives feedback.", system_message="You are a critic. Review the draft and give feedback.")  # fmt: skip
    prompt = "Team:\n{roles}\nSo far:\n{history}\nWho should speak next? Choose from {participants}. Answer with only the name."
    team = SelectorGroupChat([critic, writer], client, selector_prompt=prompt, max_turns=2)
    assert speakers(await team.run(task="Write a slogan for a bakery")) == ["user", "writer", "critic"]


async def test_swarm_hands_off_and_back() -> None:
    client = OfflineChatCompletionClient()
    desk = AssistantAgent(
        "front_desk",
        client,
        handoffs=["hotel_agent", "user"],
        system_message="You greet guests. For hotel bookings hand off to hotel_agent.",
    )
    hotel = AssistantAgent(
        "hotel_agent",
        client,
        handoffs=["front_desk"],
        tools=[book_hotel],
        max_tool_iterations=3,
        system_message="You book hotels. When finished, hand off to front_desk.",
    )
    team = Swarm([desk, hotel], termination_condition=MaxMessageTermination(12), max_turns=3)
    result = await team.run(task="Please book a hotel in Rome for 3 nights.")
    assert speakers(result)[:3] == ["user", "front_desk", "hotel_agent"]
    handed = [m.target for m in result.messages if isinstance(m, HandoffMessage)]
    assert handed[:2] == ["hotel_agent", "front_desk"]
    assert any(
        "A room in Rome is booked for 3 nights." in str(getattr(m, "content", "")) for m in result.messages
    )


async def test_swarm_asks_the_person_for_what_is_missing() -> None:
    client = OfflineChatCompletionClient()
    hotel = AssistantAgent(
        "hotel_agent",
        client,
        handoffs=["user"],
        tools=[book_hotel],
        max_tool_iterations=3,
        system_message="You book hotels. If a fact is missing, ask the user.",
    )
    team = Swarm([hotel], termination_condition=HandoffTermination(target="user") | MaxMessageTermination(8))
    result = await team.run(task="Book a hotel in Rome")
    assert isinstance(result.messages[-1], HandoffMessage)
    assert result.messages[-1].target == "user"


async def test_critic_approves_the_second_draft() -> None:
    client = OfflineChatCompletionClient()
    writer = AssistantAgent("writer", client, system_message="You write.")
    critic = AssistantAgent(
        "critic",
        client,
        system_message="You are a critic. Give feedback on the text. Respond with 'APPROVE' when your feedback is addressed.",
    )
    team = RoundRobinGroupChat(
        [writer, critic],
        termination_condition=TextMentionTermination("APPROVE", sources=["critic"]),
        max_turns=8,
    )
    result = await team.run(task="Write a slogan for a bakery")
    assert "APPROVE" in said(result)
    assert len([m for m in result.messages if m.source == "critic"]) == 2


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When does the bakery open on Sundays?", "8 o'clock"),
        ("How much is a rye bread?", "four euros"),
        ("Who won the marathon?", "do not answer"),
    ],
)
async def test_answers_from_memory_only(question: str, answer: str) -> None:
    memory = ListMemory()
    for text in (
        "The bakery opens at 8 o'clock on Sundays.",
        "A rye bread costs four euros.",
        "We bake with spelt flour.",
    ):
        await memory.add(MemoryContent(content=text, mime_type=MemoryMimeType.TEXT))
    agent = AssistantAgent("helper", OfflineChatCompletionClient(), memory=[memory])
    assert answer in said(await agent.run(task=question))
