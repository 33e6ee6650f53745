-- Move the shared polling cursor past everything written, and return what it passed.
--
-- A take stays open (it holds its token) until it is settled: confirmed when its events were sent,
-- or given back. Nobody else can take meanwhile, so that events whose delivery is in doubt are
-- neither skipped nor delivered twice. The same token again returns the same events again. A take
-- that nobody settled in time belonged to a worker that died: its events are taken anew.
-- KEYS record stream leases pulse cursor
-- ARGV token gap_ms settle_ms
-- Returns what read.lua returns, or 'busy'.

-- For how long an open take could have been settled: not while nobody reached Redis.
local function could_settle_ms(since, now)
  local pulse = redis.call('HMGET', KEYS[4], 'at', 'resumed')
  if not pulse[1] or now - tonumber(pulse[1]) > tonumber(ARGV[2]) then return 0 end
  return now - math.max(tonumber(since), tonumber(pulse[2] or '0'))
end

local fields = redis.call('HMGET', KEYS[1], 'user', 'worker', 'state', 'seq', 'reason', 'polled')
if not fields[1] then return false end
local now = now_ms()
local cursor = redis.call('HMGET', KEYS[5], 'at', 'prev', 'token', 'since')
local from = cursor[1] or '0'
if cursor[3] then
  if cursor[3] ~= ARGV[1] and could_settle_ms(cursor[4], now) < tonumber(ARGV[3]) then
    return 'busy'
  end
  from = cursor[2]
end
if tonumber(fields[4]) == 0 and not fields[6] then
  redis.call('HSET', KEYS[1], 'polled', now)
  fields[6] = tostring(now)
end
local entries = redis.call('XRANGE', KEYS[2], behind(from), '+')
if #entries > 0 then
  local at = string.match(entries[#entries][1], '^%d+')
  redis.call('HSET', KEYS[5], 'at', at, 'prev', from, 'token', ARGV[1], 'since', now)
  redis.call('PEXPIRE', KEYS[5], math.max(1, redis.call('PTTL', KEYS[1])))
end
local starved = fields[6] and now - tonumber(fields[6]) or 0
local dead = not is_over(fields[3]) and is_dead(KEYS[3], KEYS[4], fields[2], tonumber(ARGV[2]), now)
return {fields, tonumber(from), redis.call('EXISTS', KEYS[2]), starved, dead and 1 or 0, entries}
