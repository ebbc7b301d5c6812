import { panelStockText } from "../../../../config/language/panel-stock.ts";
import type { ItemOutlook } from "../../stock-api.ts";
import { At } from "../ago.tsx";
import { Section } from "../components/section.tsx";
import { usePanel } from "../panel.ts";
import { ProposalActions } from "./actions.tsx";
import { useAmount } from "./stock-tags.tsx";

interface ProposalProps {
  readonly outlook: ItemOutlook;
  readonly onDone: () => void;
}

/** A reorder point that waits for a person's word. */
export function ItemProposal({ outlook: { proposal, stock }, onDone }: ProposalProps) {
  const words = panelStockText[usePanel().preference.language.value].proposal;
  const amount = useAmount(stock.unit);
  if (proposal === undefined) return null;
  const { from, to, wanted, at } = proposal;
  return (
    <Section id="proposal" title={words.title}>
      <div class="card item-proposal">
        <p class="item-change">
          {from === undefined ? words.first(amount(to)) : words.change(amount(from), amount(to))}
        </p>
        <p class="hint">
          {words.wanted(amount(wanted))} <At at={at} />
        </p>
        <ProposalActions proposal={proposal} onDone={onDone} />
      </div>
    </Section>
  );
}
