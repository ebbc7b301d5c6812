/** The agent's file with what central told this gateway: the agent alone writes it, the gateway reads it. */
export const inboxFileName = "sync/inbox.db";

/**
 * Messages of central in their order, as signed. The agent creates the file with this statement (rollback journal, each
 * message forced to the card before the next is asked for) and deletes what the gateway has carried out. `follows`: all
 * numbers between it and this one are settled and never come.
 */
export const inboxTable = `
  CREATE TABLE IF NOT EXISTS message (
    number INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    key TEXT NOT NULL,
    signature TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    follows INTEGER
  ) STRICT`;

/** Public keys of central that this gateway trusts, JSON `{ "<key>": "<PEM>" }`, written by the agent or at enrolment. */
export const trustFileName = "sync/trust.json";
