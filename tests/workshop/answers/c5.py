"""Challenge 5: answers of the kind that learners give."""

from __future__ import annotations

ROWS = """
MOVES = {
    "offer": ({S.planned}, S.awaiting_feedback),
    "approve": ({S.awaiting_feedback}, S.approved),
    "reject": ({S.awaiting_feedback}, S.rejected),
    "dispatch": ({S.approved}, S.action_requested),
    "reply": ({S.action_requested}, S.completed),
    "fail": ({S.action_requested}, S.failed),
    "pause": ({S.action_requested}, S.awaiting_feedback),
    "retry": ({S.failed, S.rejected}, S.awaiting_feedback),
    "skip": ({S.planned, S.awaiting_feedback, S.failed, S.rejected}, S.skipped),
    "supersede": ({S.planned, S.awaiting_feedback, S.approved, S.failed, S.rejected}, S.superseded),
}
"""
COPY = 'return step.model_copy(update={**changes, "status": MOVES[event][1]})'


def moves(body: str, rows: str = ROWS) -> str:
    lines = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
    return f"{rows}\ndef move_step(step, event, **changes):\n{lines}\n"


REFUSE = """
if event not in MOVES or step.status not in MOVES[event][0]:
    raise NotAllowed(f"{event}: not from {step.status}")
"""

FOLLOWS = """
def what_follows(steps):
    status_of = {step.id: step.status for step in steps}

    def clear(step):
        return all(status_of[other] in CLEARED for other in step.depends_on)

    offer = [s for s in steps if s.status is S.planned and (s.arguments is not None or clear(s))]
    start = [s for s in steps if s.status is S.approved and clear(s)]
    if any(s.status not in OVER for s in steps):
        return Follow(offer, start, PlanStatus.in_progress)
    done = any(s.status is S.completed for s in steps)
    return Follow(offer, start, PlanStatus.completed if done else PlanStatus.cancelled)
"""

DISPATCH = """
async def dispatch(manager, step):
    memory, gate = manager.context.memory, manager.context.gate
    claimed = move_step(step, "dispatch", owner=memory.store.owner, attempt=step.attempt + 1)
    started = memory.event(EventType.step_started, claimed, MANAGER, claimed.task)
    await memory.commit(claimed, events=[started])
    run = gate.open(claimed)
    try:
        response = await manager.send_message(request_for(claimed), AgentId(step.agent, step.session_id))
    except Exception as error:
        response = ActionResponse(status="failure", message=f"{step.agent} failed: {error}")
    finally:
        gate.close(step.id)
    return run, response
"""

SETTLE = """
async def settle(manager, run, response):
    memory = manager.context.memory
    step = await run.result()
    text = response.result or response.message
    new = [memory.said(step.agent, text, step.plan_id, step.id)]
    if run.pending:
        after, told = move_step(step, "pause", pending_call=run.pending), EventType.step_paused
        new.append(memory.question(after))
    elif response.status == "success" and was_done(step):
        after, told = move_step(step, "reply", agent_reply=text), EventType.step_completed
    else:
        after, told = move_step(step, "fail", error=text), EventType.step_failed
    events = [*run.notes, memory.event(told, after, step.agent, text)]
    await memory.commit(after, new=new, events=events)
"""

REVISE = """
def revise_steps(old, new):
    twins = {sameness(step): step for step in old if step.status in OPEN}
    pairs = [(step, twins.pop(sameness(step), None)) for step in new]
    ids = {step.id: (twin or step).id for step, twin in pairs}
    last = max((step.index for step in old), default=0)
    changed = []
    for number, (step, twin) in enumerate(pairs, 1):
        kept = twin or step.model_copy(update={"index": last + number})
        needs = [ids[other] for other in step.depends_on]
        changed.append(kept.model_copy(update={"depends_on": needs}))
    replaced = [s for s in old if s.status in OPEN | UNDECIDED and s.id not in ids.values()]
    return changed + [move_step(step, "supersede") for step in replaced]
"""

