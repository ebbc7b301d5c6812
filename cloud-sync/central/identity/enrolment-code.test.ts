import { expect, test } from "vitest";
import { enrolmentCodeHash, newEnrolmentCode } from "./enrolment-code.ts";

test("a code is the same however a person types it, and each one is another", () => {
  const code = newEnrolmentCode();
  expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/);
  expect(newEnrolmentCode()).not.toBe(code);
  const hash = enrolmentCodeHash(code);
  const typed = ` ${code.toLowerCase().replaceAll("-", " – ").replaceAll("0", "o").replaceAll("1", "l")} `;
  expect(enrolmentCodeHash(typed)).toEqual(hash);
  expect(enrolmentCodeHash(newEnrolmentCode())).not.toEqual(hash);
  for (const wrong of ["", code.slice(1), `${code}0`, code.replace(/.$/, "U"), "é".repeat(20)]) {
    expect(enrolmentCodeHash(wrong)).toBeUndefined();
  }
});
