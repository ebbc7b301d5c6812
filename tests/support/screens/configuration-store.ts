import type { ConfigurationView } from "../../../gateway/panel/configuration-api.ts";
import type { Asked, Reply } from "./server.ts";

const minute = 60_000;

/** Configurations of every outcome and origin, newest first. */
export function configurationsAt(now: number): readonly ConfigurationView[] {
  return [
    {
      ...{ serial: 14, at: now - 20 * minute, source: "panel", author: "li.lei" },
      ...{ outcome: "rolled-back", runs: false, comment: "back to 11" },
      reason: "channel cold-room: a device that answered before does not answer any more",
      difference: ["-     above: 5", "+     above: 8"],
    },
    {
      ...{ serial: 13, at: now - 90 * minute, source: "central", author: "Wang Fang" },
      ...{ outcome: "confirmed", runs: true, revision: 7, comment: "vaccines: colder, 2 to 5 °C" },
      difference: [
        "-     above: 8",
        "+     above: 5",
        '+     advice: "Close the door, call the cold store at once; the-number-is-on-the-wall-beside-the-door-of-cold-room-2"',
      ],
    },
    {
      ...{ serial: 12, at: now - 3_000 * minute, source: "command", author: "zhao" },
      ...{ outcome: "refused", runs: false, reason: "driver modbus: the port is taken" },
      difference: ["+   second:", "+     driver: modbus"],
    },
    {
      ...{ serial: 11, at: now - 9_000 * minute, source: "file", author: "file" },
      ...{ outcome: "confirmed", runs: false, difference: [] },
    },
  ];
}

/** A book that takes what is gone back to on trial, given the right password. */
export function configurationBook(now: number, password: string) {
  let all = configurationsAt(now);
  return (asked: Asked): Reply | undefined => {
    const { method, path, body } = asked;
    if (!path.startsWith("/api/configurations")) return undefined;
    if (method === "GET") return { body: all };
    if (typeof body !== "object" || body === null || !("password" in body)) {
      return { status: 400, body: {} };
    }
    if (body.password !== password) {
      const [message, todo] = ["user name or password is wrong", "try again"];
      return { status: 401, body: { code: "panel/wrong-login", message, todo } };
    }
    const back: ConfigurationView = {
      ...{ serial: 15, at: Date.now(), source: "panel", author: "li.lei", outcome: "trial" },
      ...{ runs: true, difference: ["-     above: 5", "+     above: 8"] },
      comment: `back to ${path.split("/")[3]}`,
    };
    all = [back, ...all.map((it) => ({ ...it, runs: false }))];
    return { status: 202, body: all };
  };
}
