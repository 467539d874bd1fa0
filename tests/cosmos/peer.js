"use strict";

/**
 * A server that speaks as Azure Cosmos DB does on the wire, for tests: node peer.js KEY
 *
 * Databases and containers are the library's; documents, the key's check and the faults are ours. It prints one line of JSON
 * with the ports that it listens on, and ends when its standard input does, so it never outlives the tests.
 */

const { randomUUID } = require("crypto");
const { readFileSync } = require("fs");
const http = require("http");
const https = require("https");
const path = require("path");
const { default: Account } = require("@vercel/cosmosdb-server/lib/account");
const { default: route } = require("@vercel/cosmosdb-server/lib/routes");
const { signed } = require("./auth");
const { batch, clock, missing, operate, query, sweep } = require("./documents");
const faults = require("./faults");
const { needsPlan, planOf } = require("./plans");

const KEY = process.argv[2];
const account = new Account("127.0.0.1", 0);
const DOCUMENTS = /^\/dbs\/([^/]+)\/colls\/([^/]+)\/docs(?:\/([^/]+))?$/;

const yes = (req, name) => String(req.headers[name] || "").toLowerCase() === "true";

/** What is asked for, in one word. */
function kindOf(req, pathname) {
  const parts = pathname.split("/").filter(Boolean);
  if (!parts.length) return "account";
  const isQuery =
    yes(req, "x-ms-documentdb-isquery") || req.headers["content-type"] === "application/query+json";
  if (yes(req, "x-ms-cosmos-is-query-plan-request")) return "query_plan";
  const what = parts[parts.length % 2 ? parts.length - 1 : parts.length - 2];
  const word = { dbs: "_database", colls: "_container", pkranges: "_ranges", docs: "" }[what] ?? `_${what}`;
  if (isQuery) return `query${word}`;
  if (yes(req, "x-ms-cosmos-is-batch-request")) return "batch";
  if (yes(req, "x-ms-documentdb-is-upsert")) return `upsert${word}`;
  const verbs = { POST: "create", GET: "read", PUT: "replace", DELETE: "delete", PATCH: "patch" };
  return parts.length % 2 && req.method === "GET" ? `list${word}` : `${verbs[req.method]}${word}`;
}

function bodyOf(req) {
  return new Promise((resolve, reject) => {
    const parts = [];
    req.on("data", part => parts.push(part));
    req.on("error", reject);
    req.on("aborted", () => reject(new Error("aborted")));
    req.on("end", () => {
      const text = Buffer.concat(parts).toString("utf8");
      resolve(text ? JSON.parse(text) : undefined);
    });
  });
}

async function documents(req, kind, [, db, coll, id]) {
  const body = await bodyOf(req);
  if (kind === "query_plan") {
    const plan = planOf(body.query);
    const message = "There is no plan for this query here.";
    return plan ? { status: 200, body: plan } : { status: 400, body: { code: "BadRequest", message } };
  }
  const collection = account.database(decodeURIComponent(db)).collection(decodeURIComponent(coll));
  if (!collection.read()) return { ...missing(), substatus: 1003 };
  sweep(collection);
  const header = req.headers["x-ms-documentdb-partitionkey"];
  const partition = header === undefined ? undefined : JSON.stringify(JSON.parse(header));
  if (kind === "query" || kind === "list") {
    if (kind === "query" && partition === undefined && !yes(req, "x-ms-documentdb-query-enablecrosspartition")) {
      return { status: 400, body: { code: "BadRequest", message: "Cross partition query is required but disabled." } };
    }
    const isOfRange = req.headers["x-ms-documentdb-partitionkeyrangeid"] !== undefined;
    if (kind === "query" && partition === undefined && !isOfRange && needsPlan(body.query)) {
      const message = "The provided cross partition query can not be directly served by the gateway.";
      return { status: 400, body: { code: "BadRequest", message }, substatus: 1004 };
    }
    const asked = kind === "list" ? { query: "SELECT * FROM c" } : body;
    const size = parseInt(req.headers["x-ms-max-item-count"] || "", 10);
    return query(collection, asked, { partition, size, continuation: req.headers["x-ms-continuation"] });
  }
  const parts = partition === undefined ? 0 : JSON.parse(partition).length;
  if (parts !== collection.read().partitionKey.paths.length) {
    const message = "The partition key supplied has fewer components than defined in the collection.";
    return { status: 400, body: { code: "BadRequest", message }, substatus: 1001 };
  }
  if (kind === "batch") return batch(collection, body, partition);
  return operate(collection, {
    type: kind,
    id: id === undefined ? undefined : decodeURIComponent(id),
    body,
    partition,
    ifMatch: req.headers["if-match"],
    ifNoneMatch: req.headers["if-none-match"]
  });
}

