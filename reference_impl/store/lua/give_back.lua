-- Undo a take, unless the cursor has moved since (compare and set on the token).
-- KEYS cursor
-- ARGV token
local cursor = redis.call('HMGET', KEYS[1], 'prev', 'token')
if cursor[2] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'at', cursor[1])
redis.call('HDEL', KEYS[1], 'token')
return 1
