-- What a subroutine did is no word of what the search would have done. What older traces do not tell is empty.
ALTER TABLE traces ADD COLUMN subroutine TEXT NOT NULL DEFAULT '';
