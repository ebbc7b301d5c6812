import { useState } from "preact/hooks";
import { agoText } from "../../../gateway/panel/web/age.ts";
import { Button } from "../../../gateway/panel/web/components/button.tsx";
import { FaultBox } from "../../../gateway/panel/web/components/fault-box.tsx";
import { Section } from "../../../gateway/panel/web/components/section.tsx";
import { Tag } from "../../../gateway/panel/web/components/tag.tsx";
import type { GatewayRow } from "../api.ts";
import { useCentral } from "./central.ts";
import { nameOf } from "./freshness.ts";
import { GatewayState } from "./gateway-state.tsx";
import { LazyPart, type LoadPart } from "./lazy-part.tsx";
import { type Found, gatewayPageOf } from "./rows.ts";
import { firstPage, Pager, queryOf, SearchField } from "./search.tsx";
import { useAnswer } from "./use-answer.ts";
import { hashOfGateway } from "./view.ts";

const addDialog: LoadPart = async () => (await import("./access/add-dialog.tsx")).AddDialog;

/** Gateways that need somebody first; the others by a part of their name. */
export function Gateways() {
  const { text, adds } = useCentral();
  const words = text.value.gateways;
  const [place, setPlace] = useState(firstPage);
  const { body, fault } = useAnswer(`/v1/fleet/gateways?${queryOf(place)}`, gatewayPageOf);
  return (
    <Section
      id="gateways"
      title={words.title}
      aside={
        <Button
          onPress={() => {
            adds.value = true;
          }}
        >
          {words.add}
        </Button>
      }
    >
      <SearchField
        id="gateway-search"
        label={words.search}
        onSearch={(search) => setPlace({ search, skip: 0 })}
      />
      <FaultBox fault={body === undefined ? fault : undefined} />
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body !== undefined && <Rows body={body} searched={place.search !== ""} />}
      {body !== undefined && body.found > 0 && (
        <Pager
          {...{ place, found: body.found, shown: body.rows.length }}
          onSkip={(skip) => setPlace({ ...place, skip })}
        />
      )}
      {adds.value && <LazyPart key="add" load={addDialog} />}
    </Section>
  );
}

function Rows(props: { readonly body: Found<GatewayRow>; readonly searched: boolean }) {
  const words = useCentral().text.value.gateways;
  const { rows } = props.body;
  if (rows.length === 0) {
    return (
      <div class="empty">
        <p>{props.searched ? words.noneFound : words.none}</p>
        <p>{props.searched ? words.noneFoundTodo : words.noneTodo}</p>
      </div>
    );
  }
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{words.name}</th>
          <th scope="col">{words.freshness}</th>
          <th scope="col">{words.alarms}</th>
          <th scope="col">{words.lastContact}</th>
          <th scope="col">{words.lastSample}</th>
          <th scope="col">{words.points}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <GatewayLine key={row.id} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function GatewayLine({ row }: { readonly row: GatewayRow }) {
  const { text, shared, format, now } = useCentral();
  const words = text.value.gateways;
  const ago = (at: number | undefined) =>
    at === undefined ? words.never : agoText(now.value - at, shared.value.age);
  const count = format.value.integer;
  return (
    <tr>
      <td data-label={words.name}>
        <a class="gateway-link" href={hashOfGateway(row.id)}>
          <span class="row-title">{nameOf(row)}</span>{" "}
          {row.name !== undefined && <span class="row-detail">{row.id}</span>}
        </a>
      </td>
      <td data-label={words.freshness}>
        <span>
          <GatewayState row={row} />
        </span>
      </td>
      <td data-label={words.alarms}>
        {row.activeAlarms > 0 ? (
          <Tag tone="high" shape="bell">
            {count(row.activeAlarms)}
          </Tag>
        ) : (
          count(0)
        )}
      </td>
      <td data-label={words.lastContact}>{ago(row.lastContactAt)}</td>
      <td data-label={words.lastSample}>{ago(row.lastSampleAt)}</td>
      <td data-label={words.points}>{count(row.points)}</td>
    </tr>
  );
}
