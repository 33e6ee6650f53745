// The job API (bridges/README.md) over HTTP: `serve(backend)`, at the port that is the program's argument.
//
// A backend has `submit(order, token)`, which tells the library's own id of a job, `state(id, token)`, and what the
// library has of `result(id)`, `cancel(id, token)` and `workers()`.
"use strict";

const { randomUUID } = require("node:crypto");
const http = require("node:http");
const record = require("./record.cjs");

const HOLD_MS = 1000;
const LOOK_EVERY_MS = 100;
const DEFAULTS = {
  seconds: 0, padding: 0, slow_start_s: 0, quiet_after: null, quiet_s: 0, fail_at: null, fail_times: 0,
  witness: null, delay_s: 0, retries: 0, priority: null,
};
const FINAL = ["finished", "failed", "cancelled"];

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function orderOf(given) {
  const strange = Object.keys(given).find((name) => name !== "steps" && !(name in DEFAULTS));
  if (strange) throw new Refused(422, `no such entry: ${strange}`);
  if (!Number.isInteger(given.steps)) throw new Refused(422, "steps is missing");
  return { ...DEFAULTS, ...given };
}

async function known(id) {
  const token = await record.tokenOf(id);
  if (token === null) throw new Refused(404, "no such job");
  return token;
}

function requestsOf(backend) {
  const having = (name) => {
    if (!backend[name]) throw new Refused(501, `the library has no ${name}`);
    return backend[name];
  };

  async function submit({ body }) {
    const { kind, ...given } = body;
    if (kind !== "steps") throw new Refused(422, "the only kind of job is steps");
    const token = randomUUID();
    const id = await backend.submit(orderOf(given), token);
    await record.submitted(id, token);
    return [202, { id }];
  }

  async function status({ id }) {
    const token = await known(id);
    return [200, { id, state: await backend.state(id, token), runs: await record.runs(token) }];
  }

  async function events({ id, query }) {
    const token = await known(id);
    const after = query.get("after") || "0";
    const until = Date.now() + HOLD_MS;
    for (;;) {
      const state = await backend.state(id, token);
      const rows = await record.stepsAfter(token, after);
      if (rows.length || FINAL.includes(state) || Date.now() > until) {
        return [200, { events: rows.map(([, event]) => event), next: rows.length ? rows.at(-1)[0] : after, state }];
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  async function result({ id }) {
    await known(id);
    const found = await having("result")(id);
    if (found === null || found === undefined) throw new Refused(409, "there is no result");
    return [200, { id, result: found }];
  }

  async function cancel({ id }) {
    const token = await known(id);
    if (FINAL.includes(await backend.state(id, token))) return [409, { cancelled: false, why: "it has ended" }];
    return [200, { cancelled: await having("cancel")(id, token) }];
  }

  const workers = async () => [200, { workers: await having("workers")() }];
  const health = async () => [200, { ok: true }];
  return [
    ["GET", /^\/(?:health)?$/, health],
    ["GET", /^\/workers$/, workers],
    ["POST", /^\/jobs$/, submit],
    ["GET", /^\/jobs\/([^/]+)$/, status],
    ["GET", /^\/jobs\/([^/]+)\/events$/, events],
    ["GET", /^\/jobs\/([^/]+)\/result$/, result],
    ["POST", /^\/jobs\/([^/]+)\/cancel$/, cancel],
  ];
}

async function answerTo(request, requests) {
  const { pathname, searchParams } = new URL(request.url, "http://bridge");
  for (const [method, path, handle] of requests) {
    const found = request.method === method && path.exec(pathname);
    if (!found) continue;
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const raw = Buffer.concat(pieces).toString();
    return handle({ id: found[1] && decodeURIComponent(found[1]), query: searchParams, body: raw ? JSON.parse(raw) : {} });
  }
  throw new Refused(404, "no such path");
}

function serve(backend) {
  const requests = requestsOf(backend);
  http
    .createServer(async (request, response) => {
      const [code, body] = await answerTo(request, requests).catch((error) => [error.status || 503, { error: error.message }]);
      response.writeHead(code, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    })
    .listen(Number(process.argv[2]), "127.0.0.1");
}

module.exports = { serve };
