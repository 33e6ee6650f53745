-- One more event of a run. KEYS: job, events. ARGV: attempt, event.
-- Returns 0, and nothing is told, when the job has ended or is another run's by now.
local told = redis.call('HMGET', KEYS[1], 'state', 'attempt')
if told[1] ~= 'running' or told[2] ~= ARGV[1] then
  return 0
end
redis.call('XADD', KEYS[2], '*', 'event', ARGV[2])
return 1
