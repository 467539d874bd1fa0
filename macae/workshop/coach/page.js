// The coach's board. Whatever learners chose (names, teams) is only ever set as text.
"use strict";

const $ = (id) => document.getElementById(id);
const EVERY = 2000;
let key = "";
let shown = "";
let join = { url: "", code: "" };
let planned = null;

// The key comes behind the # (which no server sees), and leaves the address bar, so that nobody reads it off a projector.
function takeKey() {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given) {
    sessionStorage.setItem("coach-key", given);
    history.replaceState(null, "", location.pathname);
  }
  key = sessionStorage.getItem("coach-key") || "";
}

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

async function ask(path, body) {
  const options = { headers: { "X-Coach-Key": key }, cache: "no-store", signal: AbortSignal.timeout(8000) };
  if (body) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const reply = await fetch(path, options);
  const said = await reply.json().catch(() => ({}));
  if (!reply.ok) throw Object.assign(new Error(said.error || `The board answered ${reply.status}.`), { status: reply.status });
  return said;
}

function minutes(number) {
  return number >= 120 ? `${Math.floor(number / 60)} h ${number % 60} min` : `${number} min`;
}

function plural(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

const STATES = { done: "✓ ", now: "", look: "", help: "", left: "" };
const WORDS = { done: "", now: "", look: " look", help: " help", left: " left" };

function cell(data) {
  const box = make("td", "box");
  if (!data || data.state === "none") {
    const none = make("div", "cell none", "–");
    none.title = "Not begun";
    box.append(none);
    return box;
  }
  const inside = make("div", `cell ${data.state}`);
  inside.append(make("b", "", `${STATES[data.state]}${data.passed}/${data.total}${WORDS[data.state]}`));
  const more = [];
  if (data.minutes) more.push(`${data.minutes} min`);
  if (data.hints) more.push(plural(data.hints, "hint", "hints"));
  if (more.length) {
    const small = make("small");
    more.forEach((part, i) => small.append(make("span", "", i < more.length - 1 ? `${part} ·` : part), " "));
    inside.append(small);
  }
  inside.title = `${data.passed} of ${data.total} passed, ${plural(data.failed, "failed check", "failed checks")}, ` +
    `${plural(data.hints, "hint", "hints")}, ${plural(data.solutions, "solution", "solutions")} shown`;
  box.append(inside);
  return box;
}

const ZONES = { fine: "", look: "Look", help: "Help", away: "Away", new: "Just here" };

function row(person, columns) {
  const line = make("tr", person.zone === "away" ? "away" : "");
  const who = make("td", "who", person.name);
  if (person.exercise) who.append(make("small", "", person.exercise));
  line.append(who);
  const byNumber = new Map(person.cells.map((one) => [one.number, one]));
  for (const column of columns) line.append(cell(byNumber.get(column.number)));
  const stuck = make("td", "num");
  if (ZONES[person.zone]) stuck.append(make("span", "zone", ZONES[person.zone]));
  if (person.zone !== "away" && person.stuck !== null) stuck.append(`${ZONES[person.zone] ? " · " : ""}${minutes(person.stuck)}`);
  if (person.zone === "fine" && person.stuck === null) stuck.append(make("span", "soft", "between challenges"));
  if (person.silent >= 5) stuck.append(make("small", "", `no sign for ${minutes(person.silent)}`));
  line.append(stuck);
  for (const name of ["hints", "failed", "solutions"]) line.append(make("td", "num", String(person[name])));
  const last = make("td", "num");
  const button = make("button", "remove", "×");
  button.type = "button";
  button.title = "Remove";
  button.setAttribute("aria-label", `Remove ${person.name}`);
  button.addEventListener("click", () => remove(person));
  last.append(button);
  line.append(last);
  return line;
}

function head(columns) {
  const cells = [make("th", "", "Team"), make("th", "", "Learner")];
  for (const column of columns) {
    const th = make("th", "", String(column.number));
    th.append(make("span", "", column.title));
    cells.push(th);
  }
  for (const [title, about] of [["Since", "the last pass"], ["Hints", "taken"], ["Checks", "failed"], ["Solutions", "shown"]]) {
    const th = make("th", "num", title);
    th.append(make("span", "", about));
    cells.push(th);
  }
  cells.push(make("th", ""));
  for (const th of cells) th.scope = "col";
  $("head").replaceChildren(...cells);
}

function table(data) {
  head(data.columns);
  const bodies = [];
  let team = null;
  for (const person of data.people) {
    if (!bodies.length || person.team !== team) {
      team = person.team;
      bodies.push(make("tbody"));
    }
    const line = row(person, data.columns);
    const body = bodies.at(-1);
    if (!body.rows.length) {
      const th = make("th", "", team || "(no team)");
      th.scope = "rowgroup";
      line.prepend(th);
    }
    body.append(line);
    body.rows[0].cells[0].rowSpan = body.rows.length;
  }
  const whole = document.querySelector("table");
  for (const old of [...whole.tBodies]) old.remove();
  whole.append(...bodies);
  whole.parentElement.hidden = !bodies.length;
  $("empty").hidden = bodies.length > 0;
}

function first(data) {
  const byId = new Map(data.people.map((person) => [person.learner, person]));
  const items = data.first.map((id) => byId.get(id)).map((person) => {
    const item = make("li", person.zone);
    const current = person.cells.find((one) => one.number === person.challenge);
    item.append(make("div", "who", [person.team, person.name].filter(Boolean).join(" · ")));
    const where = `${minutes(person.stuck)} in challenge ${person.challenge}${person.exercise ? `, ${person.exercise}` : ""}`;
    const counts = `${plural(current.failed, "check", "checks")} failed, ${plural(current.hints, "hint", "hints")}`;
    item.append(make("div", "why", `${ZONES[person.zone]}: ${where}; ${counts}.`), make("div", "do", person.advice));
    return item;
  });
  $("first").replaceChildren(...items);
  $("nobody").textContent = items.length ? "" : data.people.length ? "Nobody is stuck now. Walk round anyway." : "Nobody is here yet.";
}

function pace(data) {
  const now = data.pacing;
  $("pace").className = `panel pace ${now ? now.state : ""}`;
  $("pace-text").textContent = now ? now.text : "Choose a track to see whether the room is on time.";
  $("pace-next").textContent = now ? now.next : "";
  const share = now && now.share !== null ? now.share : null;
  $("bar").hidden = share === null;
  $("stones").replaceChildren(...(now ? now.stones : []).map((stone) => {
    const item = make("li", stone.past ? "past" : "");
    item.append(make("span", "mono", stone.time), ` challenge ${stone.challenge} `);
    if (stone.share !== null) item.append(make("b", "", `${stone.share}%`));
    return item;
  }));
  if (share !== null) {
    $("bar-now").style.width = `${share}%`;
    $("bar-plan").style.left = "70%";
    $("bar").setAttribute("aria-label", `${share}% of the learners; plan 70%`);
  }
  if (planned === null) {
    $("track").replaceChildren(...data.tracks.map((track) => {
      const option = make("option", "", track.title);
      option.value = track.name;
      option.dataset.begins = track.begins;
      return option;
    }));
    $("track").value = data.plan.track || "day";
    $("begins").value = data.plan.begins || $("track").selectedOptions[0].dataset.begins;
    planned = data.plan;
  }
}

function show(data) {
  join = data.join;
  $("join-url").textContent = join.url || "only this computer; for a room: python workshop.py coach --lan";
  $("join-code").textContent = join.code;
  $("folder").textContent = data.folder;
  const away = data.people.filter((person) => person.zone === "away").length;
  $("counts").textContent = `${plural(data.people.length, "learner", "learners")}, ${plural(data.teams.length, "team", "teams")}` +
    (away ? `, ${away} away` : "");
  $("teams").replaceChildren(...data.teams.map((team) => Object.assign(make("option"), { value: team })));
  const { time, ...rest } = data;
  const text = JSON.stringify(rest);
  if (text !== shown) {
    // What the coach's finger is on stays.
    if (!document.activeElement || !document.activeElement.classList.contains("remove")) {
      shown = text;
      table(data);
    }
    first(data);
    pace(data);
  }
}

async function look() {
  try {
    const data = await ask("api/board");
    $("board").hidden = false;
    $("closed").hidden = true;
    show(data);
    $("link").className = "live";
    $("link").textContent = `Live, ${data.time}`;
  } catch (error) {
    if (error.status === 401 || error.status === 403) {
      $("board").hidden = true;
      $("closed").hidden = false;
      if (key) $("closed-text").textContent = error.message;
      sessionStorage.removeItem("coach-key");
      return;
    }
    $("link").className = "live dead";
    $("link").textContent = error.status ? error.message : "No connection to the board: what is shown is old";
  }
  setTimeout(look, EVERY);
}

async function remove(person) {
  if (!confirm(`Take ${person.name} off the board? The next report brings them back.`)) return;
  document.activeElement.blur();
  await tell("api/remove", { learner: person.learner }, () => "");
}

async function tell(path, body, words) {
  try {
    const said = await ask(path, body);
    $("said").className = "said";
    $("said").textContent = words(said);
    show(await ask("api/board"));
    return true;
  } catch (error) {
    $("said").className = "said bad";
    $("said").textContent = error.message;
    return false;
  }
}

function theme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  $("theme").textContent = dark ? "Light" : "Dark";
}

