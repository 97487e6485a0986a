-- name: add-session
INSERT INTO sessions (name, created, used, head, branch, next, source, chunks)
VALUES (?1, ?2, ?2, 0, ?3, 1, ?4, ?5);

-- name: sessions
SELECT id, name, created, used, head, branch, next, source, chunks,
       (SELECT count(*) - 1 FROM turns WHERE session = sessions.id)
FROM sessions ORDER BY used DESC, id DESC;

-- name: session
SELECT id, name, created, used, head, branch, next, source, chunks,
       (SELECT count(*) - 1 FROM turns WHERE session = sessions.id)
FROM sessions WHERE name = ?1;

-- name: next-turn
SELECT next FROM sessions WHERE id = ?1;

-- name: point
UPDATE sessions SET used = ?2, head = ?3, branch = ?4 WHERE id = ?1;

-- name: count-turn
UPDATE sessions SET next = ?2 WHERE id = ?1 AND next < ?2;

-- name: rename-session
UPDATE sessions SET name = ?2 WHERE id = ?1;

-- name: delete-session
DELETE FROM sessions WHERE id = ?1;

-- name: add-turn
INSERT INTO turns (session, number, parent, at, name, review, record, chunks, regions, masks)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);

-- name: turns-of
SELECT number, parent, at, name, review, record, regions FROM turns WHERE session = ?1 ORDER BY number;

-- name: chunks-of-turn
SELECT chunks, masks FROM turns WHERE session = ?1 AND number = ?2;

-- name: name-turn
UPDATE turns SET name = ?3 WHERE session = ?1 AND number = ?2;

-- name: review-turn
UPDATE turns SET review = ?3 WHERE session = ?1 AND number = ?2;

-- name: number-regions
UPDATE turns SET regions = ?3, masks = ?4 WHERE session = ?1 AND number = ?2;

-- name: delete-turn
DELETE FROM turns WHERE session = ?1 AND number = ?2;

-- name: branches-of
SELECT name, tip FROM branches WHERE session = ?1 ORDER BY name;

-- name: put-branch
INSERT INTO branches (session, name, tip) VALUES (?1, ?2, ?3)
ON CONFLICT (session, name) DO UPDATE SET tip = ?3;

-- name: delete-branch
DELETE FROM branches WHERE session = ?1 AND name = ?2;

-- name: find-chunk
SELECT id FROM chunks WHERE hash = ?1;

-- name: add-chunk
INSERT INTO chunks (hash, pack, place, bytes) VALUES (?1, ?2, ?3, ?4);

-- name: chunk
SELECT c.hash, p.hash, c.place, c.bytes FROM chunks c JOIN packs p ON p.id = c.pack WHERE c.id = ?1;

-- name: add-pack
INSERT INTO packs (hash, bytes) VALUES (?1, ?2)
ON CONFLICT (hash) DO UPDATE SET bytes = ?2
RETURNING id;

-- name: packs-size
SELECT coalesce(sum(bytes), 0) FROM packs;

-- name: packs
SELECT id, hash, bytes FROM packs ORDER BY id;

-- name: is-pack
SELECT count(*) FROM packs WHERE hash = ?1;

-- name: delete-pack
DELETE FROM packs WHERE id = ?1;

-- name: chunks-of-pack
SELECT id, place, bytes FROM chunks WHERE pack = ?1 ORDER BY place;

-- name: move-chunk
UPDATE chunks SET pack = ?2, place = ?3 WHERE id = ?1;

-- name: delete-chunk
DELETE FROM chunks WHERE id = ?1;

-- name: all-chunk-lists
SELECT chunks FROM sessions
UNION ALL SELECT chunks FROM turns
UNION ALL SELECT masks FROM turns;

-- name: all-chunks
SELECT id, hash FROM chunks ORDER BY pack, place;
