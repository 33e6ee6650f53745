-- Append events exactly once, fenced; with a final state, end the job in the same step.
-- KEYS record stream cursor activity jobs
-- ARGV fence first ttl_ms final reason job_id  then name, body of each event
local record = redis.call('HMGET', KEYS[1], 'fence', 'state', 'seq')
if not record[1] then return 'gone' end
if record[1] ~= ARGV[1] then return 'fenced' end
local seq = tonumber(record[3])
local first = tonumber(ARGV[2])
local last = first + (#ARGV - 6) / 2 - 1
local final = ARGV[4]
if is_over(record[2]) then
  -- The repetition of the very write that ended the job, its acknowledgement lost.
  if final == record[2] and last == seq then return 'done' end
  return 'over'
end
if first > seq + 1 then return 'torn' end
if seq > 0 and redis.call('EXISTS', KEYS[2]) == 0 then return 'torn' end
for i = 7, #ARGV, 2 do
  local position = first + (i - 7) / 2
  if position > seq then
    redis.call('XADD', KEYS[2], string.format('%d-0', position), 'name', ARGV[i], 'body', ARGV[i + 1])
    seq = position
  end
end
redis.call('HSET', KEYS[1], 'seq', seq, 'state', final ~= '' and final or 'running',
  'reason', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
if final ~= '' then
  redis.call('PEXPIRE', KEYS[3], ARGV[3])
  redis.call('PEXPIRE', KEYS[4], ARGV[3])
  redis.call('SREM', KEYS[5], ARGV[6])
end
return 'done'
