//! Version 2: the chains of the audit record.

/// `audit.number`, `hash` and `mac` are NULL for records from before this version. In `chain` and
/// `checkpoint`, organisation 0 stands for the chain of no organisation.
///
/// `audit_day` has for each day since 1970 UTC the first and last sequence of the records that
/// happened on it: records come nearly in the order of time, so a span of time is a short stretch of
/// the table. That saves an index over time, which each record would have to be written to.
pub(super) const AUDIT_CHAIN: &str = "
ALTER TABLE audit ADD COLUMN number INTEGER;
ALTER TABLE audit ADD COLUMN hash BLOB;
ALTER TABLE audit ADD COLUMN mac BLOB;
CREATE INDEX audit_listed ON audit (organisation, kind);
CREATE INDEX audit_of_message ON audit (queue_id) WHERE queue_id IS NOT NULL;
CREATE INDEX audit_of_actor ON audit (actor) WHERE actor IS NOT NULL;

CREATE TABLE audit_day (
    day INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
) STRICT;
INSERT INTO audit_day
    SELECT at / 86400000, min(sequence), max(sequence) FROM audit GROUP BY at / 86400000;

CREATE TABLE audit_key (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    public BLOB NOT NULL
) STRICT;

CREATE TABLE chain (
    organisation INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL,
    mac BLOB NOT NULL,
    checkpointed INTEGER NOT NULL
) STRICT;

CREATE TABLE checkpoint (
    id INTEGER PRIMARY KEY,
    organisation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL,
    at INTEGER NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE INDEX checkpoint_of_chain ON checkpoint (organisation);
CREATE TRIGGER checkpoint_is_never_changed BEFORE UPDATE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoints are only appended to'); END;
CREATE TRIGGER checkpoint_is_never_cut BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoints are only appended to'); END;
";
