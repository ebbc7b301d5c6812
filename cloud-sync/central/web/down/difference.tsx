import { centralDownText } from "../../../../config/language/central-down.ts";
import { useCentral } from "../central.ts";

/** Lines that went and came. The sign says it, and the word for who does not see it. */
export function Difference({ lines }: { readonly lines: string }) {
  const words = centralDownText[useCentral().preference.language.value].revisions;
  return (
    <pre class="difference">
      {lines.split("\n").map((line, index) => (
        <span class={lineClass(line)} key={`${index} ${line}`}>
          {line.startsWith("-") && <span class="visually-hidden">{words.removed} </span>}
          {line.startsWith("+") && <span class="visually-hidden">{words.added} </span>}
          {line}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}

function lineClass(line: string): string {
  if (line.startsWith("-")) return "gone";
  return line.startsWith("+") ? "come" : "";
}
