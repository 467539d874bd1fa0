"""Challenge 6: answers that learners give."""

from __future__ import annotations

WRONG = {
    "step_html": [
        ("not-attempted", "def step_html(step):\n    raise NotImplementedError('To do: …')\n"),
        (
            "not-escaped",
            """
def step_html(step):
    return f"<b>{step.task}</b> {html.escape(step.agent)} <code>{step.pending_call or step.function} {step.arguments}</code>"
""",
        ),
        (
            "not-escaped",
            """
def step_html(step):
    call = step.pending_call
    name, values = (call.tool, call.arguments) if call else (step.function, step.arguments)
    return f"<b>{html.escape(step.task)}</b> {html.escape(step.agent)} <code>{name}({values})</code>"
""",
        ),
        (
            "no-call",
            """
def step_html(step):
    return html.escape(f"{step.task} ({step.agent})")
""",
        ),
        (
            "old-words",
            """
def step_html(step):
    return html.escape(f"{step.action} {step.agent} {step.function} {step.arguments}")
""",
        ),
        (
            "old-call",
            """
def step_html(step):
    return html.escape(f"{step.task} {step.agent} {step.function} {step.arguments}")
""",
        ),
        (
            "text-lost",
            """
import re

def step_html(step):
    call = step.pending_call
    name, values = (call.tool, call.arguments) if call else (step.function, step.arguments)
    return re.sub("<[^>]*>", "", f"{step.task} {step.agent} {name} {values}")
""",
        ),
        ("no-text", "def step_html(step):\n    print(step)\n"),
        (
            "exception",
            "def step_html(step):\n    return ', '.join(f'{k}={v}' for k, v in step.params.items())\n",
        ),
    ],
    "approval_card": [
        (
            "called-early",
            """
def approval_card(step, decided):
    note = widgets.Text(description="Note")
    approve = widgets.Button(description="Approve")
    approve.on_click(decided("approve", note.value))
    return widgets.VBox([widgets.HTML(mine("step_html")(step)), note, approve])
""",
        ),
        (
            "no-button",
            """
def approval_card(step, decided):
    return widgets.HTML(mine("step_html")(step) + '<button onclick="approve()">Approve</button>')
""",
        ),
        (
            "stale-note",
            """
def approval_card(step, decided):
    note = widgets.Text(description="Note")
    typed = note.value
    approve = widgets.Button(description="Approve")
    reject = widgets.Button(description="Reject")
    approve.on_click(lambda _: decided("approve", typed))
    reject.on_click(lambda _: decided("reject", typed))
    return widgets.VBox([widgets.HTML(mine("step_html")(step)), note, approve, reject])
""",
        ),
        (
            "second-decision",
            """
def approval_card(step, decided):
    note = widgets.Text(description="Note")
    words = widgets.Text(description="Action", value=step.task)
    approve, reject, edit = (widgets.Button(description=name) for name in ("Approve", "Reject", "Edit"))
    approve.on_click(lambda _: decided("approve", note.value))
    reject.on_click(lambda _: decided("reject", note.value))
    edit.on_click(lambda _: decided("edit", words.value))
    return widgets.VBox([widgets.HTML(mine("step_html")(step)), note, words, approve, reject, edit])
""",
        ),
        (
            "old-words",
            """
def approval_card(step, decided):
    note = widgets.Text(description="Note")
    words = widgets.Text(description="Action", value=step.action)
    buttons = {name: widgets.Button(description=name.capitalize()) for name in ("approve", "reject", "edit")}

    def press(what):
        for button in buttons.values():
            button.disabled = True
        decided(what, words.value if what == "edit" else note.value)

    for what, button in buttons.items():
        button.on_click(lambda _, what=what: press(what))
    return widgets.VBox([widgets.HTML(mine("step_html")(step)), note, words, *buttons.values()])
""",
        ),
        (
            "same-answer",
            """
def approval_card(step, decided):
    note = widgets.Text(description="Note")
    buttons = []
    for what in ("approve", "reject", "edit"):
        button = widgets.Button(description=what.capitalize())
        button.on_click(lambda _: decided(what, note.value))
        buttons.append(button)
    return widgets.VBox([widgets.HTML(mine("step_html")(step)), note, *buttons])
""",
        ),
        (
            "not-escaped",
            """
def approval_card(step, decided):
    note = widgets.Text(description="Note")
    words = widgets.Text(description="Action", value=step.task)
    buttons = {name: widgets.Button(description=name.capitalize()) for name in ("approve", "reject", "edit")}

    def press(what):
        for button in buttons.values():
            button.disabled = True
        decided(what, words.value if what == "edit" else note.value)

    for what, button in buttons.items():
        button.on_click(lambda _, what=what: press(what))
    return widgets.VBox([widgets.HTML(f"<b>{step.task}</b> {step.function} {step.arguments}"), note, words, *buttons.values()])
""",
        ),
        (
            "async-click",
            """
def approval_card(step, decided):
    note = widgets.Text(description="Note")
    approve = widgets.Button(description="Approve")

    async def press(button):
        decided("approve", note.value)

    approve.on_click(press)
    return widgets.VBox([widgets.HTML(mine("step_html")(step)), note, approve])
""",
        ),
        (
            "no-widget",
            """
def approval_card(step, decided):
    approve = widgets.Button(description="Approve")
    approve.on_click(lambda _: decided("approve", ""))
    display(widgets.VBox([approve]))
""",
        ),
        (
            "exception",
            """
def approval_card(step, decided):
    approve = widgets.Button(description="Approve")
    note = widgets.Text(description="Note")
    approve.on_click(lambda _: decided("approve", note.text))
    return widgets.VBox([widgets.HTML(mine("step_html")(step)), note, approve])
""",
        ),
    ],
    "ask": [
        (
            "not-thread-safe",
            """
async def ask(step, card, timeout=None, show=display):
    answer = asyncio.get_running_loop().create_future()
    show(card(step, lambda what, text: answer.set_result((what, text))))
    while not answer.done():
        await asyncio.wait({answer}, timeout=0.25)
    return answer.result()
""",
        ),
        (
            "never-wakes",
            """
async def ask(step, card, timeout=None, show=display):
    loop = asyncio.get_running_loop()
    answer = loop.create_future()
    show(card(step, lambda what, text: loop.call_soon_threadsafe(answer.set_result, (what, text))))
    return await answer
""",
        ),
        (
            "second-click",
            """
async def ask(step, card, timeout=None, show=display):
    loop = asyncio.get_running_loop()
    answer = loop.create_future()
    show(card(step, lambda what, text: loop.call_soon_threadsafe(answer.set_result, (what, text))))
    while not answer.done():
        await asyncio.wait({answer}, timeout=0.25)
    return answer.result()
""",
        ),
        (
            "no-timeout",
            """
async def ask(step, card, timeout=None, show=display):
    given = []
    show(card(step, lambda what, text: given.append((what, text))))
    while not given:
        await asyncio.sleep(0.25)
    return given[0]
""",
        ),
        (
            "timeout-yes",
            """
async def ask(step, card, timeout=None, show=display):
    given = []
    show(card(step, lambda what, text: given.append((what, text))))
    end = asyncio.get_running_loop().time() + (timeout or 10**9)
    while not given:
        await asyncio.sleep(0.1)
        if asyncio.get_running_loop().time() > end:
            return "approve", "nobody said no"
    return given[0]
""",
        ),
        (
            "default-timeout",
            """
async def ask(step, card, timeout=30, show=display):
    given = []
    show(card(step, lambda what, text: given.append((what, text))))
    end = asyncio.get_running_loop().time() + timeout
    while not given:
        await asyncio.sleep(0.1)
        if asyncio.get_running_loop().time() > end:
            return "reject", "silence"
    return given[0]
""",
        ),
        (
            "blocking-sleep",
            """
import time

async def ask(step, card, timeout=None, show=display):
    given = []
    show(card(step, lambda what, text: given.append((what, text))))
    while not given:
        time.sleep(0.25)
    return given[0]
""",
        ),
        (
            "no-wait",
            """
async def ask(step, card, timeout=None, show=display):
    given = []
    show(card(step, lambda what, text: given.append((what, text))))
    return given
""",
        ),
        (
            "not-shown",
            """
async def ask(step, card, timeout=None, show=display):
    given = []
    made = card(step, lambda what, text: given.append((what, text)))
    while not given:
        await asyncio.sleep(0.1)
    return given[0]
""",
        ),
        ("signature", "async def ask(step, timeout=None):\n    await asyncio.sleep(0)\n"),
    ],
    "decide": [
        (
            "not-asked-again",
            """
async def decide(engine, step, ask):
    what, text = await ask(step)
    if what == "edit":
        step = await engine.edit(step, text)
    if what == "reject":
        return await engine.reject(step, text)
    return await engine.approve(step, note=text)
""",
        ),
        (
            "approved-unseen",
            """
async def decide(engine, step, ask):
    while True:
        what, text = await ask(step)
        if what == "edit":
            step = await engine.edit(step.id, text)
        elif what == "approve":
            return await engine.approve(step.id, note=text)
        else:
            return await engine.reject(step.id, text)
""",
        ),
        (
            "approved-unseen",
            """
async def decide(engine, step, ask):
    while step.status is StepStatus.awaiting_feedback:
        what, text = await ask(step)
        try:
            if what == "edit":
                step = await engine.edit(step, text)
            elif what == "approve":
                step = await engine.approve(step, note=text)
            else:
                step = await engine.reject(step, text)
        except Conflict as error:
            step = await engine.approve(error.current, note=text)
    return step
""",
        ),
        (
            "asked-too-often",
            """
async def decide(engine, step, ask):
    while True:
        what, text = await ask(step)
        if what == "edit":
            step = await engine.edit(step, text)
        elif what == "approve":
            step = await engine.approve(step, note=text)
        else:
            step = await engine.reject(step, text)
""",
        ),
        (
            "conflict",
            """
async def decide(engine, step, ask):
    while step.status == "awaiting_feedback":
        what, text = await ask(step)
        if what == "edit":
            step = await engine.edit(step, text)
        elif what == "approve":
            step = await engine.approve(step, note=text)
        else:
            step = await engine.reject(step, text)
    return step
""",
        ),
        (
            "old-step",
            """
async def decide(engine, step, ask):
    while True:
        what, text = await ask(step)
        if what == "edit":
            await engine.edit(step, text)
        elif what == "approve":
            return await engine.approve(step.id, note=text)
        else:
            return await engine.reject(step.id, text)
""",
        ),
        (
            "note-lost",
            """
async def decide(engine, step, ask):
    while step.status == "awaiting_feedback":
        what, text = await ask(step)
        if what == "edit":
            step = await engine.edit(step, text)
        elif what == "approve":
            step = await engine.approve(step)
        else:
            step = await engine.reject(step)
    return step
""",
        ),
        (
            "no-await",
            """
async def decide(engine, step, ask):
    what, text = ask(step)
    return await engine.approve(step, note=text)
""",
        ),
    ],
    "after_decision": [
        (
            "no-rule",
            """
def after_decision(step, message):
    note = message.human_feedback
    if step.agent == "HumanAgent" and message.approved:
        return lifecycle.answer(step, note)
    changes = {"human_feedback": note, "status": StepStatus.approved if message.approved else StepStatus.rejected}
    if step.pending_call:
        changes |= {"function": step.pending_call.tool, "arguments": step.pending_call.arguments, "pending_call": None}
    return step.model_copy(update=changes)
""",
        ),
        (
            "changed-in-place",
            """
def after_decision(step, message):
    step.status = StepStatus.approved if message.approved else StepStatus.rejected
    step.human_feedback = message.human_feedback
    return step
""",
        ),
        (
            "own-step",
            """
def after_decision(step, message):
    if message.approved:
        return lifecycle.approve(step, None, message.human_feedback)
    return lifecycle.move(step, Arrow.reject, human_feedback=message.human_feedback, human_approval_status=HumanFeedbackStatus.rejected)
""",
        ),
        (
            "pending-call",
            """
def after_decision(step, message):
    if not message.approved:
        return lifecycle.move(step, Arrow.reject, human_feedback=message.human_feedback, human_approval_status=HumanFeedbackStatus.rejected)
    if step.agent == "HumanAgent":
        return lifecycle.answer(step, message.human_feedback)
    return lifecycle.move(step, Arrow.approve, human_feedback=message.human_feedback)
""",
        ),
        (
            "still-pending",
            """
def after_decision(step, message):
    note = message.human_feedback
    if not message.approved:
        return lifecycle.move(step, Arrow.reject, human_feedback=note)
    return lifecycle.answer(step, note or "done") if step.agent == "HumanAgent" else lifecycle.approve(step, None, note)
""",
        ),
        (
            "note-lost",
            """
def after_decision(step, message):
    if not message.approved:
        return lifecycle.move(step, Arrow.reject, human_approval_status=HumanFeedbackStatus.rejected)
    if step.agent == "HumanAgent":
        return lifecycle.answer(step, message.human_feedback)
    return lifecycle.approve(step, None, message.human_feedback)
""",
        ),
        (
            "note-lost",
            """
def after_decision(step, message):
    return lifecycle.move(step, Arrow.approve if message.approved else Arrow.reject)
""",
        ),
        (
            "wrong-status",
            """
def after_decision(step, message):
    return lifecycle.approve(step, None, message.human_feedback)
""",
        ),
        (
            "no-step",
            "def after_decision(step, message):\n    lifecycle.approve(step, None, message.human_feedback)\n",
        ),
    ],
    "HumanAgent": [
        (
            "not-stored",
            """
class HumanAgent(RoutedAgent):
    def __init__(self, context):
        super().__init__("Speaks for the person.")
        self.context = context

    @message_handler
    async def handle_human_feedback(self, message: HumanFeedback, ctx: MessageContext) -> None:
        step = await self.context.memory.held_step(message.plan_id, message.step_id)
        step = after_decision(step, message)
""",
        ),
        (
            "manager-not-told",
            """
class HumanAgent(RoutedAgent):
    def __init__(self, context):
        super().__init__("Speaks for the person.")
        self.context = context

    @message_handler
    async def handle_human_feedback(self, message: HumanFeedback, ctx: MessageContext) -> None:
        step = await self.context.memory.held_step(message.plan_id, message.step_id)
        await self.context.memory.update_step(after_decision(step, message))
""",
        ),
        (
            "told-too-early",
            """
class HumanAgent(RoutedAgent):
    def __init__(self, context):
        super().__init__("Speaks for the person.")
        self.context = context

    @message_handler
    async def handle_human_feedback(self, message: HumanFeedback, ctx: MessageContext) -> None:
        request = ApprovalRequest(plan_id=message.plan_id, session_id=message.session_id, user_id=message.user_id)
        await self.send_message(request, AgentId("GroupChatManager", self.id.key))
        step = await self.context.memory.held_step(message.plan_id, message.step_id)
        await self.context.memory.update_step(after_decision(step, message))
""",
        ),
        (
            "self-approved",
            """
class HumanAgent(RoutedAgent):
    def __init__(self, context):
        super().__init__("Is sure that you agree.")
        self.context = context

    @message_handler
    async def handle_human_feedback(self, message: HumanFeedback, ctx: MessageContext) -> None:
        step = await self.context.memory.held_step(message.plan_id, message.step_id)
        yes = Approval(by=message.user_id, version=step.version, hash=step.hash)
        await self.context.memory.update_step(lifecycle.approve(step, yes, message.human_feedback))
        request = ApprovalRequest(plan_id=message.plan_id, session_id=message.session_id, user_id=message.user_id)
        await self.send_message(request, AgentId("GroupChatManager", self.id.key))
""",
        ),
        (
            "all-at-once",
            """
class HumanAgent(RoutedAgent):
    def __init__(self, context):
        super().__init__("Speaks for the person.")
        self.context = context

    @message_handler
    async def handle_human_feedback(self, message: HumanFeedback, ctx: MessageContext) -> None:
        step = await self.context.memory.held_step(message.plan_id, message.step_id)
        await self.context.memory.update_step(after_decision(step, message))
        request = ApprovalRequest(plan_id=message.plan_id, session_id=message.session_id, user_id=message.user_id)
        await self.send_message(request, AgentId("GroupChatManager", self.id.key))
""",
        ),
        (
            "no-handler",
            """
class HumanAgent(RoutedAgent):
    def __init__(self, context):
        super().__init__("Speaks for the person.")
        self.context = context

    async def handle_human_feedback(self, message: HumanFeedback, ctx: MessageContext) -> None:
        step = await self.context.memory.held_step(message.plan_id, message.step_id)
        await self.context.memory.update_step(after_decision(step, message))
""",
        ),
        (
            "own-step",
            """
class HumanAgent(RoutedAgent):
    def __init__(self, context):
        super().__init__("Speaks for the person.")
        self.context = context

    @message_handler
    async def handle_human_feedback(self, message: HumanFeedback, ctx: MessageContext) -> None:
        memory, note = self.context.memory, message.human_feedback
        for step_id in message.versions:
            step = await memory.held_step(message.plan_id, step_id)
            if message.approved:
                step = lifecycle.approve(step, None, note)
            else:
                step = lifecycle.move(step, Arrow.reject, human_feedback=note)
            await memory.update_step(step)
        request = ApprovalRequest(plan_id=message.plan_id, session_id=message.session_id, user_id=message.user_id)
        await self.send_message(request, AgentId("GroupChatManager", self.id.key))
""",
        ),
    ],
}

