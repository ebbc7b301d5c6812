import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadConfig } from "./load.ts";
import { describePoints, pointSettingsOf } from "./points.ts";

const example = fileURLToPath(new URL("gateway.example.yaml", import.meta.url));
const loaded = loadConfig(example, { env: {}, secrets: "substitute" });
const channels = { channels: loaded.ok ? loaded.config.channels : {} };

test("every point of every channel is described, those of templates too", () => {
  const points = new Map(describePoints(channels).map((point) => [point.key, point]));
  expect(points.get("cold-2/humidity")).toMatchObject({ unit: "%", access: "read" });
  expect(points.get("plc/siren")).toMatchObject({ kind: "boolean", access: "read-write" });
  expect(points.get("stack/red")).toMatchObject({ access: "write" });
  expect(points.get("plc/door")).toMatchObject({ everyMs: 500 });
});

test("the pipeline's settings are what the device and its template say together", () => {
  const settings = pointSettingsOf(channels);
  expect(settings.get("cold-2/temperature")).toEqual({
    name: "Room temperature",
    unit: "Cel",
    range: [-40, 80],
    spike: { step: 5, within: 60_000 },
    rate: { max: 2, per: 60_000 },
    calibration: { gain: 1, offset: -0.3 },
    staleAfter: 60_000,
  });
  expect(settings.get("plc/supply")).toEqual({ unit: "Cel", convertTo: "[degF]" });
  expect(settings.get("stack/amber")).toEqual({});
});
