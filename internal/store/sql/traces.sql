-- name: add-trace
INSERT INTO traces (at, request, session, picture, task, subtask, features, alpha, threshold, outcome, reason, quality, seconds,
    origin, shown, subroutine)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16);

-- name: add-step
INSERT INTO steps (trace, position, call, tool, variant, params, inputs, megapixels, seconds, load_seconds,
    free_core, cached, quality, verdict, scores, reason, final, error)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18);

-- name: review-trace
INSERT INTO reviews (trace, verdict, reason) VALUES (?1, ?2, ?3)
ON CONFLICT (trace) DO UPDATE SET verdict = ?2, reason = ?3;

-- name: forget-traces
DELETE FROM traces WHERE id <= ?1; -- their steps go with them

-- name: traces-oldest-first
SELECT id, at, request, session, picture, subtask, features, alpha, threshold, outcome, traces.reason, quality, seconds,
    origin, shown, subroutine, coalesce(reviews.verdict, ''), coalesce(reviews.reason, '')
FROM traces LEFT JOIN reviews ON reviews.trace = id
WHERE id > ?1 AND (?2 = '' OR task = ?2) AND (?3 = '' OR outcome = ?3)
ORDER BY id
LIMIT ?4;

-- name: traces-newest-first
SELECT id, at, request, session, picture, subtask, features, alpha, threshold, outcome, traces.reason, quality, seconds,
    origin, shown, subroutine, coalesce(reviews.verdict, ''), coalesce(reviews.reason, '')
FROM traces LEFT JOIN reviews ON reviews.trace = id
WHERE id > ?1 AND (?2 = '' OR task = ?2) AND (?3 = '' OR outcome = ?3)
ORDER BY id DESC
LIMIT ?4;

-- name: count-traces
SELECT count(*) FROM traces
WHERE id > ?1 AND (?2 = '' OR task = ?2) AND (?3 = '' OR outcome = ?3);

-- name: steps-of
SELECT call, tool, variant, params, inputs, megapixels, seconds, load_seconds, free_core, cached,
    quality, verdict, scores, reason, final, error
FROM steps
WHERE trace = ?1
ORDER BY position;
