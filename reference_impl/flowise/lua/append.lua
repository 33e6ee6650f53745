-- Write live events down and announce them, if the writer still holds its job.
-- KEYS[1] the job   KEYS[2] its lock   KEYS[3] the stream of its events
-- ARGV[1] the writer's token   ARGV[2] life of the stream in ms   ARGV[3] channel
-- ARGV[4…] number and JSON of each event, in order
-- Returns 1 written, 0 the hold is lost, -1 the job is gone.
if redis.call('EXISTS', KEYS[1]) == 0 then
    return -1
end
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
    return 0
end
local newest = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)
local written = newest[1] and tonumber(string.match(newest[1][1], '^%d+')) or 0
local fresh = {}
for at = 4, #ARGV, 2 do
    -- A number that is there already is a repeat after a lost answer: it was written and announced.
    if tonumber(ARGV[at]) > written then
        fresh[#fresh + 1] = ARGV[at + 1]
    end
end
if #fresh > 0 then
    -- What was told at once is one entry, under its last number, and one message.
    local body = #fresh == 1 and fresh[1] or '[' .. table.concat(fresh, ',') .. ']'
    redis.call('XADD', KEYS[3], ARGV[#ARGV - 1] .. '-0', 'event', body)
    redis.call('PUBLISH', ARGV[3], body)
end
redis.call('PEXPIRE', KEYS[3], ARGV[2])
return 1
