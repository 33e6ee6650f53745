-- Create a job's record. Repeating it with the same fence changes nothing.
-- KEYS record activity leases jobs
-- ARGV fence user worker ttl_ms activity_ttl_ms lease_ms job_id
-- Returns the start time in ms, or 0 if the id is taken.
local known = redis.call('HMGET', KEYS[1], 'fence', 'started')
if known[1] then return known[1] == ARGV[1] and tonumber(known[2]) or 0 end
local now = now_ms()
redis.call('HSET', KEYS[1], 'fence', ARGV[1], 'user', ARGV[2], 'worker', ARGV[3],
  'state', 'starting', 'seq', 0, 'started', now, 'reason', '')
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('SET', KEYS[2], string.format('%.3f', now / 1000), 'PX', ARGV[5])
-- A submit is a sign of life: without it a job could look ownerless after a flush.
redis.call('ZADD', KEYS[3], now + tonumber(ARGV[6]), ARGV[3])
redis.call('PEXPIRE', KEYS[3], WORKER_KEYS_TTL_MS)
redis.call('SADD', KEYS[4], ARGV[7])
redis.call('PEXPIRE', KEYS[4], WORKER_KEYS_TTL_MS)
return now
