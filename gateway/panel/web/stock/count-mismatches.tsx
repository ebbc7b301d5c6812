import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import { reconcileText } from "../../../../config/language/reconcile.ts";
import type { MismatchView } from "../../stock-api.ts";
import { Ago } from "../ago.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { Shape } from "../components/shape.tsx";
import { usePanel } from "../panel.ts";
import { placeText } from "../place.ts";
import { useFetched } from "../use-fetched.ts";
import { CountButton } from "./actions.tsx";
import { mismatchesOf } from "./book-answers.ts";
import { stockHash } from "./book-links.ts";

/** Where ledger, scale and tags contradict each other, and what a person does about it. */
export function MismatchesPage() {
  const words = panelBookingText[usePanel().preference.language.value];
  const { body, fault, refetch } = useFetched("/api/stock/mismatches", mismatchesOf);
  return (
    <Section id="mismatches" title={words.mismatches.title}>
      <p class="hint">{words.mismatches.about}</p>
      <FaultBox fault={fault} />
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body?.length === 0 && <p class="empty">{words.mismatches.none}</p>}
      <ul class="booking-list">
        {body?.map((mismatch) => (
          <li key={`${mismatch.location}/${mismatch.item}`}>
            <Mismatch mismatch={mismatch} onDone={refetch} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

interface MismatchProps {
  readonly mismatch: MismatchView;
  readonly onDone: () => void;
}

function Mismatch({ mismatch, onDone }: MismatchProps) {
  const { preference, snapshot, format } = usePanel();
  const language = preference.language.value;
  const words = panelBookingText[language];
  const { cases, todo } = reconcileText[language];
  const { location, item, ledger, weight, tags, since } = mismatch;
  const known = Object.keys(cases).find((it): it is keyof typeof cases => it === mismatch.case);
  const is = known ?? "unknown";
  const numbers = (["ledger", "weight", "tags"] as const).flatMap((from) => {
    const value = { ledger, weight, tags }[from];
    return value === undefined ? [] : [{ from, value }];
  });
  return (
    <article class="card booking-card">
      <h3>
        <a class="booking-link" href={stockHash(location, item)}>
          {item}
        </a>
      </h3>
      <p class="row-detail">
        {placeText(snapshot.value?.gateway.locations ?? [], location)}
        {since !== undefined && (
          <>
            {" · "}
            <Ago at={since} />
          </>
        )}
      </p>
      <p class="tag tone-medium">
        <Shape name="diamond" />
        <span>{cases[is]}</span>
      </p>
      <dl class="numbers">
        {numbers.map(({ from, value }) => (
          <div key={from}>
            <dt>{words.mismatches[from]}</dt>
            <dd>{format.value.number(value)}</dd>
          </div>
        ))}
      </dl>
      <p>
        <strong>{words.mismatches.todo}</strong> {todo[is]}
      </p>
      <div class="button-row">
        <CountButton
          location={location}
          item={item}
          label={words.count.buttonNamed(item)}
          onDone={onDone}
        />
      </div>
    </article>
  );
}
