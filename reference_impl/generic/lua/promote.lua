-- What is due waits from now on; a job whose lease ran out waits again, before all others.
-- KEYS: delayed, leases. ARGV: job prefix, waiting prefix, now (ms).
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('LPUSH', ARGV[2] .. (redis.call('HGET', ARGV[1] .. id, 'priority') or 'normal'), id)
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[3])) do
  redis.call('ZREM', KEYS[2], id)
  local job = ARGV[1] .. id
  if redis.call('HGET', job, 'state') == 'running' then
    redis.call('HSET', job, 'state', 'waiting')
    redis.call('RPUSH', ARGV[2] .. (redis.call('HGET', job, 'priority') or 'normal'), id)
  end
end
return 1
