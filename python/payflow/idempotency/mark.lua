-- Marks events as done, for a whole batch.
-- KEYS: one mark key an event. ARGV[1]: their fingerprints, 16 bytes each, in one piece. ARGV[2]: lifetime in seconds.
-- The last mark wins: it was written after a commit, so it replaces whatever else the key held.
local fingerprints = ARGV[1]
local ttl_s = ARGV[2]
for i = 1, #KEYS do
  redis.call('SET', KEYS[i], string.sub(fingerprints, 16 * i - 15, 16 * i), 'EX', ttl_s)
end
return #KEYS
