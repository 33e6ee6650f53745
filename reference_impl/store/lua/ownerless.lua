-- List the jobs of dead workers; a job that is over, and a dead worker without jobs, are forgotten.
-- KEYS leases pulse
-- ARGV gap_ms worker_prefix job_prefix
local now = now_ms()
local jobs = {}
for _, worker in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  if is_dead(KEYS[1], KEYS[2], worker, tonumber(ARGV[1]), now) then
    local owned = ARGV[2] .. worker .. ':jobs'
    for _, job in ipairs(redis.call('SMEMBERS', owned)) do
      local state = redis.call('HGET', ARGV[3] .. job .. ':record', 'state')
      if state and not is_over(state) then jobs[#jobs + 1] = job
      else redis.call('SREM', owned, job) end
    end
    if redis.call('EXISTS', owned) == 0 then redis.call('ZREM', KEYS[1], worker) end
  end
end
return jobs
