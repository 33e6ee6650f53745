// The job API (bridges/README.md) in front of bee-queue: `node front.cjs PORT`. Of a job it keeps no result; it has no
// cancel of a job that runs, and one that waits is removed at the caller's own risk ("Queue#removeJob").
"use strict";

const Queue = require("bee-queue");
const { serve } = require("../javascript/front.cjs");
const settings = require("./settings.cjs");

const STATES = { created: "queued", retrying: "queued", succeeded: "finished", failed: "failed" };
// "Settings": this one adds jobs, and processes none.
const queue = new Queue("jobs", { redis: settings.QUEUE, isWorker: false, getEvents: false, storeJobs: false });
queue.on("error", (error) => console.error(error.message));

async function submit(order, token) {
  const job = queue.createJob({ ...order, token }).retries(order.retries || settings.RETRIES);
  job.backoff("fixed", settings.BACKOFF_S * 1000);
  if (order.delay_s) job.delayUntil(Date.now() + order.delay_s * 1000);
  return (await job.save()).id;
}

// "Queue#getJob": what waits and what runs are told alike.
async function state(id) {
  const job = await queue.getJob(id);
  return job ? STATES[job.status] || "unknown" : "unknown";
}

serve({ submit, state });
