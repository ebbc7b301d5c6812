import { expect, test } from "vitest";
import { powerIndex, radioCapabilities } from "./capabilities.ts";
import { long, octets, parameter, word } from "./encode.ts";
import { readParameters } from "./parameter.ts";

const step = (index: number, hundredths: number) => parameter(145, word(index), word(hundredths));

function capabilities(...frequency: readonly Uint8Array[]) {
  const powers = [step(1, -500), step(2, 1_000), step(3, 3_000), step(4, 2_025)];
  const band = parameter(144, ...powers, parameter(146, ...frequency));
  const parameters = readParameters(parameter(143, word(840), word(1), band));
  if ("fault" in parameters) throw new Error(parameters.fault);
  return radioCapabilities(parameters);
}

test("a reader that hops is given its hop table, one that does not its channel", () => {
  const table = parameter(147, octets(7, 0), word(1), long(902_750));
  expect(capabilities(octets(0x80), table)).toMatchObject({ hopTableId: 7, channelIndex: 0 });
  const fixed = parameter(148, word(1), long(865_700));
  expect(capabilities(octets(0), fixed)).toMatchObject({ hopTableId: 0, channelIndex: 1 });
});

test.each([
  [30, 3],
  [33, 3],
  [29.99, 4],
  [20.25, 4],
  [10, 2],
  [-5, 1],
  [-5.01, undefined],
])("for %d dBm the step is %s: the strongest that is not above", (dbm, index) => {
  const radio = capabilities(octets(0));
  expect(radio && powerIndex(radio, dbm)).toBe(index);
});

test("a reader without a UHF band has no steps", () => {
  expect(radioCapabilities([])).toBeUndefined();
  expect(radioCapabilities([{ type: 143, bytes: octets(0, 0, 0, 0) }])).toBeUndefined();
});
