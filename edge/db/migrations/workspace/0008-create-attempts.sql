CREATE TABLE attempts (
  what TEXT NOT NULL,
  subject TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX attempts_by_subject ON attempts (subject, what, at);
CREATE INDEX attempts_by_time ON attempts (at);
