-- The most urgent job that waits longest. KEYS: leases, waiting lists, most urgent first.
-- ARGV: job prefix, lease's end (ms). Returns id and attempt, or nothing.
for at = 2, #KEYS do
  local id = redis.call('RPOP', KEYS[at])
  while id do
    local job = ARGV[1] .. id
    if redis.call('HGET', job, 'state') == 'waiting' then
      redis.call('HSET', job, 'state', 'running')
      redis.call('ZADD', KEYS[1], ARGV[2], id)
      return {id, redis.call('HINCRBY', job, 'attempt', 1)}
    end
    id = redis.call('RPOP', KEYS[at])
  end
end
return false
