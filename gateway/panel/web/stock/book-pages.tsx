import type { FunctionComponent } from "preact";
import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import { Lazy } from "../components/lazy.tsx";
import { usePanel } from "../panel.ts";
import { BookButton } from "./actions.tsx";
import { stockHash } from "./book-links.ts";

const loads = {
  count: async () => (await import("./count-page.tsx")).CountPage,
  movements: async () => (await import("./ledger-page.tsx")).LedgerPage,
  holds: async () => (await import("./holds-page.tsx")).HoldsPage,
  mismatches: async () => (await import("./count-mismatches.tsx")).MismatchesPage,
  proposals: async () => (await import("./proposals-page.tsx")).ProposalsPage,
  import: async () => (await import("./import-page.tsx")).ImportPage,
} as const satisfies Readonly<Record<string, () => Promise<FunctionComponent>>>;

type StockPart = keyof typeof loads;

const parts = ["count", "movements", "holds", "mismatches", "proposals", "import"] as const;

/** `movements` of `#/stock/movements`, and its siblings; undefined: no page of its own. */
export function stockPartOf(part: string): StockPart | undefined {
  return parts.find((it) => it === part);
}

/** What people do with stock besides looking at it: a button to book and the way to the other pages. */
export function StockTools({ shown }: { readonly shown?: StockPart }) {
  const words = panelBookingText[usePanel().preference.language.value];
  return (
    <div class="stock-tools">
      <BookButton />
      <nav aria-label={words.parts.label}>
        <ul class="part-list">
          {shown !== undefined && (
            <li>
              <a class="button" href={stockHash()}>
                {words.toStock}
              </a>
            </li>
          )}
          {parts.map((part) => (
            <li key={part}>
              <a
                class="button"
                href={stockHash(part)}
                {...(part === shown && { "aria-current": "page" })}
              >
                {words.parts[part]}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </div>
  );
}

/** One of the pages, with the way to the others. */
export function StockPart({ part }: { readonly part: StockPart }) {
  return (
    <>
      <StockTools shown={part} />
      <Lazy load={loads[part]} props={{}} />
    </>
  );
}
