-- See a job and the events behind a position in one instant.
-- KEYS record stream leases pulse
-- ARGV after limit gap_ms
-- Returns {fields, after, kept, starved_ms, ownerless, entries}, or nil for an unknown job.
local fields = redis.call('HMGET', KEYS[1], 'user', 'worker', 'state', 'seq', 'reason', 'polled')
if not fields[1] then return false end
local entries
if ARGV[2] == '' then
  entries = redis.call('XRANGE', KEYS[2], behind(ARGV[1]), '+')
else
  entries = redis.call('XRANGE', KEYS[2], behind(ARGV[1]), '+', 'COUNT', ARGV[2])
end
local now = now_ms()
local starved = fields[6] and now - tonumber(fields[6]) or 0
local dead = not is_over(fields[3]) and is_dead(KEYS[3], KEYS[4], fields[2], tonumber(ARGV[3]), now)
return {fields, tonumber(ARGV[1]), redis.call('EXISTS', KEYS[2]), starved, dead and 1 or 0, entries}
