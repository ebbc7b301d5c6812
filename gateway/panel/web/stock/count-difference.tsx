import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import { Tag } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import type { Comparison } from "./count-plan.ts";

interface DifferenceProps {
  readonly result: Comparison;
  readonly unit: "pcs" | "kg" | "L" | "m";
}

/** Booked, counted, and what lies between. */
export function CountDifference({ result, unit }: DifferenceProps) {
  const { preference, format } = usePanel();
  const words = panelBookingText[preference.language.value];
  const { counted, expected, difference } = result;
  const said = (quantity: number) => `${format.value.number(quantity)}\u00a0${words.units[unit]}`;
  const size = said(Math.abs(difference));
  return (
    <>
      <dl class="count-result">
        <div>
          <dt>{words.count.expected}</dt>
          <dd>{said(expected)}</dd>
        </div>
        <div>
          <dt>{words.count.found}</dt>
          <dd>{said(counted)}</dd>
        </div>
      </dl>
      <p class="count-said">
        {difference === 0 ? (
          <Tag tone="good" shape="check">
            {words.count.equal}
          </Tag>
        ) : (
          <Tag tone="medium" shape="diamond">
            {difference < 0 ? words.count.less(size) : words.count.more(size)}
          </Tag>
        )}
      </p>
    </>
  );
}
