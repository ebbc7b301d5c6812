/**
 * The demo's PLC, an OPC UA server: a process of its own, because the server takes 200 MB and seconds to load.
 * Arguments: port, folder for its certificates. Ends with its standard input.
 */
import { startOpcUaSimulator } from "../../drivers/opcua/simulator.ts";
import { nextCompressor, startCompressor } from "./compressor.ts";
import { noise } from "./rooms.ts";

const setpointBar = 7;

// The library writes to the console, where only lines of JSON are expected.
console.log = console.warn = console.error = () => undefined;
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => process.exit(0));
process.stdin.on("end", () => process.exit(0)).resume();

const [port = "0", folder = "."] = process.argv.slice(2);
const plc = await startOpcUaSimulator({
  folder,
  port: Number(port),
  variables: [
    { name: "Pressure", type: "Double", value: setpointBar, isReadOnly: true },
    { name: "Running", type: "Boolean", value: false, isReadOnly: true },
    { name: "Tripped", type: "Boolean", value: false, isReadOnly: true },
    { name: "Setpoint", type: "Double", value: setpointBar },
    { name: "Beacon", type: "Boolean", value: false },
  ],
});
process.stdout.write(`${JSON.stringify({ event: "plc listens" })}\n`);

const next = noise(20_260_102);
let compressor = startCompressor(setpointBar);
let second = 0;
setInterval(() => {
  second += 1;
  const setpoint = Number(plc.get("Setpoint"));
  compressor = nextCompressor(compressor, setpoint, second, next());
  plc.set("Pressure", Math.round(compressor.pressure * 100) / 100);
  plc.set("Running", compressor.running);
  plc.set("Tripped", compressor.tripped);
}, 1_000);
