// Settings of the BullMQ bridge (docs.bullmq.io), from the environment; empty counts as absent.
//
// LOCK_DURATION_S      "API Reference > WorkerOptions": lockDuration
// STALLED_INTERVAL_S   "Guide > Workers > Stalled Jobs": stalledInterval
// MAX_STALLED          "Guide > Jobs > Stalled": maxStalledCount
// CONCURRENCY          "Guide > Workers > Concurrency"
// ATTEMPTS, BACKOFF_S  "Guide > Retrying failing jobs"
"use strict";

const text = (name, fallback) => process.env[`BRIDGE_${name}`] || fallback;
const number = (name, fallback) => Number(text(name, fallback));

function connection(url) {
  const { hostname, port, pathname } = new URL(url);
  // "Guide > Connections > maxRetriesPerRequest": workers need null here, and a queue may share the setting.
  return { host: hostname, port: Number(port), db: Number(pathname.slice(1) || 0), maxRetriesPerRequest: null };
}

module.exports = {
  QUEUE: connection(text("QUEUE_URL", "redis://127.0.0.1:6379/0")),
  OWN_URL: text("OWN_URL", "redis://127.0.0.1:6380/0"),
  LOCK_DURATION_S: number("LOCK_DURATION_S", 30),
  STALLED_INTERVAL_S: number("STALLED_INTERVAL_S", 30),
  MAX_STALLED: number("MAX_STALLED", 1),
  CONCURRENCY: number("CONCURRENCY", 8),
  ATTEMPTS: number("ATTEMPTS", 1),
  BACKOFF_S: number("BACKOFF_S", 1),
};
