-- Hold on to a job. KEYS: job, leases. ARGV: id, attempt, lease's end (ms).
-- Returns 0 when it is another's by now, or gone; 2 when it is to be cancelled; else 1.
local told = redis.call('HMGET', KEYS[1], 'state', 'attempt', 'cancel')
if told[1] ~= 'running' or told[2] ~= ARGV[2] then
  return 0
end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return told[3] and 2 or 1
