import { warningsText } from "../../../config/language/warnings.ts";
import { agoText } from "../../../gateway/panel/web/age.ts";
import { Section } from "../../../gateway/panel/web/components/section.tsx";
import { Tag } from "../../../gateway/panel/web/components/tag.tsx";
import { warningLooks } from "../../../gateway/panel/web/stock/stock-look.ts";
import type { StockRow } from "../stock-api.ts";
import { useCentral } from "./central.ts";
import { hashOfGateway } from "./view.ts";

/** What is warned of in the stock of all gateways. Nothing where there is none. */
export function Stock() {
  const { stock, text } = useCentral();
  const words = text.value.stock;
  if (stock.value.length === 0) return null;
  return (
    <Section id="stock" title={words.title}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{words.state}</th>
            <th scope="col">{words.item}</th>
            <th scope="col">{words.quantity}</th>
            <th scope="col">{words.location}</th>
            <th scope="col">{words.gateway}</th>
            <th scope="col">{words.movedAt}</th>
          </tr>
        </thead>
        <tbody>
          {stock.value.map((row) => (
            <StockLine key={`${row.gateway}/${row.location}/${row.item}`} row={row} />
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function StockLine({ row }: { readonly row: StockRow }) {
  const { text, shared, format, now, preference } = useCentral();
  const words = text.value.stock;
  const { kinds, units } = warningsText[preference.language.value];
  const unit = Object.entries(units).find(([key]) => key === row.unit)?.[1] ?? row.unit;
  return (
    <tr>
      <td data-label={words.state}>
        {row.warnings.map((kind) => {
          const [tone, shape] = warningLooks[kind];
          return (
            <Tag key={kind} tone={tone} shape={shape}>
              {kinds[kind].title}
            </Tag>
          );
        })}
      </td>
      <td data-label={words.item}>
        <span>
          <span class="row-title">{row.name ?? row.item}</span>
          {row.name !== undefined && <span class="row-detail"> {row.item}</span>}
        </span>
      </td>
      <td data-label={words.quantity}>{`${format.value.number(row.quantity)} ${unit}`}</td>
      <td data-label={words.location}>{row.location}</td>
      <td data-label={words.gateway}>
        <a class="gateway-link" href={hashOfGateway(row.gateway)}>
          {row.gatewayName ?? row.gateway}
        </a>
      </td>
      <td data-label={words.movedAt}>
        {row.movedAt === undefined
          ? text.value.gateways.never
          : agoText(now.value - row.movedAt, shared.value.age)}
      </td>
    </tr>
  );
}
