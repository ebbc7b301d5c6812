import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { createNotifier } from "../../gateway/runtime/notify.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { needPrograms } from "../support/need-program.ts";

beforeEach((context) => needPrograms(context, "systemd-notify", "python3"));

/** A socket that is read like the manager's: each datagram one line of output. Closes the barrier's descriptor. */
const manager = `
import socket, sys
name = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("\\0" + name[1:] if name[0] == "@" else name)
print("bound", flush=True)
while True:
    print(s.recv(4096).decode().strip().replace("\\n", " "), flush=True)
`;

async function listening(address: string) {
  const child = spawn("python3", ["-c", manager, address], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill());
  const rows = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await rows.next();
  return async () => (await rows.next()).value;
}

test.each(["path", "abstract"])(
  "systemd's own tool delivers what is said to a socket: %s",
  async (kind) => {
    const folder = mkdtempSync(join(tmpdir(), "rackwatch-notify-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const address = kind === "path" ? join(folder, "notify") : `@${folder}`;
    const next = await listening(address);
    const { log, entries } = memoryLog();
    const notifier = createNotifier({ ...process.env, NOTIFY_SOCKET: address }, log);
    const begun = performance.now();
    notifier.ready();
    await notifier.idle();
    expect(await next()).toBe("READY=1");
    expect(await next()).toBe("BARRIER=1");
    notifier.watchdog();
    notifier.status("all well");
    await notifier.idle();
    expect([await next(), await next(), await next()].join(" ")).toContain(
      "WATCHDOG=1 BARRIER=1 STATUS=all well",
    );
    expect(entries).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(3_000);
  },
);
