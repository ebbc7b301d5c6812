import { expect, test } from "vitest";
import { Secret } from "../../drivers/secret.ts";
import { type Grant, grantFor, mayPublish, maySubscribe } from "./access.ts";

const users = {
  lamp: { password: new Secret("right"), publish: ["lamps/#"], subscribe: ["rackwatch/#"] },
  wall: { password: new Secret("other"), publish: [], subscribe: ["rackwatch/wh1/alarms/+"] },
};
const right = { user: "lamp", password: Buffer.from("right") };
const lamp: Grant = { user: "lamp", publish: ["#"], subscribe: ["#"] };

test("the right password gets what the configuration grants", () => {
  expect(grantFor(users, right, false)).toEqual({
    user: "lamp",
    publish: ["lamps/#"],
    subscribe: ["rackwatch/#"],
  });
});

test.each([
  ["a wrong password", { user: "lamp", password: Buffer.from("wrong") }],
  ["another user's password", { user: "lamp", password: Buffer.from("other") }],
  ["no password", { user: "lamp", password: undefined }],
  ["nobody", { user: undefined, password: undefined }],
  ["an unknown user", { user: "eve", password: Buffer.from("right") }],
  ["an unknown user without password", { user: "eve", password: Buffer.alloc(0) }],
  ["an inherited name", { user: "constructor", password: Buffer.alloc(0) }],
])("%s is refused, from this machine too", (_, credentials) => {
  expect(grantFor(users, credentials, true)).toBeUndefined();
});

test("without users this machine may read, others may not, and nobody may publish", () => {
  const nobody = { user: undefined, password: undefined };
  const local = grantFor({}, nobody, true);
  expect(local).toMatchObject({ publish: [], subscribe: ["rackwatch/#"] });
  expect(grantFor({}, right, false)).toBeUndefined();
});

test("nobody subscribes to $SYS, whatever the grant", () => {
  expect(maySubscribe({ ...lamp, subscribe: ["#", "$SYS/#"] }, "$SYS/#")).toBe(false);
  expect(maySubscribe(lamp, "#")).toBe(true);
});

test("a user with every right still cannot forge the gateway's points, alarms and stock", () => {
  expect(mayPublish(lamp, "wh1", "rackwatch/wh1/points/cold-2/temperature")).toBe(false);
  expect(mayPublish(lamp, "wh1", "rackwatch/wh1/alarms/cold-2-warm")).toBe(false);
  expect(mayPublish(lamp, "wh1", "rackwatch/wh1/stock/shelf-a1/insulin")).toBe(false);
  expect(mayPublish(lamp, "wh1", "rackwatch/wh1/movements")).toBe(false);
  expect(mayPublish(lamp, "wh1", "$SYS/x")).toBe(false);
  expect(mayPublish(lamp, "wh1", "rackwatch/wh2/points/a/b")).toBe(true);
});

test("a user publishes only what the patterns allow", () => {
  expect(mayPublish({ ...lamp, publish: ["lamps/+"] }, "wh1", "lamps/1")).toBe(true);
  expect(mayPublish({ ...lamp, publish: ["lamps/+"] }, "wh1", "doors/1")).toBe(false);
});
