import { CronTime } from "cron";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadText } from "../load.ts";

const head = `version: 1
gateway: { id: g }
`;

function codes(cron: string) {
  const yaml = `${head}schedules: { s: { cron: ${JSON.stringify(cron)}, for: 1h } }\n`;
  const loaded = loadText(yaml, "gateway.yaml");
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  return problems.filter(({ code }) => code.startsWith("schedule/"));
}

const days = fc.constantFrom("mon", "TUE", "wed", "thu", "fri", "sat", "sun", "0", "3", "7");
const number = (min: number, max: number) => fc.integer({ min, max }).map(String);
const stepped = (word: fc.Arbitrary<string>, max: number) =>
  fc.oneof(
    word,
    fc.constant("*"),
    fc.tuple(fc.constant("*"), number(1, max)).map((parts) => parts.join("/")),
  );
const list = (word: fc.Arbitrary<string>) =>
  fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(","));
const line = fc
  .tuple(
    list(stepped(number(0, 59), 30)),
    list(stepped(number(0, 23), 12)),
    list(stepped(number(1, 31), 10)),
    list(stepped(fc.constantFrom("jan", "Feb", "7", "12"), 6)),
    list(stepped(days, 6)),
  )
  .map((fields) => fields.join(" "));

/** Within eight years, as far as the library looks: then it throws. */
function hasRun(text: string): boolean {
  const time = new CronTime(text, "UTC");
  try {
    return time.getNextDateFrom(new Date(Date.UTC(2026, 0, 1)), "UTC").isValid;
  } catch {
    return false;
  }
}

test("what is accepted as a cron line is one for the library that computes its runs", () => {
  fc.assert(
    fc.property(line, (text) => {
      expect(CronTime.validateCronExpression(text).valid, text).toBe(true);
      const never = hasRun(text) ? [] : ["schedule/cron-never"];
      expect(
        codes(text).map(({ code }) => code),
        text,
      ).toEqual(never);
    }),
    { numRuns: 100 },
  );
});

test.each(["0 0 30 2 *", "0 0 31 4,6,9,11 *", "*/5 * 30-31 feb */1", "0 0 30 2 0-6"])(
  "a line that can never run is refused: %s",
  (text) => {
    expect(codes(text).map(({ code }) => code)).toEqual(["schedule/cron-never"]);
  },
);

test.each(["0 0 29 2 *", "0 0 31 4,5 *", "0 0 30 2 mon", "0 0 30 2 */2", "0 0 15/8 2 *"])(
  "a rare one is accepted: %s",
  (text) => {
    expect(codes(text)).toEqual([]);
  },
);

test("no text is accepted that the library refuses", () => {
  const fields = fc.array(fc.string({ unit: fc.constantFrom(..."0123456789*/,-mon?LW# ") }), {
    minLength: 5,
    maxLength: 5,
  });
  fc.assert(
    fc.property(fields, (parts) => {
      const text = parts.join(" ");
      if (codes(text).length === 0) expect(CronTime.validateCronExpression(text).valid).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ["60 * * * *", "minute"],
  ["* 24 * * *", "hour"],
  ["* * 0 * *", "day-of-month"],
  ["* * * 13 *", "month"],
  ["* * * * 8", "day-of-week"],
  ["*/0 * * * *", "minute"],
  ["1-2-3 * * * *", "minute"],
  ["1,,2 * * * *", "minute"],
  ["* 20-8 * * *", "hour"],
])("of %s the field %s is named", (text, field) => {
  expect(codes(text).map(({ params }) => params)).toMatchObject([{ field }]);
});
