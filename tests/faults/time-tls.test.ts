import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import { fakeTime } from "../support/fake-time.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { startProgram } from "../support/program.ts";
import { eventually, scratchFolder } from "../support/spine.ts";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));

test("an agent in 1970 says that central's certificate is not valid yet by its clock, and goes on when that is set", async (context) => {
  await using cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(scratchFolder()).path;
  let requests = 0;
  const server = createServer(
    { key: readFileSync(fixture("localhost.key")), cert: readFileSync(fixture("localhost.pem")) },
    (_, response) => {
      requests += 1;
      response.writeHead(503).end();
    },
  );
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  cleanup.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  const dataDir = join(folder, "data");
  const { log } = memoryLog();
  const { store } = openStore({ dir: dataDir, gatewayId: "gw-1", clock: systemClock, log });
  cleanup.use(store);
  const configFile = join(folder, "gateway.yaml");
  writeFileSync(
    configFile,
    `version: 1
gateway: { id: gw-1 }
channels: {}
sync:
  central: "https://localhost:${port}"
  credentials: !secret central
  caFile: ${fixture("authority.pem")}
`,
  );
  const time = fakeTime(context, folder, 60_000 - Date.now());
  const agent = await startProgram(
    ["sync", "--config", configFile, "--data", dataDir],
    { ...time.env, RACKWATCH_SECRET_CENTRAL: "token" },
    "agent ships",
  );
  cleanup.defer(() => agent.kill("SIGKILL"));
  const told = await eventually(
    () => agent.lines.filter(({ code }) => code === "sync/certificate"),
    (lines) => lines.length > 0,
    30_000,
  );
  expect(told[0]).toMatchObject({
    message: expect.stringMatching(/not valid yet.*shows 1970-01-01T/),
    todo: expect.stringContaining("timedatectl"),
  });
  expect(requests).toBe(0);
  time.step(0);
  await eventually(
    () => requests,
    (count) => count > 0,
    60_000,
  );
}, 120_000);
