-- KEYS: job, events. ARGV: event, ttl (s). Returns 1 when it will not run on, 0 when it had ended.
local state = redis.call('HGET', KEYS[1], 'state')
if state == 'waiting' then
  redis.call('HSET', KEYS[1], 'state', 'cancelled')
  redis.call('XADD', KEYS[2], '*', 'event', ARGV[1])
  redis.call('EXPIRE', KEYS[2], ARGV[2])
  return 1
end
if state == 'running' then
  redis.call('HSET', KEYS[1], 'cancel', '1')
  return 1
end
return 0
