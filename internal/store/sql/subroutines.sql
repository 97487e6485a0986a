-- name: subroutines
SELECT id, task, state, body FROM subroutines
WHERE (?1 = '' OR id = ?1) AND (?2 = '' OR task = ?2) AND (?3 = '' OR state = ?3)
ORDER BY id;

-- name: put-subroutine
INSERT INTO subroutines (id, task, state, body) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (id) DO UPDATE SET task = excluded.task, state = excluded.state, body = excluded.body;
