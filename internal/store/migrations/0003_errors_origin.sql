-- A call that broke is told from one that nobody judged; a subtask, from the picture the request began with and from
-- whether the person showed the place. What older traces do not tell is empty.
ALTER TABLE steps ADD COLUMN error TEXT NOT NULL DEFAULT '';
ALTER TABLE traces ADD COLUMN origin TEXT NOT NULL DEFAULT '';
ALTER TABLE traces ADD COLUMN shown INTEGER NOT NULL DEFAULT 0;