MANAGER = """
class GroupChatManager(RoutedAgent):
    def __init__(self, context):
        super().__init__("Leads the group.")
        self.context, self.memory = context, context.memory

    @message_handler
    async def handle_input_task(self, message: InputTask, ctx: MessageContext) -> PlanWithSteps:
        planned = await self.send_message(message, AgentId(PLANNER, self.id.key))
        plan, steps = stamped(planned, message)
        created = self.memory.event(EventType.plan_created, plan, PLANNER, plan.summary or "")
        row = self.memory.session_row("active")
        said = self.memory.said(message.user_id, message.description, plan.id)
        await self.memory.commit(plan, *steps, new=[said], events=[created], also=[row])
        await self.process_next_step(plan.id)
        return (await self.memory.state(plan.id)).joined()

    @message_handler
    async def handle_new_words(self, message: HumanClarification | ReplanRequest, ctx: MessageContext) -> PlanWithSteps:
        return await plan_again(self, message)

    @message_handler
    async def handle_approval(self, message: ApprovalRequest, ctx: MessageContext) -> None:
        self.context.spawn(self.process_next_step(message.plan_id), message.plan_id)

    async def process_next_step(self, plan_id):
        state = await self.memory.state(plan_id)
        if state.plan.overall_status is not PlanStatus.in_progress:
            return
        follow = mine("what_follows")(list(state.steps.values()))
        changed = [mine("move_step")(step, "offer") for step in follow.offer]
        questions = [self.memory.question(step) for step in changed]
        events = [self.memory.event(EventType.step_offered, s, "GroupChatManager", s.task) for s in changed]
        if follow.status is not PlanStatus.in_progress:
            plan = state.plan.model_copy(update={"overall_status": follow.status})
            changed, events = [*changed, plan], [*events, self.memory.event(EventType.plan_changed, plan, MANAGER, status=follow.status)]
        if changed:
            await self.memory.commit(*changed, new=questions, events=events)
        for step in follow.start:
            self.context.spawn(self.execute_step(step), plan_id)

    async def execute_step(self, step):
        try:
            run, response = await mine("dispatch")(self, step)
            if run.released:
                return
            await mine("settle")(self, run, response)
        except (Conflict, NotAllowed):
            return
        await self.process_next_step(step.plan_id)
"""


def but(source: str, *changes: tuple[str, str]) -> str:
    """The source with something written differently."""
    for before, after in changes:
        assert before in source, before
        source = source.replace(before, after)
    return source


