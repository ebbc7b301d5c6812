import { RackwatchError } from "../errors.ts";
import {
  numberSetting,
  type RunningSimulator,
  type SimulatorKind,
  type SimulatorStart,
  unknownSetting,
} from "../simulation/simulator-kind.ts";
import { startMqttSensor, startSparkplugNode } from "./simulator.ts";
import { datatypes } from "./sparkplug-payload.ts";

const settings = ["temperature", "humidity", "topic"] as const;

/** Time between two messages of the Sparkplug node. */
const changeEveryMs = 1_000;

/** Sensors of temperature and humidity: JSON on one topic, and the same as a Sparkplug B node. */
export const mqttKinds: readonly SimulatorKind[] = [
  { name: "mqtt", driver: "mqtt", settings, isPublisher: true, start: startJson },
  {
    name: "sparkplug",
    driver: "mqtt",
    settings: ["temperature", "humidity"],
    isPublisher: true,
    start: startSparkplug,
  },
];

interface Climate {
  temperature: number;
  humidity: number;
}

async function startJson(options: SimulatorStart): Promise<RunningSimulator> {
  const climate: Climate = { temperature: 4.2, humidity: 55.3 };
  const first = options.settings.filter(([name]) => name !== "topic");
  for (const [name, value] of first) change(climate, name, value);
  const topic = new Map(options.settings).get("topic") ?? "rackwatch-sim/climate";
  const start = () =>
    joining(options, () =>
      startMqttSensor({
        ...accountOf(options),
        topic,
        message: () => JSON.stringify(climate),
        availability: `${topic}/availability`,
      }),
    );
  let sensor = await start();
  let faults: Parameters<typeof sensor.setFaults>[0] = {};
  return {
    address: options.listen,
    channel: {
      ...{ driver: "mqtt", broker: options.listen },
      ...(options.user === undefined ? {} : { user: options.user }),
      devices: {
        climate: {
          topic,
          availability: { topic: "{topic}/availability" },
          points: {
            temperature: { path: "temperature", unit: "Cel" },
            humidity: { path: "humidity", unit: "%" },
          },
        },
      },
    },
    set: async (name, value) => change(climate, name, value),
    setFaults: (next) => {
      const { silent, garbage, halfFrames, ...rest } = next;
      if (Object.keys(rest).length > 0) throw wrongFault("silent, garbage, half-frames");
      faults = {
        ...(silent === undefined ? {} : { silent }),
        ...(garbage === undefined ? {} : { garbage }),
        ...(halfFrames === undefined ? {} : { halfFrames }),
      };
      sensor.setFaults(faults);
    },
    cut: async () => {
      sensor.die();
      sensor = await start();
      sensor.setFaults(faults);
    },
    [Symbol.asyncDispose]: () => sensor[Symbol.asyncDispose](),
  };
}

async function startSparkplug(options: SimulatorStart): Promise<RunningSimulator> {
  const climate: Climate = { temperature: 4.2, humidity: 55.3 };
  for (const [name, value] of options.settings) change(climate, name, value);
  const metrics = () =>
    (["temperature", "humidity"] as const).map((name, index) => ({
      ...{ name, alias: String(index + 1), datatype: datatypes.double, value: climate[name] },
    }));
  const place = { group: "plant", node: "edge-1", device: "climate" };
  const start = () =>
    joining(options, () => startSparkplugNode({ ...accountOf(options), ...place, metrics }));
  let node = await start();
  let isSilent = false;
  const timer = setInterval(() => {
    if (!isSilent) void node.change(metrics()).catch(() => undefined);
  }, changeEveryMs);
  return {
    address: options.listen,
    channel: {
      ...{ driver: "mqtt", broker: options.listen },
      ...(options.user === undefined ? {} : { user: options.user }),
      devices: { climate: { template: "sparkplug-temperature-humidity", sparkplug: place } },
    },
    set: async (name, value) => change(climate, name, value),
    setFaults: ({ silent = false, ...rest }) => {
      if (Object.keys(rest).length > 0) throw wrongFault("silent");
      isSilent = silent;
    },
    cut: async () => {
      node.die();
      node = await start();
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await node[Symbol.asyncDispose]();
    },
  };
}

function change(climate: Climate, name: string, value: string): void {
  if (name !== "temperature" && name !== "humidity") throw unknownSetting(name, settings);
  climate[name] = numberSetting(name, value);
}

function accountOf({ listen, user, password }: SimulatorStart) {
  return {
    broker: listen,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
  };
}

/** @throws RackwatchError `driver/connect-failed`. */
async function joining<T>({ listen }: SimulatorStart, join: () => Promise<T>): Promise<T> {
  try {
    return await join();
  } catch (cause) {
    throw new RackwatchError("driver/connect-failed", "The broker does not let the device in", {
      where: listen,
      todo: "Check the broker's address, and user and password",
      cause,
    });
  }
}

function wrongFault(known: string): RackwatchError {
  return new RackwatchError("config/invalid", "A device that publishes cannot have that fault", {
    todo: `It can have: ${known}, none`,
  });
}
