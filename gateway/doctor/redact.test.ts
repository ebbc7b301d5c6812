import { expect, test } from "vitest";
import { Secret } from "../../drivers/secret.ts";
import { redacted, secretsOf } from "./redact.ts";

const planted = [
  ["a password in an address", "proxy: http://user:pa55word@proxy.example.com:3128", "pa55word"],
  ["a query", "POST https://robot.example.com/send?access_token=abc123def456&t=1", "abc123def456"],
  ["a hook", "https://open.example.com/open-apis/bot/v2/hook/3f9a77c0-1111-4d5e", "3f9a77c0-1111"],
  ["a header", '{"authorization":"Bearer eyJhbGciOi.J9-x"}', "eyJhbGciOi"],
  ["a token of central", "401 for rwg_Zm9vYmFyYmF6", "rwg_Zm9v"],
  ["a literal password", 'password: "hunter2 and more"', "hunter2"],
  ["one in a log line", "login failed password=hunter3, user=li", "hunter3"],
  ["one in JSON", '{"apiKey": "k-778899", "n": 1}', "k-778899"],
  ["a mail address", "told quality.boss@example.com at once", "quality.boss"],
  ["an international number", "SMS to +86 138 0013 8000 failed", "0013 8000"],
  ["a Chinese mobile number", "SMS to 13800138000 failed", "13800138000"],
  ["a number with 00", "SMS to 004915112345678 failed", "15112345678"],
  ["a key", "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----", "MIIEvQ"],
] as const;

test.each(planted)("%s does not get out", (_, text, secret) => {
  expect(redacted(text, [])).not.toContain(secret);
});

test("times, figures, names of secrets and addresses of devices stay readable", () => {
  const text = [
    "credentials: !secret central",
    "at 1763856000123 rows 138001380001 of 1.3800138000",
    "2026-11-23T05:37:18.123Z central https://central.example.com tcp://10.0.0.5:502",
    "rackwatch_store_bytes 20480",
  ].join("\n");
  expect(redacted(text, [])).toBe(text);
});

test("known secrets go in every form in which they may stand", () => {
  const secret = 'pa"ss wörd/ü';
  const forms = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify({ secret }),
    Buffer.from(secret).toString("base64"),
  ];
  const out = redacted(forms.join("\n"), [secret]);
  for (const form of ["ss w", "ss%20w", Buffer.from(secret).toString("base64")]) {
    expect(out).not.toContain(form);
  }
});

test("secrets and personal numbers are found wherever a configuration has them", () => {
  const config = { a: [{ token: new Secret("t-1") }], sms: ["+86 138 0013 8000"], x: "tcp://h:1" };
  expect(secretsOf(config)).toEqual(["t-1", "+86 138 0013 8000"]);
});
