-- End a job wherever its stream stands: by its owner (with a fence), or, without one, by anybody
-- if the owner's lease is over.
-- KEYS record stream cursor activity leases pulse
-- ARGV fence ttl_ms final reason job_id gap_ms worker_prefix  then name, body of each event
local record = redis.call('HMGET', KEYS[1], 'fence', 'state', 'seq', 'worker')
if not record[1] then return 'gone' end
if is_over(record[2]) then return 'over' end
if ARGV[1] ~= '' then
  if record[1] ~= ARGV[1] then return 'fenced' end
elseif not is_dead(KEYS[5], KEYS[6], record[4], tonumber(ARGV[6]), now_ms()) then
  return 'fenced'
end
local seq = tonumber(record[3])
for i = 8, #ARGV, 2 do
  seq = seq + 1
  redis.call('XADD', KEYS[2], string.format('%d-0', seq), 'name', ARGV[i], 'body', ARGV[i + 1])
end
redis.call('HSET', KEYS[1], 'seq', seq, 'state', ARGV[3], 'reason', ARGV[4])
for i = 1, 4 do redis.call('PEXPIRE', KEYS[i], ARGV[2]) end
redis.call('SREM', ARGV[7] .. record[4] .. ':jobs', ARGV[5])
return 'done'
