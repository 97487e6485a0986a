-- name: get-application
PRAGMA application_id;

-- name: set-application
PRAGMA application_id = 1346719316; -- "PENT"

-- name: get-version
PRAGMA user_version;

-- name: set-version
PRAGMA user_version = %d;

-- name: count-tables
SELECT count(*) FROM sqlite_schema;

-- name: check
PRAGMA quick_check(1);
