-- Settle a take: its events were sent (confirm), or reached nobody (give back). A take that is
-- not open any more stays as it is (compare and set on the token).
-- KEYS cursor
-- ARGV token verdict
local cursor = redis.call('HMGET', KEYS[1], 'prev', 'token')
if cursor[2] ~= ARGV[1] then return 0 end
if ARGV[2] == 'give_back' then redis.call('HSET', KEYS[1], 'at', cursor[1]) end
redis.call('HDEL', KEYS[1], 'token', 'since')
return 1
