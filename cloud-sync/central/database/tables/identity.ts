/** Statements of one migration; see `migrations`. */
export const identityTables: readonly string[] = [
  // A gateway that was enrolled by a code has no token. revoked_at: nobody speaks for it until it is enrolled anew.
  `ALTER TABLE gateway ALTER token_hash DROP NOT NULL, ADD revoked_at timestamptz`,
  // serial: of the certificate that the code was used for.
  `CREATE TABLE enrolment_code (
    gateway text NOT NULL, code_hash bytea NOT NULL, made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL, used_at timestamptz, serial text,
    PRIMARY KEY (gateway, code_hash))`,
  `CREATE INDEX enrolment_code_by_hash ON enrolment_code (code_hash)`,
  // key: the public key, SPKI in PEM; key_name: how seals call it. first_used_at: the one before it ended then.
  `CREATE TABLE certificate (
    gateway text NOT NULL, serial text NOT NULL, key text NOT NULL, key_name text NOT NULL,
    pem text NOT NULL, not_before timestamptz NOT NULL, not_after timestamptz NOT NULL,
    machine text, issued_at timestamptz NOT NULL DEFAULT now(), first_used_at timestamptz,
    revoked_at timestamptz, revoked_why text, PRIMARY KEY (gateway, serial))`,
  // Receivers look each few seconds for what was revoked since.
  `CREATE INDEX certificate_revoked ON certificate (revoked_at) WHERE revoked_at IS NOT NULL`,
];
