CREATE TABLE retired_secrets (
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  data_key_id TEXT NOT NULL REFERENCES data_keys(id),
  iv BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  PRIMARY KEY (name, version)
);
