// Settings of the bee-queue bridge (github.com/bee-queue/bee-queue).
//
// STALL_INTERVAL_S     "Settings": stallInterval; "Stalling Jobs": looked for as often
// CONCURRENCY          "Processing Jobs"
// RETRIES, BACKOFF_S   "Job#retries", "Job#backoff": fixed
// STOP_S               "Queue#close": how long jobs that run are waited for
"use strict";

const { QUEUE, number } = require("../javascript/settings.cjs");

module.exports = {
  QUEUE,
  STALL_INTERVAL_S: number("STALL_INTERVAL_S", 5),
  CONCURRENCY: number("CONCURRENCY", 8),
  RETRIES: number("RETRIES", 0),
  BACKOFF_S: number("BACKOFF_S", 1),
  STOP_S: number("STOP_S", 30),
};
