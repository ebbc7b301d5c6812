import { expect, test } from "vitest";
import { isLoopback, listenError, parseListen } from "./listen.ts";

test.each([
  ["127.0.0.1:1883", { host: "127.0.0.1", port: 1883 }],
  ["[::1]:80", { host: "::1", port: 80 }],
  ["gateway.local:8080", { host: "gateway.local", port: 8080 }],
])("%s", (text, expected) => {
  expect(parseListen(text)).toEqual(expected);
});

test.each([
  ["127.0.0.1", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["192.168.1.5", false],
  ["::ffff:10.0.0.1", false],
  ["", false],
])("%j is this machine: %j", (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

test.each([
  ["EADDRINUSE", "port is held by another program"],
  ["EACCES", "may not listen"],
  ["EADDRNOTAVAIL", "does not have that address"],
  ["EWHATEVER", "cannot listen"],
])("%s says what to do", (code, sentence) => {
  const error = listenError("panel", "0.0.0.0:80", Object.assign(new Error(code), { code }), "en");
  expect(error).toMatchObject({ code: "panel/listen", where: "0.0.0.0:80" });
  expect(error.message).toContain(sentence);
  expect(error.todo).toBeTruthy();
});
