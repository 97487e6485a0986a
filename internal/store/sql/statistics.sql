-- name: get-statistic
SELECT value FROM statistics WHERE key = ?1;

-- name: statistics-under
SELECT key, value FROM statistics
WHERE key >= ?1 AND substr(key, 1, length(?1)) = ?1
ORDER BY key;

-- name: set-statistic
INSERT INTO statistics (key, value) VALUES (?1, ?2)
ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- name: drop-statistic
DELETE FROM statistics WHERE key = ?1;
