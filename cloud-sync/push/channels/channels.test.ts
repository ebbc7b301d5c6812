import { describe, expect, test } from "vitest";
import { z } from "zod";
import { pushText } from "../../../config/language/push.ts";
import { Secret } from "../../../drivers/secret.ts";
import type { Push } from "../../../gateway/push/push.ts";
import { aPush } from "../../../tests/support/push-world.ts";
import type { HttpAnswer, Sending } from "../channel.ts";
import { digestOf } from "../digest.ts";
import {
  dingtalkSignature,
  feishuSignature,
  plainSignature,
  standardSignature,
} from "../signature.ts";
import { dingtalk } from "./dingtalk.ts";
import { feishu } from "./feishu.ts";
import { mailOf, mailVerdict } from "./mail.ts";
import { ntfy } from "./ntfy.ts";
import { pagerduty } from "./pagerduty.ts";
import { telegram } from "./telegram.ts";
import { webhook } from "./webhook.ts";
import { wecom } from "./wecom.ts";

const text = pushText.en;
const now = 1_700_000_000_123;
const sending = (more: Partial<Push> = {}): Sending => {
  const push = aPush({ title: "二号冷库超温", text: "8.6 ℃ > 8.0 ℃", ...more });
  return { push, gateway: "wh1", key: `epoch-${push.id}`, now };
};
const ok = (body: unknown, status = 200): HttpAnswer => ({ status, body: JSON.stringify(body) });
const json = (body: string) => z.record(z.string(), z.unknown()).parse(JSON.parse(body));
const long = "温".repeat(30_000);

describe("DingTalk", () => {
  const config = {
    webhook: new Secret("https://oapi.dingtalk.com/robot/send?access_token=T0"),
    secret: new Secret("SECabc"),
    mobiles: ["13800138000"],
  };

  test("is signed in its address with milliseconds, mentions mobiles, and stays below 20 KB", () => {
    const { url, body } = dingtalk.request(sending({ text: long }), config);
    const { searchParams } = new URL(url);
    expect(searchParams.get("access_token")).toBe("T0");
    expect(searchParams.get("timestamp")).toBe(String(now));
    expect(searchParams.get("sign")).toBe(dingtalkSignature("SECabc", now));
    expect(url).not.toMatch(/sign=[^&]*[+/=][^&]/);
    expect(json(body)).toMatchObject({ msgtype: "text", at: { atMobiles: ["13800138000"] } });
    expect(body).toContain("@13800138000");
    expect(Buffer.byteLength(body)).toBeLessThan(20_000);
  });

  test("the printed example stands in its address as it is printed", () => {
    const printed = new Secret(`SEC${"0".repeat(60)}test`);
    const at = { ...sending(), now: 1_700_000_000_000 };
    const { url } = dingtalk.request(at, { ...config, secret: printed });
    expect(url).toContain("sign=bCcJiIKqyObgdvB5UiIbViJlixojz9bQW5dnZbgLAd8%3D");
  });

  test("is not signed without a secret, which only a signed one counts as", () => {
    const { secret: _, ...plain } = config;
    expect(dingtalk.request(sending(), plain).url).not.toContain("sign");
    expect([dingtalk.signed(plain), dingtalk.signed(config)]).toEqual([false, true]);
  });

  test("its code at HTTP 200 decides: signature, throttling, message, unknown", () => {
    const verdict = (errcode: number) =>
      dingtalk.verdict(ok({ errcode, errmsg: "keywords not in content" }), text);
    expect(verdict(0)).toEqual({ is: "delivered" });
    expect(verdict(310_000)).toMatchObject({ is: "retry", slow: true });
    expect(verdict(130_101)).toMatchObject({ is: "retry", afterMs: 600_000 });
    expect(verdict(40_035).is).toBe("dead");
    expect(verdict(-1)).toEqual({
      is: "retry",
      why: "the provider answered code -1: keywords not in content",
    });
    expect(dingtalk.verdict({ status: 200, body: "<html>login" }, text)).toMatchObject({
      is: "retry",
      slow: true,
    });
  });
});

