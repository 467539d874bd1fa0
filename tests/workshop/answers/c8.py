"""Challenge 8: answers that learners give."""

from __future__ import annotations

from tests.workshop.answers.c7 import changed

LISTEN = """
async def listen(stream, thoughts, clock=time.perf_counter):
    since = clock()
    async for item in stream:
        if isinstance(item, ThoughtEvent):
            thoughts.append({"agent": item.source, "text": item.content, "seconds": clock() - since})
        if not isinstance(item, ModelClientStreamingChunkEvent):
            since = clock()
        yield item
"""
SINK = """
class NdjsonSink:
    def __init__(self, path):
        old = path.read_bytes() if path.exists() else b""
        self.file = path.open("ab")
        if old and not old.endswith(b"\\n"):
            self.file.write(b"\\n")

    def __call__(self, event):
        self.file.write(event.model_dump_json().encode() + b"\\n")
        self.file.flush()

    def close(self):
        self.file.close()

    @staticmethod
    def read(path):
        events = []
        for line in path.read_bytes().split(b"\\n"):
            try:
                events.append(Event.model_validate_json(line))
            except ValidationError:
                pass
        return events
"""
TORN = '        if old and not old.endswith(b"\\n"):\n            self.file.write(b"\\n")\n'
TRIED = """            try:
                events.append(Event.model_validate_json(line))
            except ValidationError:
                pass
"""
COST = """
class CostCounter:
    def __init__(self, prices):
        self.prices = prices
        self.usd = 0.0
        self.by_agent = {}
        self.unpriced = {}

    def price(self, model, prompt_tokens, completion_tokens):
        if model not in self.prices:
            return None
        sent, back = self.prices[model]
        return (prompt_tokens * sent + completion_tokens * back) / 1_000_000

    def __call__(self, event):
        if event.type != "model_called":
            return
        model = event.data["model"]
        usd = self.price(model, event.data["prompt_tokens"], event.data["completion_tokens"])
        if usd is None:
            self.unpriced[model] = self.unpriced.get(model, 0) + 1
        else:
            self.usd += usd
            self.by_agent[event.agent] = self.by_agent.get(event.agent, 0.0) + usd
"""
MASK = """
def mask_cards(text):
    def masked(found):
        digits = re.sub(r"[ -]", "", found[0])
        return "[card]" if luhn(digits) else found[0]

    return re.sub(r"(?<![\\w-])\\d(?:[ -]?\\d){12,18}(?![\\w-])", masked, text)
"""
ALERT = """
class SlowAlert:
    def __init__(self, limit, emit):
        self.limit, self.emit = limit, emit
        self.last = deque(maxlen=5)
        self.raised = False

    def __call__(self, event):
        if event.type != "model_called":
            return
        self.last.append(event.data["seconds"])
        mean = sum(self.last) / len(self.last)
        slow = len(self.last) == 5 and mean > self.limit
        if slow != self.raised:
            self.raised = slow
            kind = "alert_raised" if slow else "alert_resolved"
            self.emit({"type": kind, "value": mean, "limit": self.limit})
"""
FIGURE = """
def busy_figure(events):
    figure = Figure(figsize=(7, 2.6))
    axes = figure.subplots()
    seconds, troubled = {}, set()
    for event in events:
        if event.type in ("model_called", "tool_finished"):
            seconds[event.agent] = seconds.get(event.agent, 0.0) + event.data["seconds"]
            if event.data.get("ok") is False or event.data.get("state") == "failed":
                troubled.add(event.agent)
    names = sorted(seconds, key=seconds.get)
    colours = [TROUBLE if name in troubled else FINE for name in names]
    axes.barh(names, [seconds[name] for name in names], color=colours)
    return figure
"""
FAULT = """
def find_fault(events):
    started, done, found = {}, {}, []
    for event in events:
        if event.type == "tool_started" and event.data["effect"] == "change":
            started[event.data["key"]] = event.data["arguments"]
        elif event.type == "tool_finished" and event.data["state"] == "completed":
            arguments = started.get(event.data["key"], {})
            if "quantity" in arguments:
                done.setdefault(event.step_id, set()).add(str(arguments["quantity"]))
        elif event.type == "step_completed":
            claimed = set(re.findall(r"(?<![\\w$,.-])\\d+(?![\\w,.-]*\\d)", event.text))
            if done.get(event.step_id, set()) - claimed:
                found.append(event.step_id)
    return found
"""
CLAIMED = 'set(re.findall(r"(?<![\\w$,.-])\\d+(?![\\w,.-]*\\d)", event.text))'
STUB = "raise NotImplementedError('To do: …')\n"


