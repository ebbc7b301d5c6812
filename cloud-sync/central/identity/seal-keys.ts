import type { SealKeys } from "../../identity/seal.ts";
import { tokenSealKeys } from "../../identity/token-seal.ts";
import type { Queries } from "../database/database.ts";

/** Keys by which what comes from a gateway is checked and what goes to it is sealed; undefined: nobody by that id may speak. */
export async function sealKeysOf(queries: Queries, gateway: string): Promise<SealKeys | undefined> {
  const [row] = await queries.query("SELECT token_hash FROM gateway WHERE gateway = $1", [gateway]);
  const hash = row?.["token_hash"];
  return hash instanceof Uint8Array ? tokenSealKeys(gateway, hash) : undefined;
}
