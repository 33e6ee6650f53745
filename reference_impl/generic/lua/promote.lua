-- What is due waits from now on; a job whose lease ran out waits again, before all others, or is
-- cancelled, if that was promised. Nothing is removed before what follows from it is written: a full
-- Redis refuses that, and ends the script. KEYS: delayed, leases.
-- ARGV: job prefix, waiting prefix, now (ms), events prefix, ttl (s).
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])) do
  redis.call('LPUSH', ARGV[2] .. (redis.call('HGET', ARGV[1] .. id, 'priority') or 'normal'), id)
  redis.call('ZREM', KEYS[1], id)
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[3])) do
  local job = ARGV[1] .. id
  local told = redis.call('HMGET', job, 'state', 'cancel', 'priority', 'unique')
  if told[1] == 'running' and told[2] then
    redis.call('HSET', job, 'state', 'cancelled')
    redis.call('XADD', ARGV[4] .. id, '*', 'event', '{"type": "cancelled"}')
    redis.call('EXPIRE', ARGV[4] .. id, ARGV[5])
    if told[4] and told[4] ~= '' and redis.call('GET', told[4]) == id then
      redis.call('DEL', told[4])
    end
  elseif told[1] == 'running' then
    redis.call('RPUSH', ARGV[2] .. (told[3] or 'normal'), id)
    redis.call('HSET', job, 'state', 'waiting')
  end
  redis.call('ZREM', KEYS[2], id)
end
return 1
