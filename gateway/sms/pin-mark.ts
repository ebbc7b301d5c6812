import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { z } from "zod";

/** Where the mark stands in the store's state. */
export const pinMarkKey = "sms/pin";

const markSchema = z.strictObject({ version: z.literal(1), salt: z.string(), hash: z.string() });
type PinMark = z.infer<typeof markSchema>;

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const hashBytes = 32;

/**
 * What is kept of a PIN before it is said to the SIM, until the SIM has accepted it: three wrong tries lock a SIM, and
 * a program that is restarted again and again would make them in a minute.
 */
export async function markOf(pin: string, salt = randomBytes(16)): Promise<PinMark> {
  const hash = await derive(pin, salt, hashBytes);
  return { version: 1, salt: salt.toString("base64"), hash: hash.toString("base64") };
}

/** Whether the mark is that PIN's. What is no mark is nobody's. */
export async function isMarked(pin: string, saved: unknown): Promise<boolean> {
  const parsed = markSchema.safeParse(saved);
  if (!parsed.success) return false;
  const known = Buffer.from(parsed.data.hash, "base64");
  const hash = await derive(pin, Buffer.from(parsed.data.salt, "base64"), hashBytes);
  return known.length === hash.length && timingSafeEqual(known, hash);
}
