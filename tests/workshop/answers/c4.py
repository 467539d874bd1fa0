"""Challenge 4: answers of the kind that learners give."""

from __future__ import annotations

RULES = 'rules = f"Plan in at most {max_steps} steps.\\n\\n{catalogue(team, goal)}"'
ASKED = 'request = f"Today is {today:%Y-%m-%d} ({today:%A}).\\nGoal: {goal}"'
SENT = 'return [SystemMessage(content=rules), UserMessage(content=request, source="user")]'


def function(head: str, *lines: str) -> str:
    body = "\n".join(lines)
    return f"{head}\n" + "\n".join(f"    {line}" for line in body.splitlines()) + "\n"


def prompt(*lines: str) -> str:
    return function("def planning_prompt(goal, team, today, max_steps=6):", *lines)


def read(*lines: str) -> str:
    return function("def read_draft(text):", *lines)


def faults(body: str, most: str = "len(draft.steps) > max_steps") -> str:
    """The rules one after the other, in one function; a test takes one of them out or breaks it."""
    return f"""
def find_faults(draft, team, max_steps=6):
    faults = []
    if {most}:
        faults.append(f"{{len(draft.steps)}} steps are too many")
{body}
    return faults
"""


WHOLE = """
    asks = draft.human_clarification_request
    if not draft.steps and not asks and not draft.impossible:
        faults.append("nothing is planned")
    if draft.steps and draft.impossible:
        faults.append("impossible, and yet there are steps")
    owners = {tool.name: agent.name for agent in team for tool in agent.action_tools}
    names = [agent.name for agent in team] + ["HumanAgent"]
    for i, step in enumerate(draft.steps):
        where = f"step {i + 1}"
        if step.agent not in names:
            faults.append(f"{where}: unknown agent {step.agent}, take one of {names}")
        for other in step.depends_on or []:
            if other > i or other < 1:
                faults.append(f"{where}: depends on {other}, which is not before it")
        if step.function is None:
            continue
        if owners.get(step.function) != step.agent:
            faults.append(f"{where}: {step.agent} cannot call {step.function}")
            continue
        tool = team.tool(step.function)[1]
        values = {argument.name: argument.value.strip() for argument in step.arguments}
        for name in values:
            if name not in tool.parameters:
                faults.append(f"{where}: {step.function} knows no {name}")
        for name in tool.required:
            if not values.get(name) and not asks:
                faults.append(f"{where}: {name} is missing")
"""

ONCE = """
async def draft_plan(model, messages, team, max_steps=6):
    try:
        text = (await model.create(messages, json_output=form_for(model))).content
    except ModelBadReply as error:
        text = error.reply or ""
    draft, faults = read_draft(text)
    faults = faults or find_faults(draft, team, max_steps)
    if faults:
        raise PlanError("; ".join(faults))
    return draft
"""


def plan(
    again: str,
    tries: int = 2,
    last: str = 'raise PlanError("; ".join(faults))',
    caught: str = "ModelBadReply",
) -> str:
    return f"""
async def draft_plan(model, messages, team, max_steps=6):
    for _ in range({tries}):
        try:
            text = (await model.create(messages, json_output=form_for(model))).content
        except {caught} as error:
            text = error.reply or ""
        draft, faults = read_draft(text)
        faults = faults or find_faults(draft, team, max_steps)
        if not faults:
            return draft
        said = AssistantMessage(content=text or "nothing", source="PlannerAgent")
        {again}
    {last}
"""


TOLD = (
    'messages = messages + [said, UserMessage(content="Please correct: " + "; ".join(faults), source="user")]'
)

HEAD = """
class PlannerAgent(RoutedAgent):
    def __init__(self, context):
        super().__init__("A planner.")
        self.context = context

"""
DRAFTED = """
        context = self.context
        most = context.settings.max_steps
        messages = planning_prompt(message.description, context.team, context.today(), most)
        draft = await draft_plan(context.model_client, messages, context.team, most)
"""


