-- Tells which events are known as done, for a whole batch.
-- KEYS: one mark key an event. ARGV[1]: their fingerprints, 16 bytes each, in one piece.
-- Returns a string of one byte an event: 1 when the mark has this very fingerprint, else 0. Another fingerprint
-- counts as no mark, and so does a key of another type: then PostgreSQL decides.
local marks = redis.call('MGET', unpack(KEYS))
local fingerprints = ARGV[1]
local known = {}
for i = 1, #marks do
  if marks[i] and marks[i] == string.sub(fingerprints, 16 * i - 15, 16 * i) then
    known[i] = '\1'
  else
    known[i] = '\0'
  end
end
return table.concat(known)
