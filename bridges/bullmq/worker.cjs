// A worker program: eight jobs side by side; SIGTERM closes it as "Guide > Workers > Graceful shutdown" says.
"use strict";

const { Worker } = require("bullmq");
const record = require("./record.cjs");
const settings = require("./settings.cjs");

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function steps(job) {
  const work = job.data;
  const run = (await record.begin(work.token)) + 1;
  await pause(work.slow_start_s);
  for (let step = 0; step < work.steps; step += 1) {
    if (step === work.fail_at) throw new Error(`step ${step} failed, as it was asked to`);
    if (step === 1 && run <= work.fail_times) throw new Error(`run ${run} failed, as it was asked to`);
    if (work.witness) await fetch(`${work.witness}/${step}`, { signal: AbortSignal.timeout(5000) });
    await record.step(work.token, step, work.padding);
    await pause(work.seconds + (step === work.quiet_after ? work.quiet_s : 0));
  }
  return { steps: work.steps, sum: (work.steps * (work.steps - 1)) / 2 };
}

const worker = new Worker("jobs", steps, {
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
