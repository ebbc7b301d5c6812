import { createHash } from "node:crypto";

/** `checked`: at least one digest that central knows was there and right. `none`: nothing that it knows. */
export type DigestFinding = "checked" | "none" | "wrong";

/** RFC 9530 section 5: secure ones. Others, as the broken md5, prove nothing and are passed over. */
const algorithms = ["sha-256", "sha-512"] as const;

/** A member of the dictionary (RFC 8941 section 3.2) whose value is bytes, with parameters that mean nothing here. */
const memberPattern = /^([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):(?:;.*)?$/;

/** Whether a `Content-Digest` fits the body as it was sent, before decompression. */
export function checkContentDigest(header: string | undefined, body: Uint8Array): DigestFinding {
  if (header === undefined) return "none";
  const given = new Map<string, string>();
  for (const member of header.split(",")) {
    const [, name, base64] = memberPattern.exec(member.trim()) ?? [];
    if (name !== undefined && base64 !== undefined) given.set(name, base64);
    // One of ours that cannot be read was damaged on the way.
    else if (algorithms.some((known) => member.trim().startsWith(`${known}=`))) return "wrong";
  }
  const known = algorithms.filter((name) => given.has(name));
  if (known.length === 0) return "none";
  const fits = known.every((name) => {
    const ours = createHash(name.replace("-", "")).update(body).digest();
    return ours.equals(Buffer.from(given.get(name) ?? "", "base64"));
  });
  return fits ? "checked" : "wrong";
}
