import { expect, test } from "vitest";
import { loadText } from "../load.ts";

function codes(sync: string) {
  const text = `version: 1
gateway: { id: g }
sync: ${sync}
`;
  const loaded = loadText(text, "gateway.yaml", { env: { RACKWATCH_SECRET_P: "x" } });
  const problems = loaded.ok ? [] : loaded.problems;
  return problems.flatMap(({ code, path }) => (code.startsWith("sync/") ? `${code} ${path}` : []));
}

const file = (folder: string) => `{ via: file, folder: ${folder} }`;
const node = (more = "") => `{ via: sparkplug, broker: "mqtt://b:1883", group: plant${more} }`;

test("a sync section that says nowhere to send to is an error, and one road is enough", () => {
  expect(codes("{ goneFor: 2h }")).toEqual(["sync/nowhere sync"]);
  expect(codes(`{ uplinks: { stick: ${file("/media/stick")} } }`)).toEqual([]);
});

test("the name of sync.central is no other road's", () => {
  const both = `{ central: "https://c", uplinks: { central: ${file("/media/stick")} } }`;
  expect(codes(both)).toEqual(["sync/name-central sync.uplinks.central"]);
});

test("two roads do not share a folder, however it is written, and it is absolute", () => {
  expect(
    codes(`{ uplinks: { a: ${file("/media/stick")}, b: ${file("/media/x/../stick/")} } }`),
  ).toEqual(["sync/folder-twice sync.uplinks.b.folder"]);
  expect(codes(`{ uplinks: { a: ${file("bundles")} } }`)).toEqual([
    "sync/folder-relative sync.uplinks.a.folder",
  ]);
});

test("two roads are not the same Sparkplug node of one broker, also where gateway.id names it", () => {
  expect(codes(`{ uplinks: { a: ${node()}, b: ${node(", node: g")} } }`)).toEqual([
    "sync/node-twice sync.uplinks.b.group",
  ]);
  expect(codes(`{ uplinks: { a: ${node()}, b: ${node(", node: h")} } }`)).toEqual([]);
});

test("a password without a username is told before the broker refuses it", () => {
  const broker = `{ uplinks: { a: { via: mqtt, broker: "mqtt://b", password: !secret p } } }`;
  expect(codes(broker)).toContain("sync/password-alone sync.uplinks.a.password");
});

test("a certificate for a broker has one key, is one, and goes over TLS", () => {
  const road = (more: string, broker = "mqtts://b") =>
    codes(`{ uplinks: { a: { via: mqtt, broker: "${broker}", ${more} } } }`);
  const at = (code: string, key: string) => [`sync/certificate-${code} sync.uplinks.a.${key}`];
  expect(road("certificateFile: /a.pem, keyFile: /a.key")).toEqual([]);
  expect(road("certificateFile: /a.pem, key: !secret p")).toEqual([]);
  expect(road("identity: true")).toEqual([]);
  expect(road("certificateFile: /a.pem")).toEqual(at("key", "certificateFile"));
  expect(road("key: !secret p")).toEqual(at("key", "key"));
  expect(road("certificateFile: /a.pem, keyFile: /a.key, key: !secret p")).toEqual(
    at("key", "certificateFile"),
  );
  expect(road("certificateFile: /a.pem, keyFile: /a.key, identity: true")).toEqual(
    at("twice", "identity"),
  );
  expect(road("identity: true", "mqtt://b")).toEqual(at("plain", "identity"));
  expect(road("certificateFile: /a.pem, keyFile: /a.key", "mqtt://b")).toEqual(
    at("plain", "certificateFile"),
  );
});
