-- Toolpaths with the rules for when to take them. What is chosen by has columns of its own; the rest is the body.
CREATE TABLE subroutines (
    id    TEXT PRIMARY KEY,
    task  TEXT NOT NULL,
    state TEXT NOT NULL,
    body  TEXT NOT NULL -- JSON; a reader passes over what it cannot read
) STRICT, WITHOUT ROWID;
CREATE INDEX subroutines_by_task ON subroutines (task, state);