/** Databases, containers and the account itself, as the library answers. */
async function others(req, res, kind) {
  if (kind === "account") {
    const here = [{ name: "Here", databaseAccountEndpoint: `${scheme(req)}://${req.headers.host}/` }];
    return { status: 200, body: { ...account.read(), writableLocations: here, readableLocations: here } };
  }
  const found = route(req);
  if (!found) return { status: 400, body: { code: "BadRequest", message: "This is not understood." } };
  const [params, handler] = found;
  const body = await handler(account, req, res, params);
  return { status: res.statusCode, body: body === undefined ? {} : body };
}

const scheme = req => (req.socket.encrypted ? "https" : "http");

function send(req, res, { status, body, substatus, continuation, etag }, more = {}) {
  res.statusCode = status;
  const tag = etag || (body && body._etag);
  if (tag) res.setHeader("etag", tag);
  if (substatus) res.setHeader("x-ms-substatus", String(substatus));
  if (continuation) res.setHeader("x-ms-continuation", continuation);
  if (req.headers["a-im"] && status === 200) {
    if (req.headers["if-none-match"]) res.statusCode = 304;
    res.setHeader("etag", "1");
  }
  Object.entries(more).forEach(([name, value]) => res.setHeader(name, value));
  res.setHeader("content-type", "application/json");
  res.setHeader("date", new Date(1000 * clock.now()).toUTCString());
  res.setHeader("x-ms-activity-id", randomUUID());
  res.setHeader("x-ms-request-charge", "1");
  const silent = res.statusCode === 204 || res.statusCode === 304;
  res.end(silent || body === undefined ? "" : JSON.stringify(body));
}

async function control(req, res, what) {
  const body = await bodyOf(req);
  if (what === "requests" && req.method === "GET") return send(req, res, { status: 200, body: faults.requests });
  if (what === "requests") faults.requests.length = 0;
  else if (what === "faults" && req.method === "POST") faults.add(body);
  else if (what === "faults") faults.clear();
  else if (what === "clock") clock.ahead = body.ahead;
  else return send(req, res, { status: 404, body: {} });
  return send(req, res, { status: 200, body: {} });
}

async function handle(req, res) {
  const pathname = req.url.split("?")[0].replace(/^\/+/, "/").replace(/(.)\/+$/, "$1");
  if (pathname.startsWith("/_peer/")) return control(req, res, pathname.slice(7));
  const kind = kindOf(req, pathname);
  const entry = { kind, method: req.method, path: pathname, status: 0 };
  faults.requests.push(entry);
  const fault = faults.next(kind, req.method, pathname);
  const action = fault ? fault.action : "";
  if (fault) entry.fault = action;
  if (action === "drop") return req.socket.destroy();
  if (action === "hang") return faults.hang(req.socket);
  if (action === "answer") {
    entry.status = fault.status;
    const wait = fault.retry_after_ms;
    const more = wait === undefined ? {} : { "x-ms-retry-after-ms": String(wait) };
    const body = { code: String(fault.status), message: "As the test asked for." };
    req.resume();
    return send(req, res, { status: fault.status, body, substatus: fault.substatus }, more);
  }
  if (action === "delay") await new Promise(resolve => setTimeout(resolve, 1000 * fault.seconds));
  let done;
  if (!signed(req, pathname, KEY)) {
    const message = "The input authorization token can't serve the request.";
    req.resume();
    done = { status: 401, body: { code: "Unauthorized", message } };
  } else {
    const parts = DOCUMENTS.exec(pathname);
    done = await (parts ? documents(req, kind, parts) : others(req, res, kind));
  }
  entry.status = done.status;
  if (action === "drop_after") return req.socket.destroy();
  if (action === "hang_after") return faults.hang(req.socket);
  return send(req, res, done);
}

function listener(req, res) {
  handle(req, res).catch(error => {
    process.stderr.write(`${error.stack}\n`);
    if (!res.headersSent) send(req, res, { status: 500, body: { code: "Internal", message: error.message } });
  });
}

const library = path.dirname(require.resolve("@vercel/cosmosdb-server/package.json"));
const secret = name => readFileSync(path.join(library, name));
const servers = [
  http.createServer(listener),
  https.createServer({ cert: secret("cert.pem"), key: secret("key.pem") }, listener)
];

Promise.all(servers.map(server => new Promise(resolve => server.listen(0, "127.0.0.1", resolve)))).then(() => {
  const [plain, encrypted] = servers.map(server => server.address().port);
  process.stdout.write(`${JSON.stringify({ plain, encrypted })}\n`);
});
process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0)).resume();
