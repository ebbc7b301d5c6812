import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildProgram } from "../../cloud-sync/build.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { CursorFile } from "../../gateway/store/cursor-file.ts";
import { openOutbox } from "../../gateway/store/outbox.ts";
import { lanes } from "../../gateway/store/store.ts";
import { memoryLog } from "./manual-clock.ts";
import { createPostgres } from "./postgres.ts";
import { eventually, freePort, scratchFolder } from "./spine.ts";
import { deviceYaml, SpineDevice } from "./spine-device.ts";
import { Victim } from "./spine-victim.ts";
import { storedEvents } from "./store-events.ts";

const projectDir = fileURLToPath(new URL("../..", import.meta.url));

const gatewayId = "spine";
const token = "token-of-the-spine";

/** Patience with one thing that has to happen, on a machine that is busy with other tests. */
export const patienceMs = 300_000;

/** Of a test that failed, so many transitions are told. */
const toldAlarms = 12;

interface SiteOptions {
  /** Programs of PostgreSQL; undefined: central has its embedded database. */
  readonly postgres: string | undefined;
  /** What the agent is told central's address is; absent: its own. */
  readonly link?: (central: string) => Promise<string>;
}

/** Gateway, agent and central as the processes that are shipped, a device on a socket, a database. */
export class SpineSite implements AsyncDisposable {
  readonly device: SpineDevice;
  readonly gateway: Victim;
  readonly agent: Victim;
  readonly central: Victim;
  readonly panel: string;
  readonly dataDir: string;
  /** The gateway's configuration. */
  readonly configFile: string;
  /** Central's own address. */
  readonly centralUrl: string;
  /** Of PostgreSQL; empty with the embedded database. */
  readonly databaseUrl: string;
  /** Opens central's database; with the embedded one central must have ended. */
  readonly openDatabase: () => Promise<Database>;
  readonly #cleanup: AsyncDisposableStack;

  private constructor(
    parts: Pick<
      SpineSite,
      | "device"
      | "gateway"
      | "agent"
      | "central"
      | "panel"
      | "dataDir"
      | "configFile"
      | "centralUrl"
      | "databaseUrl"
      | "openDatabase"
    >,
    cleanup: AsyncDisposableStack,
  ) {
    this.device = parts.device;
    this.gateway = parts.gateway;
    this.agent = parts.agent;
    this.central = parts.central;
    this.panel = parts.panel;
    this.dataDir = parts.dataDir;
    this.configFile = parts.configFile;
    this.centralUrl = parts.centralUrl;
    this.databaseUrl = parts.databaseUrl;
    this.openDatabase = parts.openDatabase;
    this.#cleanup = cleanup;
  }

  static async open({ postgres, link }: SiteOptions): Promise<SpineSite> {
    await using opened = new AsyncDisposableStack();
    const folder = opened.use(scratchFolder()).path;
    const entry = await builtProgram(folder);
    const device = opened.use(await SpineDevice.start());
    const centralDir = join(folder, "central");
    const server = postgres === undefined ? undefined : await createPostgres(postgres);
    if (server !== undefined) opened.defer(() => server.remove());
    const openDatabase = async () => {
      if (server !== undefined) return openPostgres(server.url, memoryLog().log);
      return openPglite(centralDir);
    };
    await enrol(openDatabase);
    const [centralPort, panelPort] = [await freePort(), await freePort()];
    const centralUrl = `http://127.0.0.1:${centralPort}`;
    const panel = `127.0.0.1:${panelPort}`;
    const config = join(folder, "gateway.yaml");
    const dataDir = join(folder, "data");
    const reached = (await link?.(centralUrl)) ?? centralUrl;
    writeFileSync(config, yamlOf(device.address, panel, reached));
    const mark = join(folder, "clock-is-right");
    writeFileSync(mark, "");
    const env = {
      // Code that was compiled once: a start is what a kill costs.
      NODE_COMPILE_CACHE: join(folder, "compiled"),
      RACKWATCH_CLOCK_MARK: mark,
      RACKWATCH_SECRET_CENTRAL: token,
    };
    const victim = (name: string, ready: string, args: readonly string[], polls?: () => number) => {
      const made = new Victim(name, [entry, ...args], env, ready, polls);
      opened.defer(() => made.remove());
      return made;
    };
    const of = ["--config", config, "--data", dataDir];
    const where = server === undefined ? ["--data", centralDir] : ["--database", server.url];
    const listen = ["--listen", `127.0.0.1:${centralPort}`];
    const parts = {
      ...{ device, dataDir, configFile: config, centralUrl, openDatabase },
      databaseUrl: server?.url ?? "",
      panel: `http://${panel}`,
      gateway: victim("gateway", "gateway runs", ["run", ...of], () => device.polls),
      agent: victim("agent", "agent ships", ["sync", ...of]),
      central: victim("central", "central listens", ["central", ...listen, ...where]),
    };
    return new SpineSite(parts, opened.move());
  }

  get victims(): readonly Victim[] {
    return [this.gateway, this.agent, this.central];
  }

  /** Begins all three, and once ends and begins them in order, so that what they compiled is kept. */
  async begin(): Promise<void> {
    for (const victim of this.victims) victim.start();
    await this.ready();
    for (const victim of this.victims) await victim.stop();
    for (const victim of this.victims) victim.start();
    await this.ready();
  }

  /** Of a test that failed: what everybody said last, and how alarms stand on record. */
  async told<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      const said = this.victims.flatMap(({ deaths, story }) => [...deaths, story]).join("\n");
      const alarms = storedEvents(this.dataDir).filter(({ kind }) => kind === "alarm");
      const last = alarms.slice(-toldAlarms).map(({ at, body }) => JSON.stringify({ at, body }));
      const lit = this.device.lit.join();
      throw new Error(`${cause}; lit at ${Date.now()}: ${lit}\n${last.join("\n")}\n${said}`, {
        cause,
      });
    }
  }

  ready(): Promise<unknown> {
    return eventually(
      () => this.victims.every(({ isReady }) => isReady),
      (all) => all,
      patienceMs,
    );
  }

  /** Ends the gateway in order; resolves when central has all that it left. */
  async drain(): Promise<void> {
    await this.gateway.stop();
    using outbox = openOutbox(this.dataDir, gatewayId);
    const { epoch } = outbox;
    using cursors = new CursorFile(this.dataDir);
    await eventually(
      () => lanes.map((lane) => outbox.head(lane) - cursors.read(lane, epoch)).join(),
      (behind) => behind === "0,0",
      patienceMs,
    );
    await this.agent.stop();
    await this.central.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#cleanup.disposeAsync();
  }
}

/** Within the scratch folder, from where libraries with native code are found as well. */
async function builtProgram(folder: string): Promise<string> {
  const out = join(folder, "program");
  mkdirSync(out);
  symlinkSync(join(projectDir, "node_modules"), join(folder, "node_modules"));
  return buildProgram(out);
}

async function enrol(openDatabase: () => Promise<Database>): Promise<void> {
  await using database = await openDatabase();
  await migrate(database);
  await addGateway(database, gatewayId, token);
}

function yamlOf(device: string, panel: string, central: string): string {
  return `version: 1
gateway: { id: ${gatewayId} }
${deviceYaml(device)}
panel: { listen: "${panel}" }
broker: { enabled: false }
store: { flushEvery: 100ms }
sync: { central: "${central}", credentials: !secret central }
`;
}
