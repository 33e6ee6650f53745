-- Put before every script: one clock, and the two rules of core/ that must hold inside Redis.

-- Leases and job sets outlive any outage worth surviving; what is dead is pruned, not expired.
local WORKER_KEYS_TTL_MS = 3600000

local function now_ms()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

-- core/states.py: a final state refuses every signal.
local function is_over(state)
  return state == 'completed' or state == 'failed' or state == 'cancelled'
end

-- core/rules.py LeaseRule.is_dead. Heartbeats are the only keys read by GET, so that whoever
-- watches or refuses that command sees the watchdog alone.
local function is_dead(leases, pulse_key, worker, gap_ms, now)
  local pulse = redis.call('HGET', pulse_key, 'at')
  if not pulse or now - tonumber(pulse) > gap_ms then return false end
  local expires = redis.call('ZSCORE', leases, worker)
  return not expires or tonumber(expires) < now
end

-- Entry n-0 is the n-th event. An exclusive range would need Redis 6.2: ids end in -0, so the
-- range from n-1 upwards is the one behind n.
local function behind(position)
  return tostring(position) .. '-1'
end
