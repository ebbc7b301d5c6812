import { type PartName, partNames, useCentral } from "./central.ts";
import { nameOf } from "./freshness.ts";
import { Latest } from "./latest.tsx";
import { LazyPart, type LoadPart } from "./lazy-part.tsx";
import { Missing } from "./record.tsx";

const parts: Readonly<Record<PartName, LoadPart>> = {
  configuration: async () => (await import("./down/configuration-part.tsx")).ConfigurationPart,
  commands: async () => (await import("./down/commands-part.tsx")).CommandsPart,
  identity: async () => (await import("./down/identity-part.tsx")).IdentityPart,
};

export const acknowledgeDialog: LoadPart = async () =>
  (await import("./down/acknowledge-dialog.tsx")).AcknowledgeDialog;

/** The gateway that was chosen: its values and what is missing of them, or one of its parts. */
export function Selected({ gateway }: { readonly gateway: string }) {
  const { part, gateways, text } = useCentral();
  const shown = part.value;
  const row = gateways.value?.find(({ id }) => id === gateway);
  const words = text.value.parts;
  const here = `#gateway/${encodeURIComponent(gateway)}`;
  return (
    <>
      <nav class="parts" aria-label={words.label(row === undefined ? gateway : nameOf(row))}>
        <a class="button" href={here} {...(shown === undefined && { "aria-current": "page" })}>
          {words.values}
        </a>
        {partNames.map((name) => (
          <a
            key={name}
            class="button"
            href={`${here}/${name}`}
            {...(shown === name && { "aria-current": "page" })}
          >
            {words[name]}
          </a>
        ))}
      </nav>
      {shown === undefined ? (
        <>
          <Missing />
          <Latest gateway={gateway} />
        </>
      ) : (
        <LazyPart key={`${gateway} ${shown}`} load={parts[shown]} />
      )}
    </>
  );
}
