import { panelManageText } from "../../../../config/language/panel-manage.ts";
import type { OutputView } from "../../api.ts";
import type { DueView } from "../../response-api.ts";
import { Button } from "../components/button.tsx";
import { Section } from "../components/section.tsx";
import { Tag } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import { pointName } from "../reading.ts";
import { TestResult } from "./test-result.tsx";

interface OutputTestsProps {
  readonly due: DueView | undefined;
  readonly onTested: () => void;
}

/** Lamps and buzzers with their last test. */
export function OutputTests({ due, onTested }: OutputTestsProps) {
  const panel = usePanel();
  const words = panelManageText[panel.preference.language.value];
  const outputs = panel.snapshot.value?.outputs ?? [];
  const send = async (key: string) => {
    const path = key.split("/").map(encodeURIComponent).join("/");
    const answer = await panel.act(`/api/outputs/${path}/test`);
    panel.fault.value = answer.ok ? undefined : answer.fault;
    onTested();
  };
  return (
    <Section id="output-tests" title={words.outputs.title}>
      <p class="hint">{words.outputs.about}</p>
      {outputs.length === 0 && <p class="empty">{words.outputs.none}</p>}
      <ul class="row-list">
        {outputs.map((output) => (
          <li class="row told" key={output.key}>
            <div class="row-main">
              <p class="row-title">{pointName(output)}</p>
              <p class="row-detail">{placeOf(output, words.outputs.second)}</p>
              {output.problem !== undefined && (
                <Tag tone="bad" shape="cross">
                  {output.problem}
                </Tag>
              )}
              <TestResult
                test={due?.tested?.find(({ what }) => what === `output/${output.key}`)}
                due={due?.tests.includes(`output/${output.key}`) ?? false}
              />
            </div>
            {panel.may("test") !== false && (
              <Button
                label={words.outputs.testNamed(pointName(output))}
                busy={output.testing}
                onPress={() => panel.whenLoggedIn(() => void send(output.key))}
              >
                {words.receivers.test}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function placeOf({ key, annunciator, place }: OutputView, second: string): string {
  const parts = [key, annunciator, place === "second" ? second : undefined];
  return parts.filter((part) => part !== undefined).join(" · ");
}
