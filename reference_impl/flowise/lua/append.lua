-- Write one live event down and announce it, if the writer still holds its job.
-- KEYS[1] the job   KEYS[2] its lock   KEYS[3] the stream of its events
-- ARGV[1] the writer's token   ARGV[2] the event's number   ARGV[3] its JSON
-- ARGV[4] life of the stream in ms   ARGV[5] channel
-- Returns 1 written, 0 the hold is lost, -1 the job is gone.
if redis.call('EXISTS', KEYS[1]) == 0 then
    return -1
end
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
    return 0
end
local number = tonumber(ARGV[2])
local newest = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)
local written = newest[1] and tonumber(string.match(newest[1][1], '^%d+')) or 0
-- A number that is there already is a repeat after a lost answer: it was written and announced.
if number > written then
    redis.call('XADD', KEYS[3], number .. '-0', 'event', ARGV[3])
    redis.call('PEXPIRE', KEYS[3], ARGV[4])
    redis.call('PUBLISH', ARGV[5], ARGV[3])
end
return 1
