-- A new job. KEYS: job, its waiting list, delayed, and the key of its name, if it has one.
-- ARGV: id, due (ms, 0: now), ttl (s), field, value ... Returns the id of the job that is run.
if KEYS[4] then
  if not redis.call('SET', KEYS[4], ARGV[1], 'NX', 'EX', ARGV[3]) then
    return redis.call('GET', KEYS[4])
  end
end
if redis.call('EXISTS', KEYS[1]) == 1 then
  return ARGV[1]
end
redis.call('HSET', KEYS[1], 'state', 'waiting', 'attempt', 0, unpack(ARGV, 4))
redis.call('EXPIRE', KEYS[1], ARGV[3])
if tonumber(ARGV[2]) > 0 then
  redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
else
  redis.call('LPUSH', KEYS[2], ARGV[1])
end
return ARGV[1]
