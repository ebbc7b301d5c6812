import { createInterface } from "node:readline";
import { startOpcUaSimulator } from "../../drivers/opcua/simulator.ts";
import { type ServerCommand, serverOptions } from "./opcua-server.ts";

// node-opcua writes to the console: the first line that a parent reads must be the endpoint.
console.log = console.warn = console.error = () => undefined;

const simulator = await startOpcUaSimulator(serverOptions(process.argv[2] ?? "{}"));
process.stdout.write(
  `${JSON.stringify({ endpoint: simulator.endpoint, certificateFile: simulator.certificateFile })}\n`,
);

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as ServerCommand;
  const answer = obey(command);
  process.stdout.write(`${JSON.stringify({ answer: answer ?? null })}\n`);
}
await simulator.stop();
process.exit(0);

function obey(command: ServerCommand): unknown {
  switch (command.do) {
    case "set":
      return simulator.set(command.name, command.value);
    case "status":
      return simulator.setStatus(command.name, command.status);
    case "get":
      return simulator.get(command.name);
    case "add":
      return simulator.add(command.variable);
    case "weigh":
      return simulator.companions?.weigh(command.weight);
    case "scan":
      return simulator.companions?.scan(command.tags);
  }
}
