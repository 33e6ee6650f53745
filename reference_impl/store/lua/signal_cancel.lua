-- Leave the cancel marker and tell every worker, in one step.
-- A signal that is repeated after a lost answer is known by its number and told once.
-- KEYS record marker
-- ARGV reason marker_ttl_s channel message number
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 'gone' end
if is_over(state) then return 'over' end
if redis.call('HGET', KEYS[1], 'signalled') == ARGV[5] then return 'sent' end
redis.call('HSET', KEYS[1], 'signalled', ARGV[5])
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 'sent'
