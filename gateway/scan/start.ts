import { templatesFor } from "../../config/load.ts";
import { mapOf, plain } from "../../config/tree.ts";
import { parseAddress } from "../../drivers/address.ts";
import type { SerialSettings } from "../../drivers/connect.ts";
import type { DriverContext } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { TemplateCandidate } from "../../drivers/modbus/fit-template.ts";
import type { Region } from "../../drivers/rfid/protocol.ts";
import type { ScanEvent } from "../../drivers/scan.ts";

/** What can be looked for on a port or a server. */
export const scanKinds = ["modbus", "opcua", "rfid", "scale", "mqtt"] as const;
export type ScanKind = (typeof scanKinds)[number];

export interface ScanRequest {
  readonly kind: ScanKind;
  readonly address: string;
  readonly lines: readonly Partial<SerialSettings>[];
  readonly unitIds: readonly number[];
  readonly isFast: boolean;
  readonly isThorough: boolean;
  readonly timeoutMs?: number;
  readonly listenMs?: number;
  readonly region?: Region;
  readonly user?: string;
  readonly password?: string;
  readonly caFile?: string;
  readonly security?: string;
  /** Templates beside it are tried as well. */
  readonly config?: string;
}

/** Ports of servers that are named without one (IANA). */
const usualPorts = { modbus: 502, opcua: 4_840 } as const;

/**
 * Starts the scan of that kind. Each driver's part is loaded when it is asked for.
 * @throws RackwatchError `config/invalid` for an address that cannot be one.
 */
export async function startScan(
  request: ScanRequest,
  context: DriverContext,
  signal: AbortSignal,
): Promise<AsyncIterable<ScanEvent>> {
  const { kind, address } = request;
  switch (kind) {
    case "modbus": {
      const { scanModbus } = await import("../../drivers/modbus/scan.ts");
      const port = checkedPort(withPort(address, usualPorts.modbus));
      const templates = modbusTemplates(request.config);
      return scanModbus({ ...request, port, templates }, context, signal);
    }
    case "scale": {
      const { scanScale } = await import("../../drivers/scale/scan.ts");
      return scanScale({ ...request, port: checkedPort(address) }, context, signal);
    }
    case "rfid": {
      const { scanRfid } = await import("../../drivers/rfid/scan.ts");
      // A reader may be named without a port: several are usual.
      checkedPort(withPort(address, 1));
      return scanRfid({ ...request, port: address }, context, signal);
    }
    case "opcua": {
      const { scanOpcUa } = await import("../../drivers/opcua/scan.ts");
      const endpoint = endpointOf(address);
      return scanOpcUa({ ...request, endpoint }, context, signal);
    }
    case "mqtt": {
      const [{ scanMqtt }, { parseBroker }] = await Promise.all([
        import("../../drivers/mqtt/scan.ts"),
        import("../../drivers/mqtt/broker-address.ts"),
      ]);
      const broker = parseBroker(address);
      if (broker === undefined || broker.kind === "local") throw wrong(address, "tcp://host:1883");
      return scanMqtt({ ...request, broker: address }, context, signal);
    }
  }
}

function withPort(address: string, port: number): string {
  const hasNone = /^tcp:\/\/(?:\[[^\]]*\]|[^\s:/@[\]]+)$/.test(address);
  return hasNone ? `${address}:${port}` : address;
}

/** @throws RackwatchError `config/invalid`. */
function checkedPort(address: string): string {
  parseAddress(address);
  return address;
}

function endpointOf(address: string): string {
  const given = address.replace(/^tcp:\/\//, "opc.tcp://");
  const match = /^opc\.tcp:\/\/(?:\[[0-9a-fA-F:.]+\]|[^\s:/@[\]]+)(:\d{1,5})?(?:\/\S*)?$/.exec(
    given,
  );
  if (match === null) throw wrong(address, `opc.tcp://host:${usualPorts.opcua}`);
  if (match[1] !== undefined) return given;
  return given.replace(/^(opc\.tcp:\/\/[^/]+)/, `$1:${usualPorts.opcua}`);
}

function wrong(address: string, example: string): RackwatchError {
  return new RackwatchError("config/invalid", `"${address}" is no address for this scan`, {
    todo: `Write it like ${example}`,
  });
}

function modbusTemplates(config: string | undefined): readonly TemplateCandidate[] {
  const folder = templatesFor(config);
  return [...new Set(folder.known())].flatMap((id) => {
    const tree = mapOf(folder.find(id)?.tree);
    return tree === undefined ? [] : [{ id, template: plain(tree) }];
  });
}
