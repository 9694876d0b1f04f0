-- What a worker says of itself, stamped with this server's time.
-- KEYS[1]: what each worker said. KEYS[2]: when, in ms. ARGV: worker id, its announcement, lifetime of both in seconds.
local now = redis.call('TIME')
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[1], now[1] * 1000 + math.floor(now[2] / 1000))
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
