import { createHmac } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import {
  dingtalkSignature,
  feishuSignature,
  standardSignature,
} from "../../cloud-sync/push/signature.ts";
import { listen } from "../../drivers/simulation/listen.ts";
import type { PointView } from "../../gateway/panel/api.ts";
import { type PushHouse, pushHouse } from "../support/push-house.ts";
import { type PushInbox, told } from "../support/push-inbox.ts";
import { ScriptedModem } from "../support/sms-modem.ts";
import { eventually } from "../support/spine.ts";

const secrets = {
  DING: "SEC-ding-signature-key",
  FEISHU: "feishu-signature-key",
  HOOK: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  NTFY: "tk_ntfy_bearer",
  TELEGRAM: "123456:telegram-bot-token",
  PAGER: "0123456789abcdef0123456789abcdef",
};

const sections = (inbox: PushInbox, modem: string) => `
rules:
  warm:
    location: room
    point: cold1/temperature
    above: 8
    deadband: 0.5
    priority: critical
    message: 冷库超温
    advise: 关门，检查压缩机
    cause: 门未关
    notify: [all, mates]
locations: { room: { kind: room, name: 二号冷库, points: [cold1/temperature] } }
notify:
  all:
    language: zh
    sms: ["+8613800138000"]
    email: [shift@site.example]
    dingtalk: { webhook: !secret ding-hook, secret: !secret ding, mobiles: ["13800138000"] }
    feishu: { webhook: !secret feishu-hook, secret: !secret feishu }
    wecom: { webhook: !secret wecom-hook, mobiles: ["13800138000"] }
    ntfy: { server: "${inbox.url}", topic: cold-topic, token: !secret ntfy }
    telegram: { server: "${inbox.url}", token: !secret telegram, chat: "-100" }
    pagerduty: { server: "${inbox.url}", routingKey: !secret pager }
    webhook: { url: "${inbox.url}/hook", secret: !secret hook }
    mqtt: { server: "mqtt://127.0.0.1:${inbox.mqttPort}", topic: plant/alarms }
  mates:
    language: en
    webhook: { url: "${inbox.url}/mates" }
    sms: ["+4915112345678"]
mail: { host: 127.0.0.1, port: ${inbox.mailPort}, security: none, from: gateway@site.example }
sms: { port: "${modem}" }
`;

interface Site {
  readonly house: PushHouse;
  readonly modem: ScriptedModem;
}

async function site(): Promise<Site> {
  const modem = new ScriptedModem();
  const port = await listen("tcp://127.0.0.1:0", modem);
  onTestFinished(() => port.stop());
  const env = Object.entries(secrets).map(([name, value]) => [`RACKWATCH_SECRET_${name}`, value]);
  const house = await pushHouse({
    sections: (inbox) => sections(inbox, port.address),
    env: (_folder, { url }) => ({
      ...Object.fromEntries(env),
      RACKWATCH_SECRET_DING_HOOK: `${url}/robot/send?access_token=ding-access-token`,
      RACKWATCH_SECRET_FEISHU_HOOK: `${url}/open-apis/bot/v2/hook/feishu-hook-token`,
      RACKWATCH_SECRET_WECOM_HOOK: `${url}/cgi-bin/webhook/send?key=wecom-hook-key`,
    }),
  });
  onTestFinished(() => house[Symbol.asyncDispose]());
  await house.startGateway();
  await house.startAgent();
  return { house, modem };
}

/** What the plain text of each channel is, by its path; the newest. */
function plainTexts(inbox: PushInbox): Readonly<Record<string, string>> {
  const last = (path: string) => JSON.parse(inbox.at(path).at(-1)?.raw ?? "{}");
  const mail = inbox.mails.at(-1) ?? "";
  return {
    dingtalk: last("/robot/").text?.content ?? "",
    feishu: last("/open-apis/").content?.text ?? "",
    wecom: last("/cgi-bin/").text?.content ?? "",
    ntfy: inbox.letters.findLast(({ path }) => path === "/") === undefined ? "" : ntfyText(inbox),
    telegram: last("/bot").text ?? "",
    webhook: last("/hook").data?.text ?? "",
    mqtt: JSON.parse(inbox.published.at(-1)?.body ?? "{}").data?.text ?? "",
    email: mail === "" ? "" : mailText(mail),
  };
}

function ntfyText(inbox: PushInbox): string {
  const letter = inbox.letters.findLast(({ path }) => path === "/");
  return JSON.parse(letter?.raw ?? "{}").message ?? "";
}

