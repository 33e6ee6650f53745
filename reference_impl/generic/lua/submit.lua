-- A new job. KEYS: job, its waiting list, delayed. ARGV: id, due (ms, 0: now), ttl (s), field, value ...
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
redis.call('HSET', KEYS[1], 'state', 'waiting', 'attempt', 0, unpack(ARGV, 4))
redis.call('EXPIRE', KEYS[1], ARGV[3])
if tonumber(ARGV[2]) > 0 then
  redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
else
  redis.call('LPUSH', KEYS[2], ARGV[1])
end
return 1
