-- Takes from token buckets that the workers of a fleet share, in one call for several buckets.
--
-- What flows into a bucket is split evenly among the workers that asked lately: `share` is what one of them has been due
-- since the bucket began, and each remembers how far it has been paid. What a worker does not keep goes to `spare`, from
-- which any may take. So nobody starves, and nothing that one worker leaves is lost to the others.
--
-- KEYS: two a bucket: its state, and the workers that asked, by the time of it in ms.
-- ARGV: the worker, after how many ms of silence it no longer shares; then for each bucket its rate a second, the most
-- that is saved up, and how many are wanted.
-- Returns for each bucket: how many are granted, how many workers share it.
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local worker, silent_ms = ARGV[1], tonumber(ARGV[2])
local kept_ms = 60000
local answer = {}

for bucket = 1, #KEYS / 2 do
  local state, sharers = KEYS[2 * bucket - 1], KEYS[2 * bucket]
  local rate = tonumber(ARGV[3 * bucket])
  local burst = tonumber(ARGV[3 * bucket + 1])
  local wanted = tonumber(ARGV[3 * bucket + 2])

  for _, silent in ipairs(redis.call('ZRANGEBYSCORE', sharers, '-inf', now - silent_ms)) do
    redis.call('HDEL', state, 'paid:' .. silent, 'credit:' .. silent)
    redis.call('ZREM', sharers, silent)
  end
  local known = redis.call('HMGET', state, 'at', 'share', 'spare', 'paid:' .. worker, 'credit:' .. worker)
  local at = tonumber(known[1]) or now
  local share, spare = tonumber(known[2]) or 0, tonumber(known[3]) or 0
  local count = redis.call('ZCARD', sharers)

  -- A clock that was set back must not take anything away.
  local inflow = math.max(0, now - at) / 1000 * rate
  if count > 0 then
    share = share + inflow / count
  else
    spare = math.min(burst, spare + inflow)
  end

  local credit = 0
  if redis.call('ZSCORE', sharers, worker) then
    credit = (tonumber(known[5]) or 0) + share - (tonumber(known[4]) or share)
  else
    count = count + 1
  end
  -- Before anything is granted: a clock that was set forward must not give anything away either.
  local most = math.max(1, burst / count)
  if credit > most then
    credit, spare = most, math.min(burst, spare + credit - most)
  end
  local granted = math.min(wanted, math.floor(credit + spare))
  local own = math.min(granted, credit)
  credit, spare = credit - own, spare - (granted - own)

  local exact = '%.17g'
  redis.call('HSET', state, 'at', string.format(exact, now), 'share', string.format(exact, share),
    'spare', string.format(exact, spare), 'paid:' .. worker, string.format(exact, share),
    'credit:' .. worker, string.format(exact, credit))
  redis.call('ZADD', sharers, now, worker)
  redis.call('PEXPIRE', state, kept_ms)
  redis.call('PEXPIRE', sharers, kept_ms)
  answer[2 * bucket - 1], answer[2 * bucket] = granted, count
end
return answer