function mailText(raw: string): string {
  const [head = "", ...body] = raw.split("\r\n\r\n");
  const text = body.join("\r\n\r\n");
  if (/^Content-Transfer-Encoding: base64/im.test(head)) {
    return Buffer.from(text, "base64").toString();
  }
  const bytes = text.replace(/=\r\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex: string) => {
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
  return Buffer.from(bytes, "latin1").toString();
}

test("without a central and without a sync section every channel gets the alarm and its end, each in its receiver's language", async () => {
  const { house, modem } = await site();
  const { inbox } = house;
  await eventually(
    () => house.alarms(),
    () => true,
  );
  house.setTemperature(8.6);
  const alarm = await house.alarm("warm");
  const complete = await eventually(
    () => plainTexts(inbox),
    (texts) => Object.values(texts).every((text) => text.includes(alarm.id)),
    20_000,
  );
  for (const [channel, text] of Object.entries(complete)) {
    for (const part of [
      "二号冷库",
      "冷库超温",
      "站点：一号仓",
      "测点：",
      "数值：8.6 ℃",
      "限值：> 8",
      "开始：",
      "处理：关门，检查压缩机",
      "常见原因：门未关",
    ]) {
      expect(text, channel).toContain(part);
    }
  }
  // A gateway may also say that its receivers were never tested.
  const lines = () => modem.sent.filter(({ text }) => !/报警测试|alarm tests/.test(text));
  await eventually(lines, ({ length }) => length === 2);
  const lineTo = (number: string) => lines().findLast((it) => it.number === number)?.text ?? "";
  expect(lineTo("+8613800138000")).toMatch(/^二号冷库 冷库超温 8\.6℃ 紧急 \d\d:\d\d/);
  expect(lineTo("+4915112345678")).toMatch(/^二号冷库 冷库超温 8\.6°C CRITICAL \d\d:\d\d/);
  for (const { text } of lines()) expect(text.length).toBeLessThanOrEqual(70);

  const mates = () => inbox.at("/mates").map(({ raw }) => told(raw));
  const alarmed = await eventually(mates, (all) => all.some(({ kind }) => kind === "raised"));
  const english = alarmed.find(({ kind }) => kind === "raised");
  expect(english).toMatchObject({ language: "en", kind: "raised", receiver: "mates" });
  expect(english?.text).toContain("Value: 8.6 °C");
  expect(english?.fields).toMatchObject({ point: "cold1/temperature", value: 8.6, limit: 8 });
  expectSignatures(inbox);
  const thread = `house/${alarm.id}`;
  const pages = () =>
    inbox
      .at("/v2/enqueue")
      .map(({ raw }) => JSON.parse(raw))
      .filter(({ dedup_key }) => dedup_key === thread);
  expect(pages()).toMatchObject([
    {
      routing_key: secrets.PAGER,
      event_action: "trigger",
      payload: { severity: "critical", custom_details: { value: 8.6 } },
    },
  ]);

  house.setTemperature(9.3);
  await eventually(
    () => house.rig.get<readonly PointView[]>("/api/points"),
    (points) => points.some(({ value }) => value === 9.3),
  );
  house.setTemperature(4);
  await house.alarm("warm", "returned-unacknowledged");
  const over = await eventually(
    () => plainTexts(inbox),
    (texts) => Object.values(texts).every((text) => text.includes("持续：")),
    20_000,
  );
  for (const [channel, text] of Object.entries(over)) {
    expect(text, channel).toContain("峰值：9.3 ℃");
    expect(text, channel).toContain("仍请确认");
  }
  await eventually(lines, ({ length }) => length === 4);
  expect(lineTo("+8613800138000")).toMatch(/^恢复 二号冷库 冷库超温 .*秒 峰值9\.3℃/);
  expect(lineTo("+4915112345678")).toMatch(/^OK .* peak 9\.3°C/);
  const [, resolved] = await eventually(pages, ({ length }) => length === 2);
  expect(resolved).toEqual({
    routing_key: secrets.PAGER,
    event_action: "resolve",
    dedup_key: thread,
  });
  // The end belongs to the same thread of mails as the beginning.
  const mails = inbox.mails.filter((mail) => mail.includes("References: "));
  expect(mails).toHaveLength(2);
  expect(new Set(mails.map((mail) => /^References: (.*)\r$/m.exec(mail)?.[1])).size).toBe(1);
  expect(new Set(mails.map((mail) => /^Message-ID: (.*)\r$/m.exec(mail)?.[1])).size).toBe(2);
  const idle = { waiting: 0, flooded: false, dead: [] };
  await eventually(house.pushes, (pushes) => JSON.stringify(pushes) === JSON.stringify(idle));
});

function expectSignatures(inbox: PushInbox): void {
  const [ding] = inbox.at("/robot/");
  const query = new URL(ding?.path ?? "", inbox.url).searchParams;
  expect(query.get("access_token")).toBe("ding-access-token");
  expect(query.get("sign")).toBe(dingtalkSignature(secrets.DING, Number(query.get("timestamp"))));
  const bird = JSON.parse(inbox.at("/open-apis/")[0]?.raw ?? "{}");
  expect(bird.sign).toBe(feishuSignature(secrets.FEISHU, Number(bird.timestamp)));
  const [hook] = inbox.at("/hook");
  const headers = hook?.headers ?? {};
  const seconds = Number(headers["webhook-timestamp"]);
  const signed = standardSignature(
    secrets.HOOK,
    `${headers["webhook-id"]}`,
    seconds,
    hook?.raw ?? "",
  );
  expect(headers["webhook-signature"]).toBe(signed);
  expect(headers["idempotency-key"]).toBe(headers["webhook-id"]);
  const plain = createHmac("sha256", secrets.HOOK).update(`${seconds}.${hook?.raw}`).digest("hex");
  expect(headers["x-signature"]).toBe(`sha256=${plain}`);
  const note = inbox.letters.find(({ path }) => path === "/");
  expect(note?.headers.authorization).toBe(`Bearer ${secrets.NTFY}`);
  expect(inbox.at("/bot")[0]?.path).toBe(`/bot${secrets.TELEGRAM}/sendMessage`);
}
