import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { checkContentDigest } from "./content-digest.ts";

const body = Buffer.from('{"hello": "world"}\n');
// RFC 9530 appendix B.1 has this pair.
const rfc = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
const sha512 = `sha-512=:${createHash("sha512").update(body).digest("base64")}:`;

const cases: readonly (readonly [string | undefined, string])[] = [
  [undefined, "none"],
  ["", "none"],
  [rfc, "checked"],
  [sha512, "checked"],
  [`md5=:AAAA:, ${rfc};x="1"`, "checked"],
  [`${rfc},${sha512}`, "checked"],
  ["md5=:AAAA:", "none"],
  ["sha-256=:AAAA:", "wrong"],
  ["sha-256=RK/0qy18", "wrong"],
  ["sha-256=::", "wrong"],
  [`${rfc}, sha-512=:AAAA:`, "wrong"],
  ["SHA-256=:AAAA:", "none"],
];

test.each(cases)("the header %s is %s", (header, finding) => {
  expect(checkContentDigest(header, body)).toBe(finding);
});

test("one flipped bit of the body is found", () => {
  const flipped = Buffer.from(body);
  flipped[3] = (flipped[3] ?? 0) ^ 1;
  expect(checkContentDigest(rfc, flipped)).toBe("wrong");
});
