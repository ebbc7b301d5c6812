import { expect, test } from "vitest";
import { abilitiesOf, describedAbilitiesOf } from "./abilities.ts";
import { createDescribedProtocol } from "./described.ts";
import { scaleProtocols } from "./protocols.ts";

const common = ["weight", "stable", "unit", "status"];

test.each([
  ["mt-sics", true, ["zero", "tare", "clear-tare"]],
  ["kern-kcp", true, ["zero", "tare"]],
  ["toledo", true, ["net", "tare-weight", "zero", "tare", "clear-tare"]],
  ["cas", true, ["net"]],
  ["keli", false, []],
])("what %s can say and be told is found out from the language itself", (name, stable, more) => {
  const protocol = scaleProtocols.find((known) => known.name === name);
  if (protocol === undefined) throw new Error(name);
  const can = abilitiesOf(protocol);
  expect(can.stable).toBe(stable);
  expect(can.points).toEqual(expect.arrayContaining([...common, ...more]));
});

test("each language has its weight, and no point that it cannot fill", () => {
  for (const protocol of scaleProtocols) {
    const { points } = abilitiesOf(protocol);
    expect(points, protocol.name).toEqual(expect.arrayContaining(common));
    expect(points.includes("zero"), protocol.name).toBe(protocol.command("zero") !== undefined);
  }
});

test("a described scale whose status says that it moves needs no equal readings", () => {
  const format = {
    frame: { end: "\r\n" },
    pattern: "(?<weight> *\\d+\\.\\d)(?<unit>kg)(?<status>[ M])",
    status: { values: { M: "unstable" as const } },
  };
  const protocol = createDescribedProtocol(format);
  expect(describedAbilitiesOf(protocol, format)).toEqual({ stable: true, points: common });
});
