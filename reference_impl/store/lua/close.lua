-- End a job wherever its stream stands: by its owner (with a fence, or as the worker that the record
-- names), or, without either, by anybody if the owner's lease is over.
--
-- A Redis that lost writes may have a shorter stream than some reader has read. The end goes behind
-- whatever the caller knows to have been written, lest that reader take it for what it has.
-- KEYS record stream cursor activity leases pulse
-- ARGV fence worker written ttl_ms final reason job_id gap_ms worker_prefix
--      then name, body of each event
local record = redis.call('HMGET', KEYS[1], 'fence', 'state', 'seq', 'worker')
if not record[1] then return 'gone' end
if is_over(record[2]) then return 'over' end
if ARGV[1] ~= '' then
  if record[1] ~= ARGV[1] then return 'fenced' end
elseif ARGV[2] ~= '' then
  if record[4] ~= ARGV[2] then return 'fenced' end
elseif not is_dead(KEYS[5], KEYS[6], record[4], tonumber(ARGV[8]), now_ms()) then
  return 'fenced'
end
local seq = math.max(tonumber(record[3]), tonumber(ARGV[3]))
for i = 10, #ARGV, 2 do
  seq = seq + 1
  redis.call('XADD', KEYS[2], string.format('%d-0', seq), 'name', ARGV[i], 'body', ARGV[i + 1])
end
redis.call('HSET', KEYS[1], 'seq', seq, 'state', ARGV[5], 'reason', ARGV[6])
for i = 1, 4 do redis.call('PEXPIRE', KEYS[i], ARGV[4]) end
redis.call('SREM', ARGV[9] .. record[4] .. ':jobs', ARGV[7])
return 'done'
