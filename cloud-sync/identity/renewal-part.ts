import { readFileSync } from "node:fs";
import { identityText } from "../../config/language/identity.ts";
import { syncText } from "../../config/language/sync.ts";
import { roadsOf } from "../../config/roads.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Part, SyncOptions, SyncSection } from "../sync-options.ts";
import { HttpUplink } from "../uplinks/http.ts";
import { IdentityReader } from "./identity.ts";
import { IdentityKeeper } from "./keep-identity.ts";
import { Renewal } from "./renewal.ts";

/** Keeps the certificate of this gateway good, where a road to central over HTTPS shows one. */
export function renewalParts(options: SyncOptions, sync: SyncSection): readonly Part[] {
  const road = roadsOf(sync).find(
    ({ settings }) => settings.via === "http" && settings.credentials === undefined,
  );
  if (road?.settings.via !== "http") return [];
  const { central, caFile, proxy } = road.settings;
  const { gatewayId, dataDir, language, clock, log, deadlineMs } = options;
  return [
    {
      name: "identity",
      async run(signal, ticked) {
        const reader = new IdentityReader(dataDir);
        using uplink = new HttpUplink({
          ...{ central, gatewayId, identity: reader, text: syncText[language] },
          ...(caFile === undefined ? {} : { ca: readCa(caFile, options) }),
          ...(proxy === undefined ? {} : { proxy }),
          ...(deadlineMs === undefined ? {} : { deadlineMs }),
        });
        const renewal = new Renewal({
          ...{ reader, keeper: new IdentityKeeper(dataDir), clock, log },
          ask: (ended) => uplink.renewed(ended),
          text: identityText[language],
          random: () => Math.random(),
        });
        await renewal.run(signal, ticked);
      },
    },
  ];
}

function readCa(file: string, { language }: SyncOptions): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { message, todo } = syncText[language].certificate(file, "caFile");
    throw new RackwatchError("sync/certificate", message, { where: file, todo, cause });
  }
}
