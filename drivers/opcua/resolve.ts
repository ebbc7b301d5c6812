import type { BrowsePath, ClientSession, NodeId } from "node-opcua";
import type { Library } from "./library.ts";
import type { Place, QualifiedText } from "./node-reference.ts";

/** What a server calls a place now, or why it knows no such place. */
export type Found =
  | { readonly nodeId: NodeId; readonly reason?: undefined }
  | { readonly nodeId?: undefined; readonly reason: string };

/** Places in one request, if the server tells no smaller limit: a PLC has little memory. */
const placesPerRequestMax = 100;

/** References in a path may be any that build the tree (OPC 10000-3, 7.3: HierarchicalReferences). */
const hierarchicalReferences = "ns=0;i=33";

/** Turns places into node ids of this server, as its namespaces and its tree are now. */
export class Resolver {
  readonly #library: Library;
  readonly #session: ClientSession;
  readonly #namespaces: readonly string[];

  private constructor(library: Library, session: ClientSession, namespaces: readonly string[]) {
    this.#library = library;
    this.#session = session;
    this.#namespaces = namespaces;
  }

  /** The namespace array is read anew for each session: indices may change with each start of a server. */
  static async create(library: Library, session: ClientSession): Promise<Resolver> {
    return new Resolver(library, session, await session.readNamespaceArray());
  }

  get namespaces(): readonly string[] {
    return this.#namespaces;
  }

  /** In the order of `places`. */
  async find(places: readonly Place[]): Promise<readonly Found[]> {
    const found: Found[] = [];
    for (let at = 0; at < places.length; at += placesPerRequestMax) {
      found.push(...(await this.#findBatch(places.slice(at, at + placesPerRequestMax))));
    }
    return found;
  }

  async #findBatch(places: readonly Place[]): Promise<readonly Found[]> {
    const plans = places.map((place) => this.#plan(place));
    const asked = plans.flatMap((plan) => (plan.path === undefined ? [] : [plan.path]));
    const results = asked.length === 0 ? [] : await this.#session.translateBrowsePath(asked);
    let next = 0;
    return plans.map((plan) => {
      if (plan.path === undefined) return plan.found;
      const result = results[next];
      next += 1;
      const [target] = result?.targets ?? [];
      if (result === undefined || result.statusCode.isNotGood() || target === undefined)
        return { reason: result?.statusCode.name ?? "BadNoMatch" };
      return { nodeId: target.targetId };
    });
  }

  #plan({ start, steps }: Place): { found: Found; path?: undefined } | { path: BrowsePath } {
    const { BrowsePath, coerceNodeId, RelativePath } = this.#library;
    const index = this.#indexOf(start.namespace);
    const names = steps.map((step) => this.qualifiedName(step));
    if (index === undefined || names.includes(undefined))
      return { found: { reason: "unknown namespace" } };
    const nodeId = coerceNodeId(`ns=${index};${start.id}`);
    if (steps.length === 0) return { found: { nodeId } };
    const path = new BrowsePath({
      startingNode: nodeId,
      relativePath: new RelativePath({
        elements: names.map((targetName) => ({
          referenceTypeId: coerceNodeId(hierarchicalReferences),
          isInverse: false,
          includeSubtypes: true,
          targetName: targetName ?? null,
        })),
      }),
    });
    return { path };
  }

  /** Undefined when the server has no such namespace. */
  qualifiedName({ namespace, name }: QualifiedText) {
    const namespaceIndex = this.#indexOf(namespace);
    if (namespaceIndex === undefined) return undefined;
    return this.#library.coerceQualifiedName({ namespaceIndex, name });
  }

  #indexOf(uri: string): number | undefined {
    const index = this.#namespaces.indexOf(uri);
    return index < 0 ? undefined : index;
  }
}