def agent(body: str, decorator: str = "@message_handler", head: str = "") -> str:
    return f"""{head}{HEAD}
    {decorator}
    async def handle_input_task(self, message: InputTask, ctx: MessageContext) -> PlanWithSteps:
{body}
"""


def converted(*changes: tuple[str, str]) -> str:
    """A `to_plan` of another hand, with some of it changed."""
    text = """
def to_plan(draft, task, team):
    plan = Plan(session_id=task.session_id, user_id=task.user_id, initial_goal=task.description, summary=draft.summary)
    plan.human_clarification_request = draft.human_clarification_request
    if draft.impossible:
        plan.overall_status = PlanStatus.impossible
        plan.summary = draft.impossible
    made = {}
    for number, planned in enumerate(draft.steps, start=1):
        before = planned.depends_on
        if before is None:
            before = [number - 1]
        made[number] = Step(
            plan_id=plan.id, session_id=task.session_id, user_id=task.user_id, index=number,
            agent=planned.agent, action=planned.action, function=planned.function,
            arguments=arguments_of(planned, team),
            depends_on=[made[n].id for n in before if n in made],
        )
    return PlanWithSteps.of(plan, list(made.values()))
"""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def scored(right: str) -> str:
    """Counts right steps in a way of its own."""
    return f"""
def fits(call, want):
    return call.tool == want[0] and all(normalise(call.arguments.get(n)) == normalise(v) for n, v in want[1].items())


def score_plan(outcome, wanted):
    if wanted == "impossible":
        return float(bool(outcome.impossible and not outcome.steps))
    if wanted == "asks":
        return float(bool(outcome.question))
    if outcome.question or outcome.impossible:
        return 0.0
    return {right} / max(len(outcome.steps), len(wanted))
"""


GLOBALS = """
from macae.llm.offline import OfflineChatCompletionClient

team, model, monday = default_team(), OfflineChatCompletionClient(), date(2026, 3, 2)
"""
"""What stands in the notebook's cells."""

RETURNED = DRAFTED + "        return to_plan(draft, message, context.team)"

