import type { ClientSession, NodeId, ReferenceDescription } from "node-opcua";
import type { DriverContext } from "../contract.ts";
import { identityOf } from "./driver.ts";
import { type Library, loadLibrary } from "./library.ts";
import { type Access, describeEndpoint, fetchEndpoints, openLink } from "./link.ts";
import { baseNamespace, formatPath, type QualifiedText } from "./node-reference.ts";

/** One kind of security that a server offers, as `security:` spells it: `none`, `sign Basic256Sha256`. */
export interface OfferedEndpoint {
  readonly security: string;
  /** Which application answers. */
  readonly applicationUri: string;
}

/** One variable of a server, as `node:` of a point takes it. */
export interface FoundVariable {
  readonly path: string;
  /** `nsu=URI;s=Name`. */
  readonly node: string;
}

/** Variables in one search: a person chooses from them. */
export const variablesMax = 2_000;

/** Nodes looked into: a PLC with every bit as a node would keep a technician waiting. */
const nodesMax = 10_000;

/** Levels below the folder Objects. */
const depthMax = 10;

/** Nodes in one request. */
const nodesPerBrowseMax = 50;

/** Node classes object and variable (OPC 10000-3, 8.29). */
const objectClass = 1;
const variableClass = 2;

/** The server's own state: hundreds of nodes that nobody stocks. */
const serverObject = "ns=0;i=2253";

/** What a server offers, asked without logging in. @throws RackwatchError `driver/connect-failed`. */
export async function discover(
  access: Pick<Access, "endpoint" | "timeout">,
  context: DriverContext,
  signal: AbortSignal,
): Promise<readonly OfferedEndpoint[]> {
  const library = await loadLibrary(context.log);
  const security = { mode: "none", policy: "Basic256Sha256" } as const;
  await using identity = await identityOf(library, { security }, context);
  const offered = await fetchEndpoints(library, access, identity, signal);
  return offered.map((endpoint) => ({
    security: describeEndpoint(endpoint),
    applicationUri: endpoint.server.applicationUri ?? "",
  }));
}

/**
 * Variables below the folder Objects, breadth first, at most `variablesMax`. Reads only.
 * @throws RackwatchError as opening a channel does.
 */
export async function browse(
  access: Access,
  context: DriverContext,
  signal: AbortSignal,
): Promise<readonly FoundVariable[]> {
  const library = await loadLibrary(context.log);
  await using identity = await identityOf(library, access, context);
  await using link = await openLink(library, access, identity, context, signal);
  const namespaces = await link.session.readNamespaceArray();
  return await search(library, link.session, namespaces, AbortSignal.any([signal, link.lost]));
}

interface Branch {
  readonly nodeId: NodeId;
  readonly steps: readonly QualifiedText[];
}

async function search(
  library: Library,
  session: ClientSession,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<readonly FoundVariable[]> {
  const found: FoundVariable[] = [];
  const seen = new Set<string>([serverObject]);
  const objects = { namespace: baseNamespace, name: "Objects" };
  let level: Branch[] = [{ nodeId: library.coerceNodeId("ns=0;i=85"), steps: [objects] }];
  for (let depth = 0; depth < depthMax && level.length > 0; depth += 1) {
    const next: Branch[] = [];
    for (let at = 0; at < level.length; at += nodesPerBrowseMax) {
      signal.throwIfAborted();
      const batch = level.slice(at, at + nodesPerBrowseMax);
      for (const [index, references] of (await childrenOf(library, session, batch)).entries()) {
        for (const child of references) {
          const key = child.nodeId.toString();
          if (seen.has(key) || seen.size >= nodesMax) continue;
          seen.add(key);
          const branch = branchOf(child, batch[index]?.steps ?? [], namespaces);
          next.push(branch);
          if (Number(child.nodeClass) !== variableClass) continue;
          found.push({
            path: formatPath(branch.steps),
            node: idOf(child.nodeId, namespaces),
          });
          if (found.length >= variablesMax) return found;
        }
      }
    }
    level = next;
  }
  return found;
}

async function childrenOf(
  library: Library,
  session: ClientSession,
  branches: readonly Branch[],
): Promise<readonly (readonly ReferenceDescription[])[]> {
  const results = await session.browse(
    branches.map(({ nodeId }) => ({
      nodeId,
      referenceTypeId: "ns=0;i=33",
      includeSubtypes: true,
      browseDirection: library.BrowseDirection.Forward,
      nodeClassMask: objectClass | variableClass,
      // Class and browse name (OPC 10000-4, 7.5).
      resultMask: 4 | 8,
    })),
  );
  const all: ReferenceDescription[][] = [];
  for (const result of results) {
    const references = [...(result.references ?? [])];
    let rest = result.continuationPoint;
    while (rest?.length > 0) {
      // Beyond the limit the server is only told to forget where it was.
      const isEnough = references.length >= nodesMax;
      const more = await session.browseNext(rest, isEnough);
      references.push(...(more.references ?? []));
      if (isEnough) break;
      rest = more.continuationPoint;
    }
    all.push(references);
  }
  return all;
}

function branchOf(
  { nodeId, browseName }: ReferenceDescription,
  steps: readonly QualifiedText[],
  namespaces: readonly string[],
): Branch {
  const namespace = namespaces[browseName.namespaceIndex] ?? baseNamespace;
  return { nodeId, steps: [...steps, { namespace, name: browseName.name ?? "" }] };
}

function idOf(nodeId: NodeId, namespaces: readonly string[]): string {
  const text = nodeId.toString().replace(/^ns=\d+;/, "");
  const uri = namespaces[nodeId.namespace] ?? baseNamespace;
  return uri === baseNamespace ? text : `nsu=${uri};${text}`;
}
