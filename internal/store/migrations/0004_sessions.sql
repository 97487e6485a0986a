-- A picture's tree of turns.
CREATE TABLE sessions (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    created INTEGER NOT NULL, -- Unix time in nanoseconds
    used    INTEGER NOT NULL,
    head    INTEGER NOT NULL, -- the turn that is shown
    branch  TEXT    NOT NULL, -- the branch that the next turn is made on
    next    INTEGER NOT NULL, -- the number of the next turn; numbers are never used again
    source  TEXT    NOT NULL CHECK (json_valid(source)),
    chunks  BLOB    NOT NULL  -- ids of the chunks that source names
) STRICT;

CREATE TABLE turns (
    id      INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    number  INTEGER NOT NULL,
    parent  INTEGER NOT NULL, -- of the original: itself
    at      INTEGER NOT NULL,
    name    TEXT    NOT NULL,
    review  TEXT    NOT NULL CHECK (json_valid(review)),
    record  TEXT    NOT NULL CHECK (json_valid(record)),
    chunks  BLOB    NOT NULL, -- ids of the chunks that the record names, in its order
    regions TEXT    NOT NULL CHECK (json_valid(regions)),
    masks   BLOB    NOT NULL, -- ids of the chunks that the regions name, in their order
    UNIQUE (session, number)
) STRICT;
CREATE UNIQUE INDEX turns_by_name ON turns (session, name COLLATE NOCASE) WHERE name <> '';

CREATE TABLE branches (
    session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    name    TEXT    NOT NULL COLLATE NOCASE,
    tip     INTEGER NOT NULL,
    PRIMARY KEY (session, name)
) STRICT, WITHOUT ROWID;

-- A file of chunks, named by the sha256 of its bytes.
CREATE TABLE packs (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    hash  TEXT    NOT NULL UNIQUE,
    bytes INTEGER NOT NULL
) STRICT;

-- What pictures are made of, by the sha256 of its bytes before they were compressed.
CREATE TABLE chunks (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    hash  BLOB    NOT NULL UNIQUE,
    pack  INTEGER NOT NULL REFERENCES packs (id),
    place INTEGER NOT NULL, -- in the pack, from its start
    bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX chunks_by_pack ON chunks (pack);
