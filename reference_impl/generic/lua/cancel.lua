-- KEYS: job, events. ARGV: event, ttl (s), id. Returns 1 when it will not run on, 0 when it had ended.
local told = redis.call('HMGET', KEYS[1], 'state', 'unique')
if told[1] == 'waiting' then
  redis.call('HSET', KEYS[1], 'state', 'cancelled')
  redis.call('XADD', KEYS[2], '*', 'event', ARGV[1])
  redis.call('EXPIRE', KEYS[2], ARGV[2])
  if told[2] and told[2] ~= '' and redis.call('GET', told[2]) == ARGV[3] then
    redis.call('DEL', told[2])
  end
  return 1
end
if told[1] == 'running' then
  redis.call('HSET', KEYS[1], 'cancel', '1')
  return 1
end
return 0
