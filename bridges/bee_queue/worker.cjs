// A worker program: eight jobs side by side; SIGTERM closes it as "Queue#close" recommends.
"use strict";

const Queue = require("bee-queue");
const { steps } = require("../javascript/work.cjs");
const settings = require("./settings.cjs");

// "Settings": without `activateDelayedJobs` nobody takes delayed jobs up, nor retries after a pause.
const queue = new Queue("jobs", {
  redis: settings.QUEUE,
  stallInterval: settings.STALL_INTERVAL_S * 1000,
  activateDelayedJobs: true,
});
queue.on("error", (error) => console.error(error.message));
queue.process(settings.CONCURRENCY, (job) => steps(job.data));
// "Queue#checkStalledJobs": somebody has to look.
queue.checkStalledJobs(settings.STALL_INTERVAL_S * 1000);
queue.ready(() => console.log("worker started"));
process.on("SIGTERM", async () => {
  await queue.close(settings.STOP_S * 1000).catch((error) => console.error(error.message));
  process.exit(0);
});
