import type { ClientSession, DataValue, NodeId } from "node-opcua";
import type { Library } from "./library.ts";

/** Nodes in one request, if the server tells no smaller limit. */
const nodesPerReadMax = 200;

/** MaxNodesPerRead (OPC 10000-5, 6.3.11). */
const maxNodesPerRead = "ns=0;i=11705";

/** Reads values in requests that the server takes. */
export class Reader {
  readonly #library: Library;
  readonly #session: ClientSession;
  readonly #batch: number;

  private constructor(library: Library, session: ClientSession, batch: number) {
    this.#library = library;
    this.#session = session;
    this.#batch = batch;
  }

  static async create(library: Library, session: ClientSession): Promise<Reader> {
    const told = await session.read({
      nodeId: maxNodesPerRead,
      attributeId: library.AttributeIds.Value,
    });
    const limit: unknown = told.statusCode.isGood() ? told.value.value : 0;
    // 0 is no limit; many servers do not have the node.
    const isLimit = typeof limit === "number" && limit > 0;
    const batch = isLimit ? Math.min(limit, nodesPerReadMax) : nodesPerReadMax;
    return new Reader(library, session, batch);
  }

  /** In the order of `nodes`. */
  async values(nodes: readonly NodeId[]): Promise<readonly DataValue[]> {
    const values: DataValue[] = [];
    for (let at = 0; at < nodes.length; at += this.#batch) {
      const asked = nodes.slice(at, at + this.#batch).map((nodeId) => ({
        nodeId,
        attributeId: this.#library.AttributeIds.Value,
      }));
      values.push(...(await this.#session.read(asked)));
    }
    return values;
  }
}
