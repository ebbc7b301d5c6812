import { afterAll } from "vitest";
import { programFolders } from "../../drivers/gpio/backend.ts";
import { gpioDriver } from "../../drivers/gpio/driver.ts";
import { driverContract } from "../support/driver-contract.ts";
import { GpiodStandIn } from "../support/gpiod/stand-in.ts";

const tools = new GpiodStandIn(2);
afterAll(() => tools.remove());

const file = (line: string) => `version: 1
gateway: { id: g }
channels:
  a:
    driver: gpio
    devices: { d: { points: { p: { ${line} } } } }
`;

driverContract({
  name: "gpio",
  driver: gpioDriver({
    programs: `${tools.programs}:${programFolders}`,
    sysfsFolder: "/nowhere/gpio",
  }),
  simulate: () => {
    let level: 0 | 1 = 0;
    const door = setInterval(() => {
      level = level === 0 ? 1 : 0;
      tools.setInput(5, level);
    }, 150);
    return Promise.resolve({
      channel: {
        driver: "gpio",
        backend: "gpiod",
        devices: {
          door: { points: { front: { access: "read", line: 5 } } },
          stack: { points: { red: { line: 17 } } },
        },
      },
      setFaults: () => undefined,
      unplug: () => {
        for (const pid of tools.holders) process.kill(Number(pid), "SIGKILL");
      },
      stop: () => Promise.resolve(clearInterval(door)),
    });
  },
  // A contact has no wire that could garble it: it is open or closed, and its silence says nothing.
  faults: [],
  wrongConfigs: [
    { yaml: file("line: 5, lin: 6"), line: 6, column: 45, code: "schema/unknown-key" },
    {
      yaml: file('line: 5, access: read, failSafe: "on"'),
      line: 6,
      column: 69,
      code: "gpio/output-only",
    },
  ],
});