WRONG = {
    "planning_prompt": [
        ("no-date", prompt(RULES, 'request = f"Goal: {goal}"', SENT)),
        ("no-date", prompt(RULES, 'request = f"Today is 2026-03-02 (Monday).\\nGoal: {goal}"', SENT)),
        ("goal-in-rules", prompt(RULES, 'return [SystemMessage(content=f"{rules}\\nToday is {today}. Goal: {goal}")]')),
        ("fixed-team", prompt('rules = f"At most {max_steps} steps. {catalogue(default_team(), goal)}"', ASKED, SENT)),
        ("no-catalogue", prompt('rules = f"You are a planner. At most {max_steps} steps."', ASKED, SENT)),
        ("no-arguments", prompt('tools = [f"- {t.name}" for a in team for t in a.action_tools]', 'rules = f"{max_steps} steps. {[a.name for a in team]} {tools}"', ASKED, SENT)),
        ("optional", prompt('rows = [f"## {a.name}\\n" + "\\n".join(f"- {t.name}({\', \'.join(t.parameters)}): {t.description}" for t in a.action_tools) for a in team]', 'rules = f"At most {max_steps} steps. HumanAgent is the person.\\n" + "\\n".join(rows)', ASKED, SENT)),
        ("no-limit", prompt('rules = f"You are a planner.\\n\\n{catalogue(team, goal)}"', ASKED, SENT)),
        ("no-messages", prompt(RULES, ASKED, "return rules + request")),
        ("no-messages", prompt(RULES, ASKED, SENT.replace("return ", ""))),
        ("not-attempted", prompt("raise NotImplementedError('To do: the messages')")),
    ],
    "read_draft": [
        ("fenced", read("try:", "    return PlanDraft.model_validate_json(text), []", "except ValidationError as error:", '    return None, [str(e["loc"]) + e["msg"] for e in error.errors()]')),
        ("exception", read('start, end = text.find("{"), text.rfind("}")', "return PlanDraft.model_validate_json(text[start : end + 1]), []")),
        ("exception", read('data = json.loads(text[text.find("{") : text.rfind("}") + 1])', "return PlanDraft(**data), []")),
        ("not-validated", read("try:", '    data = json.loads(text[text.find("{") : text.rfind("}") + 1])', "except ValueError:", '    return None, ["no JSON"]', "steps = data['steps'] if isinstance(data['steps'], list) else []", "return PlanDraft.model_construct(steps=[PlannedStep(**s) for s in steps]), []")),
        ("no-faults", read("try:", '    return PlanDraft.model_validate_json(text[text.find("{") : text.rfind("}") + 1]), []', "except ValidationError:", "    return None, []")),
        ("not-a-pair", read("try:", '    return PlanDraft.model_validate_json(text[text.find("{") : text.rfind("}") + 1])', "except ValidationError:", "    return None")),
        ("nameless", read("try:", '    return PlanDraft.model_validate_json(text[text.find("{") : text.rfind("}") + 1]), []', "except ValidationError:", '    return None, ["bad JSON"]')),
        ("empty-passes", read("if not text:", '    return PlanDraft(steps=[], summary="", human_clarification_request=None, impossible=None), ["empty"]', "try:", '    return PlanDraft.model_validate_json(text[text.find("{") : text.rfind("}") + 1]), []', "except ValidationError as error:", '    return None, [str(e["loc"]) for e in error.errors()]')),
    ],
    "find_faults": [
        ("unknown-agent", faults("    return faults")),
        ("false-alarm", faults(WHOLE.replace(' + ["HumanAgent"]', ""))),
        ("false-alarm", faults(WHOLE.replace("if step.function is None:\n            continue", "pass"))),
        ("false-alarm", faults(WHOLE.replace(" and not asks:", ":"))),
        ("exception", faults(WHOLE.replace(" or []:", ":"))),
        ("wrong-agent", faults(WHOLE.replace("owners.get(step.function) != step.agent", "step.function not in owners"))),
        ("missing-argument", faults(WHOLE.replace("not values.get(name)", "name not in values"))),
        ("unknown-argument", faults(WHOLE.replace("if name not in tool.parameters:", "if False:"))),
        ("too-many", faults(WHOLE, "len(draft.steps) > 10")),
        ("too-many", faults(WHOLE, "len(draft.steps) > 6")),
        ("depends", faults(WHOLE.replace("other > i or other < 1", "other > len(draft.steps)"))),
        ("depends", faults(WHOLE.replace("other > i or other < 1", "other > i + 1"))),
        ("empty", faults(WHOLE.replace("if not draft.steps and not asks", "if False"))),
        ("impossible-with-steps", faults(WHOLE.replace("if draft.steps and draft.impossible", "if False"))),
        ("second-step", faults(WHOLE + "        break\n")),
        ("vague-fault", faults(WHOLE.replace("unknown agent {step.agent}, take one of {names}", "this agent is unknown"))),
        ("no-list", faults(WHOLE).replace("return faults", "return not faults")),
    ],
    "draft_plan": [
        ("no-repair", ONCE),
        ("faults-not-sent", plan("pass")),
        ("faults-not-sent", plan('messages = messages + [UserMessage(content="That was wrong. Try again.", source="user")]')),
        ("goal-lost", plan('messages = [said, UserMessage(content="; ".join(faults), source="user")]')),
        ("endless-repair", plan(TOLD, tries=5)),
        ("bad-plan-returned", plan(TOLD, last="return draft")),
        ("bad-reply", plan(TOLD, caught="ZeroDivisionError")),
        ("exception", plan(TOLD, last='raise ValueError("no plan")')),
        ("no-await", ONCE.replace("(await model.create(messages, json_output=form_for(model))).content", "model.create(messages, json_output=form_for(model)).content")),
        ("always-twice", plan(TOLD).replace("    for _ in", "    await model.create(messages, json_output=form_for(model))\n    for _ in")),
        ("no-draft", plan(TOLD).replace("return draft\n", "return text\n")),
        ("missing", plan(TOLD).replace("read_draft(text)", "parse_draft(text)")),
        ("messages-changed", plan('messages.append(said); messages.append(UserMessage(content="; ".join(faults), source="user"))')),
        ("messages-changed", plan('messages += [said, UserMessage(content="; ".join(faults), source="user")]')),
        ("answer-left-out", plan('messages = [*messages, UserMessage(content="; ".join(faults), source="user")]')),
        ("answer-last", plan('messages = [*messages, UserMessage(content="; ".join(faults), source="user"), said]')),
        ("empty-answer", plan(TOLD).replace('text or "nothing"', "text")),
        ("limit-ignored", plan(TOLD).replace("find_faults(draft, team, max_steps)", "find_faults(draft, team)")),
        ("fixed-team", plan(TOLD).replace("find_faults(draft, team, max_steps)", "find_faults(draft, default_team(), max_steps)")),
    ],
    "score_plan": [
        ("text-number", """
def score_plan(outcome, wanted):
    right = 0
    for call, (function, arguments) in zip(outcome.steps, wanted):
        right += call.tool == function and all(call.arguments.get(n) == v for n, v in arguments.items())
    return right / len(wanted)
"""),
        ("text-number", """
def score_plan(outcome, wanted):
    return float([(c.tool, c.arguments) for c in outcome.steps] == wanted)
"""),
        ("arguments-ignored", """
def score_plan(outcome, wanted):
    return sum(c.tool == w[0] for c, w in zip(outcome.steps, wanted)) / len(wanted)
"""),
        ("extra-steps", """
def score_plan(outcome, wanted):
    right = 0
    for call, (function, arguments) in zip(outcome.steps, wanted):
        right += call.tool == function and all(
            normalise(call.arguments.get(n)) == normalise(v) for n, v in arguments.items()
        )
    return right / len(wanted)
"""),
        ("needless-question", """
def score_plan(outcome, wanted):
    if wanted == "asks":
        return 1.0 if outcome.question else 0.0
    if wanted == "impossible":
        return 1.0 if outcome.impossible else 0.0
    right = 0
    for call, (function, arguments) in zip(outcome.steps, wanted):
        right += call.tool == function and all(
            normalise(call.arguments.get(n)) == normalise(v) for n, v in arguments.items()
        )
    return right / max(len(wanted), len(outcome.steps))
"""),
        ("no-part", """
def score_plan(outcome, wanted):
    if isinstance(wanted, str):
        return float(bool(outcome.question if wanted == "asks" else outcome.impossible))
    made = [(c.tool, c.arguments) for c in outcome.steps]
    fits = len(made) == len(wanted) and all(
        a[0] == b[0] and all(normalise(a[1].get(n)) == normalise(v) for n, v in b[1].items())
        for a, b in zip(made, wanted)
    )
    return float(fits and not outcome.question)
"""),
        ("no-number", """
def score_plan(outcome, wanted):
    if wanted == "asks":
        return 1.0
"""),
        ("counted-twice", scored("sum(any(fits(call, want) for want in wanted) for call in outcome.steps)")),
        ("counted-twice", scored("sum(any(fits(call, want) for call in outcome.steps) for want in wanted)")),
    ],
    "PlannerAgent": [
        ("no-plan", agent(DRAFTED + "        return draft")),
        ("no-plan", agent(DRAFTED)),
        ("no-handler", agent(RETURNED, decorator="")),
        ("no-await", agent(RETURNED.replace("await draft_plan", "draft_plan"))),
        ("not-built", agent(RETURNED).replace("def __init__(self, context)", "def __init__(self)").replace("self.context = context", "pass")),
        ("not-built", agent(RETURNED).replace('super().__init__("A planner.")', "pass")),
        ("not-built", agent(RETURNED).replace("(RoutedAgent)", "").replace('super().__init__("A planner.")', "super().__init__()").replace("(self, context)", "(self)").replace("self.context = context", "pass")),
        ("no-dependency", agent(RETURNED, head=converted(("[made[n].id for n in before if n in made]", "[]")))),
        ("no-dependency", agent(RETURNED, head=converted(("[made[n].id for n in before if n in made]", "[str(n) for n in before if n]")))),
        ("no-dependency", agent(RETURNED, head=converted(("before = [number - 1]", "before = []")))),
        ("null-first", agent(RETURNED, head=converted(("[made[n].id for n in before if n in made]", "[made[n].id for n in before]")))),
        ("null-first", agent(RETURNED, head=converted(("[made[n].id for n in before if n in made]", "[list(made.values())[n - 1].id for n in before]")))),
        ("other-model", GLOBALS + agent(RETURNED.replace("context.model_client", "model"))),
        ("other-model", GLOBALS + agent(RETURNED.replace("context.model_client", "model").replace("context.team", "team").replace("context.today()", "monday"))),
        ("fixed-team", GLOBALS + agent(RETURNED.replace("context.team", "team"))),
        ("fixed-team", GLOBALS + agent(RETURNED.replace("message, context.team)", "message, team)"))),
        ("fixed-team", GLOBALS + agent(RETURNED.replace("messages, context.team,", "messages, team,"))),
        ("fixed-day", GLOBALS + agent(RETURNED.replace("context.today()", "monday"))),
        ("fixed-day", GLOBALS + agent(RETURNED.replace("context.today()", "date.today()"))),
        ("fixed-limit", agent(RETURNED.replace("context.today(), most)", "context.today())"))),
        ("fixed-limit", agent(RETURNED.replace("messages, context.team, most)", "messages, context.team)"))),
        ("no-question", agent(RETURNED, head=converted(("plan.human_clarification_request = draft.human_clarification_request", "pass")))),
        ("not-impossible", agent(RETURNED, head=converted(("plan.overall_status = PlanStatus.impossible", "pass")))),
        ("early-value", agent(RETURNED, head=converted(("arguments_of(planned, team)", "{a.name: a.value for a in planned.arguments}")))),
        ("no-arguments", agent(RETURNED, head=converted(("arguments_of(planned, team)", "None")))),
        ("no-steps", agent(RETURNED, head=converted(("list(made.values())", "[]")))),
        ("no-repair", agent(RETURNED, head=ONCE)),
        ("wrong-error", agent(RETURNED, head=plan(TOLD, caught="ZeroDivisionError").replace("model.create(messages, json_output=form_for(model))", "ask(model, messages)") + """
async def ask(model, messages):
    try:
        return await model.create(messages, json_output=form_for(model))
    except ModelBadReply as error:
        return await model.create([*messages, UserMessage(content=f"Mend your plan: {error}", source="user")], json_output=form_for(model))
""")),
        ("bad-plan", agent(RETURNED, head=plan(TOLD, last="return PlanDraft(steps=[], summary='', human_clarification_request=None, impossible='The model is confused.')"))),
        ("stored", agent(RETURNED.replace("return to_plan(draft, message, context.team)", "plan = to_plan(draft, message, context.team)\n        await context.memory.commit(new=[Plan(**plan.model_dump(include=set(Plan.model_fields)))])\n        return plan"))),
        ("answer-lost", agent(RETURNED.replace("message.description", 'message.description.split("\\n")[0]'))),
        ("instance", agent(RETURNED) + "\nPlannerAgent = PlannerAgent(None)\n"),
        ("redefined-message", agent(RETURNED) + "\nclass InputTask(BaseModel):\n    description: str\n\n" + agent(RETURNED)),
        ("not-attempted", agent("        raise NotImplementedError('To do: prompt, draft, plan')")),
    ],
}  # fmt: skip

