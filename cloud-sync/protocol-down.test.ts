import { expect, test } from "vitest";
import { z } from "zod";
import { managedSections as atGateway } from "../config/edit.ts";
import {
  configurationCharsMax as charsMax,
  commandEventSchema,
  configurationEventSchema,
  revisionEventSchema,
} from "../gateway/down/outcome.ts";
import {
  messageCharsMax as ownCharsMax,
  messageSchema as ownMessage,
} from "../gateway/down/said.ts";
import {
  commandOutcomeSchema,
  configurationCharsMax,
  configurationSchema,
  managedSections,
  messageCharsMax,
  messageSchema,
  revisionOutcomeSchema,
} from "./protocol-down.ts";

test.each([
  ["revision outcomes", revisionEventSchema, revisionOutcomeSchema],
  ["command outcomes", commandEventSchema, commandOutcomeSchema],
  ["configurations", configurationEventSchema, configurationSchema],
  ["messages", ownMessage, messageSchema],
])("gateway and central mean the same by %s", (_, gateway, central) => {
  expect(plain(gateway)).toEqual(plain(central));
});

test("gateway and central draw the same limits", () => {
  expect(atGateway).toEqual(managedSections);
  expect(charsMax).toBe(configurationCharsMax);
  expect(ownCharsMax).toBe(messageCharsMax);
});

/** Without words, and without forms that only the sender needs to keep. */
function plain(schema: z.ZodType): unknown {
  const text = JSON.stringify(z.toJSONSchema(schema));
  return JSON.parse(text, (key, value) =>
    key === "description" || key === "pattern" || key === "$schema" ? undefined : value,
  );
}
