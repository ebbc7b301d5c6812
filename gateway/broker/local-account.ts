import { randomBytes } from "node:crypto";
import type { Config } from "../../config/schema/config.ts";
import type { Driver, LocalBroker } from "../../drivers/contract.ts";
import { Secret } from "../../drivers/secret.ts";
import { type Grant, isEqualSecret } from "./access.ts";
import { parseListen } from "./listen.ts";

/** No user of the configuration has this name: a colon separates user and password in many programs. */
export const localUser = "gateway:channels";

/** 256 bits, another one at each start, never written down. */
const passwordBytes = 32;

/** The account with which the gateway's own channels log in at its own broker. */
export class LocalAccount implements LocalBroker {
  readonly user = localUser;
  readonly password = new Secret(randomBytes(passwordBytes).toString("base64url"));
  /** It may hear every device, and tell them no more than what channels have outputs for. */
  readonly grant: Grant;
  readonly #drivers: readonly Driver[];
  #publish: readonly string[] = [];
  #listen = "";
  #configured = "";

  constructor(config: Config, drivers: readonly Driver[]) {
    this.#drivers = drivers;
    this.configure(config);
    const publish = () => this.#publish;
    this.grant = {
      user: localUser,
      subscribe: ["#"],
      get publish() {
        return publish();
      },
    };
  }

  /** Other channels have other outputs; clients that are logged in have their rights at once. */
  configure({ broker, channels }: Config): void {
    // The port that was found for port 0 stays until the address is another one.
    if (broker.listen !== this.#configured) this.#listen = broker.listen;
    this.#configured = broker.listen;
    this.#publish = Object.values(channels).flatMap((channel) => {
      const driver = this.#drivers.find(({ name }) => name === channel.driver);
      return driver?.publishes?.(channel) ?? [];
    });
  }

  /** Where the broker can be reached from this machine. */
  get address(): string {
    const { host, port } = parseListen(this.#listen);
    const near = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
    return `tcp://${near.includes(":") ? `[${near}]` : near}:${port}`;
  }

  /** Port 0 of the configuration has become a real one. */
  listensAt(address: string): void {
    this.#listen = address;
  }

  admits(user: string | undefined, password: Uint8Array | undefined): boolean {
    return user === localUser && isEqualSecret(this.password.reveal(), password ?? "");
  }
}