RIGHT = {
    "planning_prompt": [
        prompt(RULES, ASKED, SENT),
        prompt('known = [{"agent": a.name, "function": t.name, "description": t.description, "arguments": t.parameters} for a in team for t in a.action_tools]', 'rules = f"Use {max_steps} steps or fewer. HumanAgent is the person. Functions: {json.dumps(known)}\\nToday\'s date: {today}"', 'return [SystemMessage(content=rules), UserMessage(content=goal, source="user")]'),
        prompt("import calendar", 'day = calendar.day_name[today.weekday()]', 'return (SystemMessage(content="You plan."), SystemMessage(content=f"No more than {max_steps} steps.\\n{catalogue(team, goal)}"), UserMessage(content=f"The current date: {today}, {day}", source="user"), UserMessage(content=f"Task: {goal}", source="user"))'),
    ],
    "read_draft": [
        read("try:", '    data = json.loads("{" + text.split("{", 1)[1].rsplit("}", 1)[0] + "}")', "    return PlanDraft(**data), []", "except (IndexError, ValueError) as error:", '    return None, [f"not the form: {error}"]'),
        read("import re", 'found = re.search(r"\\{.*\\}", text, re.DOTALL)', "if not found:", '    return (None, ["no JSON found"])', "try:", "    return (PlanDraft.model_validate_json(found[0]), [])", "except ValidationError as error:", "    return (None, [str(error)])"),
    ],
    "find_faults": [
        faults(WHOLE),
        "from macae.agents.plancheck import check_plan, missing_arguments\n\n\ndef find_faults(draft, team, max_steps=6):\n    faults = check_plan(draft, team, max_steps)\n    if not faults and not draft.human_clarification_request:\n        faults = missing_arguments(draft, team)\n        faults = [fault.replace(' ', '_') for fault in faults]\n    return faults\n",
    ],
    "draft_plan": [
        plan(TOLD),
        """
async def ask(model, messages):
    try:
        reply = await model.create(messages, json_output=form_for(model))
        return reply.content
    except ModelBadReply as error:
        return error.reply or ""


def judged(text, team, most):
    draft, faults = read_draft(text)
    return draft, faults or find_faults(draft, team, most)


async def draft_plan(model, messages, team, max_steps=6):
    text = await ask(model, messages)
    draft, faults = judged(text, team, max_steps)
    if faults:
        complaint = "Your plan is not valid. These are the errors:\\n" + "\\n".join(f"- {fault}" for fault in faults)
        second = list(messages)
        if text:
            second.append(AssistantMessage(content=text, source="assistant"))
        second.append(UserMessage(content=complaint, source="engine"))
        draft, faults = judged(await ask(model, second), team, max_steps)
    if faults:
        raise PlanError("No plan: " + ", ".join(faults))
    return draft
""",
        plan(TOLD, last='return PlanDraft(steps=[], summary="", human_clarification_request="Please say it in other words.", impossible=None) if False else fail(faults)') + "\n\ndef fail(faults):\n    raise PlanError(str(faults))\n",
    ],
    "score_plan": [
        """
def fits(call, want):
    function, arguments = want
    return call.tool == function and all(
        name in call.arguments and normalise(call.arguments[name]) == normalise(value) for name, value in arguments.items()
    )


def score_plan(outcome, wanted):
    if isinstance(wanted, str):
        kinds = {"asks": outcome.question, "impossible": outcome.impossible and not outcome.steps}
        return 1 if kinds[wanted] else 0
    if outcome.question or outcome.impossible or not outcome.steps:
        return 0
    left = list(outcome.steps)
    for want in wanted:
        for call in left:
            if fits(call, want):
                left.remove(call)
                break
    right = len(outcome.steps) - len(left)
    precision, recall = right / len(outcome.steps), right / len(wanted)
    return 2 * precision * recall / (precision + recall) if right else 0
""",
    ],
    "PlannerAgent": [
        agent(RETURNED, head=converted()),
        # a form and a prompt of one's own, and all in one class
        '''
class Task(BaseModel):
    who: str
    what: str
    tool: str | None
    inputs: list[dict[str, str]] = []
    needs: list[int] = []


class Todo(BaseModel):
    tasks: list[Task]
    overview: str
    question: str
    impossible: str


class PlannerAgent(RoutedAgent):
    """With a form of its own."""

    def __init__(self, context):
        super().__init__("Mine.")
        self.context = context

    def wrong(self, todo):
        team, found = self.context.team, []
        for number, task in enumerate(todo.tasks, 1):
            if task.tool and not team.tool(task.tool):
                found.append(f"there is no {task.tool}")
            if number > self.context.settings.max_steps:
                found.append(f"task {number} is one too many")
            if any(not 0 < n < number for n in task.needs):
                found.append(f"task {number} needs a later one: {task.needs}")
            if task.tool and team.tool(task.tool) and not todo.question:
                needed = team.tool(task.tool)[1].required
                given = {pair["name"] for pair in task.inputs}
                found += [f"{name} is not given" for name in needed - given]
        if not (todo.tasks or todo.question or todo.impossible):
            found.append("nothing to do")
        return found

    async def todo(self, goal):
        context = self.context
        rules = f"Make a plan. No more than {context.settings.max_steps} steps.\\n{catalogue(context.team, goal)}"
        asked = f"Today is {context.today()}.\\nGoal: {goal}"
        messages = [SystemMessage(content=rules), UserMessage(content=asked, source="user")]
        for again in (True, False):
            text = "-"
            try:
                text = (await context.model_client.create(messages, json_output=Todo)).content
                todo = Todo.model_validate_json(text)
                wrong = self.wrong(todo)
            except (ValidationError, ModelBadReply) as error:
                wrong = [str(error)]
            if not wrong:
                return todo
            told = f"Try again. {wrong}"
            messages += [AssistantMessage(content=text, source="me"), UserMessage(content=told, source="user")]
        raise PlanError(str(wrong))

    @message_handler
    async def plan_it(self, message: InputTask, ctx: MessageContext) -> PlanWithSteps:
        todo = await self.todo(message.description)
        ids = dict(session_id=message.session_id, user_id=message.user_id)
        plan = Plan(**ids, initial_goal=message.description, summary=todo.overview)
        plan.human_clarification_request = todo.question or None
        if todo.impossible:
            plan.overall_status, plan.summary = PlanStatus.impossible, todo.impossible
        steps = []
        for number, task in enumerate(todo.tasks, 1):
            given = {pair["name"]: pair["value"] for pair in task.inputs}
            later = any(value.startswith("$") for value in given.values())
            steps.append(
                Step(
                    **ids,
                    plan_id=plan.id,
                    index=number,
                    agent=task.who,
                    action=task.what,
                    function=task.tool,
                    arguments=None if later else given,
                    depends_on=[steps[n - 1].id for n in task.needs],
                )
            )
        return PlanWithSteps.of(plan, steps)
''',
        # without a repair in words of ours: it starts anew with the faults in the goal's message
        agent(
            RETURNED,
            head="""
async def draft_plan(model, messages, team, max_steps=6):
    told = []
    for _ in range(2):
        sent = [messages[0], UserMessage(content=messages[1].content + "".join(told), source="user")]
        try:
            text = (await model.create(sent, json_output=form_for(model))).content
        except ModelBadReply as error:
            text = error.reply or ""
        draft, faults = read_draft(text)
        faults = faults or find_faults(draft, team, max_steps)
        if not faults:
            return draft
        told = ["\\n\\nFeedback: an earlier plan had these faults: " + "; ".join(faults)]
    raise PlanError(told[0])
""",
        ),
    ],
}  # fmt: skip
