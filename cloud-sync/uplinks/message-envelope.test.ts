import fc from "fast-check";
import { expect, test } from "vitest";
import { sealKeyOfToken, tokenSealKeys } from "../identity/token-seal.ts";
import { parsedJson, purposes, readEnvelope, writeEnvelope } from "./message-envelope.ts";

const bytesOf = (text: string) => Buffer.from(text);

test("a body comes out byte for byte as it went in, whatever JSON it is", () => {
  fc.assert(
    fc.property(fc.json(), fc.option(fc.integer({ min: 100, max: 599 })), (json, status) => {
      const seal = { key: "token:1", value: "a" };
      const envelope = { seal, status: status ?? undefined, body: bytesOf(json) };
      const read = readEnvelope(writeEnvelope(envelope));
      expect(read?.seal).toEqual(seal);
      expect(read?.status).toBe(status ?? undefined);
      expect(Buffer.from(read?.body ?? []).toString()).toBe(json.trim());
    }),
  );
});

test("spaces and another order of keys change nothing; the body's own spaces are its own", () => {
  const text = ` { "body" : {"a" :1,"b":"\\"}"} ,\n"status":200, "seal":{"key":"k","value":"v"} } `;
  const read = readEnvelope(bytesOf(text));
  expect(Buffer.from(read?.body ?? []).toString()).toBe('{"a" :1,"b":"\\"}"}');
  expect(read).toMatchObject({ status: 200, seal: { key: "k", value: "v" } });
});

test.each([
  ["", "nothing"],
  ["[]", "no object"],
  ['{"body":1', "cut short"],
  ['{"body":1}}', "more behind it"],
  ['{"body":1,"body":2}', "a body twice"],
  ['{"seal":{"key":1,"value":"v"},"body":1}', "a key that is no text"],
  ['{"status":"200","body":1}', "a status that is no number"],
  ['{"seal":{"key":"k","value":"v"}}', "no body"],
  ['{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"body":1}', "too many keys"],
])("%s is no envelope: %s", (text) => {
  expect(readEnvelope(bytesOf(text))).toBeUndefined();
});

test("whatever bytes come, reading neither throws nor hangs", () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.string().map(bytesOf)), (bytes) => {
      const read = readEnvelope(bytes);
      if (read !== undefined) parsedJson(read.body);
    }),
  );
});

test("a seal is good for its gateway, purpose, key and bytes only", () => {
  const keys = tokenSealKeys("gw-1", sealKeyOfToken("secret"));
  const body = bytesOf('{"a":1}');
  const seal = keys.seal(purposes.request("hello", "1-a"), body);
  expect(keys.verify("hello/1-a", body, seal)).toBe(true);
  expect(keys.verify("hello/1-b", body, seal)).toBe(false);
  expect(keys.verify("batches/1-a", body, seal)).toBe(false);
  expect(keys.verify("hello/1-a", bytesOf('{"a":2}'), seal)).toBe(false);
  expect(keys.verify("hello/1-a", body, { ...seal, key: "token:00000000" })).toBe(false);
  expect(keys.verify("hello/1-a", body, { ...seal, value: "" })).toBe(false);
  const others = [
    tokenSealKeys("gw-2", sealKeyOfToken("secret")),
    tokenSealKeys("gw-1", sealKeyOfToken("another")),
  ];
  for (const other of others) expect(other.verify("hello/1-a", body, seal)).toBe(false);
});

test("where one part ends and the next begins is part of the seal", () => {
  const key = sealKeyOfToken("secret");
  const seal = tokenSealKeys("gw-1", key).seal("a", bytesOf("bc"));
  expect(tokenSealKeys("gw-1", key).verify("ab", bytesOf("c"), seal)).toBe(false);
  expect(tokenSealKeys("gw-1a", key).verify("", bytesOf("bc"), seal)).toBe(false);
});