WRONG = {
    "listen": [
        ("not-attempted", f"async def listen(stream, thoughts, clock=time.perf_counter):\n    {STUB}"),
        (
            "no-yield",
            "async def listen(stream, thoughts, clock=time.perf_counter):\n    async for item in stream:\n"
            "        if isinstance(item, ThoughtEvent):\n            thoughts.append(item)\n",
        ),
        ("not-async", changed(LISTEN, ("async def", "def"), ("async for", "for"))),
        ("no-async-for", changed(LISTEN, ("async for", "for"))),
        ("exception", changed(LISTEN, ("isinstance(item, ThoughtEvent)", 'item.type == "ThoughtEvent"'))),
        (
            "held-back",
            "async def listen(stream, thoughts, clock=time.perf_counter):\n    items = [item async for item in stream]\n"
            "    for item in items:\n        yield item\n",
        ),
        ("swallowed", changed(LISTEN, ("        yield item\n", "        else:\n            continue\n        yield item\n"), ("        if not isinstance(item, ModelClientStreamingChunkEvent):\n            since = clock()\n", ""))),
        ("swallowed", changed(LISTEN, ("        yield item\n", "        if not isinstance(item, ThoughtEvent):\n            yield item\n"))),
        ("no-thoughts", changed(LISTEN, ("isinstance(item, ThoughtEvent)", 'getattr(item, "type", "") == "Thought"'))),
        ("not-only-thoughts", changed(LISTEN, ("isinstance(item, ThoughtEvent)", 'hasattr(item, "content")'))),
        ("other-form", changed(LISTEN, ('{"agent": item.source, "text": item.content, "seconds": clock() - since}', "item.content"))),
        ("chunk-resets", changed(LISTEN, ("        if not isinstance(item, ModelClientStreamingChunkEvent):\n            since", "        since"))),
        ("wrong-seconds", changed(LISTEN, ("        if not isinstance(item, ModelClientStreamingChunkEvent):\n            since = clock()\n", ""))),
        ("wrong-seconds", changed(LISTEN, ("        if not isinstance(item, ModelClientStreamingChunkEvent):\n            since", "        if isinstance(item, ThoughtEvent):\n            since"))),
        (
            "error-hidden",
            changed(LISTEN, ("    async for item in stream:\n", "    items = stream.__aiter__()\n    while True:\n        try:\n            item = await items.__anext__()\n        except Exception:\n            return\n        except StopAsyncIteration:\n            return\n")),
        ),
        ("exception", changed(LISTEN, ("item.source", "item.agent"))),
        ("noted-late", changed(LISTEN, ("        yield item\n", ""), ("    async for item in stream:\n", "    async for item in stream:\n        yield item\n"))),
    ],
    "NdjsonSink": [
        ("not-attempted", f"class NdjsonSink:\n    def __init__(self, path):\n        {STUB}"),
        ("not-flushed", changed(SINK, ("        self.file.flush()\n", ""))),
        ("no-json", changed(SINK, ("event.model_dump_json().encode()", "repr(event.model_dump()).encode()"))),
        ("no-line-end", changed(SINK, ('.encode() + b"\\n")', ".encode())"))),
        ("exception", changed(SINK, (".encode()", ""), ('b"\\n")\n        self.file.flush', '"\\n")\n        self.file.flush'))),
        ("blank-line", changed(SINK, ('if old and not old.endswith(b"\\n"):', 'if old[-1:] != b"\\n":'))),
        ("more-lines", changed(SINK, ("event.model_dump_json().encode()", "f'{event.type}: {event.text}'.encode()"))),
        ("more-lines", changed(SINK, ("model_dump_json()", "model_dump_json(indent=2)"))),
        ("not-whole", "import json\n" + changed(SINK, ("event.model_dump_json().encode()", "json.dumps(event.model_dump_json()).encode()"))),
        ("not-whole", "import json\n" + changed(SINK, ("event.model_dump_json().encode()", 'json.dumps({"type": event.type, "text": event.text}).encode()'))),
        ("overwritten", changed(SINK, ('open("ab")', 'open("wb")'))),
        ("overwritten", changed(SINK, ('open("ab")', 'open("wb")\n        self.file.write(old)'))),
        ("blank-line", changed(SINK, ('if old and not old.endswith(b"\\n"):', "if True:"))),
        ("blank-line", changed(SINK, ('not old.endswith(b"\\n")', 'old[-1] != "\\n"'))),
        ("taken-out", changed(SINK, (TORN, '        if old and not old.endswith(b"\\n"):\n            self.file.truncate(old.rfind(b"\\n") + 1)\n'))),
        ("stuck-together", changed(SINK, (TORN, ""))),
        ("torn-line", changed(SINK, (TRIED, "            if line:\n                events.append(Event.model_validate_json(line))\n"))),
        ("torn-letter", changed(SINK, ('path.read_bytes().split(b"\\n")', 'path.read_text(encoding="utf-8").split("\\n")'))),
        ("cut-lines", changed(SINK, ('path.read_bytes().split(b"\\n")', 'path.read_text(encoding="utf-8", errors="replace").splitlines()'))),
        ("no-events", "import json\n" + changed(SINK, ("Event.model_validate_json(line)", "json.loads(line)"), ("ValidationError", "ValueError"))),
        ("async-def", changed(SINK, ("    def __call__", "    async def __call__"))),
    ],
    "CostCounter": [
        ("not-attempted", f"class CostCounter:\n    def __init__(self, prices):\n        pass\n\n    def price(self, model, prompt_tokens, completion_tokens):\n        {STUB}"),
        ("zero", changed(COST, ("            return None", "            return 0.0"))),
        ("exception", changed(COST, ("        if model not in self.prices:\n            return None\n", ""))),
        ("guessed", changed(COST, ("        if model not in self.prices:\n            return None\n        sent, back = self.prices[model]", "        near = [name for name in self.prices if model.startswith(name)]\n        if not near:\n            return None\n        sent, back = self.prices[max(near, key=len)]"))),
        ("guessed", changed(COST, ("            return None", "            model = 'big'"))),
        ("guessed", changed(COST, ("        if model not in self.prices:\n            return None\n        sent, back = self.prices[model]", "        near = [price for name, price in self.prices.items() if model.startswith(name)]\n        if not near:\n            return None\n        sent, back = near[0]"))),
        ("failed-left-out", changed(COST, ('if event.type != "model_called":', 'if event.type != "model_called" or not event.data["ok"]:'))),
        ("rounded", changed(COST, ("(prompt_tokens * sent + completion_tokens * back) / 1_000_000", "round((prompt_tokens * sent + completion_tokens * back) / 1_000_000, 4)"))),
        ("rounded", changed(COST, ("self.by_agent.get(event.agent, 0.0) + usd", "self.by_agent.get(event.agent, 0.0) + round(usd, 4)"))),
        ("per-thousand", changed(COST, ("1_000_000", "1_000"))),
        ("wrong-price", changed(COST, ("sent, back =", "back, sent ="))),
        ("free-is-unpriced", changed(COST, ("if usd is None", "if not usd"))),
        ("zero", changed(COST, ("            self.unpriced[model] = self", "            self.by_agent.setdefault(event.agent, 0.0)\n            self.unpriced[model] = self"))),
        ("not-added", changed(COST, ("self.by_agent.get(event.agent, 0.0) + usd", "usd"))),
        ("not-added", changed(COST, ("self.usd += usd", "self.usd = usd"))),
        ("not-told", changed(COST, ("            self.unpriced[model] = self.unpriced.get(model, 0) + 1", "            return"))),
        ("shared", changed(COST, ("        self.by_agent = {}\n", ""), ("class CostCounter:\n", "class CostCounter:\n    by_agent = {}\n\n"))),
        ("exception", changed(COST, ("if usd is None:", "if False:"))),
        ("exception", changed(COST, ('        if event.type != "model_called":\n            return\n', ""))),
        ("async-def", changed(COST, ("    def __call__", "    async def __call__"))),
    ],
    "mask_cards": [
        ("not-attempted", f"def mask_cards(text):\n    {STUB}"),
        ("no-luhn", changed(MASK, (" if luhn(digits) else found[0]", ""))),
        ("order-masked", changed(MASK, ("(?<![\\w-])", ""), ("(?![\\w-])", ""))),
        ("order-masked", changed(MASK, ("(?<![\\w-])", "\\b"), ("(?![\\w-])", "\\b"))),
        ("order-masked", changed(MASK, ("(?<![\\w-])", "(?<![A-Za-z0-9-])"), ("(?![\\w-])", "(?![A-Za-z0-9-])"))),
        ("too-wide", changed(MASK, ("(?:[ -]?\\d)", "(?:[\\s-]?\\d)"), ('r"[ -]"', 'r"[\\s-]"'))),
        ("neighbour-lost", changed(MASK, ("(?![\\w-])", "(?![\\w-])\\.?"), ('r"[ -]"', 'r"[ .-]"'))),
        ("let-through", changed(MASK, ("(?:[ -]?\\d){12,18}", "\\d{12,18}"))),
        ("let-through", changed(MASK, ("{12,18}", "{15}"))),
        ("let-through", changed(MASK, ("{12,18}", "{12,17}"))),
        ("neighbour-lost", changed(MASK, ("\\d(?:[ -]?\\d){12,18}(?![\\w-])", "(?:\\d[ -]?){13,19}(?![\\w-])"))),
        ("no-text", changed(MASK, ("    return re.sub", "    re.sub"))),
        ("not-digits", changed(MASK, ("luhn(digits)", "luhn(found[0])"))),
        ("look-alike-lost", changed(MASK, (' else found[0]', ' else ""'))),
        ("look-alike-lost", changed(MASK, ('        return "[card]" if luhn(digits) else found[0]', '        if luhn(digits):\n            return "[card]"'))),
        ("no-mark", changed(MASK, ('        return "[card]" if luhn(digits) else found[0]', "        luhn(digits)"))),
        ("let-through", changed(MASK, ('r"(?<![\\w-])\\d(?:', 'rf"(?<![\\w-])\\d(?:'))),
        ("async-def", changed(MASK, ("\ndef mask", "\nasync def mask"))),
    ],
    "SlowAlert": [
        ("not-attempted", f"class SlowAlert:\n    def __init__(self, limit, emit):\n        self.limit = limit\n\n    def __call__(self, event):\n        {STUB}"),
        ("again-and-again", changed(ALERT, ("if slow != self.raised:", "if slow:"))),
        ("no-recovery", changed(ALERT, ("if slow != self.raised:", "if slow and not self.raised:"))),
        ("no-recovery", changed(ALERT, ("if slow != self.raised:", "if not slow:\n            self.raised = False\n        elif not self.raised:"))),
        ("never-again", changed(ALERT, ("            self.raised = slow\n", "            if self.raised is None:\n                return\n            self.raised = slow or None\n"))),
        ("too-early", changed(ALERT, ("len(self.last) == 5 and ", ""))),
        ("one-call", changed(ALERT, ("mean > self.limit", 'event.data["seconds"] > self.limit'))),
        ("other-mean", changed(ALERT, ("deque(maxlen=5)", "[]"), ("len(self.last) == 5", "len(self.last) >= 5"))),
        ("rounded", changed(ALERT, ("slow = len(self.last) == 5 and mean", "slow = len(self.last) == 5 and round(mean, 1)"))),
        ("rounded", changed(ALERT, ('"value": mean', '"value": round(mean, 1)'))),
        ("forgotten", changed(ALERT, ("            self.raised = slow\n", "            self.raised = slow\n            self.last.clear()\n"))),
        ("forgotten", changed(ALERT, ("        mean =", "        if len(self.last) < 5:\n            return\n        mean ="), ("            self.raised = slow\n", "            self.raised = slow\n            self.last.clear()\n"))),
        ("other-event", changed(ALERT, ('self.emit({"type": kind, "value": mean, "limit": self.limit})', "self.emit(kind, mean)"))),
        ("silent", changed(ALERT, ("deque(maxlen=5)", "[]"))),
        ("not-a-model", changed(ALERT, ('if event.type != "model_called"', 'if "seconds" not in event.data'))),
        ("exception", changed(ALERT, ('        if event.type != "model_called":\n            return\n', ""))),
        ("false-alarm", changed(ALERT, ("mean > self.limit", "mean >= self.limit"))),
        ("fixed-limit", changed(ALERT, ("mean > self.limit", "mean > 5.0"))),
        ("other-event", changed(ALERT, ('"type": kind, ', ""))),
    ],
    "busy_figure": [
        ("not-attempted", f"def busy_figure(events):\n    figure = Figure()\n    axes = figure.subplots()\n    {STUB}"),
        ("other-length", changed(FIGURE, ('in ("model_called", "tool_finished")', '== "model_called"'))),
        ("other-length", changed(FIGURE, ('seconds.get(event.agent, 0.0) + event.data["seconds"]', 'event.data["seconds"]'))),
        ("other-bars", changed(FIGURE, ('        if event.type in', '        seconds.setdefault(event.agent, 0.0)\n        if event.type in'))),
        ("order", changed(FIGURE, ("key=seconds.get", "key=seconds.get, reverse=True"))),
        ("order", changed(FIGURE, ("    return figure", "    axes.invert_yaxis()\n    return figure"))),
        ("exception", changed(FIGURE, ("seconds.get(event.agent, 0.0)", "seconds[event.agent]"))),
        ("order", changed(FIGURE, ("sorted(seconds, key=seconds.get)", "sorted(seconds)"))),
        ("trouble-hidden", changed(FIGURE, (' or event.data.get("state") == "failed"', ""))),
        ("trouble-hidden", changed(FIGURE, (", color=colours", ""))),
        ("taken-back", changed(FIGURE, ("                troubled.add(event.agent)\n", "                troubled.add(event.agent)\n            else:\n                troubled.discard(event.agent)\n"))),
        ("colours", changed(FIGURE, ('event.data.get("state") == "failed"', 'event.data.get("state") != "completed"'), ('event.data.get("ok") is False or ', ""))),
        ("exception", changed(FIGURE, ('event.data.get("ok")', 'event.data["ok"]'))),
        ("colours", changed(FIGURE, ('event.data.get("ok") is False', 'not event.data.get("ok")'))),
        ("left-open", "import matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt\n" + changed(FIGURE, ("    figure = Figure(figsize=(7, 2.6))\n    axes = figure.subplots()", "    figure, axes = plt.subplots()"))),
        ("kept", "SECONDS = {}\n" + changed(FIGURE, ("seconds, troubled = {}, set()", "seconds, troubled = SECONDS, set()"))),
        ("no-figure", changed(FIGURE, ("return figure", "return axes"))),
        ("no-labels", changed(FIGURE, ("axes.barh(", "axes.bar("))),
        ("exception", changed(FIGURE, ('        if event.type in ("model_called", "tool_finished"):\n            seconds', '        if event.data:\n            seconds'), (', 0.0) + event.data["seconds"]', ', 0.0) + event.data["second"]'))),
    ],
    "find_fault": [
        ("not-attempted", f"def find_fault(events):\n    {STUB}"),
        ("missed", "def find_fault(events):\n    return []\n"),
        ("missed", "def find_fault(events):\n    return [event.step_id for event in events if event.type == 'step_failed']\n"),
        ("part-of-a-number", changed(FAULT, (f"            claimed = {CLAIMED}\n", ""), ("if done.get(event.step_id, set()) - claimed:", "if any(number not in event.text for number in done.get(event.step_id, set())):"))),
        ("part-of-a-number", changed(FAULT, (CLAIMED, 'set(re.findall(r"\\d+", event.text))'))),
        ("part-of-a-number", changed(FAULT, (CLAIMED, 'set(re.findall(r"\\b\\d+\\b", event.text))'))),
        ("other-numbers", changed(FAULT, ("done.get(event.step_id, set()) - claimed", "claimed - done.get(event.step_id, set())"))),
        ("other-numbers", changed(FAULT, ("if done.get(event.step_id, set()) - claimed", "if event.step_id in done and done[event.step_id] != claimed"))),
        ("failed-counted", changed(FAULT, ('and event.data["state"] == "completed"', ""))),
        ("number-and-text", changed(FAULT, ('str(arguments["quantity"])', 'arguments["quantity"]'))),
        ("false-alarm", changed(FAULT, ("            if done.get", "            if 'VPN' in event.text or done.get"))),
        ("reading-counted", changed(FAULT, (' and event.data["effect"] == "change"', ""))),
        ("one-call-only", changed(FAULT, ("done.setdefault(event.step_id, set()).add(str(arguments[\"quantity\"]))", "done[event.step_id] = {str(arguments[\"quantity\"])}"))),
        ("missed", changed(FAULT, ("done.setdefault(event.step_id, set())", 'done.setdefault("", set())'), ("done.get(event.step_id, set()) - claimed", 'done.pop("", set()) - claimed'))),
        ("exception", changed(FAULT, ('            if "quantity" in arguments:\n                done', '            if arguments:\n                done'))),
        ("one-call-only", changed(FAULT, (CLAIMED, CLAIMED.replace("re.findall", "first"))).replace("def find_fault", "def first(pattern, text):\n    return re.findall(pattern, text)[:1]\n\n\ndef find_fault").replace("if done.get(event.step_id, set()) - claimed", "if done.get(event.step_id) and not claimed & done[event.step_id]")),
        ("result-compared", changed(FAULT, ('if "quantity" in arguments:', 'if arguments:'), ('add(str(arguments["quantity"]))', 'update(re.findall(r"(?<![\\w$,.-])\\d+(?![\\w,.-]*\\d)", event.text))'), ("if done.get(event.step_id, set()) - claimed", "if claimed - done.get(event.step_id, claimed)"))),
        ("not-ids", changed(FAULT, ("found.append(event.step_id)", "found.append(event)"))),
        ("not-ids", changed(FAULT, ("    return found\n", "    return found[0] if found else None\n"))),
        ("async-def", changed(FAULT, ("\ndef find", "\nasync def find"))),
    ],
}  # fmt: skip

