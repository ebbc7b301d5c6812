/** Bytes of a request body: the largest real one is a comment of 500 characters. Beyond: 413. */
export const bodyBytesMax = 65_536;

/** Bytes of a file that is imported: a million rows of some sixty characters. Beyond: 413. */
export const importBytesMax = 96 * 1_048_576;

/** A request that takes longer to arrive comes from a stuck or hostile peer. Then: 408 and closed. */
export const requestTimeoutMs = 10_000;

/** A socket that moves no byte for so long is closed; streams send a heartbeat well within. */
export const idleTimeoutMs = 60_000;

/** Sockets at once: a browser opens six, a site has a handful of screens. Beyond: closed at once. */
export const connectionsMax = 256;

/** Open event streams: wall displays and phones of one site. Beyond: 503, the page tries again. */
export const streamsMax = 32;

/** Bytes that may wait for one stream; a snapshot of some thousand points fits. Beyond: closed, it begins anew. */
export const streamBytesMax = 1_048_576;

/**
 * Lines of stock in one change, some 300 kB: an import touches thousands. What is over is not told; pages ask for all that
 * they show from time to time.
 */
export const stockPendingMax = 500;

/** Twice a second is as fast as a person reads; what changes in between goes out together. */
export const streamEveryMs = 500;

/** Pages call a connection dead after 20 s without a sign of life. */
export const heartbeatAfterMs = 15_000;

/** Samples in one answer, about 1 MB: a day at one sample in ten seconds. Beyond: 400. */
export const samplesMax = 10_000;
export const samplesDefault = 1_000;

/** OWASP's argon2id setting for machines with little memory: 19 MiB, two passes. */
export const argon2 = { memoryKib: 19_456, passes: 2, lanes: 1, tagBytes: 32 } as const;

/** Password hashes under way: each takes 19 MiB and a core for a moment, which the alarms need more. The rest waits. */
export const hashesAtOnceMax = 1;

/** Logins that wait for their hash. Beyond: 503. */
export const hashesWaitingMax = 8;

/** Password and setup-code tries per address. Beyond: 429, nothing is computed. */
export const triesPerMinuteMax = 10;

/** Wrong passwords of one user from one address that cost no waiting. After them each one doubles it. */
export const freeTriesMax = 3;
export const backoffMsMin = 1_000;
export const backoffMsMax = 300_000;

/** Addresses and users whose tries are remembered. Beyond: the one that was quiet longest is forgotten. */
export const triersMax = 256;

/** Sessions at once. Beyond: the one that was used longest ago ends. */
export const sessionsMax = 64;

export const sessionIdleMs = 30 * 60_000;
export const sessionAgeMsMax = 12 * 3_600_000;

/** How often a session's last use is written down: each request would wear the card, a restart may cost this much idle time. */
export const sessionStoredEveryMs = 5 * 60_000;

/** The setup code of a first start is dead after this. */
export const setupCodeMs = 30 * 60_000;

/** Wrong passwords of one person in a row, from wherever, after which nobody gets in as that person for a while. */
export const lockoutAfter = 10;

/** How long; an admin may end it sooner. Push-buttons and other people work on meanwhile. */
export const lockoutMs = 15 * 60_000;

/** People of one gateway, those who left included. Beyond: 409. */
export const usersMax = 200;

/** Entries of the audit trail in one answer. */
export const auditEntriesMax = 500;

/** Alarms that one request may acknowledge: as many as a list shows. Beyond: 400. */
export const bulkAcknowledgeMax = 100;
