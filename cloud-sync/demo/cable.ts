import { connect, createServer, type Socket } from "node:net";
import type { Clock, MonotonicMs } from "../../drivers/contract.ts";

/** Somebody pulls it for a moment, not for the rest of the demo. */
export const pulledMsMax = 3_600_000;

/** The network cable between agent and central: whoever connects to `port` reaches central, unless it is pulled. */
export interface Cable {
  readonly port: number;
  /** How long it is still pulled; 0 while it is in. */
  leftMs(): number;
  /** Out at once, whatever is under way; in again by itself after so long, `pulledMsMax` at most. 0 puts it in. */
  pull(forMs: number): void;
  stop(): Promise<void>;
}

export async function startCable(
  centralPort: number,
  clock: Pick<Clock, "monotonicMs">,
): Promise<Cable> {
  let outUntil: MonotonicMs = clock.monotonicMs();
  const wires = new Set<Socket>();
  const leftMs = () => Math.max(0, outUntil - clock.monotonicMs());
  const keep = (wire: Socket) => {
    wires.add(wire);
    wire.on("error", () => undefined);
    wire.on("close", () => wires.delete(wire));
  };
  const server = createServer({ noDelay: true }, (near) => {
    keep(near);
    if (leftMs() > 0) return void near.resetAndDestroy();
    const far = connect({ port: centralPort, host: "127.0.0.1", noDelay: true });
    keep(far);
    near.pipe(far).pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((done, fail) => {
    server.once("error", fail);
    server.listen(0, "127.0.0.1", done);
  });
  const bound = server.address();
  const cut = () => {
    for (const wire of wires) wire.resetAndDestroy();
  };
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : 0,
    leftMs,
    pull: (forMs) => {
      outUntil = clock.monotonicMs() + Math.min(Math.max(0, forMs), pulledMsMax);
      if (forMs > 0) cut();
    },
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      cut();
      await closed;
    },
  };
}
