-- name: call-record
SELECT record FROM calls WHERE key = ?1;

-- name: call-outputs
SELECT o.port, o.digest, o.blob, b.bytes, b.data
FROM outputs o JOIN blobs b ON b.hash = o.blob
WHERE o.key = ?1
ORDER BY o.port;

-- name: touch-call
UPDATE calls SET used = (SELECT max(used) + 1 FROM calls)
WHERE key = ?1 AND used < (SELECT max(used) FROM calls);

-- name: add-call
INSERT INTO calls (key, record, bytes, used)
VALUES (?1, ?2, ?3, (SELECT coalesce(max(used), 0) + 1 FROM calls));

-- name: add-blob
INSERT INTO blobs (hash, bytes, data) VALUES (?1, ?2, ?3)
ON CONFLICT (hash) DO NOTHING;

-- name: add-output
INSERT INTO outputs (key, port, digest, blob) VALUES (?1, ?2, ?3, ?4);

-- name: delete-call
DELETE FROM calls WHERE key = ?1;

-- name: oldest-call
SELECT key FROM calls ORDER BY used LIMIT 1;

-- name: cache-size
SELECT bytes, (SELECT count(*) FROM calls) FROM cache_size;

-- name: blobs-of
SELECT DISTINCT blob FROM outputs WHERE key = ?1;

-- name: delete-blob-unless-used
DELETE FROM blobs WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM outputs WHERE blob = ?1);

-- name: calls-with-blob
SELECT key FROM outputs WHERE blob = ?1;

-- name: blob-is-a-file
SELECT count(*) FROM blobs WHERE hash = ?1 AND data IS NULL;