function start() {
  takeKey();
  const chosen = localStorage.getItem("coach-theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  theme(chosen ? chosen === "dark" : system.matches);
  system.addEventListener("change", () => localStorage.getItem("coach-theme") || theme(system.matches));
  $("theme").addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme !== "dark";
    localStorage.setItem("coach-theme", dark ? "dark" : "light");
    theme(dark);
  });
  $("print").addEventListener("click", () => print());
  $("project").addEventListener("click", () => {
    const url = join.url || location.origin;
    $("card-alone").hidden = Boolean(join.url);
    $("card-text").textContent = `from macae.workshop import coach_join\ncoach_join("${url}",\n           "${join.code}",\n           team="our team")`;
    const words = ["python workshop.py coach join", url, join.code, "--team NAME"];
    $("card-shell").replaceChildren(...words.flatMap((word) => [make("span", "", word), " "]));
    $("card").showModal();
  });
  $("track").addEventListener("change", () => { $("begins").value = $("track").selectedOptions[0].dataset.begins; });
  $("plan").addEventListener("submit", (event) => {
    event.preventDefault();
    tell("api/plan", { track: $("track").value, begins: $("begins").value }, () => "");
  });
  $("paste").addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = { code: $("code").value, team: $("team").value };
    if (await tell("api/code", given, (said) => said.challenge === null ? "Entered." : `Entered: challenge ${said.challenge}.`)) {
      $("code").value = "";
      $("team").value = "";
    }
  });
  if (key) look();
  else $("closed").hidden = false;
}

start();
