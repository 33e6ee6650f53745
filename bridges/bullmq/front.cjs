// The job API (bridges/README.md) in front of BullMQ: `node front.cjs PORT`.
"use strict";

const { Queue } = require("bullmq");
const { serve } = require("../javascript/front.cjs");
const record = require("../javascript/record.cjs");
const settings = require("./settings.cjs");

const LEAST_URGENT = 100;
const STATES = {
  waiting: "queued", delayed: "queued", prioritized: "queued", "waiting-children": "queued",
  active: "running", completed: "finished", failed: "failed",
};
// "Patterns > Failing fast when Redis is down": for whoever adds jobs behind an HTTP API. What is on its way when the
// connection is lost is tried once more ("Guide > Connections > maxRetriesPerRequest": workers alone need null).
const queue = new Queue("jobs", {
  connection: { ...settings.QUEUE, enableOfflineQueue: false, maxRetriesPerRequest: 1 },
});
queue.on("error", (error) => console.error(error.message));

async function submit(order, token) {
  const options = {
    delay: order.delay_s * 1000,
    attempts: order.retries ? order.retries + 1 : settings.ATTEMPTS,
    backoff: { type: "fixed", delay: settings.BACKOFF_S * 1000 },
  };
  // "Guide > Jobs > Prioritized": from 1, the most urgent, to 2 097 151.
  if (order.priority !== null) options.priority = LEAST_URGENT - Number(order.priority);
  return (await queue.add("steps", { ...order, token }, options)).id;
}

// "Guide > Jobs > Getters": a job that was removed is unknown, and was cancelled if we removed it.
async function state(id, token) {
  const told = STATES[await queue.getJobState(id)] || "unknown";
  return told === "unknown" && (await record.isCancelled(token)) ? "cancelled" : told;
}

const result = async (id) => (await queue.getJob(id))?.returnvalue;

// "Guide > Jobs > Removing jobs": a job that runs is locked, and cannot be removed.
async function cancel(id, token) {
  const job = await queue.getJob(id);
  if (!job || (await job.isActive())) return false;
  await job.remove();
  await record.cancelled(token);
  return true;
}

// "API Reference > Queue": getWorkers.
const workers = async () => (await queue.getWorkers()).map(({ id, addr }) => ({ name: `${id} ${addr}` }));

// There, too: Redis must be reached once before anything is asked of it.
queue.waitUntilReady().then(() => serve({ submit, state, result, cancel, workers }));
