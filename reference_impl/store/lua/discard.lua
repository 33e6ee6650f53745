-- Forget a reservation nobody was told of; one that has written anything stays.
-- KEYS record activity jobs
-- ARGV job_id
local seq = redis.call('HGET', KEYS[1], 'seq')
if seq and tonumber(seq) > 0 then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('SREM', KEYS[3], ARGV[1])
return 1
