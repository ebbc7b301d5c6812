import type { AedesOptions, Client } from "aedes";
import type { Config } from "../../config/schema/config.ts";
import type { Clock, Fields, Log } from "../../drivers/contract.ts";
import { type Grant, grantFor, mayPublish, maySubscribe } from "./access.ts";
import { GuardedConnection } from "./guard.ts";
import {
  addressesMax,
  failedLoginsPerMinuteMax,
  subscriptionsLocalMax,
  subscriptionsMax,
} from "./limits.ts";
import { isLoopback } from "./listen.ts";
import { type LocalAccount, localUser } from "./local-account.ts";
import { Repeats } from "./repeats.ts";
import { TokenBucket } from "./token-bucket.ts";
import { topicProblem } from "./topic.ts";

/** Answers of CONNACK that clients know how to tell. [MQTT-3.2.2.3] */
const connack = { serverUnavailable: 3, badLogin: 4, identifierRejected: 2 } as const;

/** CONNACK of MQTT 5, reason 0x84: unsupported protocol version. [MQTT5-3.2.2.2] */
const connack5Unsupported = Buffer.from([0x20, 0x03, 0x00, 0x84, 0x00]);

/** Where a refused message goes: below `$SYS`, which nobody can subscribe. */
const refusedTopic = "$SYS/refused";

interface Member {
  readonly grant: Grant;
  readonly subscriptions: Set<string>;
}

export interface PolicyOptions {
  readonly config: Config["broker"];
  readonly gatewayId: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The gateway's own channels: neither counted nor locked out by what others do. */
  readonly localAccount?: LocalAccount | undefined;
}

/** Who may connect, publish and subscribe: the hooks that aedes asks. */
export class Policy {
  readonly #options: PolicyOptions;
  readonly #members = new Map<Client, Member>();
  readonly #failures = new Map<string, TokenBucket>();
  readonly #repeats = new Repeats();

  constructor(options: PolicyOptions) {
    this.#options = options;
  }

  get clients(): number {
    return this.#members.size;
  }

  readonly hooks = {
    preConnect: (client, packet, callback) => {
      // aedes keeps messages for absent clients without bound; what is retained is all that a returning client needs.
      packet.clean = true;
      if (packet.protocolVersion !== 5) return callback(null, true);
      this.#warn("mqtt 5 client refused: this broker speaks MQTT 3.1.1", client, "version");
      client.conn.end(connack5Unsupported);
      callback(null, false);
    },
    authenticate: (client, user, password, done) => {
      const refusal = this.#admit(client, user, password);
      if (refusal === undefined) return done(null, true);
      done(Object.assign<Error, { returnCode: number }>(new Error(refusal.why), refusal), false);
    },
    authorizePublish: (client, packet, callback) => {
      const member = client === null ? undefined : this.#members.get(client);
      const { gatewayId } = this.#options;
      if (client === null) return callback(null);
      const allowed =
        member !== undefined &&
        topicProblem(packet.topic) === undefined &&
        mayPublish(member.grant, gatewayId, packet.topic);
      if (!allowed) {
        this.#warn("mqtt message refused", client, packet.topic, { topic: packet.topic });
        packet.topic = refusedTopic;
        packet.payload = Buffer.alloc(0);
      } else if (packet.retain) {
        this.#warn("mqtt message not retained: only the gateway retains", client, packet.topic);
      }
      packet.retain = false;
      callback(null);
    },
    authorizeSubscribe: (client, subscription, callback) => {
      const member = this.#members.get(client);
      const { topic } = subscription;
      const allowed =
        member !== undefined &&
        topicProblem(topic) === undefined &&
        maySubscribe(member.grant, topic) &&
        (member.subscriptions.size < subscriptionsMaxOf(member) || member.subscriptions.has(topic));
      if (allowed) member.subscriptions.add(topic);
      else this.#warn("mqtt subscription refused", client, topic, { topic });
      callback(null, allowed ? subscription : null);
    },
  } satisfies AedesOptions;

  unsubscribed(client: Client, topics: readonly string[]): void {
    const member = this.#members.get(client);
    for (const topic of topics) member?.subscriptions.delete(topic);
  }

  /** Lets a client in; else what CONNACK answers and why. */
  #admit(
    client: Client,
    user: string | undefined,
    password: Uint8Array | undefined,
  ): { readonly returnCode: number; readonly why: string } | undefined {
    const { config, clock, localAccount } = this.#options;
    // Before anything else: a device on this machine with a wrong password must not lock the gateway out.
    if (localAccount?.admits(user, password) === true) {
      this.#enter(client, localAccount.grant);
      return undefined;
    }
    const address = addressOf(client);
    const failures = this.#failuresOf(address);
    if (!failures.has(1, clock.monotonicMs())) {
      this.#warn("mqtt login refused: too many wrong ones from this address", client, "rate");
      return { returnCode: connack.serverUnavailable, why: "too many wrong logins" };
    }
    const grant = grantFor(config.users, { user, password }, isLoopback(address));
    if (grant === undefined) {
      failures.take(1, clock.monotonicMs());
      this.#warn("mqtt login refused", client, "login", { user });
      return { returnCode: connack.badLogin, why: "user or password is wrong" };
    }
    const namesake = [...this.#members].find(([other]) => other.id === client.id);
    if (namesake !== undefined && namesake[1].grant.user !== grant.user) {
      this.#warn("mqtt client refused: its id belongs to another user's", client, "id");
      return { returnCode: connack.identifierRejected, why: "client id is taken" };
    }
    if (namesake === undefined && this.#strangers >= config.maxClients) {
      this.#warn("mqtt client refused: broker.maxClients reached", client, "clients");
      return { returnCode: connack.serverUnavailable, why: "too many clients" };
    }
    this.#enter(client, grant);
    return undefined;
  }

  #enter(client: Client, grant: Grant): void {
    this.#members.set(client, { grant, subscriptions: new Set() });
    client.conn.once("close", () => this.#members.delete(client));
  }

  /** Clients that are not the gateway's own. */
  get #strangers(): number {
    const own = this.#options.localAccount?.grant;
    return [...this.#members.values()].filter(({ grant }) => grant !== own).length;
  }

  #failuresOf(address: string): TokenBucket {
    const now = this.#options.clock.monotonicMs();
    const rate = { perSecond: failedLoginsPerMinuteMax / 60, burst: failedLoginsPerMinuteMax };
    const bucket = this.#failures.get(address) ?? new TokenBucket(rate, now);
    this.#failures.delete(address);
    this.#failures.set(address, bucket);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > addressesMax && oldest !== undefined) this.#failures.delete(oldest);
    return bucket;
  }

  #warn(event: string, client: Client, what: string, fields: Fields = {}): void {
    const address = addressOf(client);
    const now = this.#options.clock.monotonicMs();
    const times = this.#repeats.count(`${event} ${address} ${what}`, now);
    if (times === undefined) return;
    this.#options.log.warn(event, { address, client: client.id, times, ...fields });
  }
}

/** The gateway's own channels have a topic for each point, and their number is limited by the configuration. */
function subscriptionsMaxOf({ grant }: Member): number {
  return grant.user === localUser ? subscriptionsLocalMax : subscriptionsMax;
}

function addressOf(client: Client): string {
  return client.conn instanceof GuardedConnection ? client.conn.address : "";
}
