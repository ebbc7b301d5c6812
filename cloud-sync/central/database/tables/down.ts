/** Statements of one migration; see `migrations`. */
export const downTables: readonly string[] = [
  `CREATE TABLE operator (
    name text PRIMARY KEY, role text NOT NULL, token_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now())`,
  // What people did at central; stays when the operator is removed. gateway: empty where it is about none.
  `CREATE TABLE operator_act (
    gateway text NOT NULL, id uuid NOT NULL DEFAULT gen_random_uuid(), at timestamptz NOT NULL DEFAULT now(),
    operator text NOT NULL, act text NOT NULL, detail jsonb NOT NULL, PRIMARY KEY (gateway, id))`,
  `CREATE INDEX operator_act_by_time ON operator_act (at)`,
  // One row a gateway that was ever spoken to. last_number: of the newest message; held: the highest that the agent said it
  // holds. own: sections of this gateway alone, without what its groups give; given: what they gave in the newest revision,
  // confirmed: in the one that runs. running_: as the gateway last said. due: what has to be put together again because a
  // group or its members changed; null: nothing.
  `CREATE TABLE down (
    gateway text PRIMARY KEY, last_number bigint NOT NULL DEFAULT 0, held bigint NOT NULL DEFAULT 0,
    own jsonb NOT NULL DEFAULT '{}', given jsonb NOT NULL DEFAULT '{}', confirmed jsonb NOT NULL DEFAULT '{}',
    running jsonb, running_digest text, running_serial bigint, running_source text, running_author text,
    running_at timestamptz, running_epoch_number int, running_seq bigint, due jsonb)
    WITH (fillfactor = 70)`,
  `CREATE INDEX down_waiting ON down (gateway) WHERE last_number > held`,
  `CREATE INDEX down_due ON down (gateway) WHERE due IS NOT NULL`,
  // settled_at: it changes nothing any more for a gateway that does not have it yet.
  `CREATE TABLE message (
    gateway text NOT NULL, number bigint NOT NULL, text text NOT NULL, key text NOT NULL,
    signature text NOT NULL, issued_at timestamptz NOT NULL, expires_at timestamptz, settled_at timestamptz,
    PRIMARY KEY (gateway, number))`,
  `CREATE TABLE revision (
    gateway text NOT NULL, revision bigint NOT NULL, issued_at timestamptz NOT NULL, author text NOT NULL,
    comment text, of_group text, base text, sections jsonb NOT NULL, given jsonb NOT NULL,
    difference text NOT NULL, superseded_by bigint, outcome text, reason text, outcome_at timestamptz,
    epoch_number int, seq bigint, PRIMARY KEY (gateway, revision))`,
  // What was changed at the gateway itself, as it said.
  `CREATE TABLE local_revision (
    gateway text NOT NULL, epoch_number int NOT NULL, seq bigint NOT NULL, serial bigint NOT NULL,
    at timestamptz NOT NULL, source text NOT NULL, author text NOT NULL, outcome text NOT NULL,
    reason text, difference text, PRIMARY KEY (gateway, epoch_number, seq))`,
  // Long sections come in several events, in one commit of the gateway or in several batches.
  `CREATE TABLE told_part (
    gateway text NOT NULL, digest text NOT NULL, part int NOT NULL, parts int NOT NULL, text text NOT NULL,
    PRIMARY KEY (gateway, digest, part))`,
  `CREATE TABLE command (
    gateway text NOT NULL, id text NOT NULL, number bigint NOT NULL, action text NOT NULL, target text,
    comment text, author text NOT NULL, issued_at timestamptz NOT NULL, expires_at timestamptz NOT NULL,
    outcome text, reason text, outcome_at timestamptz, PRIMARY KEY (gateway, id))`,
  `CREATE INDEX command_by_number ON command (gateway, number)`,
  `CREATE TABLE gateway_group (name text PRIMARY KEY, sections jsonb NOT NULL DEFAULT '{}')`,
  `CREATE TABLE group_member (
    gateway text NOT NULL, name text NOT NULL, PRIMARY KEY (gateway, name))`,
  `CREATE INDEX group_member_by_name ON group_member (name)`,
  `CREATE TABLE group_revision (
    name text NOT NULL, revision bigint NOT NULL, issued_at timestamptz NOT NULL DEFAULT now(),
    author text NOT NULL, comment text, sections jsonb NOT NULL, difference text NOT NULL,
    PRIMARY KEY (name, revision))`,
  // Logs that a gateway sent because of a command.
  `CREATE TABLE gateway_file (
    gateway text NOT NULL, id text NOT NULL, size bigint NOT NULL, sha256 text NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(), finished_at timestamptz, PRIMARY KEY (gateway, id))`,
  `CREATE TABLE gateway_file_piece (
    gateway text NOT NULL, id text NOT NULL, first_byte bigint NOT NULL, bytes bytea NOT NULL,
    PRIMARY KEY (gateway, id, first_byte))`,
];
