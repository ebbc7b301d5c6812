import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listen } from "../../drivers/simulation/listen.ts";
import { contacts, type PushHouse, pushHouse } from "../support/push-house.ts";
import { takes, told } from "../support/push-inbox.ts";
import { ScriptedModem } from "../support/sms-modem.ts";
import { eventually, type Running } from "../support/spine.ts";

const rackwatch = fileURLToPath(new URL("../../cloud-sync/cli/rackwatch.js", import.meta.url));
const secrets = {
  DING: "SECding5ignature",
  DING_TOKEN: "d1ngaccesst0ken",
  WECOM_KEY: "wec0mkey",
  FEISHU: "fe1shusignature",
  HOOK: "whsec_aG9va3NlY3JldGhvb2tzZWNyZXQ=",
  TELEGRAM: "123456:te1egramtoken",
  NTFY: "tk_ntfybearer",
  MAIL: "mai1passw0rd",
  PIN: "4711",
} as const;

const modem = new ScriptedModem({ sim: "pin", pin: secrets.PIN });
const cleanup = new AsyncDisposableStack();
let house: PushHouse;
let gateway: Running;
let agent: Running;

beforeAll(async () => {
  const wire = await listen("tcp://127.0.0.1:0", modem);
  cleanup.defer(() => wire.stop());
  house = cleanup.use(
    await pushHouse({
      sensors: 2,
      sections: ({ url, mailPort }) => `
rules:
  mains-lost: { point: desk/mains, equal: false, priority: high, message: no mains, notify: [plain] }
  warm1: { point: cold1/temperature, above: 8, priority: high, message: room 1 is warm, inhibitedBy: [mains-lost], notify: [plain] }
  warm2: { point: cold2/temperature, above: 8, priority: critical, message: room 2 is warm, notify: [all, plain] }
notify:
  all:
    language: en
    email: [shift@site.example]
    sms: ["+8613800138000"]
    dingtalk: { webhook: !secret ding-hook, secret: !secret ding }
    wecom: { webhook: !secret wecom-hook }
    feishu: { webhook: !secret feishu-hook, secret: !secret feishu }
    ntfy: { server: "${url}", topic: s0metopic, token: !secret ntfy }
    telegram: { server: "${url}", token: !secret telegram, chat: "7" }
    webhook: { url: "${url}/hook", secret: !secret hook }
  plain: { language: en, webhook: { url: "${url}/plain" } }
mail: { host: 127.0.0.1, port: ${mailPort}, security: none, from: gateway@site.example }
sms: { port: "${wire.address}", pin: !secret pin }
`,
      env: (_folder, { url }) => ({
        ...Object.fromEntries(
          Object.entries(secrets).map(([name, value]) => [`RACKWATCH_SECRET_${name}`, value]),
        ),
        RACKWATCH_SECRET_DING_HOOK: `${url}/robot/send?access_token=${secrets.DING_TOKEN}`,
        RACKWATCH_SECRET_WECOM_HOOK: `${url}/cgi-bin/webhook/send?key=${secrets.WECOM_KEY}`,
        RACKWATCH_SECRET_FEISHU_HOOK: `${url}/open-apis/bot/v2/hook/fe1shuh00k`,
      }),
    }),
  );
  gateway = await house.startGateway();
  agent = await house.startAgent();
});

afterAll(() => cleanup.disposeAsync());

const plain = () => house.inbox.at("/plain").map(({ raw }) => told(raw));
const receiver = async (id: string) => (await house.receivers()).find((it) => it.id === id);

test("receivers and outputs that were never tested are listed as due", async () => {
  const due = () => house.rig.get<{ tests: readonly string[] }>("/api/due");
  const { tests } = await eventually(due, (it) => it.tests.length > 0);
  expect(tests).toEqual(expect.arrayContaining(["receiver/plain", "output/here/red"]));
});

