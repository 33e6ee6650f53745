-- The end of a run. KEYS: job, leases, events, delayed.
-- ARGV: id, attempt, state, event, result, ttl (s), due of the next run (ms, 0: there is none).
local told = redis.call('HMGET', KEYS[1], 'state', 'attempt')
if told[1] ~= 'running' or told[2] ~= ARGV[2] then
  return 0
end
redis.call('ZREM', KEYS[2], ARGV[1])
if tonumber(ARGV[7]) > 0 then
  redis.call('HSET', KEYS[1], 'state', 'waiting')
  redis.call('ZADD', KEYS[4], ARGV[7], ARGV[1])
  return 1
end
redis.call('HSET', KEYS[1], 'state', ARGV[3], 'result', ARGV[5])
redis.call('XADD', KEYS[3], '*', 'event', ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[6])
redis.call('EXPIRE', KEYS[3], ARGV[6])
return 1
