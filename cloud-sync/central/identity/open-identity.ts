import type { Clock, Log } from "../../../drivers/contract.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import type { DatabaseLink } from "../database-link.ts";
import { type Authority, openAuthority } from "./authority.ts";
import type { CentralIdentity, CentralKeys } from "./central-identity.ts";
import { IdentityWatch } from "./identity-watch.ts";
import type { KeyPlace } from "./key-file.ts";
import { OpenSockets } from "./open-sockets.ts";
import { TrustedProxies } from "./presented.ts";
import { openSigningKey } from "./signing-key.ts";
import { type TlsFiles, TlsListener } from "./tls-listener.ts";

export interface IdentityOptions {
  /** Where central's own keys are, made at the first start; absent: gateways are known by tokens only. */
  readonly keys?: KeyPlace;
  /** Central ends TLS itself, and takes certificates of gateways. Needs `keys`. */
  readonly tls?: TlsFiles;
  /** Addresses and networks of proxies that end TLS before central. */
  readonly trustedProxies?: readonly string[];
}

export interface OpenedIdentity {
  readonly identity: CentralIdentity;
  readonly tls: TlsListener | undefined;
  readonly watch: IdentityWatch;
}

/** @throws RackwatchError `central/keys`, `central/listen`, `config/invalid` */
export async function openIdentity(
  { keys: place, tls: files, trustedProxies }: IdentityOptions,
  parts: { readonly link: DatabaseLink; readonly clock: Clock; readonly log: Log },
): Promise<OpenedIdentity> {
  const sockets = new OpenSockets();
  const proxies = new TrustedProxies(trustedProxies);
  const keys = place === undefined ? undefined : openKeys(place);
  if (files !== undefined && keys === undefined) {
    throw new RackwatchError("central/keys", "TLS needs central's keys as well", {
      todo: "name their folder with --keys DIR",
    });
  }
  const authority = files && (await keys?.authority());
  const tls =
    files && authority && new TlsListener(files, authority.certificate.toString(), parts.log);
  const watch = new IdentityWatch({
    ...parts,
    sockets,
    ...(tls === undefined ? {} : { reloadTls: () => tls.reload() }),
  });
  return { identity: { ...(keys === undefined ? {} : { keys }), proxies, sockets }, tls, watch };
}

function openKeys(place: KeyPlace): CentralKeys {
  let authority: Promise<Authority> | undefined;
  return {
    signing: openSigningKey(place),
    async authority() {
      authority ??= openAuthority(place);
      return authority;
    },
  };
}
