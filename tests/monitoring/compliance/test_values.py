"""What stands in JSON: a value is known by its name, numbers and names are looked at too, and JSON stays JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    UserMessage,
)

from macae.errors import ModelBadReply
from macae.models import Event, EventType
from macae.monitoring.compliance import Compliance, MaskingClient, clean_event
from macae.monitoring.compliance.policyfile import preset
from macae.ui.monitor.masking import Mask
from tests.support.scripted import ScriptedClient

SECRET = {
    "password": "Sommer2026xQ",
    "pin": "4711",
    "apiKey": "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
    "new_password": 'Zu"rich 77',
}
PERSONAL = {
    "ssn": "536228726", "phone": "4155552671", "birth_date": "1980-02-03", "homePhones": ["4155552672"], "card": 4111111111111111,
    "patient_id": "MRN 123456",
}  # fmt: skip
KEYS = {"ann@corp.com": 1, "bob@corp.com": 2}
PLAIN = {
    "status": "done",
    "step": 4711,
    "tokens": 150,
    "seconds": 1790000000.25,
    "key": "order 12",
    "ok": True,
    "none": None,
}
VALUES = ("Sommer2026xQ", "4711", "9f8e7d6c5b4a39281706f5e4d3c2b1a0", "rich 77", "536228726", "4155552671", "4155552672",
          "1980-02-03", "4111111111111111", "123456", "ann@corp.com", "bob@corp.com")  # fmt: skip


def started(arguments: dict[str, Any]) -> Event:
    return Event(
        type=EventType.tool_started, seq=1, session_id="s", user_id="u", agent="A",
        data={"tool": "reset", "key": "9f8e7d6c5b4a39281706f5e4d3c2b1a1", "arguments": arguments},
    )  # fmt: skip


@pytest.mark.parametrize("place", ["log", "screen"])
def test_a_value_is_known_by_its_name(place: str) -> None:
    check = Compliance(preset("hipaa" if place == "screen" else "gdpr"))
    mask = Mask(lambda text, name="": check.clean(text, "screen", name=name))
    event = started({**SECRET, **PERSONAL, "more": [{"name": "password", "value": "Winter2027"}]})
    clean = mask([event])[0] if place == "screen" else clean_event(check, event)
    text = json.dumps(clean.data["arguments"])
    assert not [value for value in (*VALUES[:-2], "Winter2027") if value in text]
    assert set(clean.data["arguments"]) == {*SECRET, *PERSONAL, "more"}
    assert clean.data["arguments"]["card"] == "[REDACTED:CREDIT_CARD]"
    assert clean.data["key"] == event.data["key"], "the engine's own key is none that opens a door"
    assert clean_event(check, clean) == clean, "cleaning twice is cleaning once"


def test_names_are_looked_at_and_none_is_lost() -> None:
    clean = clean_event(Compliance(preset("gdpr")), started({"count": KEYS}))
    assert clean.data["arguments"]["count"] == {
        "[REDACTED:EMAIL_ADDRESS]": 1,
        "[REDACTED:EMAIL_ADDRESS] 2": 2,
    }


def test_what_tells_nothing_stays() -> None:
    event = started(PLAIN)
    assert clean_event(Compliance(preset("gdpr")), event) is event


class Answers(ScriptedClient):
    """Answers with a call whose arguments are what it was sent."""

    def __init__(self, reply: Any) -> None:
        super().__init__(lambda messages, tools, json_output: reply(messages))


async def test_the_model_sees_no_value_and_its_calls_get_them_back() -> None:
    given = {**SECRET, **PERSONAL, "by": KEYS}
    del given["patient_id"]
    sent = AssistantMessage(
        content=[FunctionCall(id="1", name="pay", arguments=json.dumps(given))], source="A"
    )
    inner = Answers(lambda messages: [("pay", json.loads(messages[0].content[0].arguments))])
    result = await MaskingClient(inner, Compliance(preset("gdpr"))).create([sent])
    seen = inner.seen[0][0].content[0].arguments  # type: ignore[union-attr]
    assert not [value for value in VALUES if value in seen]
    assert isinstance(json.loads(seen)["card"], int), "a number stays one"
    call = result.content[0]
    assert isinstance(call, FunctionCall) and json.loads(call.arguments) == given


async def test_results_and_numbers_in_texts_stay_json() -> None:
    result = FunctionExecutionResult(
        content=json.dumps(PERSONAL | {"pin": 4711}), name="find", call_id="1", is_error=False
    )
    inner = Answers(lambda messages: messages[1].content.removeprefix("Approved call: pay "))
    asked = UserMessage(content='Approved call: pay {"card": 4111111111111111, "pin": 4711}', source="user")
    reply = await MaskingClient(inner, Compliance(preset("gdpr"))).create(
        [FunctionExecutionResultMessage(content=[result]), asked]
    )
    sent = inner.seen[0][0].content[0].content  # type: ignore[union-attr]
    assert not [value for value in VALUES if value in sent] and isinstance(json.loads(sent)["card"], int)
    assert "4111" not in str(inner.seen[0][1].content)
    assert json.loads(str(reply.content)) == {"card": 4111111111111111, "pin": 4711}


@pytest.mark.parametrize(
    "written", ["mail1@masked.example", "MAIL1@Masked.example", "+999 0000 0001", "9999.0000 0000/0001"]
)
async def test_somebody_elses_text_never_becomes_the_real_value(written: str) -> None:
    text = f"{written} is in the leaflet; write to ann@corp.com, +49 170 5551234, card 4111 1111 1111 1111"
    inner = Answers(lambda messages: f"{messages[0].content} {written}")
    reply = await MaskingClient(inner, Compliance(preset("gdpr"))).create(
        [UserMessage(content=text, source="user")]
    )
    assert reply.content == f"{text} {written}"


async def test_a_placeholder_that_the_model_made_up_is_not_called_with() -> None:
    client = MaskingClient(
        Answers(lambda messages: [("send", {"to": "mail9@masked.example"})]), Compliance(preset("gdpr"))
    )
    with pytest.raises(ModelBadReply, match=r"called send with mail9@masked\.example"):
        await client.create([UserMessage(content="write to ann@corp.com", source="user")])


@pytest.mark.parametrize(
    "value", ["SOMMER_2026", "WINTER_77", "[REDACTED:A]hunter22", "[REDACTED:PASSWORD]hunter22"]
)
def test_a_secret_that_looks_like_a_placeholder_is_one_all_the_same(value: str) -> None:
    check = Compliance(preset("workshop"))
    for text in (f"password: {value}", f"password={value}", f'{{"password": "{value}"}}'):
        assert value.removeprefix("[REDACTED:PASSWORD]") not in check.clean(text, "log"), text


@pytest.mark.parametrize(
    ("name", "value", "entity"),
    [
        ("access_token", "lwQSKOto7CeeYFPX", "ACCESS_TOKEN"),
        ("api_key", "lwQSKOto7CeeYFPX", "API_KEY"),
        ("password", "top_secret", "PASSWORD"),
    ],
)
def test_what_stands_under_a_name_is_called_what_the_name_says(name: str, value: str, entity: str) -> None:
    clean = Compliance(preset("workshop")).clean(value, "log", name=name)
    assert clean == f"[REDACTED:{entity}]"
