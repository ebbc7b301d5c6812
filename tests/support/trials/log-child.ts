import { systemClock } from "../../../gateway/runtime/clock.ts";
import { numberedLog } from "./numbered-log.ts";

/** A gateway that commits without end, until it is killed: `node log-child.ts DIR GATEWAY ROWS ROAD`. Says each commit. */
const [dir = "", gatewayId = "", rows = "0", road = ""] = process.argv.slice(2);
const log = numberedLog({ dir, gatewayId, clock: systemClock, limits: { roads: [road] } });
for (;;) {
  log.take(Number(rows), 1);
  process.stdout.write(`${log.store.outbox.head("samples")}\n`);
  await new Promise((next) => setImmediate(next));
}
