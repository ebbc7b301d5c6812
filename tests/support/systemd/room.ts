// A cold room for the gateway of a machine: an XY-MD02 at 4.5 degrees, after SIGUSR1 at 9.1.
import { simulatedUnit } from "../../../drivers/modbus/simulated-unit.ts";
import { startModbusSimulator } from "../../../drivers/modbus/simulator.ts";

const input = new Map([
  [1, 45],
  [2, 600],
]);
process.once("SIGUSR1", () => input.set(1, 91));
await startModbusSimulator({
  listen: { port: Number(process.argv[2]) },
  units: new Map([[1, simulatedUnit({ input })]]),
});
