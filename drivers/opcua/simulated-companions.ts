import type { AddressSpace, Namespace, UAObject, UAVariable } from "node-opcua";
import type { Library } from "./library.ts";
import { companionNamespaces } from "./node-reference.ts";

/** One tag in a scan of the simulated reader. */
export interface SimulatedTag {
  /** In hex. */
  readonly epc: string;
  readonly antenna: number;
  readonly rssi: number;
}

/** A scale and a reader as their companion specifications describe them. */
export interface Companions {
  weigh(weight: {
    readonly gross: number;
    readonly tare: number;
    readonly stable: boolean;
    readonly overload?: boolean;
    readonly underload?: boolean;
  }): void;
  scan(tags: readonly SimulatedTag[]): void;
}

/** `Scale1` and `Gate1` in the folder DeviceSet of OPC 10000-100. */
export function loadCompanions(library: Library, space: AddressSpace, own: Namespace): Companions {
  const index = (name: string): number => {
    const uri = companionNamespaces[name] ?? "";
    const found = space.getNamespaceIndex(uri);
    if (found < 0) throw new Error(`the server lacks ${uri}`);
    return found;
  };
  const spaces = { di: index("DI"), autoId: index("AutoID"), scales: index("Scales") };
  const deviceSet = space.rootFolder.objects.getFolderElementByName("DeviceSet", spaces.di);
  if (deviceSet === null) throw new Error("the server has no DeviceSet");
  const parts = { library, space, own, spaces, deviceSet };
  return { weigh: addScale(parts), scan: addReader(parts) };
}

interface Parts {
  readonly library: Library;
  readonly space: AddressSpace;
  readonly own: Namespace;
  readonly spaces: Readonly<Record<"di" | "autoId" | "scales", number>>;
  readonly deviceSet: object;
}

function addScale({ library, space, own, spaces, deviceSet }: Parts): Companions["weigh"] {
  const { DataType } = library;
  const type = present(space.findObjectType("SimpleScaleType", spaces.scales));
  const scale = type.instantiate({
    browseName: { namespaceIndex: own.index, name: "Scale1" },
    componentOf: deviceSet as UAObject,
    optionals: ["CurrentWeight.WeightStable"],
  });
  const item = present(scale.getComponentByName("CurrentWeight", spaces.scales)) as UAVariable;
  const property = (name: string, namespace: number) =>
    present(item.getPropertyByName(name, namespace));
  property("EngineeringUnits", 0).setValueFromSource({
    dataType: DataType.ExtensionObject,
    value: library.makeEUInformation("GRM", "g", "gram"),
  });
  const weightType = present(space.findDataType("WeightType", spaces.scales));
  const flag = (name: string, value: boolean) =>
    property(name, spaces.scales).setValueFromSource({ dataType: DataType.Boolean, value });
  return ({ gross, tare, stable, overload = false, underload = false }) => {
    flag("WeightStable", stable);
    flag("Overload", overload);
    flag("Underload", underload);
    item.setValueFromSource({
      dataType: DataType.ExtensionObject,
      value: space.constructExtensionObject(weightType, { gross, tare, net: gross - tare }),
    });
  };
}

function addReader({ library, space, own, spaces, deviceSet }: Parts): Companions["scan"] {
  const { DataType, VariantArrayType } = library;
  const type = present(space.findObjectType("RfidReaderDeviceType", spaces.autoId));
  const reader = type.instantiate({
    browseName: { namespaceIndex: own.index, name: "Gate1" },
    componentOf: deviceSet as UAObject,
    optionals: ["LastScanData", "LastScanAntenna", "LastScanRSSI"],
  });
  reader.setEventNotifier(1);
  // RfidScanEventType itself is abstract: a server brings its own below it.
  const event = own.addEventType({
    browseName: "SimulatedScanEventType",
    subtypeOf: present(space.findEventType("RfidScanEventType", spaces.autoId)),
  });
  const structure = (name: string, fields: Readonly<Record<string, unknown>>) =>
    space.constructExtensionObject(present(space.findDataType(name, spaces.autoId)), { ...fields });
  const last = (name: string, dataType: number, value: unknown) => {
    const variable = present(reader.getComponentByName(name, spaces.autoId)) as UAVariable;
    variable.setValueFromSource({ dataType, value });
  };
  return (tags) => {
    const timestamp = new Date();
    const results = tags.map(({ epc, antenna, rssi }) => {
      const sighting = { antenna, strength: rssi, timestamp, currentPowerLevel: 30 };
      last("LastScanData", DataType.ByteString, Buffer.from(epc, "hex"));
      last("LastScanAntenna", DataType.Int32, antenna);
      last("LastScanRSSI", DataType.Int32, rssi);
      return structure("RfidScanResult", {
        codeType: "EPC",
        scanData: structure("ScanData", {
          epc: structure("ScanDataEpc", { pC: 0x3000, uId: Buffer.from(epc, "hex") }),
        }),
        timestamp,
        sighting: [structure("RfidSighting", sighting)],
      });
    });
    reader.raiseEvent(event, {
      scanResult: {
        dataType: DataType.ExtensionObject,
        arrayType: VariantArrayType.Array,
        value: results,
      },
    });
  };
}

function present<T>(found: T | null | undefined): T {
  if (found === null || found === undefined) throw new Error("the node set lacks a node");
  return found;
}
