import { z } from "zod";
import { RackwatchError } from "../../../drivers/errors.ts";
import { centralSealKeys } from "../../identity/enrolled-seal.ts";
import type { SealKeys } from "../../identity/seal.ts";
import { tokenSealKeys } from "../../identity/token-seal.ts";
import type { Queries } from "../database/database.ts";
import type { SigningKey } from "./signing-key.ts";

const rowSchema = z.object({
  token_hash: z.instanceof(Uint8Array).nullable(),
  keys: z.record(z.string(), z.string()).nullable(),
});

/** Whoever only checks needs no key of central's. */
const mute = {
  key: "",
  sign(): string {
    throw new RackwatchError("central/keys", "central's keys are needed to answer this gateway", {
      todo: "name their folder with --keys DIR",
    });
  },
};

/**
 * Keys by which what comes from a gateway is checked and what goes to it is sealed, in the way of the letter that was
 * checked last; undefined: nobody by that id may speak. A key counts until it is revoked: its certificate's end is for
 * TLS, and a room without a network has no way to renew it.
 */
export async function sealKeysOf(
  queries: Queries,
  gateway: string,
  signing?: SigningKey,
): Promise<SealKeys | undefined> {
  const [row] = await queries.query(
    `SELECT token_hash, (SELECT json_object_agg(key_name, key) FROM certificate c
       WHERE c.gateway = g.gateway AND c.revoked_at IS NULL) AS keys
     FROM gateway g WHERE gateway = $1 AND revoked_at IS NULL`,
    [gateway],
  );
  if (row === undefined) return undefined;
  const { token_hash: hash, keys } = rowSchema.parse(row);
  const byToken = hash === null ? [] : [tokenSealKeys(gateway, hash)];
  const byKey = keys === null ? [] : [centralSealKeys(gateway, keys, signing ?? mute)];
  const ways = [...byToken, ...byKey];
  const [first] = ways;
  if (first === undefined) return undefined;
  let last = first;
  return {
    seal: (purpose, bytes) => last.seal(purpose, bytes),
    verify(purpose, bytes, seal) {
      const way = ways.find((it) => it.verify(purpose, bytes, seal));
      last = way ?? last;
      return way !== undefined;
    },
  };
}
