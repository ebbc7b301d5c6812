import { createServer } from "node:net";
import { Aedes } from "aedes";
import { brokerSchema } from "../../config/schema/services.ts";
import { Secret } from "../../drivers/secret.ts";
import { openBroker } from "../../gateway/broker/broker.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";

/**
 * `bare`: aedes as its manual says. `guarded`: our broker, which publishes a point ten times a second and prints
 * how many clients it has whenever that changes. Both print their port first.
 */
if (process.argv[2] === "bare") {
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle);
  server.listen(0, "127.0.0.1", () => {
    const bound = server.address();
    console.log(typeof bound === "object" ? bound?.port : "");
  });
} else {
  const flood = { password: new Secret("flood"), publish: ["#"], subscribe: ["#"] };
  const broker = await openBroker({
    config: brokerSchema.parse({ listen: "127.0.0.1:0", maxClients: 60, users: { flood } }),
    gatewayId: "wh1",
    clock: systemClock,
    log: memoryLog().log,
  });
  console.log(broker.address.split(":")[1]);
  let told = 0;
  setInterval(() => {
    if (broker.clients !== told) console.log(broker.clients);
    told = broker.clients;
    const sampledAt = Date.now();
    broker.publishPoints([{ point: "a/b", sampledAt, quality: "good", value: 1 }]);
  }, 100);
}
