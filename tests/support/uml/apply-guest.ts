import fs, { writeSync } from "node:fs";
import { flushCompileCache, syncBuiltinESMExports } from "node:module";
import { createInterface } from "node:readline";
import { main } from "../../../cloud-sync/cli/rackwatch.ts";
import { simulatedUnit } from "../../../drivers/modbus/simulated-unit.ts";
import { startModbusSimulator } from "../../../drivers/modbus/simulator.ts";

/**
 * Gateway and agent on a card, and a sensor. Told `STOP n` it says `STOPPED ...` and stands still before the n-th thing
 * from there on that makes a file last or puts one in place, so that the power can go exactly there. `PLACED`: the
 * configuration was replaced.
 */

const card = "/mnt/data";
const configFile = `${card}/gateway.yaml`;

/** Longer than whoever cuts the power waits. */
const standMs = 60_000;

let left = Number.POSITIVE_INFINITY;

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** Before a change of a file on the card that is not the database's or the agent's. */
function step(what: string, path: string): void {
  if (!path.startsWith(card) || path.startsWith(`${card}/data/sync`)) return;
  left -= 1;
  if (left !== 0) return;
  say(`STOPPED ${what} ${path}`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, standMs);
}

function pathOf(fd: number): string {
  return fs.readlinkSync(`/proc/self/fd/${fd}`);
}

const { fsyncSync, renameSync, rmSync } = fs;
fs.fsyncSync = (fd) => {
  step("sync", pathOf(fd));
  fsyncSync(fd);
};
fs.renameSync = (from, to) => {
  step("rename", String(to));
  renameSync(from, to);
  if (to === configFile) say("PLACED");
};
fs.rmSync = (path, options) => {
  step("remove", String(path));
  rmSync(path, options);
};
syncBuiltinESMExports();

createInterface({ input: process.stdin }).on("line", (line) => {
  const told = /^STOP (?<steps>\d+)$/.exec(line.trim())?.groups?.["steps"];
  if (told === undefined) return;
  left = Number(told);
  say(`WILL STOP ${left}`);
});

const registers = { input: new Map([[0, 7]]) };
const units = new Map([[1, simulatedUnit(registers)]]);
await startModbusSimulator({ listen: { host: "127.0.0.1", port: 1502 }, units });

// A power cut would take along what the next boot need not compile again.
setTimeout(flushCompileCache, 1_500);

const of = ["--config", configFile, "--data", `${card}/data`];
const codes = await Promise.all([main(["run", ...of]), main(["sync", ...of])]);
say(`ENDED ${codes.join()}`);
process.exit();
