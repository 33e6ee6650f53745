// A worker program: eight jobs side by side; SIGTERM closes it as "Guide > Workers > Graceful shutdown" says.
"use strict";

const { Worker } = require("bullmq");
const { steps } = require("../javascript/work.cjs");
const settings = require("./settings.cjs");

const worker = new Worker("jobs", (job) => steps(job.data), {
  connection: settings.QUEUE,
  concurrency: settings.CONCURRENCY,
  lockDuration: settings.LOCK_DURATION_S * 1000,
  stalledInterval: settings.STALLED_INTERVAL_S * 1000,
  maxStalledCount: settings.MAX_STALLED,
});
// "Guide > Workers": without a listener, an error that the worker emits may end its work.
worker.on("error", (error) => console.error(error.message));
worker.waitUntilReady().then(() => console.log("worker started"));
process.on("SIGTERM", async () => {
  await worker.close();
  process.exit(0);
});
