// What the bridge keeps of a job, on a Redis of its own (bridges/record.py says why).
"use strict";

const os = require("node:os");
const Redis = require("ioredis");
const { OWN_URL } = require("./settings.cjs");

const KEPT_S = 6 * 3600;
const PAGE = 500;
const redis = new Redis(OWN_URL);

async function kept(key, doing) {
  const answer = await doing(key);
  await redis.expire(key, KEPT_S);
  return answer;
}

module.exports = {
  submitted: (id, token) => redis.set(`id:${id}`, token, "EX", KEPT_S),
  tokenOf: (id) => redis.get(`id:${id}`),
  cancelled: (token) => redis.set(`cancelled:${token}`, "1", "EX", KEPT_S),
  isCancelled: async (token) => (await redis.exists(`cancelled:${token}`)) === 1,
  begin: (token) => kept(`runs:${token}`, async (key) => (await redis.rpush(key, `${os.hostname()}:${process.pid}`)) - 1),
  runs: (token) => redis.lrange(`runs:${token}`, 0, -1),
  step: (token, step, padding) =>
    kept(`steps:${token}`, (key) => redis.xadd(key, "*", "event", JSON.stringify({ type: "step", step, padding: "x".repeat(padding) }))),
  async stepsAfter(token, position) {
    const rows = await redis.xrange(`steps:${token}`, `(${position}`, "+", "COUNT", PAGE);
    return rows.map(([place, [, event]]) => [place, JSON.parse(event)]);
  },
};
