import { expect, test } from "vitest";
import { judge, machineNames } from "./hosts.ts";

const rules = {
  listenHost: "0.0.0.0",
  allowed: ["panel.example.com"],
  machine: ["pi", "pi.local", "192.168.1.20", "fe80::1"],
};
const asked = { method: "GET", host: "localhost:8080", origin: undefined, site: undefined };

test.each([
  ["localhost", "ok"],
  ["LOCALHOST:8080", "ok"],
  ["127.0.0.1:8080", "ok"],
  ["[::1]:8080", "ok"],
  ["pi.local", "ok"],
  ["pi.local.:8080", "ok"],
  ["192.168.1.20:8080", "ok"],
  ["[fe80::1]", "ok"],
  ["panel.example.com", "ok"],
  ["evil.example", "foreign-host"],
  ["127.0.0.1.evil.example", "foreign-host"],
  ["192.168.1.21", "foreign-host"],
  ["0.0.0.0:8080", "foreign-host"],
  ["", "foreign-host"],
  ["localhost:80:80", "foreign-host"],
  ["localhost@evil.example", "foreign-host"],
  [undefined, "foreign-host"],
])("Host %j: %s", (host, verdict) => {
  expect(judge({ ...asked, host }, rules)).toBe(verdict);
});

const post = { ...asked, method: "POST" };

test.each([
  ["no origin, as from a script", post, "ok"],
  ["its own origin", { ...post, origin: "http://localhost:8080" }, "ok"],
  [
    "another port of the same machine",
    { ...post, origin: "http://localhost:9000" },
    "foreign-origin",
  ],
  [
    "another name of the same machine",
    { ...post, origin: "http://127.0.0.1:8080" },
    "foreign-origin",
  ],
  ["another site", { ...post, origin: "http://evil.example" }, "foreign-origin"],
  ["a page without origin", { ...post, origin: "null" }, "foreign-origin"],
  ["what is no origin", { ...post, origin: "localhost:8080" }, "foreign-origin"],
  ["a proxy that the operator named", { ...post, origin: "https://panel.example.com" }, "ok"],
  ["the browser says cross-site", { ...post, site: "cross-site" }, "foreign-origin"],
  ["the browser says same-site", { ...post, site: "same-site" }, "foreign-origin"],
  ["the browser says same-origin", { ...post, site: "same-origin" }, "ok"],
  ["reading from another site", { ...asked, origin: "http://evil.example" }, "ok"],
  [
    "deleting from another site",
    { ...post, method: "DELETE", origin: "http://e.example" },
    "foreign-origin",
  ],
])("%s: %o -> %s", (_, request, verdict) => {
  expect(judge(request, rules)).toBe(verdict);
});

test("this machine's names hold its addresses", () => {
  expect(machineNames()).toContain("127.0.0.1");
});