test("the test button sends to each address of a receiver, shows what became of each, and raises no alarm", async () => {
  // A test goes the way of an alarm, and one channel's failure is its own.
  house.inbox.answer = (letter, response) => {
    if (letter.path.startsWith("/cgi-bin/")) {
      const said = '{"errcode":93000,"errmsg":"invalid webhook url"}';
      response.writeHead(200).end(said);
    } else takes(letter, response);
  };
  expect((await house.post("/api/receivers/nobody/test")).status).toBe(404);
  expect((await house.post("/api/receivers/all/test")).status).toBe(200);
  const channels = ["sms", "email", "dingtalk", "feishu", "ntfy", "telegram", "webhook"];
  const tested = await eventually(
    async () => (await receiver("all"))?.test,
    (test) =>
      Object.entries(test?.results ?? {}).filter(([, result]) => result === "delivered").length >=
      channels.length,
    20_000,
  );
  expect(tested).toMatchObject({ by: "li" });
  const failing = await eventually(
    async () => (await receiver("all"))?.failing ?? [],
    ({ length }) => length > 0,
  );
  expect(failing).toMatchObject([
    { channel: "wecom", problem: expect.stringContaining("invalid webhook url") },
  ]);
  expect(modem.sent.some(({ text }) => text.startsWith("TEST"))).toBe(true);
  // The channel that fails is an alarm of the gateway's own; the test is none.
  const alarmed = (await house.alarms()).filter(({ rule }) => !rule.startsWith("gateway:"));
  expect(alarmed).toEqual([]);
  expect(await house.rig.get("/api/excursions")).toEqual([]);
});

test("an alarm that another one explains is on record and told to nobody, until the other is over", async () => {
  house.setContacts({ [contacts.mains]: 0 });
  const parent = await house.alarm("mains-lost");
  house.setTemperature(8.6, 1);
  const child = await house.alarm("warm1");
  expect(child.inhibited).toBe(true);
  await eventually(plain, (all) => all.some(({ alarm }) => alarm === parent.id));
  // Told after it: had the child been told, it would have come before.
  house.setTemperature(8.6, 2);
  const other = await house.alarm("warm2");
  await eventually(plain, (all) => all.some(({ alarm }) => alarm === other.id));
  expect(plain().some(({ alarm }) => alarm === child.id)).toBe(false);
  house.setContacts({});
  const [late] = await eventually(
    () => plain().filter(({ alarm, kind }) => alarm === child.id && kind === "raised"),
    ({ length }) => length > 0,
  );
  expect(late?.text).toContain("room 1 is warm");
});

test("no secret is in a log, a database, an answer or an export, whatever providers throw back", async () => {
  const heard = new Set<string>();
  house.inbox.answer = (letter, response) => {
    heard.add(letter.path.split("/")[1] ?? "");
    const told = `bad ${letter.path} ${letter.raw.slice(0, 600)} ${JSON.stringify(letter.headers)} ${Object.values(secrets).join(" ")}`;
    const body = { errcode: 1, errmsg: told, code: 1, msg: told, ok: false, description: told };
    response.writeHead(letter.path.startsWith("/hook") ? 422 : 200).end(JSON.stringify(body));
  };
  expect((await house.post("/api/receivers/all/test")).status).toBe(200);
  await eventually(
    async () => new Set((await receiver("all"))?.failing.map(({ channel }) => channel)),
    (channels) => channels.has("dingtalk") && channels.has("telegram") && channels.has("feishu"),
    20_000,
  );
  const paths = ["receivers", "pushes", "notices", "alarms", "audit", "outputs", "points", "state"];
  const answers: string[] = [];
  for (const path of paths) {
    const answer = await fetch(`${house.rig.panel}/api/${path}`);
    answers.push(await answer.text());
  }
  answers.push(JSON.stringify(await house.pushes()));
  answers.push(await (await fetch(`${house.rig.panel}/metrics`)).text());
  const run = promisify(execFile);
  const printed = await run(process.execPath, [
    rackwatch,
    ...["audit", "--data", house.rig.dataDir, "--json"],
  ]).catch((error: { readonly stdout: string; readonly stderr: string }) => error);
  await agent.kill("SIGTERM");
  await gateway.kill("SIGTERM");
  const files = readdirSync(house.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
  const everything = [
    ...answers,
    ...files,
    ...house.logged().map((line) => JSON.stringify(line)),
    printed.stdout,
    printed.stderr,
  ];
  expect(heard.has("hook")).toBe(true);
  expect(everything.join("").length).toBeGreaterThan(50_000);
  const words = [...Object.values(secrets), "fe1shuh00k"].filter((secret) => secret.length > 4);
  const found = words.flatMap((secret) =>
    everything.flatMap((text) => {
      const at = text.indexOf(secret);
      return at === -1 ? [] : [`${secret}: …${text.slice(Math.max(0, at - 80), at + 40)}…`];
    }),
  );
  expect(found).toEqual([]);
  // Who knows a topic can read it; it stands in the configuration, and is shown nowhere else.
  const shown = [...answers, ...house.logged().map((line) => JSON.stringify(line))].join("");
  expect(shown).not.toContain("s0metopic");
});