RIGHT = {
    "listen": [
        '''
async def listen(stream, thoughts, clock=time.perf_counter):
    began = clock()
    async for item in stream:
        match item:
            case ThoughtEvent():
                thoughts.append(dict(agent=item.source, text=item.content, seconds=clock() - began))
        yield item
        if item.__class__ is not ModelClientStreamingChunkEvent:
            began = clock()
'''
    ],
    "NdjsonSink": [
        '''
import json

class NdjsonSink:
    def __init__(self, path):
        self.path = path
        if path.is_file() and path.read_bytes()[-1:] not in (b"", b"\\n"):
            with path.open("a", encoding="utf-8", newline="\\n") as file:
                file.write("\\n")

    def __call__(self, event):
        with self.path.open("a", encoding="utf-8", newline="\\n") as file:
            file.write(json.dumps(event.model_dump(mode="json")) + "\\n")

    def close(self):
        pass

    @staticmethod
    def read(path):
        def whole(line):
            try:
                return Event(**json.loads(line))
            except ValueError:
                return None

        return [event for line in path.read_bytes().split(b"\\n") if (event := whole(line))]
''',
        '''
class NdjsonSink:
    def __init__(self, path):
        self.file = open(path, "a+b", buffering=0)
        if self.file.tell() and self.file.seek(-1, 2) >= 0 and self.file.read(1) != b"\\n":
            self.file.write(b"\\n")

    def __call__(self, event):
        self.file.write((event.model_dump_json() + "\\n").encode("utf-8"))

    def close(self):
        self.file.close()

    @classmethod
    def read(cls, path):
        events = []
        with open(path, "rb") as lines:
            for line in lines:
                try:
                    events += [Event.model_validate_json(line)]
                except ValidationError:
                    continue
        return events
''',
    ],
    "CostCounter": [
        '''
from collections import Counter, defaultdict

class CostCounter:
    def __init__(self, prices):
        self.prices = prices
        self.by_agent = defaultdict(float)
        self.unpriced = Counter()

    @property
    def usd(self):
        return sum(self.by_agent.values())

    def price(self, model, prompt_tokens, completion_tokens):
        found = self.prices.get(model)
        return None if found is None else prompt_tokens / 1e6 * found[0] + completion_tokens / 1e6 * found[1]

    def __call__(self, event):
        if event.type == "model_called":
            data = event.data
            usd = self.price(data["model"], data["prompt_tokens"], data["completion_tokens"])
            if usd is not None:
                self.by_agent[event.agent] += usd
            else:
                self.unpriced[data["model"]] += 1
'''
    ],
    "mask_cards": [
        '''
def mask_cards(text):
    for found in reversed(list(re.finditer(r"(?:\\d[ -]?){12,18}\\d", text))):
        before, after = text[: found.start()][-1:], text[found.end() :][:1]
        alone = not any(sign.isalnum() or sign in "-_" for sign in before + after)
        if alone and luhn("".join(sign for sign in found[0] if sign.isdigit())):
            text = text[: found.start()] + "[card]" + text[found.end() :]
    return text
'''
    ],
    "SlowAlert": [
        '''
class SlowAlert:
    def __init__(self, limit, emit):
        self.limit, self.emit, self.seconds, self.up = limit, emit, [], False

    def __call__(self, event):
        if event.type == "model_called":
            self.seconds = [*self.seconds, event.data["seconds"]][-5:]
            if len(self.seconds) == 5:
                mean = sum(self.seconds) / 5
                if mean > self.limit and not self.up:
                    self.up = True
                    self.emit({"type": "alert_raised", "value": mean, "limit": self.limit})
                elif mean <= self.limit and self.up:
                    self.up = False
                    self.emit({"type": "alert_resolved", "value": mean, "limit": self.limit})
'''
    ],
    "busy_figure": [
        changed(FIGURE, ("key=seconds.get", "key=seconds.get, reverse=True"), ("    return figure", "    axes.invert_yaxis()\n    return figure")),
        changed(FIGURE, ('== "failed"', 'in ("failed", "unknown")')),
        '''
from collections import Counter

def busy_figure(events):
    figure = Figure()
    axes = figure.add_subplot()
    work = [e for e in events if "seconds" in e.data and e.type in ("model_called", "tool_finished")]
    total = Counter()
    for event in work:
        total[event.agent] += event.data["seconds"]
    bad = {e.agent for e in work if not e.data.get("ok", True) or e.data.get("state", "") == "failed"}
    for place, (name, seconds) in enumerate(reversed(total.most_common())):
        axes.barh(place, seconds, color="orange" if name in bad else "steelblue")
    axes.set_yticks(range(len(total)), [name for name, _ in reversed(total.most_common())])
    return figure
''',
        "import matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt\n"
        + changed(
            FIGURE,
            ("    figure = Figure(figsize=(7, 2.6))\n    axes = figure.subplots()", "    figure, axes = plt.subplots()"),
            ("    return figure", "    plt.close(figure)\n    return figure"),
        ),
    ],
    "find_fault": [
        '''
def find_fault(events):
    ended = {e.data["key"]: e.data["state"] for e in events if e.type == "tool_finished"}
    wrong = []
    for reply in [e for e in events if e.type == "step_completed"]:
        calls = [e.data for e in events if e.type == "tool_started" and e.step_id == reply.step_id]
        told = re.findall(r"(\\d+) x ", reply.text)
        for call in calls:
            made = call["effect"] == "change" and ended.get(call["key"]) == "completed"
            if made and "quantity" in call["arguments"] and str(call["arguments"]["quantity"]) not in told:
                wrong.append(reply.step_id)
                break
    return wrong
'''
    ],
}  # fmt: skip
