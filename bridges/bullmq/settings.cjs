// Settings of the BullMQ bridge (docs.bullmq.io).
//
// LOCK_DURATION_S      "API Reference > WorkerOptions": lockDuration
// STALLED_INTERVAL_S   "Guide > Workers > Stalled Jobs": stalledInterval
// MAX_STALLED          "Guide > Jobs > Stalled": maxStalledCount
// CONCURRENCY          "Guide > Workers > Concurrency"
// ATTEMPTS, BACKOFF_S  "Guide > Retrying failing jobs"
"use strict";

const { QUEUE, number } = require("../javascript/settings.cjs");

module.exports = {
  // "Guide > Connections > maxRetriesPerRequest": workers need null here; the front has its own setting.
  QUEUE: { ...QUEUE, maxRetriesPerRequest: null },
  LOCK_DURATION_S: number("LOCK_DURATION_S", 30),
  STALLED_INTERVAL_S: number("STALLED_INTERVAL_S", 30),
  MAX_STALLED: number("MAX_STALLED", 1),
  CONCURRENCY: number("CONCURRENCY", 8),
  ATTEMPTS: number("ATTEMPTS", 1),
  BACKOFF_S: number("BACKOFF_S", 1),
};
