import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPanel } from "../../gateway/panel/build.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { aborted } from "../../gateway/runtime/stop.ts";
import { productVersion } from "../../gateway/runtime/version.ts";
import { buildCentral } from "../central/build.ts";
import { openPglite } from "../central/database/pglite.ts";
import { startCentral } from "../central/main.ts";
import { newToken } from "../central/tokens.ts";
import { type Cable, startCable } from "./cable.ts";
import { startDemoDevices } from "./devices.ts";
import { type ImportFile, type Login, moveIn } from "./first-user.ts";
import { demoTimezone, demoYaml } from "./gateway-yaml.ts";
import { historyCsv } from "./history.ts";
import { type Fault, startInbox } from "./inbox.ts";
import { startMailbox } from "./mailbox.ts";
import { startModem } from "./modem.ts";
import { keepUp, type Program, startProgram, startScript } from "./program.ts";
import { tagsCsv } from "./tags.ts";

export interface DemoOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  readonly build: boolean;
  /** Kept when it is given; without it a temporary folder that goes with the demo. */
  readonly dataDir?: string;
}

const centralScreens = fileURLToPath(new URL("../../dist/central", import.meta.url));

const plcScript = fileURLToPath(new URL("plc.ts", import.meta.url));

/** The sensors' calibration is young enough to need no reminder. */
const calibratedMsAgo = 30 * 86_400_000;

/** The ports that the manual names; a free one where another program has it. */
const usualPorts = { panel: 8080, broker: 1883, central: 8090, inbox: 8091 };

/**
 * Simulated devices on real sockets and central on the embedded database in this process, the PLC in one of its own;
 * gateway and agent as the programs they are. Runs until the signal is aborted, then ends all of it.
 * @returns false when a program ended by itself.
 */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const { say, signal } = options;
  const folder =
    options.dataDir === undefined
      ? mkdtempSync(join(tmpdir(), "rackwatch-demo-"))
      : resolve(options.dataDir);
  mkdirSync(folder, { recursive: true });
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => {
    if (options.dataDir === undefined) rmSync(folder, { recursive: true, force: true });
  });
  if (options.build) {
    say("Building the screens (first start only) ...");
    await buildPanel();
    await buildCentral();
  }
  say("Starting devices, central, gateway and agent ...");
  // First, because it takes the longest; nobody waits for it, the gateway comes back until it is there.
  const plc = await startPlc(folder, options.env);
  cleanup.defer(() => plc.program.stop());
  const known = Promise.withResolvers<void>();
  const devices = await startDemoDevices(known.promise);
  cleanup.defer(() => devices.stop());

  const token = newToken();
  const central = await startCentral({
    listen: `127.0.0.1:${await freePort(usualPorts.central)}`,
    openDatabase: () => openPglite(join(folder, "central")),
    clock: systemClock,
    log: createLog({ ...options.env, RACKWATCH_LOG_LEVEL: "warn" }).child({ part: "central" }),
    version: productVersion(),
    webDir: centralScreens,
    gateways: [{ id: "demo-gateway", token }],
  });
  cleanup.defer(() => central.stop());

  const cable = await startCable(Number(new URL(central.address).port), systemClock);
  cleanup.defer(() => cable.stop());
  const faults: Fault[] = cableFaults(cable);
  const messages = await startMessages(() => faults);
  cleanup.defer(() => messages.stop());

  const panel = `127.0.0.1:${await freePort(usualPorts.panel)}`;
  const config = join(folder, "gateway.yaml");
  writeFileSync(
    config,
    demoYaml({
      rooms: devices.rooms,
      scales: devices.scales,
      tags: devices.tags,
      gate: devices.gate,
      plc: plc.endpoint,
      panel,
      broker: `127.0.0.1:${await freePort(usualPorts.broker)}`,
      central: `http://127.0.0.1:${cable.port}`,
      lampsFile: join(folder, "lamps.json"),
      inbox: messages.inbox,
      modem: messages.modem,
      mailPort: messages.mailPort,
      calibrated: new Date(systemClock.now() - calibratedMsAgo).toISOString().slice(0, 10),
    }),
  );
  const args = ["--config", config, "--data", join(folder, "gateway")];
  const env = {
    ...options.env,
    RACKWATCH_SECRET_CENTRAL: token,
    RACKWATCH_SECRET_DINGTALK: `${messages.inbox}/robot/send?access_token=${newToken()}`,
    RACKWATCH_SECRET_DINGTALK_SIGN: newToken(),
    RACKWATCH_SECRET_WEBHOOK: newToken(),
  };
  const gateway = keepUp(() => startProgram(["run", ...args], env));
  cleanup.defer(() => gateway.stop());
  const setupCode = await gateway.untilLogged("panel listens", "setupCode");
  const login = loginOf(folder);
  if (setupCode !== undefined) {
    say("Bringing in four months of the store's past ...");
    await moveIn(`http://${panel}`, setupCode, login, pastFiles(folder));
  }
  known.resolve();
  const agent = keepUp(() => startProgram(["sync", ...args], env));
  cleanup.defer(() => agent.stop());
  faults.push(killFault("gateway", gateway), killFault("agent", agent));

  const inbox = `${messages.inbox}/`;
  say(welcome({ panel: `http://${panel}/`, central: `${central.address}/`, inbox, login }));
  const ended = await Promise.race([
    aborted(signal),
    gateway.ended,
    agent.ended,
    plc.program.ended,
  ]);
  if (ended !== undefined) say(`The demo ends: ${ended}`);
  else say("\nStopping ...");
  return ended === undefined;
}

