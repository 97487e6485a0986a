-- One attempt at one subtask.
CREATE TABLE traces (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL, -- Unix time in nanoseconds
    request   TEXT    NOT NULL,
    session   TEXT    NOT NULL,
    picture   TEXT    NOT NULL,
    task      TEXT    NOT NULL,
    subtask   TEXT    NOT NULL CHECK (json_valid(subtask)),
    features  TEXT    NOT NULL CHECK (json_valid(features)),
    alpha     REAL    NOT NULL,
    threshold REAL    NOT NULL,
    outcome   TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    quality   REAL, -- NULL: not measured
    seconds   REAL    NOT NULL
) STRICT;
CREATE INDEX traces_by_task ON traces (task, id);

-- What was run for it, in order.
CREATE TABLE steps (
    trace        INTEGER NOT NULL REFERENCES traces (id) ON DELETE CASCADE,
    position     INTEGER NOT NULL,
    call         TEXT    NOT NULL,
    tool         TEXT    NOT NULL,
    variant      INTEGER NOT NULL,
    params       TEXT    NOT NULL CHECK (json_valid(params)),
    inputs       TEXT    NOT NULL CHECK (json_valid(inputs)),
    megapixels   REAL    NOT NULL,
    seconds      REAL    NOT NULL,
    load_seconds REAL    NOT NULL,
    free_core    INTEGER NOT NULL,
    cached       INTEGER NOT NULL,
    quality      REAL,
    verdict      TEXT    NOT NULL CHECK (verdict IN ('', 'pass', 'fail')),
    scores       TEXT    NOT NULL CHECK (json_valid(scores)),
    reason       TEXT    NOT NULL,
    final        INTEGER NOT NULL,
    PRIMARY KEY (trace, position)
) STRICT, WITHOUT ROWID;

-- The call cache: results by the key of the call that made them.
CREATE TABLE calls (
    key    TEXT    PRIMARY KEY,
    record TEXT    NOT NULL CHECK (json_valid(record)),
    bytes  INTEGER NOT NULL, -- of the row itself, roughly
    used   INTEGER NOT NULL  -- grows with every use: the least was used longest ago
) STRICT;
CREATE INDEX calls_by_use ON calls (used);

-- Blobs by the sha256 of their bytes. A small one is held here, any other in a file of that name.
CREATE TABLE blobs (
    hash  TEXT    PRIMARY KEY,
    bytes INTEGER NOT NULL,
    data  BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE outputs (
    key    TEXT NOT NULL REFERENCES calls (key) ON DELETE CASCADE,
    port   TEXT NOT NULL,
    digest TEXT NOT NULL, -- the artifact's identity
    blob   TEXT NOT NULL REFERENCES blobs (hash),
    PRIMARY KEY (key, port)
) STRICT, WITHOUT ROWID;
CREATE INDEX outputs_by_blob ON outputs (blob);

-- The cache's size in bytes, kept by triggers so that no put has to add it up.
CREATE TABLE cache_size (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    bytes INTEGER NOT NULL
) STRICT;
INSERT INTO cache_size VALUES (1, 0);
CREATE TRIGGER call_added AFTER INSERT ON calls BEGIN
    UPDATE cache_size SET bytes = bytes + NEW.bytes;
END;
CREATE TRIGGER call_removed AFTER DELETE ON calls BEGIN
    UPDATE cache_size SET bytes = bytes - OLD.bytes;
END;
CREATE TRIGGER blob_added AFTER INSERT ON blobs BEGIN
    UPDATE cache_size SET bytes = bytes + NEW.bytes;
END;
CREATE TRIGGER blob_removed AFTER DELETE ON blobs BEGIN
    UPDATE cache_size SET bytes = bytes - OLD.bytes;
END;

-- What the estimates of cost and quality are computed from.
CREATE TABLE statistics (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;
