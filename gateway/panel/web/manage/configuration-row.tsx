import { panelConfigurationText } from "../../../../config/language/panel-configuration.ts";
import { revisionsText } from "../../../../config/language/revisions.ts";
import type { ConfigurationView } from "../../configuration-api.ts";
import { At } from "../ago.tsx";
import { Button } from "../components/button.tsx";
import { Tag, type Tone } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import type { ShapeName } from "../severity.ts";

type Outcome = ConfigurationView["outcome"];

const marks: Readonly<Record<Outcome, readonly [Tone, ShapeName]>> = {
  trial: ["medium", "clock"],
  confirmed: ["neutral", "check"],
  refused: ["bad", "cross"],
  "rolled-back": ["high", "back"],
};

interface ConfigurationRowProps {
  readonly configuration: ConfigurationView;
  /** Absent: nobody who looks may, or it is not the time. */
  readonly onRestore?: (serial: number) => void;
}

/** One configuration: who, when, what became of it, and the lines that it changed. */
export function ConfigurationRow({ configuration, onRestore }: ConfigurationRowProps) {
  const language = usePanel().preference.language.value;
  const words = panelConfigurationText[language];
  const { outcomes, sources } = revisionsText[language];
  const { serial, at, source, author, outcome, runs, reason, comment, revision } = configuration;
  const isNamed = author !== source;
  const [tone, shape] = marks[outcome];
  const origin = revision === undefined ? sources[source] : words.revision(revision);
  return (
    <li class="row told configuration">
      <div class="row-main">
        <p class="row-title">
          {serial} · {isNamed ? author : sources[source]}
        </p>
        <p class="row-detail">
          <At at={at} />
          {isNamed && ` · ${origin}`}
        </p>
        {comment !== undefined && <p>{comment}</p>}
        <div class="test-list">
          <Tag tone={tone} shape={shape}>
            {outcomes[outcome]}
          </Tag>
          {runs && (
            <Tag tone="good" shape="circle">
              {words.runs}
            </Tag>
          )}
        </div>
        {reason !== undefined && <p class="reason">{reason}</p>}
      </div>
      {onRestore !== undefined && !runs && outcome !== "refused" && (
        <Button label={words.goBackNamed(serial)} onPress={() => onRestore(serial)}>
          {words.goBack}
        </Button>
      )}
      <Difference lines={configuration.difference} />
    </li>
  );
}

function Difference({ lines }: { readonly lines: readonly string[] }) {
  const words = panelConfigurationText[usePanel().preference.language.value];
  if (lines.length === 0) return <p class="row-detail difference">{words.unchanged}</p>;
  return (
    <details class="difference">
      <summary>{words.lines(lines.length)}</summary>
      <pre>
        {lines.map((line, index) => (
          <span key={`${index} ${line}`} class={lineClass(line)}>
            {line.startsWith("- ") && <span class="visually-hidden">{words.removed} </span>}
            {line.startsWith("+ ") && <span class="visually-hidden">{words.added} </span>}
            {line}
            {"\n"}
          </span>
        ))}
      </pre>
    </details>
  );
}

function lineClass(line: string): string {
  if (line.startsWith("- ")) return "gone";
  return line.startsWith("+ ") ? "came" : "";
}