/** A modem, a mail server and a web server that show what people would get. */
async function startMessages(faults: () => readonly Fault[]) {
  const inbox = await startInbox(await freePort(usualPorts.inbox), faults);
  const [modem, mailbox] = await Promise.all([
    startModem((number, text) => inbox.add("SMS", number, text)),
    startMailbox((to, text) => inbox.add("e-mail", to, text)),
  ]);
  const stop = async () => {
    await Promise.all([modem.stop(), mailbox.stop(), inbox.stop()]);
  };
  return { inbox: inbox.address, modem: modem.address, mailPort: mailbox.port, stop };
}

/** A minute shows a backlog; after five central has long said that the gateway is silent. */
const pulls = [
  ["minute", "Pull the cable to central for a minute", 60_000],
  ["minutes", "Pull it for five minutes", 300_000],
  ["in", "Put it in again", 0],
] as const;

function cableFaults(cable: Cable): Fault[] {
  return pulls.map(([id, label, forMs]) => ({
    ...{ id: `cable-${id}`, label, run: () => cable.pull(forMs) },
    state: () =>
      forMs === 0 && cable.leftMs() > 0
        ? `The cable is out for another ${Math.ceil(cable.leftMs() / 1_000)} s.`
        : "",
  }));
}

function killFault(name: string, program: Pick<Program, "kill">): Fault {
  let kills = 0;
  return {
    ...{ id: `kill-${name}`, label: `Kill the ${name} (kill -9)` },
    state: () => (kills === 0 ? "" : `Kills so far: ${kills}. It starts again after two seconds.`),
    run: () => {
      kills += 1;
      program.kill();
    },
  };
}

async function startPlc(
  folder: string,
  env: DemoOptions["env"],
): Promise<{ readonly program: Program; readonly endpoint: string }> {
  const port = await freePort(0);
  const certificates = join(folder, "plc");
  mkdirSync(certificates, { recursive: true });
  // As rackwatch.js does for the programs: with compiled code it starts in half the time.
  const cache = getCompileCacheDir();
  const program = startScript("the PLC", [plcScript, String(port), certificates], {
    ...env,
    ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) }),
    // The library keeps certificates of its own below the home folder.
    HOME: certificates,
  });
  return { program, endpoint: `opc.tcp://127.0.0.1:${port}` };
}

/** The first user, whom the demo makes itself. A kept demo keeps the password. */
function loginOf(folder: string): Login {
  const file = join(folder, "password");
  if (!existsSync(file)) writeFileSync(file, newToken().slice(0, 12), { mode: 0o600 });
  return { user: "demo", password: readFileSync(file, "utf8") };
}

/** On disk, so that people can look at what was imported. */
function pastFiles(folder: string): readonly ImportFile[] {
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: demoTimezone }).format(
    systemClock.now(),
  );
  const files: readonly ImportFile[] = [
    { kind: "movements", name: "past.csv", content: historyCsv(today) },
    { kind: "tags", name: "tags.csv", content: tagsCsv() },
  ];
  for (const { name, content } of files) writeFileSync(join(folder, name), content);
  return files;
}

function welcome(it: {
  readonly panel: string;
  readonly central: string;
  readonly inbox: string;
  readonly login: Login;
}): string {
  return [
    "",
    `  Open  ${it.panel}`,
    `  Log in as  ${it.login.user}  with the password  ${it.login.password}`,
    "",
    "  Live: two cold rooms, two racks with six shelves on scales, tags on one of them, a gate with a reader, a PLC.",
    "  A door opens in a few seconds, and soon after there is an alarm; nobody acknowledges it, so more are told.",
    "  Stock: people take and fill up. Gloves are below their reorder point, infusion sets run out before a",
    "  delivery could come, a lot of flu vaccine expires in days, and in a minute something is missing from Shelf B3.",
    "",
    `  Shelves and items:       ${it.panel}#/stock`,
    `  What people are told, and faults to try (pull the cable, kill the gateway): ${it.inbox}`,
    `  All gateways at central: ${it.central}`,
    "",
    "  Ctrl-C ends all of it.",
    "",
  ].join("\n");
}

/** `wanted`, or any free port of this machine when somebody has it. */
function freePort(wanted: number): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", () =>
      wanted === 0 ? fail(new Error("no port is free")) : done(freePort(0)),
    );
    server.listen(wanted, "127.0.0.1", () => {
      const bound = server.address();
      const port = typeof bound === "object" && bound !== null ? bound.port : wanted;
      server.close(() => done(port));
    });
  });
}
