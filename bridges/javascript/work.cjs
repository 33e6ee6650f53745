// The job that every bridge runs: numbered steps, each told to the record and to a witness. It looks for no cancel.
"use strict";

const record = require("./record.cjs");

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function steps(work) {
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

module.exports = { steps };
