-- The most urgent job that waits longest. KEYS: leases, waiting lists, most urgent first.
-- ARGV: job prefix, lease's end (ms). Returns id and attempt, or nothing.
-- A job leaves its list when the rest is written: a full Redis refuses that, and ends the script.
for at = 2, #KEYS do
  local id = redis.call('LINDEX', KEYS[at], -1)
  while id do
    local job = ARGV[1] .. id
    if redis.call('HGET', job, 'state') == 'waiting' then
      redis.call('ZADD', KEYS[1], ARGV[2], id)
      redis.call('HSET', job, 'state', 'running')
      local attempt = redis.call('HINCRBY', job, 'attempt', 1)
      redis.call('RPOP', KEYS[at])
      return {id, attempt}
    end
    redis.call('RPOP', KEYS[at])
    id = redis.call('LINDEX', KEYS[at], -1)
  end
end
return false
