import { expect, test } from "vitest";
import { digestOf, sectionsOf } from "../../config/edit.ts";
import { downText } from "../../config/language/down.ts";
import { loadText } from "../../config/load.ts";
import type { Revision } from "../down/message.ts";
import { hashOf } from "./book.ts";
import { wantedBy } from "./wanted.ts";

const yaml = `version: 1
gateway: { id: gw }
rules:
  warm: { point: gateway/clock, equal: false }
`;
const check = (text: string) => loadText(text, "gateway.yaml", { env: {} });
const digest = digestOf(sectionsOf(yaml));

function wanted(file: string | undefined, more: Partial<Revision>) {
  const loaded = check(yaml);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const rules = { warm: { point: "gateway/clock", equal: true } };
  const revision: Revision = { kind: "revision", revision: 1, sections: { rules }, ...more };
  const entry = { digest, sha256: hashOf(yaml) };
  const { config } = loaded;
  return wantedBy(revision, { config, entry, file, check, text: downText.en });
}

test("a file with a change that does not run yet is nobody's to overwrite who says what was seen; who overrides replaces it", () => {
  const edited = `${yaml}  cold: { point: gateway/store, equal: false }\n`;
  expect(wanted(edited, { base: digest })).toEqual({ refused: downText.en.conflictFile });
  expect(wanted(undefined, {})).toEqual({ refused: downText.en.conflictFile });
  expect(wanted(yaml, { base: digest })).toEqual({ text: yaml.replace("false", "true") });
  expect(wanted(edited, {})).toEqual({ text: yaml.replace("false", "true") });
});
