import { expect, test } from "vitest";
import { processorMs } from "../tests/support/processor-time.ts";
import { suggest } from "./suggest.ts";

const keys = ["unitId", "every", "template", "temperature", "red", "buzzer"];

test("a slip of the finger finds what was meant", () => {
  expect(suggest("unitid", keys)).toBe("unitId");
  expect(suggest("tempalte", keys)).toBe("template");
  expect(suggest("rde", keys)).toBe("red");
  expect(suggest("temprature", keys)).toBe("temperature");
});

test("the beginning of a word is enough when only one word begins so", () => {
  expect(suggest("buz", keys)).toBe("buzzer");
  expect(suggest("tem", keys)).toBe("");
});

test("what resembles nothing gets no suggestion", () => {
  expect(suggest("voltage", keys)).toBe("");
  expect(suggest("xx", keys)).toBe("");
  expect(suggest("a", [])).toBe("");
});

test("an endless word costs no more than a long one", () => {
  const started = processorMs();
  expect(suggest("x".repeat(200_000), keys)).toBe("");
  expect(processorMs() - started).toBeLessThan(1_000);
});