test("WeCom: at most 2048 bytes of text, whatever the characters; codes decide", () => {
  const config = { webhook: new Secret("https://qyapi.weixin.qq.com/x?key=K0"), mobiles: ["138"] };
  const { url, body } = wecom.request(sending({ text: long }), config);
  expect(url).toBe("https://qyapi.weixin.qq.com/x?key=K0");
  const parsed = z
    .object({ text: z.object({ content: z.string(), mentioned_mobile_list: z.array(z.string()) }) })
    .parse(JSON.parse(body));
  const bytes = Buffer.byteLength(parsed.text.content);
  expect(bytes).toBeLessThanOrEqual(2_048);
  expect(bytes).toBeGreaterThan(2_040);
  expect(parsed.text.mentioned_mobile_list).toEqual(["138"]);
  expect(wecom.verdict(ok({ errcode: 93_000, errmsg: "" }), text)).toMatchObject({ slow: true });
  expect(wecom.verdict(ok({ errcode: 45_009 }), text)).toMatchObject({ afterMs: 60_000 });
  expect(wecom.verdict(ok({ errcode: 0, errmsg: "ok" }), text).is).toBe("delivered");
});

test("Feishu: signed in the body with whole seconds, below 20 KB, and both spellings of success", () => {
  const config = {
    webhook: new Secret("https://open.feishu.cn/open-apis/bot/v2/hook/H0"),
    secret: new Secret("s"),
  };
  const { body } = feishu.request(sending({ text: `"${"\n".repeat(30_000)}` }), config);
  expect(json(body)).toMatchObject({
    timestamp: "1700000000",
    sign: feishuSignature("s", 1_700_000_000),
    msg_type: "text",
  });
  expect(Buffer.byteLength(body)).toBeLessThan(20_000);
  const verdict = (reply: unknown, status = 200) => feishu.verdict(ok(reply, status), text);
  expect(verdict({ code: 0, msg: "success" }).is).toBe("delivered");
  expect(verdict({ StatusCode: 0, StatusMessage: "success" }).is).toBe("delivered");
  expect(verdict({ code: 19_021, msg: "sign match fail" })).toMatchObject({ slow: true });
  expect(verdict({ code: 9_499, msg: "Bad Request" }, 400).is).toBe("dead");
  expect(verdict({ code: 11_232 })).toMatchObject({ is: "retry", afterMs: 30_000 });
  expect(verdict({})).toMatchObject({ is: "retry", slow: true });
});

test("ntfy: one JSON to the server's root, with its scale of priorities", () => {
  const config = { server: "https://ntfy.sh", topic: "t0pic", token: new Secret("tk_1") };
  const { url, headers, body } = ntfy.request(
    sending({ priority: "critical", link: "https://a.example/x" }),
    config,
  );
  expect(url).toBe("https://ntfy.sh/");
  expect(headers).toMatchObject({ authorization: "Bearer tk_1" });
  expect(json(body)).toMatchObject({
    topic: "t0pic",
    title: "二号冷库超温",
    priority: 5,
    click: "https://a.example/x",
  });
  expect(ntfy.verdict({ status: 429, body: "", retryAfterMs: 7_000 }, text)).toMatchObject({
    is: "retry",
    afterMs: 7_000,
  });
});

test("Telegram: at most 4096 code units, and retry_after is obeyed", () => {
  const config = { server: "https://api.telegram.org/", token: new Secret("12:ab"), chat: "-1" };
  const { url, body } = telegram.request(sending({ text: "🧊".repeat(4_000) }), config);
  expect(url).toBe("https://api.telegram.org/bot12:ab/sendMessage");
  expect(String(json(body)["text"]).length).toBeLessThanOrEqual(4_096);
  const limited = { ok: false, error_code: 429, description: "x", parameters: { retry_after: 35 } };
  expect(telegram.verdict(ok(limited, 429), text)).toMatchObject({ is: "retry", afterMs: 35_000 });
  const missing = { ok: false, error_code: 400, description: "Bad Request: chat not found" };
  expect(telegram.verdict(ok(missing, 400), text)).toMatchObject({ is: "retry", slow: true });
  expect(
    telegram.verdict(
      ok({ ok: false, error_code: 400, description: "Bad Request: message is too long" }, 400),
      text,
    ).is,
  ).toBe("dead");
  expect(telegram.verdict(ok({ ok: true, result: {} }), text).is).toBe("delivered");
});

