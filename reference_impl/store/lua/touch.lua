-- Write a job's heartbeat by Redis's clock: skew between workers must neither kill nor spare.
-- KEYS record activity
-- ARGV activity_ttl_ms
local state = redis.call('HGET', KEYS[1], 'state')
if not state or is_over(state) then return 0 end
redis.call('SET', KEYS[2], string.format('%.3f', now_ms() / 1000), 'PX', ARGV[1])
return 1
