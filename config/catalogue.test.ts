import { expect, test } from "vitest";
import { protocols } from "../drivers/protocols.ts";
import { deviceCatalogue } from "./catalogue.ts";
import { templatesFor } from "./load.ts";

const catalogue = deviceCatalogue(templatesFor(undefined));

test("every shipped template is in it with points as its driver describes them, none is broken", () => {
  const known = templatesFor(undefined).known();
  expect(catalogue.broken).toEqual([]);
  expect(catalogue.templates.map(({ id }) => id)).toEqual(known);
  for (const { id, points, source, trust } of catalogue.templates) {
    expect(points.length, id).toBeGreaterThan(0);
    expect(source.length * trust.length, id).toBeGreaterThan(0);
  }
  expect(catalogue.templates.find(({ id }) => id === "xy-md02")).toMatchObject({
    driver: "modbus",
    line: { baudRate: 9600, unitId: 1 },
    points: [
      { name: "temperature", unit: "Cel", kind: "number", access: "read" },
      { name: "humidity", unit: "%" },
    ],
    channel: { driver: "modbus", baudRate: 9600, devices: { "xy-md02": { unitId: 1 } } },
  });
});

test("every language is in it once, with the factory settings of its line", () => {
  const names = catalogue.protocols.map(({ name }) => name);
  expect(names).toEqual(protocols.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
  expect(catalogue.protocols.find(({ name }) => name === "and")).toMatchObject({
    driver: "scale",
    modes: ["stream", "poll", "stable"],
    serial: { baudRate: 2400, dataBits: 7, parity: "even" },
  });
  expect(catalogue.drivers.find(({ name }) => name === "rfid")?.protocols).toContain("llrp");
});

test("a template that its driver refuses is named as broken", () => {
  const shipped = templatesFor(undefined);
  const one = shipped.find("xy-md02");
  const broken = one && { ...one, tree: undefined };
  const found = deviceCatalogue({ known: () => ["odd"], find: () => broken });
  expect(found.templates).toEqual([]);
  expect(found.broken).toMatchObject([{ id: "odd" }]);
});
