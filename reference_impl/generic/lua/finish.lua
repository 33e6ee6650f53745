-- The end of a run. KEYS: job, leases, events, delayed. ARGV: id, attempt, state, event, result,
-- ttl (s), due of the next run (ms, 0: there is none), prefix of the lists of dead letters.
local told = redis.call('HMGET', KEYS[1], 'state', 'attempt', 'cancel', 'unique', 'owner')
if told[1] ~= 'running' or told[2] ~= ARGV[2] then
  return 0
end
local state, event = ARGV[3], ARGV[4]
if tonumber(ARGV[7]) > 0 then
  if not told[3] then
    redis.call('HSET', KEYS[1], 'state', 'waiting')
    redis.call('ZADD', KEYS[4], ARGV[7], ARGV[1])
    redis.call('ZREM', KEYS[2], ARGV[1])
    return 1
  end
  state, event = 'cancelled', '{"type": "cancelled"}'
end
redis.call('HSET', KEYS[1], 'state', state, 'result', ARGV[5])
redis.call('XADD', KEYS[3], '*', 'event', event)
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[6])
redis.call('EXPIRE', KEYS[3], ARGV[6])
if told[4] and told[4] ~= '' and redis.call('GET', told[4]) == ARGV[1] then
  redis.call('DEL', told[4])
end
if state == 'failed' then
  redis.call('LPUSH', ARGV[8] .. told[5], ARGV[1])
  redis.call('LTRIM', ARGV[8] .. told[5], 0, 9999)
end
return 1