test("PagerDuty: trigger, acknowledge and resolve of one occurrence have one dedup_key", () => {
  const config = { server: "https://events.pagerduty.com", routingKey: new Secret("R".repeat(32)) };
  const event = (more: Partial<Push>) =>
    json(pagerduty.request(sending({ alarm: "cold#7", ...more }), config).body);
  const raised = event({ kind: "raised", priority: "high", title: long });
  expect(raised).toMatchObject({
    event_action: "trigger",
    dedup_key: "wh1/cold#7",
    payload: { source: "wh1", severity: "error", custom_details: { rule: "cold-2-warm" } },
  });
  expect(
    z.object({ summary: z.string().max(1_024) }).parse(raised["payload"]).summary,
  ).toHaveLength(1_024);
  expect(event({ kind: "reminder" })).toMatchObject({
    event_action: "acknowledge",
    dedup_key: "wh1/cold#7",
  });
  expect(event({ kind: "returned" })).toMatchObject({
    event_action: "resolve",
    dedup_key: "wh1/cold#7",
  });
  expect(pagerduty.verdict({ status: 202, body: "" }, text).is).toBe("delivered");
  expect(pagerduty.verdict({ status: 400, body: "" }, text).is).toBe("dead");
  expect(pagerduty.verdict({ status: 500, body: "" }, text).is).toBe("retry");
  expect(pagerduty.overflow).toBe("wait");
});

test("webhook: both kinds of signature are over the very bytes that leave", () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const config = { url: "https://hook.example/x", secret: new Secret(secret) };
  const it = sending();
  const { headers, body } = webhook.request(it, config);
  expect(headers).toMatchObject({
    "webhook-id": it.key,
    "webhook-timestamp": "1700000000",
    "webhook-signature": standardSignature(secret, it.key, 1_700_000_000, body),
    "x-timestamp": "1700000000",
    "x-signature": `sha256=${plainSignature(secret, 1_700_000_000, body)}`,
    "idempotency-key": it.key,
  });
  expect(json(body)).toMatchObject({ type: "rackwatch.push.raised", data: { gateway: "wh1" } });
  const unsigned = webhook.request(it, { url: config.url });
  expect(unsigned.headers).not.toHaveProperty("webhook-signature");
});

describe("what a status alone means", () => {
  const cases: [number, "delivered" | "retry" | "slow" | "dead"][] = [
    [204, "delivered"],
    [301, "slow"],
    [401, "slow"],
    [404, "slow"],
    [408, "retry"],
    [422, "dead"],
    [429, "retry"],
    [503, "retry"],
  ];
  test.each(cases)("%i", (status, expected) => {
    const verdict = webhook.verdict({ status, body: "x" }, text);
    const slow = verdict.is === "retry" && verdict.slow === true;
    expect(slow ? "slow" : verdict.is).toBe(expected);
  });
});

test("mail: ids that stay the same, one thread for each occurrence, no line end in a subject", () => {
  const it = sending({ alarm: "cold#7", title: "warm\r\nBcc: x@y.example" });
  const mail = mailOf(it, "a@b.example", "c@d.example");
  expect(mail).toEqual(mailOf(it, "a@b.example", "c@d.example"));
  expect(mail).toMatchObject({
    messageId: `<${it.key}@wh1>`,
    inReplyTo: "<cold%237.alarm@wh1>",
    references: ["<cold%237.alarm@wh1>"],
    subject: "warm Bcc: x@y.example",
  });
});

test("mail: 4yz comes again, 5yz to the message is final, login and certificate are the configuration's", () => {
  const verdict = (error: object) => mailVerdict(Object.assign(new Error("x"), error), text);
  expect(verdict({ code: "EENVELOPE", responseCode: 451, response: "451 greylisted" })).toEqual({
    is: "retry",
    why: "the mail server asks to come again (451): 451 greylisted",
  });
  expect(verdict({ code: "EENVELOPE", responseCode: 550 }).is).toBe("dead");
  expect(verdict({ code: "EAUTH", responseCode: 535 })).toMatchObject({ slow: true });
  expect(verdict({ code: "ESOCKET" }).is).toBe("retry");
  expect(verdict({ code: "ECONNECTION" })).not.toHaveProperty("slow");
});

test("a digest names count and highest priority, the most urgent first, and has a stable id", () => {
  const pushes = Array.from({ length: 30 }, (_, n) =>
    aPush({ priority: n === 29 ? "critical" : "low", short: `line ${n}`, language: "zh" }),
  );
  const [first = aPush()] = pushes;
  const digest = digestOf(first, pushes);
  expect(digest.title).toBe("合并 30 条消息，最高级别：紧急");
  expect(digest.text.split("\n").slice(1, 3)).toEqual(["- line 29", "- line 0"]);
  expect(digest.text).toContain("另有 10 条");
  expect(digest.id).toBe(digestOf(first, pushes).id);
  expect(digest.alarm).toBeUndefined();
});
