import { join } from "node:path";
import type { Namespace, OPCUAServer, UAObject, UAVariable } from "node-opcua";
import type { Library } from "./library.ts";
import { type Companions, loadCompanions } from "./simulated-companions.ts";

export interface SimulatedVariable {
  /** Name of the node: `nsu=urn:rackwatch:simulator;s=NAME`, and in the path `/Objects/{...}Plant/{...}NAME`. */
  readonly name: string;
  /** Name of an OPC UA data type: `Double`, `Float`, `Boolean`, `Int16`, `UInt64`, `String`, ... */
  readonly type: string;
  readonly value: unknown;
  /** Gives the node an EURange, without which a percent deadband is refused. */
  readonly range?: readonly [number, number];
  readonly isReadOnly?: boolean;
}

export interface OpcUaSimulatorOptions {
  /** Folder for the server's certificates. */
  readonly folder: string;
  /** A free port of 127.0.0.1 unless told. */
  readonly port?: number;
  readonly variables?: readonly SimulatedVariable[];
  /** By name; anonymous clients are refused when there are any. */
  readonly users?: Readonly<Record<string, string>>;
  /** Namespaces registered ahead of the simulator's, which move its index. */
  readonly namespacesBefore?: readonly string[];
  readonly maxNodesPerRead?: number;
  /** 0: the server refuses subscriptions. */
  readonly maxSubscriptions?: number;
  /** Most monitored items of one subscription. */
  readonly maxMonitoredItems?: number;
  /** A scale (OPC 40200) and an RFID reader (OPC 30010), built from the standards' own node sets. */
  readonly companions?: boolean;
  /** Certificate and key of the server, in place of its own. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** Accepts certificates of clients that it does not know. */
  readonly acceptClients?: boolean;
}

export interface OpcUaSimulator extends AsyncDisposable {
  readonly endpoint: string;
  /** File of the server's certificate. */
  readonly certificateFile: string;
  set(name: string, value: unknown): void;
  /** `BadSensorFailure`, `UncertainLastUsableValue`, ... */
  setStatus(name: string, status: string): void;
  get(name: string): unknown;
  /** A variable that comes while clients are there. */
  add(variable: SimulatedVariable): void;
  readonly companions: Companions | undefined;
  stop(): Promise<void>;
}

export const simulatorNamespace = "urn:rackwatch:simulator";

/** Starts an OPC UA server on a real socket. It takes 200 MB: tests run it in a process of its own. */
export async function startOpcUaSimulator(options: OpcUaSimulatorOptions): Promise<OpcUaSimulator> {
  const library = await import("node-opcua");
  const server = await createServer(library, options);
  await server.initialize();
  // As an option the library takes 0 for its default.
  if (options.maxSubscriptions !== undefined)
    server.engine.serverCapabilities.maxSubscriptionsPerSession = options.maxSubscriptions;
  const space = server.engine.addressSpace;
  if (space === null) throw new Error("the server has no address space");
  for (const uri of options.namespacesBefore ?? []) space.registerNamespace(uri);
  const own = space.registerNamespace(simulatorNamespace);
  const plant = own.addObject({ browseName: "Plant", organizedBy: space.rootFolder.objects });
  const variables = new Map<string, UAVariable>();
  const add = (variable: SimulatedVariable): void => {
    variables.set(variable.name, addVariable(library, own, plant, variable));
  };
  options.variables?.forEach(add);
  const companions = options.companions === true ? loadCompanions(library, space, own) : undefined;
  await server.start();
  const find = (name: string): UAVariable => {
    const variable = variables.get(name);
    if (variable === undefined) throw new Error(`no simulated variable ${name}`);
    return variable;
  };
  const stop = () => server.shutdown(0);
  return {
    endpoint: server.getEndpointUrl(),
    certificateFile: server.certificateFile,
    companions,
    set: (name, value) => {
      const variable = find(name);
      variable.setValueFromSource({ dataType: variable.readValue().value.dataType, value });
    },
    setStatus: (name, status) => {
      const code = Object.entries(library.StatusCodes).find(([known]) => known === status)?.[1];
      const variable = find(name);
      const { value } = variable.readValue();
      if (code !== undefined) variable.setValueFromSource(value, code, new Date());
    },
    get: (name) => find(name).readValue().value.value,
    add,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function createServer(
  library: Library,
  options: OpcUaSimulatorOptions,
): Promise<OPCUAServer> {
  const { OPCUACertificateManager, OPCUAServer, nodesets } = library;
  const pki = async (name: string) => {
    const manager = new OPCUACertificateManager({
      rootFolder: join(options.folder, name),
      automaticallyAcceptUnknownCertificate: options.acceptClients ?? true,
      disableFileWatchers: true,
    });
    await manager.initialize();
    return manager;
  };
  const { users, certificate } = options;
  return new OPCUAServer({
    port: options.port ?? 0,
    hostname: "127.0.0.1",
    host: "127.0.0.1",
    serverCertificateManager: await pki("server"),
    userCertificateManager: await pki("users"),
    ...(certificate === undefined
      ? {}
      : { certificateFile: certificate.cert, privateKeyFile: certificate.key }),
    allowAnonymous: users === undefined,
    ...(users === undefined
      ? {}
      : {
          userManager: {
            isValidUser: (user: string, password: string) => users[user] === password,
          },
        }),
    nodeset_filename:
      options.companions === true
        ? [
            ...[nodesets.standard, nodesets.di, nodesets.autoId, nodesets.ia],
            ...[nodesets.machinery, nodesets.packML, nodesets.scales],
          ]
        : [nodesets.standard],
    serverCapabilities: {
      ...(options.maxMonitoredItems === undefined
        ? {}
        : { maxMonitoredItemsPerSubscription: options.maxMonitoredItems }),
      operationLimits:
        options.maxNodesPerRead === undefined ? {} : { maxNodesPerRead: options.maxNodesPerRead },
    },
  });
}

function addVariable(
  library: Library,
  own: Namespace,
  plant: UAObject,
  { name, type, value, range, isReadOnly }: SimulatedVariable,
): UAVariable {
  const { DataType, Variant, VariantArrayType } = library;
  const dataType = Object.entries(DataType).find(([known]) => known === type)?.[1];
  if (typeof dataType !== "number") throw new Error(`no data type ${type}`);
  const isArray = Array.isArray(value) && !type.endsWith("64");
  const common = {
    browseName: name,
    nodeId: `s=${name}`,
    componentOf: plant,
    dataType: type,
    valueRank: isArray ? 1 : -1,
    value: new Variant({
      dataType,
      value,
      arrayType: isArray ? VariantArrayType.Array : VariantArrayType.Scalar,
    }),
    minimumSamplingInterval: 100,
    ...(isReadOnly === true ? { accessLevel: "CurrentRead", userAccessLevel: "CurrentRead" } : {}),
  };
  if (range === undefined) return own.addVariable(common);
  const [low, high] = range;
  return own.addAnalogDataItem({ ...common, engineeringUnitsRange: { low, high } });
}
