-- Renew a worker's lease and the TTL of the jobs it runs; forgive every lease if nobody could
-- renew (Redis was frozen or away).
-- KEYS leases pulse jobs
-- ARGV worker lease_ms gap_ms ttl_ms job_prefix
-- Returns {now_ms, job ids that are still this worker's to run}.
local now = now_ms()
local lease = tonumber(ARGV[2])
local pulse = redis.call('HGET', KEYS[2], 'at')
if not pulse or now - tonumber(pulse) > tonumber(ARGV[3]) then
  for _, worker in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    redis.call('ZADD', KEYS[1], now + lease, worker)
  end
  redis.call('HSET', KEYS[2], 'resumed', now)
end
redis.call('HSET', KEYS[2], 'at', now)
redis.call('PEXPIRE', KEYS[2], WORKER_KEYS_TTL_MS)
redis.call('ZADD', KEYS[1], now + lease, ARGV[1])
redis.call('PEXPIRE', KEYS[1], WORKER_KEYS_TTL_MS)
local alive = {}
for _, job in ipairs(redis.call('SMEMBERS', KEYS[3])) do
  local key = ARGV[5] .. job
  local state = redis.call('HGET', key .. ':record', 'state')
  if state and not is_over(state) then
    alive[#alive + 1] = job
    for _, part in ipairs({':record', ':stream', ':cursor'}) do
      redis.call('PEXPIRE', key .. part, ARGV[4])
    end
  else
    redis.call('SREM', KEYS[3], job)
  end
end
redis.call('PEXPIRE', KEYS[3], WORKER_KEYS_TTL_MS)
return {now, alive}