WRONG = {
    "move_step": [
        ("let-through", moves(COPY)),
        ("in-place", moves(f"{REFUSE}step.status = MOVES[event][1]\nreturn step")),
        ("refused", moves(f"{REFUSE}{COPY}", but(ROWS, ('    "retry": ({S.failed, S.rejected}', '    "retry": ({S.failed}')))),
        ("refused", moves(f"{REFUSE}{COPY}", but(ROWS, ('    "pause": ({S.action_requested}, S.awaiting_feedback),\n', "")))),
        ("wrong-end", moves(f"{REFUSE}{COPY}", but(ROWS, ("({S.approved}, S.action_requested)", "({S.approved}, S.completed)")))),
        ("unknown-event", moves(f'if step.status not in MOVES[event][0]:\n    raise NotAllowed(f"{{event}}: not from {{step.status}}")\n{COPY}')),
        ("mute", moves(f'if step.status not in MOVES[event][0]:\n    raise NotAllowed("not allowed")\n{COPY}')),
        ("other-error", moves(f'if step.status not in MOVES[event][0]:\n    raise ValueError(f"{{event}} {{step.status}}")\n{COPY}')),
        ("changes-lost", moves(f'{REFUSE}return step.model_copy(update={{"status": MOVES[event][1]}})')),
        ("no-step", moves(f"{REFUSE}return MOVES[event][1]")),
        ("let-through", moves(f'if step.status not in MOVES[event][0]:\n    return None\n{COPY}')),
    ],
    "what_follows": [
        ("skipped-blocks", but(FOLLOWS, ("in CLEARED", "is S.completed"))),
        ("ran-on", but(FOLLOWS, ("in CLEARED", "in CLEARED | {S.failed, S.rejected}"))),
        ("one-at-a-time", but(FOLLOWS, ("Follow(offer, start, PlanStatus.in_progress)", "Follow(offer, start[:1], PlanStatus.in_progress)"))),
        ("too-early", but(FOLLOWS, ("s.status is S.approved and clear(s)", "s.status is S.approved"))),
        ("too-early", but(FOLLOWS, ("return all(", "return not step.depends_on or any("))),
        ("offered-early", but(FOLLOWS, ("(s.arguments is not None or clear(s))", "True"))),
        ("not-offered", but(FOLLOWS, ("(s.arguments is not None or clear(s))", "clear(s)"))),
        ("empty-call", but(FOLLOWS, ("s.arguments is not None or clear(s)", "s.arguments or clear(s)"))),
        ("over-too-soon", but(FOLLOWS, ("in OVER for", "in OVER | {S.failed, S.rejected} for"))),
        ("nothing-done", but(FOLLOWS, ("PlanStatus.completed if done else PlanStatus.cancelled", "PlanStatus.completed"))),
        ("never-over", "def what_follows(steps):\n    clear = {s.id for s in steps if s.status in CLEARED}\n    def ok(s):\n        return clear.issuperset(s.depends_on)\n    return Follow([s for s in steps if s.status is S.planned and (s.arguments is not None or ok(s))], [s for s in steps if s.status is S.approved and ok(s)], PlanStatus.in_progress)\n"),
        ("not-three", but(FOLLOWS, ("return Follow(offer, start, PlanStatus.in_progress)", "return start"))),
        ("no-steps", but(FOLLOWS, ("offer = [s for", "offer = [s.id for"))),
    ],
    "dispatch": [
        ("not-claimed", but(DISPATCH, ("    await memory.commit(claimed, events=[started])\n", ""), ("    return run", "    await memory.commit(claimed, events=[started])\n    return run"))),
        ("gate-shut", but(DISPATCH, ("    run = gate.open(claimed)\n", ""), ("    return run", "    run = gate.open(claimed)\n    return run"))),
        ("gate-left-open", but(DISPATCH, ("    finally:\n        gate.close(step.id)\n", ""))),
        ("gate-left-open", but(DISPATCH, ("    finally:\n        gate.close(step.id)\n", ""), ("step.session_id))\n", "step.session_id))\n        gate.close(step.id)\n"))),
        ("gate-left-open", but(DISPATCH, ("    finally:\n        gate.close(step.id)\n", "    gate.close(step.id)\n"))),
        ("stop-swallowed", but(DISPATCH, ("except Exception", "except BaseException"))),
        ("no-attempt", but(DISPATCH, ("attempt=step.attempt + 1", "attempt=1"))),
        ("agent-error", but(DISPATCH, ('    except Exception as error:\n        response = ActionResponse(status="failure", message=f"{step.agent} failed: {error}")\n', ""))),
        ("no-owner", but(DISPATCH, ("owner=memory.store.owner, ", ""))),
        ("no-event", but(DISPATCH, (", events=[started]", ""))),
        ("twice", but(DISPATCH, ("    await memory.commit(claimed, events=[started])\n", "    try:\n        await memory.commit(claimed, events=[started])\n    except Conflict:\n        pass\n"))),
        ("wrong-result", but(DISPATCH, ("return run, response", "return response"))),
        ("silent-failure", but(DISPATCH, ('f"{step.agent} failed: {error}"', '"It failed."'))),
        ("stale-run", but(DISPATCH, ("gate.open(claimed)", "gate.open(step)"))),
        ("wrong-request", but(DISPATCH, ("request_for(claimed)", "request_for(claimed).model_copy(update={'action': step.action})"))),
        ("not-sent", but(DISPATCH, ("step.agent, step.session_id))", "step.agent, step.plan_id))"))),
        ("no-await", but(DISPATCH, ("await memory.commit", "memory.commit"))),
    ],
    "settle": [
        ("believed", but(SETTLE, (" and was_done(step)", ""))),
        ("not-paused", but(SETTLE, ("    if run.pending:\n        after, told = move_step(step, \"pause\", pending_call=run.pending), EventType.step_paused\n        new.append(memory.question(after))\n    elif", "    if"))),
        ("no-question", but(SETTLE, ("        new.append(memory.question(after))\n", ""))),
        ("needless-question", but(SETTLE, ("        new.append(memory.question(after))\n", ""), ("    events = [", "    new.append(memory.question(after))\n    events = ["))),
        ("wrong-order", but(SETTLE, ("[*run.notes, memory.event(told, after, step.agent, text)]", "[memory.event(told, after, step.agent, text), *run.notes]"))),
        ("lost-notes", but(SETTLE, ("*run.notes, ", ""))),
        ("not-stored", but(SETTLE, ("    await memory.commit(after, new=new, events=events)\n", ""))),
        ("no-event", but(SETTLE, (", memory.event(told, after, step.agent, text)]", "]"))),
        ("no-reply", but(SETTLE, (", agent_reply=text", ""))),
        ("no-reason", but(SETTLE, (", error=text", ""))),
        ("no-message", but(SETTLE, ("new = [memory.said(step.agent, text, step.plan_id, step.id)]", "new = []"))),
        ("too-strict", but(SETTLE, ("was_done(step)", "any(c.state == 'completed' for c in step.calls)"))),
        ("no-call-shown", but(SETTLE, (", pending_call=run.pending", ""))),
        ("still-owned", but(SETTLE, ("step = await run.result()", "step = await run.settled()"))),
        ("gave-up", SETTLE + "    if after.status is S.failed:\n        plan = (await memory.state(step.plan_id)).plan\n        await memory.commit(plan.model_copy(update={'overall_status': PlanStatus.failed}))\n"),
    ],
    "revise_steps": [
        ("yes-lost", "def revise_steps(old, new):\n    last = max((s.index for s in old), default=0)\n    gone = [move_step(s, 'supersede') for s in old if s.status in OPEN | UNDECIDED]\n    return gone + [s.model_copy(update={'index': last + n}) for n, s in enumerate(new, 1)]\n"),
        ("old-needs", but(REVISE, ("changed.append(kept.model_copy(update={\"depends_on\": needs}))", "changed.append(kept)"))),
        ("old-needs", but(REVISE, ("[ids[other] for other in step.depends_on]", "step.depends_on"))),
        ("done-again", but(REVISE, ("return changed +", "return [s for s in old if s.status not in OPEN | UNDECIDED] + changed +"))),
        ("not-superseded", but(REVISE, ("OPEN | UNDECIDED and", "UNDECIDED and"))),
        ("failed-kept", but(REVISE, ("if step.status in OPEN}", "if step.status in OPEN | UNDECIDED}"))),
        ("failed-kept", but(REVISE, ("OPEN | UNDECIDED and", "OPEN and"))),
        ("one-for-two", but(REVISE, ("twins.pop(sameness(step), None)", "twins.get(sameness(step))"), ("    return changed +", "    changed = list({s.id: s for s in changed}.values())\n    return changed +"))),
        ("same-number", but(REVISE, ("last + number", "number"))),
        ("no-list", but(REVISE, ("    return changed + ", "    changed += "))),
        ("exception", but(REVISE, ("max((step.index for step in old), default=0)", "max(step.index for step in old)"))),
        ("yes-lost", but(REVISE, ("kept.model_copy(update={", "kept.model_copy(update={'approval': None, "))),
    ],
    "GroupChatManager": [
        ("one-by-one", but(MANAGER, ("            self.context.spawn(self.execute_step(step), plan_id)", "            await self.execute_step(step)"))),
        ("unseen-work", but(MANAGER, ("            self.context.spawn(self.execute_step(step), plan_id)", "            import asyncio\n            asyncio.get_running_loop().create_task(self.execute_step(step))"))),
        ("goal-lost", but(MANAGER, ("new=[said], ", ""))),
        ("stops-early", but(MANAGER, ("            self.context.spawn(self.execute_step(step), plan_id)", "            pass"))),
        ("stops-early", but(MANAGER, ("            return\n        await self.process_next_step(step.plan_id)\n", "            return\n"))),
        ("never-completed", but(MANAGER, ("if follow.status is not PlanStatus.in_progress:", "if False:"))),
        ("not-offered", but(MANAGER, ("        await self.process_next_step(plan.id)\n        return", "        return"))),
        ("no-session", but(MANAGER, (", also=[row]", ""))),
        ("no-question", but(MANAGER, ("new=questions, ", ""))),
        ("no-event", but(MANAGER, ("events=[created], ", ""))),
        ("no-event", but(MANAGER, ("[*events, self.memory.event(EventType.plan_changed, plan, MANAGER, status=follow.status)]", "events"))),
        ("status-untold", but(MANAGER, ("plan, MANAGER, status=follow.status)", "plan)"))),
        ("cut-off-settled", but(MANAGER, ("            if run.released:\n                return\n", ""))),
        ("conflict-out", but(MANAGER, ("        except (Conflict, NotAllowed):\n            return\n", "        finally:\n            pass\n"))),
        ("no-plan", but(MANAGER, ("        await self.process_next_step(plan.id)\n        return (await self.memory.state(plan.id)).joined()", "        await self.process_next_step(plan.id)"))),
        ("not-stored", but(MANAGER, ("        await self.memory.commit(plan, *steps, new=[said], events=[created], also=[row])\n        await self.process_next_step(plan.id)\n        return (await self.memory.state(plan.id)).joined()", "        return PlanWithSteps.of(plan, steps)"))),
        ("failure-stops-all", but(MANAGER, ("        for step in follow.start:", "        if any(s.status is S.failed for s in state.steps.values()):\n            return\n        for step in follow.start[:1] if len(state.steps) == 3 and state.steps[list(state.steps)[2]].function == 'bake' else follow.start:"))),
        ("no-way-on", but(MANAGER, ("        self.context.spawn(self.process_next_step(message.plan_id), message.plan_id)", "        if message.approved:\n            self.context.spawn(self.process_next_step(message.plan_id), message.plan_id)"))),
        ("exception", but(MANAGER, ("    @message_handler\n    async def handle_approval", "    async def handle_approval"))),
        ("no-await", but(MANAGER, ("            self.context.spawn(self.execute_step(step), plan_id)", "            self.execute_step(step)"))),
        ("over-too-soon", but(MANAGER, ("        if changed:", "        if any(s.status is S.failed for s in state.steps.values()):\n            changed = [*changed, state.plan.model_copy(update={'overall_status': PlanStatus.failed})]\n        if changed:"))),
    ],
}  # fmt: skip

