/** CONNECT carries client id, will, user and password; 4 KiB is ten times what real clients send. Beyond: closed. */
export const connectBytesMax = 4_096;

/** A CONNECT that takes longer comes from a stuck or hostile peer. Then: closed. */
export const connectTimeoutMs = 5_000;

/** Connections that have not logged in; a real client needs milliseconds. Beyond: the oldest is closed. */
export const connectingMax = 20;

/** Failed logins per address and minute; guessing is hopeless, a typing error is not punished. Beyond: refused unread. */
export const failedLoginsPerMinuteMax = 10;

/** Addresses whose failed logins are remembered. Beyond: the one that was quiet longest is forgotten. */
export const addressesMax = 256;

/** Every subscription is matched against every message. Beyond: the subscription is refused (0x80). */
export const subscriptionsMax = 100;

/** The same for one of the gateway's own channels, which may have this many topics. */
export const subscriptionsLocalMax = 1_000;

/** Ours need 6 levels and at most 200 bytes; each level costs time on every match. Beyond: refused. */
export const topicLevelsMax = 16;
export const topicBytesMax = 256;

/**
 * Packets (or KiB, whichever is more) that one client may send: ten times a busy sensor. Beyond: its socket is
 * not read until the rate is met, so TCP slows the sender and nothing is lost.
 */
export const clientRate = { perSecond: 500, burst: 1_000 } as const;

/** The same for all clients together, so that the alarms keep most of a Pi's processor. */
export const brokerRate = { perSecond: 2_000, burst: 4_000 } as const;

/** QoS 2 messages that wait for their release, per client: memory is this times the packet limit. Beyond: closed. */
export const inflightInboundMax = 50;

/** Memory for messages that subscribers have not fetched, over all clients; the gateway lives in 1 GB. */
const backlogBytesTotalMax = 32 * 1_048_576;

/** One slow subscriber needs no more than some thousand points. */
const backlogBytesClientMax = 1_048_576;

/** Bytes that may wait for one subscriber, at least two packets. Beyond: closed, it finds the retained state when it returns. */
export function backlogBytesMax(maxClients: number, maxPacket: number): number {
  const share = Math.floor(backlogBytesTotalMax / maxClients);
  return Math.max(2 * maxPacket, Math.min(backlogBytesClientMax, share));
}

/**
 * Messages about stock in one step, four of which pass in a second: 10,000 lines are told within a minute after a start,
 * and no step keeps the alarms' loop longer than some milliseconds. Beyond: the next step.
 */
export const stockMessagesPerStepMax = 50;

/** Movements that wait to be told: a whole import of 10,000 rows. Beyond: the oldest are left out, which is said. */
export const movementsWaitingMax = 10_000;

/** Lots on a stock topic: a shelf has a few, and a message must stay below the packet limit of small clients. Beyond: left out, and counted. */
export const lotsOnTopicMax = 20;

/** Tags on the movements' topic, for the same reason. Beyond: left out, and counted. */
export const tagsOnTopicMax = 20;

/** All stock is looked at anew in this time: cover and days to expiry change with time alone. */
export const stockAgainMs = 3_600_000;

/** The same refusal of the same client is written once in this time, with how often it came. */
export const repeatAfterMs = 60_000;
