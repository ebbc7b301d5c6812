import { expect, test } from "vitest";
import { z } from "zod";
import { duration } from "../../drivers/quantity.ts";
import { gatewayJsonSchema } from "../json-schema.ts";
import { recordOf, settingsTable } from "./settings-table.ts";

/** Rows of a table without its head, cells trimmed. */
function rowsOf(channel: z.ZodType): readonly string[] {
  const driver = { name: "d", schema: channel, describe: () => [], claims: () => [], open };
  const schema = gatewayJsonSchema([driver]);
  const channels = recordOf(recordOf(schema["properties"])["channels"]);
  const { anyOf } = recordOf(channels["additionalProperties"]);
  const form = recordOf(Array.isArray(anyOf) ? anyOf[0] : undefined);
  return settingsTable(form, { without: ["devices"] })
    .split("\n")
    .slice(2);
}

async function open(): Promise<never> {
  throw new Error("never opened");
}

test("values are shown with their range, unit and default", () => {
  const rows = rowsOf(
    z.strictObject({
      baudRate: z.int().min(300).max(9_600).default(1_200).meta({ description: "b", unit: "Bd" }),
      wait: duration({ min: 50, max: 1_000 }).default(200).meta({ description: "w" }),
      least: duration({ min: 50 }).optional().meta({ description: "l" }),
      bits: z.union([z.literal(7), z.literal(8)]).meta({ description: "n" }),
      parity: z.enum(["none", "odd"]).default("none").meta({ description: "a|b" }),
      limits: z.tuple([z.number(), z.number()]).optional().meta({ description: "t" }),
      words: z.array(z.string()).optional().meta({ description: "s" }),
      step: z.number().positive().optional().meta({ description: "p" }),
    }),
  );
  expect(rows).toEqual([
    "| `baudRate` | b | 300 to 9600 Bd | `1200` |",
    "| `wait` | w | duration, 50ms to 1s | `200ms` |",
    "| `least` | l | duration, at least 50ms |  |",
    "| `bits` | n | `7`, `8` | **must be given** |",
    String.raw`| ${"`parity`"} | a\|b | ${"`none`, `odd`"} | ${"`none`"} |`,
    "| `limits` | t | [number, number] |  |",
    "| `words` | s | list of text |  |",
    "| `step` | p | number above 0 |  |",
  ]);
});

test("nested settings stand behind their own, also those of alternatives", () => {
  const rows = rowsOf(
    z.strictObject({
      deadband: z
        .union([
          z.strictObject({ absolute: z.number().meta({ description: "a" }) }),
          z.strictObject({ percent: z.number().max(100).meta({ description: "p" }) }),
        ])
        .optional()
        .meta({ description: "d" }),
      login: z
        .strictObject({ key: z.string().meta({ description: "k" }) })
        .optional()
        .meta({ description: "l" }),
    }),
  );
  expect(rows).toEqual([
    "| `deadband` | d |  |  |",
    "| `deadband.absolute` | a | number | one of them |",
    "| `deadband.percent` | p | number, at most 100 | one of them |",
    "| `login` | l |  |  |",
    "| `login.key` | k | text | needed in `login` |",
  ]);
});
