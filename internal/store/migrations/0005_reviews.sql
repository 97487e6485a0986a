-- What the person thinks of what an attempt made. It goes with the attempt.
CREATE TABLE reviews (
    trace   INTEGER PRIMARY KEY REFERENCES traces (id) ON DELETE CASCADE,
    verdict TEXT NOT NULL, -- pass or fail
    reason  TEXT NOT NULL
) STRICT;