RIGHT = {
    "move_step": [
        """
def move_step(step, event, **changes):
    allowed = {
        S.planned: {"offer": S.awaiting_feedback, "skip": S.skipped, "supersede": S.superseded},
        S.awaiting_feedback: {"approve": S.approved, "reject": S.rejected, "skip": S.skipped, "supersede": S.superseded},
        S.approved: {"dispatch": S.action_requested, "supersede": S.superseded},
        S.action_requested: {"reply": S.completed, "fail": S.failed, "pause": S.awaiting_feedback},
        S.failed: {"retry": S.awaiting_feedback, "skip": S.skipped, "supersede": S.superseded},
        S.rejected: {"retry": S.awaiting_feedback, "skip": S.skipped, "supersede": S.superseded},
    }
    if event not in allowed.get(step.status, {}):
        raise NotAllowed("%s cannot happen to a step that is %s" % (event, step.status.value))
    after = step.model_copy()
    after.status = allowed[step.status][event]
    for name, value in changes.items():
        setattr(after, name, value)
    return after
"""
    ],
    "what_follows": [
        """
def what_follows(steps):
    clear_ids = {s.id for s in steps if s.status in ("completed", "skipped")}
    offer, start = [], []
    for step in steps:
        ready = set(step.depends_on) <= clear_ids
        if step.status == "planned" and (ready or step.arguments is not None):
            offer.append(step)
        elif step.status == "approved" and ready:
            start.append(step)
    if {s.status for s in steps} - OVER:
        return offer, start, "in_progress"
    return offer, start, "completed" if "completed" in [s.status for s in steps] else "cancelled"
"""
    ],
    "dispatch": [
        """
async def dispatch(manager, step):
    memory = manager.context.memory
    claimed = step.model_copy(update={"status": S.action_requested, "owner": memory.store.owner, "attempt": step.attempt + 1})
    await memory.commit(claimed, events=[memory.event(EventType.step_started, claimed, MANAGER)])
    run = manager.context.gate.open(claimed)
    try:
        return run, await manager.send_message(request_for(claimed), AgentId(claimed.agent, manager.id.key))
    except Exception as error:
        return run, ActionResponse(status="failure", message=str(error), result=str(error), step_id=step.id)
    finally:
        manager.context.gate.close(claimed.id)
"""
    ],
    "settle": [
        """
async def settle(manager, run, response):
    memory = manager.context.memory
    step = await run.result()
    words = response.result or response.message
    if run.pending is not None:
        after = step.model_copy(update={"status": S.awaiting_feedback, "pending_call": run.pending, "approval": None})
        kind = EventType.step_paused
    elif response.status == "failure" or not was_done(step):
        after = step.model_copy(update={"status": S.failed, "error": words})
        kind = EventType.step_failed
    else:
        after = step.model_copy(update={"status": S.completed, "agent_reply": words})
        kind = EventType.step_completed
    extra = [memory.question(after)] if kind is EventType.step_paused else []
    said = memory.said(step.agent, words, step.plan_id, step.id)
    await memory.commit(after, new=[said, *extra], events=[*run.notes, memory.event(kind, after, step.agent, words)])
"""
    ],
    "revise_steps": [
        """
def revise_steps(old, new):
    free = [s for s in old if s.status in OPEN]
    number = len(old)
    stored, ids = [], {}
    for step in new:
        twin = next((s for s in free if sameness(s) == sameness(step)), None)
        if twin is not None:
            free.remove(twin)
            ids[step.id] = twin.id
        else:
            number += 1
            ids[step.id] = step.id
        base = twin or step.model_copy(update={"index": number})
        stored.append(base.model_copy(update={"depends_on": [ids[o] for o in step.depends_on if o in ids]}))
    for step in [*free, *(s for s in old if s.status in UNDECIDED)]:
        stored.append(move_step(step, "supersede"))
    return stored
"""
    ],
    "GroupChatManager": [
        """
class GroupChatManager(RoutedAgent):
    def __init__(self, context):
        super().__init__("Leads.")
        self.context = context

    @message_handler
    async def on_task(self, message: InputTask, ctx: MessageContext) -> PlanWithSteps:
        memory = self.context.memory
        planned = await self.send_message(message, AgentId("PlannerAgent", message.session_id))
        plan, steps = stamped(planned, message)
        events = [memory.event(EventType.plan_created, plan, "PlannerAgent")]
        said = [memory.said(message.user_id, message.description, plan.id)]
        await memory.commit(plan, *steps, new=said, events=events, also=[memory.session_row("active")])
        return await self.process_next_step(plan.id)

    @message_handler
    async def on_answer(self, message: HumanClarification, ctx: MessageContext) -> PlanWithSteps:
        return await plan_again(self, message)

    @message_handler
    async def on_wish(self, message: ReplanRequest, ctx: MessageContext) -> PlanWithSteps:
        return await plan_again(self, message)

    @message_handler
    async def on_decision(self, message: ApprovalRequest, ctx: MessageContext) -> None:
        await self.process_next_step(message.plan_id)

    async def process_next_step(self, plan_id):
        memory = self.context.memory
        state = await memory.state(plan_id)
        if state.plan.overall_status == "in_progress":
            offer, start, status = what_follows(list(state.steps.values()))
            for step in offer:
                offered = move_step(step, "offer")
                told = memory.event(EventType.step_offered, offered, "GroupChatManager", offered.task)
                await memory.commit(offered, new=[memory.question(offered)], events=[told])
            if status != "in_progress":
                plan = state.plan.model_copy(update={"overall_status": status})
                told = memory.event(EventType.plan_changed, plan, "GroupChatManager", "It is " + status)
                await memory.commit(plan, events=[told])
            for step in start:
                self.context.spawn(self.work(step), plan_id)
        return (await memory.state(plan_id)).joined()

    async def work(self, step):
        try:
            run, response = await dispatch(self, step)
            if not run.released:
                await settle(self, run, response)
        except (Conflict, NotAllowed):
            return
        await self.process_next_step(step.plan_id)
"""
    ],
}
