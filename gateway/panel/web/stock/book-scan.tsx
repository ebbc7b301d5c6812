import { useState } from "preact/hooks";
import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import type { Scanned } from "../../stock-api.ts";
import { Shape } from "../components/shape.tsx";
import { usePanel } from "../panel.ts";
import { scannedOf } from "./book-answers.ts";

/** As the gateway's schema has it. */
const codeCharsMax = 512;

/** Ends a field of variable length in a GS1 code; scanners that act as a keyboard send it as Ctrl and `]`. */
const groupSeparator = "\u001d";

interface ScanProps {
  /** The one item that is meant; absent: any. */
  readonly item: string | undefined;
  readonly onScanned: (scanned: Scanned & { readonly item: string }) => void;
}

type Said = { readonly tone: "good" | "critical"; readonly text: string };

/** A scanner types into it and presses Enter; so can a person. */
export function ScanField({ item, onScanned }: ScanProps) {
  const { preference, get } = usePanel();
  const words = panelBookingText[preference.language.value];
  const [said, setSaid] = useState<Said | undefined>(undefined);
  const read = async (field: HTMLInputElement) => {
    const code = field.value.trim();
    if (code === "") return;
    const answer = await get(`/api/stock/scanned?code=${encodeURIComponent(code)}`);
    // The next scan is typed over it.
    field.select();
    if (!answer.ok) return setSaid({ tone: "critical", text: answer.fault.message });
    const scanned = scannedOf(answer.body);
    const found = scanned.item;
    if (found === undefined) {
      return setSaid({ tone: "critical", text: problemText(words.book.scanProblems, scanned) });
    }
    if (item !== undefined && found !== item) {
      return setSaid({ tone: "critical", text: words.book.scanOther(scanned.name ?? found) });
    }
    const parts = [
      scanned.name ?? found,
      ...(scanned.lot === undefined ? [] : [words.lotNamed(scanned.lot)]),
      ...(scanned.expires === undefined ? [] : [`${words.expires} ${scanned.expires}`]),
    ];
    setSaid({ tone: "good", text: words.book.scanFilled(parts.join(words.comma)) });
    onScanned({ ...scanned, item: found });
  };
  return (
    <div class="field">
      <label for="code">{words.book.scan}</label>
      <input
        id="code"
        autocomplete="off"
        autoCapitalize="none"
        spellcheck={false}
        maxLength={codeCharsMax}
        aria-describedby="code-hint"
        onKeyDown={(event) => {
          const field = event.currentTarget;
          if (event.ctrlKey && event.key === "]") {
            event.preventDefault();
            field.setRangeText(
              groupSeparator,
              field.selectionStart ?? 0,
              field.selectionEnd ?? 0,
              "end",
            );
          }
          if (event.key === "Enter") {
            event.preventDefault();
            void read(field);
          }
        }}
      />
      <p class="hint" id="code-hint">
        {words.book.scanHint}
      </p>
      <output class="scan-said">
        {said !== undefined && (
          <span class={`tag tone-${said.tone}`}>
            <Shape name={said.tone === "good" ? "check" : "cross"} />
            <span>{said.text}</span>
          </span>
        )}
      </output>
    </div>
  );
}

function problemText(
  sentences: Readonly<Record<string, string>> & { readonly unreadable: string },
  { problem }: Scanned,
): string {
  return sentences[problem ?? "unreadable"] ?? sentences.unreadable;
}
