/**
 * How long nothing is decided while the configuration is switched: from the old brain's last commit to the new brain's
 * first evaluation, and how long the file is read before that; prints one JSON line. On a machine that is shared only the time of
 * the processor means something. 1,000 points on 50 channels, 2,000
 * rules, 100 active alarms, a store on disk with their history; every switch changes a tenth of the limits.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../gateway/runtime/clock.ts";
import { BrainWorld, configFrom } from "../tests/support/brain-world.ts";
import { scratchFolder } from "../tests/support/spine.ts";
import { quantiles } from "./measured.ts";

const channelsCount = 50;
const pointsEach = 20;
const alarmsCount = 100;
const switchesCount = 30;

function json(turn: number) {
  const input = (address: number) => ({ table: "input", address, type: "int16" });
  const channels = Array.from({ length: channelsCount }, (_, channel) => {
    const points = Array.from({ length: pointsEach }, (__, n) => [`p${n}`, input(n)]);
    const devices = { [`d${channel}`]: { unitId: 1, points: Object.fromEntries(points) } };
    return [`c${channel}`, { driver: "modbus", port: `tcp://10.0.0.${channel + 1}:502`, devices }];
  });
  const rules = Array.from({ length: channelsCount * pointsEach }, (_, n) => {
    const point = `d${Math.floor(n / pointsEach)}/p${n % pointsEach}`;
    const limit = n % 10 === 0 ? 50 + (turn % 10) : 50;
    const low = { point, below: -limit, onDelay: "60s", deadband: 1 };
    return [
      [`high-${n}`, { point, above: limit, deadband: 1 }],
      [`low-${n}`, low],
    ];
  });
  return {
    version: 1,
    gateway: { id: "bench" },
    channels: Object.fromEntries(channels),
    rules: Object.fromEntries(rules.flat()),
    ...{ panel: { enabled: false }, broker: { enabled: false } },
  };
}

using folder = scratchFolder();
using world = new BrainWorld(folder.path, systemClock, configFrom(json(0)));
const tell = () => {
  for (let n = 0; n < channelsCount * pointsEach; n += 1) {
    const value = n < alarmsCount ? 99 : n % 40;
    world.tell({ [`d${Math.floor(n / pointsEach)}/p${n % pointsEach}`]: value });
  }
};
tell();
const readMs: number[] = [];
const readCpuMs: number[] = [];
const switchCpuMs: number[] = [];
for (let turn = 1; turn <= switchesCount; turn += 1) {
  tell();
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const config = configFrom(json(turn));
  readMs.push(performance.now() - startedAt);
  const read = process.cpuUsage(before);
  await world.switchTo(config);
  const all = process.cpuUsage(before);
  readCpuMs.push((read.user + read.system) / 1_000);
  switchCpuMs.push((all.user + all.system - read.user - read.system) / 1_000);
  await sleep(20);
}
const switched = world.entries.filter(({ event }) => event === "configuration switched");
const alarms = world.brain.alarms.list().filter(({ active }) => active).length;
process.stdout.write(
  `${JSON.stringify({
    bench: "switch",
    points: channelsCount * pointsEach,
    rules: 2 * channelsCount * pointsEach,
    alarms,
    read: { ...quantiles(readMs), cpu: quantiles(readCpuMs) },
    blocked: quantiles(switched.map(({ fields }) => Number(fields["blockedMs"]))),
    wholeSwitch: { cpu: quantiles(switchCpuMs) },
  })}\n`,
);
