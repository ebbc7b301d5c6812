import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, type TestContext } from "vitest";
import { needPrograms } from "./need-program.ts";

const patienceMs = 60_000;

/** A serial cable: two ends at fixed paths, that can be pulled and plugged in again. */
export async function serialCable(context: TestContext) {
  needPrograms(context, "socat");
  const folder = mkdtempSync(join(tmpdir(), "rackwatch-cable-"));
  const [near, far] = [join(folder, "near"), join(folder, "far")];
  const plugIn = async () => {
    const ends = [near, far].map((path) => `pty,raw,echo=0,link=${path}`);
    const child = spawn("socat", ends, { stdio: "ignore" });
    await expect
      .poll(() => existsSync(near) && existsSync(far), { timeout: patienceMs })
      .toBe(true);
    return child;
  };
  let child = await plugIn();
  const pull = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
    // A killed socat leaves its links behind; of an adapter udev takes them away.
    for (const path of [near, far]) rmSync(path, { force: true });
  };
  onTestFinished(async () => {
    await pull();
    rmSync(folder, { recursive: true, force: true });
  });
  const replug = async () => {
    child = await plugIn();
  };
  return { near: `serial:${near}`, far: `serial:${far}`, nearPath: near, pull, replug };
}
