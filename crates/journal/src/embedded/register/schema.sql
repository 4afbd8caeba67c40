-- Quarantine review: people, sessions, tokens, requests, exceptions, hand-overs; and the index that
-- searches go by (search/mod.rs). Moments are milliseconds since 1970 UTC, organisations are numbers
-- of `organisation`, lists are JSON.

CREATE TABLE account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    organisation INTEGER,
    addresses TEXT NOT NULL,
    operator INTEGER NOT NULL,
    valid_from INTEGER,
    valid_until INTEGER,
    disabled INTEGER NOT NULL,
    language TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    last_sign_in INTEGER,
    password_hash TEXT,
    password_is_temporary INTEGER NOT NULL,
    totp_secret BLOB,
    -- The last time step that a code was taken of: none is taken twice.
    totp_step INTEGER,
    recovery BLOB NOT NULL,
    issuer TEXT,
    subject TEXT,
    failures INTEGER NOT NULL,
    locked_until INTEGER
) STRICT;
CREATE UNIQUE INDEX account_subject ON account (issuer, subject) WHERE subject IS NOT NULL;
CREATE INDEX account_organisation ON account (organisation);

CREATE TABLE account_grant (
    account INTEGER NOT NULL,
    position INTEGER NOT NULL,
    organisation INTEGER NOT NULL,
    role TEXT NOT NULL,
    valid_from INTEGER,
    valid_until INTEGER,
    PRIMARY KEY (account, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_granted ON account_grant (organisation, account);

CREATE TABLE session (
    key BLOB PRIMARY KEY,
    data BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_expiry ON session (expires_at);
INSERT INTO meta (name, value) VALUES ('sessions', 0);
CREATE TRIGGER session_made AFTER INSERT ON session
BEGIN UPDATE meta SET value = value + 1 WHERE name = 'sessions'; END;
CREATE TRIGGER session_gone AFTER DELETE ON session
BEGIN UPDATE meta SET value = value - 1 WHERE name = 'sessions'; END;

CREATE TABLE token (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    hash BLOB NOT NULL UNIQUE
) STRICT;
CREATE INDEX token_account ON token (account);
CREATE INDEX token_expiry ON token (expires_at);

-- States are the positions in RequestState::ALL. A request outlives its message.
CREATE TABLE request (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL,
    reference INTEGER NOT NULL,
    organisation INTEGER NOT NULL,
    subject TEXT NOT NULL,
    wanted TEXT NOT NULL,
    recipients TEXT NOT NULL,
    way TEXT NOT NULL,
    requester INTEGER NOT NULL,
    requester_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    state INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    decided_by INTEGER,
    decided_by_name TEXT,
    decided_at INTEGER,
    decision_reason TEXT,
    granted_recipients TEXT,
    granted_sections TEXT,
    usable_until INTEGER,
    downloads INTEGER NOT NULL
) STRICT;
CREATE INDEX request_listed ON request (organisation, state);
CREATE INDEX request_message ON request (message);
CREATE INDEX request_requester ON request (requester, state);
CREATE INDEX request_open ON request (organisation, message) WHERE state = 0;

CREATE TABLE exception (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation INTEGER NOT NULL,
    conditions TEXT NOT NULL,
    requester INTEGER NOT NULL,
    requester_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    begins_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    decided_by INTEGER,
    decided_by_name TEXT,
    decided_at INTEGER
) STRICT;
CREATE INDEX exception_organisation ON exception (organisation, state);
CREATE INDEX exception_end ON exception (ends_at) WHERE state IN ('open', 'approved');

CREATE TABLE hand_over (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    request INTEGER NOT NULL,
    message INTEGER NOT NULL,
    reference INTEGER NOT NULL,
    organisation INTEGER NOT NULL,
    wanted TEXT NOT NULL,
    recipient TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER,
    last_attempt_at INTEGER,
    last_reply TEXT
) STRICT;
CREATE INDEX hand_over_request ON hand_over (request);
CREATE INDEX hand_over_due ON hand_over (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX hand_over_waiting ON hand_over (message) WHERE state = 'waiting';

-- Who has looked at what within the last hour.
CREATE TABLE look (
    person TEXT NOT NULL,
    message INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (person, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX look_time ON look (at);

CREATE VIRTUAL TABLE found USING fts5 (
    subject, sender, recipient, part, key,
    content = '', contentless_delete = 1, detail = 'column', tokenize = 'ascii'
);
-- The audit records up to here have been looked at for messages to take into the index.
INSERT INTO meta (name, value) VALUES ('indexed', -1);
