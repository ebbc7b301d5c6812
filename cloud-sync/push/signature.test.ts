import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import {
  dingtalkSignature,
  feishuSignature,
  plainSignature,
  standardSignature,
} from "./signature.ts";

// Computed with Python's hmac and Node alike.
test("DingTalk's signature has the secret as key and in the message, and milliseconds", () => {
  const secret = "SEC000000000000000000000000000000000000000000000000000000000000test";
  const signature = dingtalkSignature(secret, 1_700_000_000_000);
  expect(signature).toBe("bCcJiIKqyObgdvB5UiIbViJlixojz9bQW5dnZbgLAd8=");
});

test("Feishu's signature has time and secret as key, an empty message, and seconds", () => {
  const signature = feishuSignature("feishu-demo-secret", 1_700_000_000);
  expect(signature).toBe("LJ3PlcwviZMXQxiZQ4Jou4SlI9YJEmjE2SI9xcS1EG0=");
});

test("the plain signature is the hex of time, dot and raw body under the secret as it is written", () => {
  const body = '{"event":"alarm.raised","id":"01"}';
  expect(plainSignature("whsec_demo", 1_700_000_000, body)).toBe(
    "f77d917763af4d59024ee8d6d844933cdefe1c6d564387e54274fab7342a2d62",
  );
});

test("the signature of Standard Webhooks equals the one of the standard's own example", () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const body = '{"test": 2432232314}';
  expect(standardSignature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body)).toBe(
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  );
});

test("a webhook's secret that is no base64 signs as it is written", () => {
  const expected = createHmac("sha256", "not base64!").update("id.1.x").digest("base64");
  expect(standardSignature("not base64!", "id", 1, "x")).toBe(`v1,${expected}`);
});