RIGHT = {
    "step_html": [
        """
import json

def step_html(step):
    function, arguments = step.function, step.arguments
    if step.pending_call is not None:
        function, arguments = step.pending_call.tool, step.pending_call.arguments
    rows = [("What", step.task), ("Who", step.agent), ("Call", function)]
    rows += [(name, json.dumps(value)) for name, value in (arguments or {}).items()]
    cells = "".join(f"<tr><th>{html.escape(str(a))}</th><td>{html.escape(str(b))}</td></tr>" for a, b in rows)
    return f"<table>{cells}</table>"
""",
        """
from IPython.display import HTML

def step_html(step):
    call = step.pending_call.model_dump() if step.pending_call else {"tool": step.function, "arguments": step.arguments}
    return HTML("<br>".join(html.escape(str(x)) for x in (step.task, step.agent, call)))
""",
    ],
    "approval_card": [
        # a class derived from VBox, decided once by a flag, with words of its own
        """
class Card(widgets.VBox):
    def __init__(self, step, decided):
        self.decided, self.over = decided, False
        self.why = widgets.Textarea(placeholder="Why, or what to look out for")
        self.action = widgets.Textarea(value=step.task)
        yes = widgets.Button(description="Yes, do it", icon="check")
        no = widgets.Button(description="No!", icon="times")
        change = widgets.Button(icon="pencil", tooltip="Change the words")
        yes.on_click(lambda _: self.tell("approve", self.why.value))
        no.on_click(lambda _: self.tell("reject", self.why.value))
        change.on_click(lambda _: self.tell("edit", self.action.value))
        text = widgets.HTML(mine("step_html")(step))
        super().__init__([text, self.why, self.action, widgets.HBox([yes, no, change])])

    def tell(self, what, text):
        if not self.over:
            self.over = True
            self.decided(what, text)


def approval_card(step, decided):
    return Card(step, decided)
""",
        # an editor that opens first; labels, not HTML; the card closes itself
        """
def approval_card(step, decided):
    note = widgets.Text(placeholder="note")
    place = widgets.HBox([])
    box = widgets.HBox([])

    def finish(what, text):
        box.children = ()
        decided(what, text)

    def open_editor(_):
        words = widgets.Text(step.task)
        save = widgets.Button(description="Save")
        save.on_click(lambda _: finish("edit", words.value))
        place.children = (words, save)

    approve = widgets.Button(description="APPROVE")
    reject = widgets.Button(description="Don't approve")
    edit = widgets.Button(description="Edit …")
    approve.on_click(lambda _: finish("approve", note.value))
    reject.on_click(lambda _: finish("reject", note.value))
    edit.on_click(open_editor)
    call = f"{step.agent} {step.function} {step.arguments}"
    box.children = (widgets.Label(step.task), widgets.Label(call), note, approve, reject, edit, place)
    return box
""",
    ],
    "ask": [
        # a plain list, polled
        """
async def ask(step, card, timeout=None, show=display):
    given, waited = [], 0.0
    show(card(step, lambda what, text: given.append((what, text))))
    while not given:
        if timeout is not None and waited >= timeout:
            return "reject", "nobody answered"
        await asyncio.sleep(0.1)
        waited += 0.1
    return given[0]
""",
        # an event, and wait_for in short pieces
        """
async def ask(step, card, timeout=None, show=display):
    loop, clicked, given = asyncio.get_running_loop(), asyncio.Event(), {}

    def decided(what, text):
        given.setdefault("first", (what, text))
        loop.call_soon_threadsafe(clicked.set)

    show(card(step, decided))
    began = loop.time()
    while not clicked.is_set():
        try:
            await asyncio.wait_for(clicked.wait(), 0.2)
        except TimeoutError:
            if timeout is not None and loop.time() - began > timeout:
                return ("reject", "silence")
    return given["first"]
""",
        # a queue
        """
async def ask(step, card, timeout=None, show=display):
    loop, queue = asyncio.get_running_loop(), asyncio.Queue()
    show(card(step, lambda *decision: loop.call_soon_threadsafe(queue.put_nowait, decision)))
    end = loop.time() + timeout if timeout else None
    while queue.empty():
        if end and loop.time() > end:
            return "reject", f"{timeout} s are over"
        await asyncio.sleep(0.25)
    return queue.get_nowait()
""",
    ],
    "decide": [
        """
async def decide(engine, step, ask):
    what, text = await ask(step)
    try:
        if what == "approve":
            return await engine.approve(step, text or None)
        if what == "reject":
            return await engine.reject(step, why=text)
        changed = await engine.edit(step, action=text)
    except Conflict as error:
        changed = error.current
    return await decide(engine, changed, ask)
""",
    ],
    "after_decision": [
        """
def after_decision(step, message):
    if message.approved and step.agent == "HumanAgent":
        return lifecycle.answer(step, message.human_feedback)
    if message.approved:
        forged = Approval(by=message.user_id, version=step.version, hash=step.hash)
        return lifecycle.approve(step, forged, message.human_feedback)
    return lifecycle.move(step, Arrow.reject, human_feedback=message.human_feedback, human_approval_status="rejected")
""",
    ],
    "HumanAgent": [
        # one commit for all steps, its own after_decision, all the plan's waiting steps when none is named
        """
from macae.models import EventType

class HumanAgent(RoutedAgent):
    def __init__(self, context):
        super().__init__("A person.")
        self.memory = context.memory

    def changed(self, step, message):
        note = message.human_feedback
        if not message.approved:
            return lifecycle.move(step, Arrow.reject, human_feedback=note), EventType.step_rejected
        if step.agent == "HumanAgent":
            return lifecycle.answer(step, note or "ok"), EventType.step_completed
        return lifecycle.approve(step, None, note), EventType.step_approved

    @message_handler
    async def on_feedback(self, message: HumanFeedback, ctx: MessageContext) -> None:
        state = await self.memory.state(message.plan_id)
        steps = [s for s in state.steps.values() if s.status == "awaiting_feedback"]
        if message.step_id:
            steps = [s for s in steps if s.id == message.step_id]
        pairs = [self.changed(step, message) for step in steps]
        events = [self.memory.event(type, step, message.user_id) for step, type in pairs]
        await self.memory.commit(*[step for step, _ in pairs], events=events)
        await self.send_message(
            ApprovalRequest(plan_id=message.plan_id, session_id=message.session_id, user_id=message.user_id),
            AgentId("GroupChatManager", self.id.key),
        )
""",
        # ours, with a method of its own
        """
from macae.agents.human import HumanAgent as Ours

class HumanAgent(Ours):
    pass
""",
    ],
}
