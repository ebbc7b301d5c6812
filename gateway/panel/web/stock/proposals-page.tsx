import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import type { OpenProposal, ProposalView } from "../../stock-api.ts";
import { Ago } from "../ago.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import { placeText } from "../place.ts";
import { useFetched } from "../use-fetched.ts";
import { WhoMay } from "../who-may.tsx";
import { ProposalActions } from "./actions.tsx";
import { proposalsOf } from "./book-answers.ts";
import { stockHash } from "./book-links.ts";

/** Proposals on the page: so many a person decides about at once. The rest follows when these are decided. */
const shownMax = 50;

/** Reorder points that wait for somebody's word. */
export function ProposalsPage() {
  const { preference, may, format } = usePanel();
  const words = panelBookingText[preference.language.value];
  const { body, fault, refetch } = useFetched("/api/stock/proposals", proposalsOf);
  const number = format.value.integer;
  return (
    <Section id="proposals" title={words.proposals.title}>
      <p class="hint">{words.proposals.about}</p>
      {may("planning") === false && <WhoMay permission="planning" />}
      <FaultBox fault={fault} />
      {body === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {body?.length === 0 && <p class="empty">{words.proposals.none}</p>}
      <ul class="booking-list">
        {body?.slice(0, shownMax).map((proposal) => (
          <li key={proposal.id}>
            <Proposal proposal={proposal} onDone={refetch} />
          </li>
        ))}
      </ul>
      {body !== undefined && body.length > shownMax && (
        <p class="hint">{words.proposals.more(number(shownMax), number(body.length))}</p>
      )}
    </Section>
  );
}

interface ProposalProps {
  readonly proposal: OpenProposal;
  readonly onDone: () => void;
}

function Proposal({ proposal, onDone }: ProposalProps) {
  const { preference, snapshot, format } = usePanel();
  const words = panelBookingText[preference.language.value];
  const { location, item, name = item, unit, from, to, wanted, at } = proposal;
  const said = (quantity: number) => `${format.value.number(quantity)}\u00a0${words.units[unit]}`;
  return (
    <article class="card booking-card">
      <h3>
        <a class="booking-link" href={stockHash(location, item)}>
          {name}
        </a>
      </h3>
      <p class="row-detail">
        {placeText(snapshot.value?.gateway.locations ?? [], location)} · {words.proposals.made}{" "}
        <Ago at={at} />
      </p>
      <p class="proposal-change">
        {from === undefined
          ? words.proposals.first(said(to))
          : words.proposals.fromTo(said(from), said(to))}
      </p>
      {wanted !== to && <p class="hint">{words.proposals.wanted(said(wanted))}</p>}
      <h4>{words.proposals.why}</h4>
      <ProposalWhy why={proposal.why} unit={words.units[unit]} />
      <ProposalActions proposal={proposal} onDone={onDone} />
    </article>
  );
}

interface WhyProps {
  readonly why: ProposalView["why"];
  /** The item's, as people write it. */
  readonly unit: string;
}

/** The figures that a proposal was made of, in words with units. */
export function ProposalWhy({ why, unit }: WhyProps) {
  const { preference, format } = usePanel();
  const words = panelBookingText[preference.language.value];
  const { figures, classes } = words.proposals;
  const number = format.value.number;
  const said = (name: keyof typeof figures): string | undefined => {
    const value = why[name];
    if (value === undefined) return undefined;
    if (typeof value === "string") return name === "class" ? wordOf(classes, value) : value;
    if (name === "serviceLevel") return `${number(value * 100)} %`;
    if (name.endsWith("Days")) return words.days(number(value));
    return `${number(value)} ${unit}`;
  };
  return (
    <dl class="facts">
      {keysOf(figures).map((name) => {
        const text = said(name);
        return (
          text !== undefined && (
            <div key={name}>
              <dt>{figures[name]}</dt>
              <dd>{text}</dd>
            </div>
          )
        );
      })}
    </dl>
  );
}

function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): readonly Key[] {
  return Object.keys(table).filter((key): key is Key => key in table);
}

function wordOf(table: Readonly<Record<string, string>>, key: string): string {
  return table[key] ?? key;
}
