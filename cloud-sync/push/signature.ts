import { createHmac } from "node:crypto";
import type { EpochMs } from "../../drivers/contract.ts";

function hmac(key: string | Buffer, message: string): Buffer {
  return createHmac("sha256", key).update(message).digest();
}

/** DingTalk, custom robot: the secret is key and part of the message; time in milliseconds. Base64, not yet URL-encoded. */
export function dingtalkSignature(secret: string, at: EpochMs): string {
  return hmac(secret, `${at}\n${secret}`).toString("base64");
}

/** Feishu and Lark, custom bot: time and secret are the key, the message is empty; time in whole seconds. */
export function feishuSignature(secret: string, seconds: number): string {
  return hmac(`${seconds}\n${secret}`, "").toString("base64");
}

/**
 * Standard Webhooks, symmetric: `v1,` and base64 of the HMAC over id, time in seconds and the raw body. The key is the
 * base64 behind `whsec_`; a secret that is no base64 counts as it is written.
 */
export function standardSignature(
  secret: string,
  id: string,
  seconds: number,
  body: string,
): string {
  const digest = hmac(standardKey(secret), `${id}.${seconds}.${body}`);
  return `v1,${digest.toString("base64")}`;
}

function standardKey(secret: string): Buffer {
  const text = secret.replace(/^whsec_/, "");
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0;
  return isBase64 ? Buffer.from(text, "base64") : Buffer.from(secret);
}

/** The plain form beside it, in hex over time and raw body; the secret is the key as it is written. */
export function plainSignature(secret: string, seconds: number, body: string): string {
  return hmac(secret, `${seconds}.${body}`).toString("hex");
}
