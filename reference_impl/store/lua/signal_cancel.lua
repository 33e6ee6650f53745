-- Leave the cancel marker and tell every worker, in one step.
-- KEYS record marker
-- ARGV reason marker_ttl_s channel message
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 'gone' end
if is_over(state) then return 'over' end
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 'sent'
