import type { Socket } from "node:net";
import type { Caller } from "./caller.ts";

/** Connections of gateways that were let in, so that those of a revoked one can be cut. */
export class OpenSockets {
  readonly #callers = new Map<Socket, Caller>();

  /** The last one who spoke on it; forgotten when it closes. */
  note(socket: Socket, caller: Caller): void {
    if (socket.destroyed) return;
    if (!this.#callers.has(socket)) socket.once("close", () => this.#callers.delete(socket));
    this.#callers.set(socket, caller);
  }

  get count(): number {
    return this.#callers.size;
  }

  /** Ends connections at once, requests that are held open with them. Returns how many. */
  cut(isRevoked: (caller: Caller) => boolean): number {
    const revoked = [...this.#callers].filter(([, caller]) => isRevoked(caller));
    for (const [socket] of revoked) socket.destroy();
    return revoked.length;
  }
}
