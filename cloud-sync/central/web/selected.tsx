import { agoText } from "../../../gateway/panel/web/age.ts";
import { FaultBox } from "../../../gateway/panel/web/components/fault-box.tsx";
import { Section } from "../../../gateway/panel/web/components/section.tsx";
import type { GatewayRow } from "../api.ts";
import { Alarms } from "./alarms.tsx";
import { useCentral } from "./central.ts";
import { nameOf } from "./freshness.ts";
import { GatewayState } from "./gateway-state.tsx";
import { Latest } from "./latest.tsx";
import { LazyPart, type LoadPart } from "./lazy-part.tsx";
import { Missing } from "./record.tsx";
import { hashOfGateway, hashOfPage, type PartName, partNames } from "./view.ts";

const parts: Readonly<Record<PartName, LoadPart>> = {
  configuration: async () => (await import("./down/configuration-part.tsx")).ConfigurationPart,
  commands: async () => (await import("./down/commands-part.tsx")).CommandsPart,
  identity: async () => (await import("./down/identity-part.tsx")).IdentityPart,
};

/** One gateway: how it is, its alarms and values, what is missing of them, or one of its other parts. */
export function Selected({ id }: { readonly id: string }) {
  const { part, gateway, gatewayFault, text } = useCentral();
  const shown = part.value;
  const row = gateway.value;
  const words = text.value.parts;
  return (
    <>
      <Section
        id="gateway"
        title={row === undefined ? id : nameOf(row)}
        aside={
          <a class="button quiet" href={hashOfPage("fleet")}>
            {words.back}
          </a>
        }
      >
        <FaultBox fault={row === undefined ? gatewayFault.value : undefined} />
        {row !== undefined && <Facts row={row} />}
        <nav class="parts" aria-label={words.label(row === undefined ? id : nameOf(row))}>
          <a class="button" href={hashOfGateway(id)} {...current(shown === undefined)}>
            {words.values}
          </a>
          {partNames.map((name) => (
            <a
              key={name}
              class="button"
              href={hashOfGateway(id, name)}
              {...current(shown === name)}
            >
              {words[name]}
            </a>
          ))}
        </nav>
      </Section>
      {shown === undefined && row !== undefined && (
        <>
          <Alarms />
          <Latest />
          <Missing />
        </>
      )}
      {shown !== undefined && <LazyPart key={`${id} ${shown}`} load={parts[shown]} />}
    </>
  );
}

function current(is: boolean) {
  return is ? ({ "aria-current": "page" } as const) : {};
}

function Facts({ row }: { readonly row: GatewayRow }) {
  const { text, shared, format, now } = useCentral();
  const words = text.value.gateways;
  const ago = (at: number | undefined) =>
    at === undefined
      ? words.never
      : `${format.value.time(at, now.value)}, ${agoText(now.value - at, shared.value.age)}`;
  const count = format.value.integer;
  return (
    <dl class="down-facts card">
      <div>
        <dt>{words.freshness}</dt>
        <dd>
          <GatewayState row={row} />
        </dd>
      </div>
      <div>
        <dt>{words.lastContact}</dt>
        <dd>{ago(row.lastContactAt)}</dd>
      </div>
      <div>
        <dt>{words.lastSample}</dt>
        <dd>{ago(row.lastSampleAt)}</dd>
      </div>
      <div>
        <dt>{words.marks}</dt>
        <dd>
          {words.events(count(row.marks.events))} · {words.samples(count(row.marks.samples))}
        </dd>
      </div>
      <div>
        <dt>{words.alarms}</dt>
        <dd>{count(row.activeAlarms)}</dd>
      </div>
      {row.name !== undefined && (
        <div>
          <dt>{words.id}</dt>
          <dd>{row.id}</dd>
        </div>
      )}
    </dl>
  );
}
