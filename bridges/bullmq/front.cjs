// The job API (bridges/README.md) in front of BullMQ: `node front.cjs PORT`.
"use strict";

const { randomUUID } = require("node:crypto");
const http = require("node:http");
const { Queue } = require("bullmq");
const record = require("./record.cjs");
const settings = require("./settings.cjs");

const HOLD_MS = 1000;
const LOOK_EVERY_MS = 100;
const LEAST_URGENT = 100;
const DEFAULTS = {
  seconds: 0, padding: 0, slow_start_s: 0, quiet_after: null, quiet_s: 0, fail_at: null, fail_times: 0,
  witness: null, delay_s: 0, retries: 0, priority: null,
};
const STATES = {
  waiting: "queued", delayed: "queued", prioritized: "queued", "waiting-children": "queued",
  active: "running", completed: "finished", failed: "failed",
};
const FINAL = ["finished", "failed", "cancelled"];
const queue = new Queue("jobs", { connection: settings.QUEUE });
queue.on("error", (error) => console.error(error.message));

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

async function submit({ body }) {
  const { kind, ...given } = body;
  if (kind !== "steps") throw new Refused(422, "the only kind of job is steps");
  const order = orderOf(given);
  const token = randomUUID();
  const options = {
    delay: order.delay_s * 1000,
    attempts: order.retries ? order.retries + 1 : settings.ATTEMPTS,
    backoff: { type: "fixed", delay: settings.BACKOFF_S * 1000 },
  };
  // "Guide > Jobs > Prioritized": from 1, the most urgent, to 2 097 151.
  if (order.priority !== null) options.priority = LEAST_URGENT - Number(order.priority);
  const job = await queue.add("steps", { ...order, token }, options);
  await record.submitted(job.id, token);
  return [202, { id: job.id }];
}

async function known(id) {
  const token = await record.tokenOf(id);
  if (token === null) throw new Refused(404, "no such job");
  return token;
}

// "Guide > Jobs > Getters": a job that was removed is unknown, and was cancelled if we removed it.
async function stateOf(id, token) {
  const state = STATES[await queue.getJobState(id)] || "unknown";
  return state === "unknown" && (await record.isCancelled(token)) ? "cancelled" : state;
}

async function status({ id }) {
  const token = await known(id);
  return [200, { id, state: await stateOf(id, token), runs: await record.runs(token) }];
}

async function events({ id, query }) {
  const token = await known(id);
  const after = query.get("after") || "0";
  const until = Date.now() + HOLD_MS;
  for (;;) {
    const state = await stateOf(id, token);
    const rows = await record.stepsAfter(token, after);
    if (rows.length || FINAL.includes(state) || Date.now() > until) {
      return [200, { events: rows.map(([, event]) => event), next: rows.length ? rows.at(-1)[0] : after, state }];
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function result({ id }) {
  await known(id);
  const job = await queue.getJob(id);
  if (!job || job.returnvalue === null || job.returnvalue === undefined) throw new Refused(409, "there is no result");
  return [200, { id, result: job.returnvalue }];
}

// "Guide > Jobs > Removing jobs": a job that runs is locked, and cannot be removed.
async function cancel({ id }) {
  const token = await known(id);
  if (FINAL.includes(await stateOf(id, token))) return [409, { cancelled: false, why: "it has ended" }];
  const job = await queue.getJob(id);
  if (!job || (await job.isActive())) return [200, { cancelled: false }];
  await job.remove();
  await record.cancelled(token);
  return [200, { cancelled: true }];
}

// "API Reference > Queue": getWorkers.
const workers = async () => [200, { workers: (await queue.getWorkers()).map(({ id, addr }) => ({ name: `${id} ${addr}` })) }];
const health = async () => [200, { ok: true }];

const ROUTES = [
  ["GET", /^\/(?:health)?$/, health],
  ["GET", /^\/workers$/, workers],
  ["POST", /^\/jobs$/, submit],
  ["GET", /^\/jobs\/([^/]+)$/, status],
  ["GET", /^\/jobs\/([^/]+)\/events$/, events],
  ["GET", /^\/jobs\/([^/]+)\/result$/, result],
  ["POST", /^\/jobs\/([^/]+)\/cancel$/, cancel],
];

async function answerTo(request) {
  const { pathname, searchParams } = new URL(request.url, "http://bridge");
  for (const [method, path, handle] of ROUTES) {
    const found = request.method === method && path.exec(pathname);
    if (!found) continue;
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const raw = Buffer.concat(pieces).toString();
    return handle({ id: found[1] && decodeURIComponent(found[1]), query: searchParams, body: raw ? JSON.parse(raw) : {} });
  }
  throw new Refused(404, "no such path");
}

http
  .createServer(async (request, response) => {
    const [code, body] = await answerTo(request).catch((error) => [error.status || 503, { error: error.message }]);
    response.writeHead(code, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
