import { At } from "./ago.tsx";
import { Section } from "./components/section.tsx";
import { Shape } from "./components/shape.tsx";
import { usePanel } from "./panel.ts";

/** What is wrong with the gateway itself: what, where, what to do. Absent while it is well. */
export function Notices() {
  const { snapshot, text } = usePanel();
  const words = text.value.notices;
  const notices = snapshot.value?.notices ?? [];
  if (notices.length === 0) return null;
  return (
    <Section id="notices" title={words.title}>
      <ul class="row-list">
        {notices.map((notice) => (
          <li class="notice tone-medium" key={`${notice.part} ${notice.code}`}>
            <Shape name="triangle" />
            <div class="row-main">
              <p class="row-title">{notice.message}</p>
              {notice.todo !== undefined && <p class="notice-todo">{notice.todo}</p>}
              <p class="row-detail">
                {notice.where !== undefined && (
                  <>
                    {words.where} <code>{notice.where}</code> ·{" "}
                  </>
                )}
                {words.since} <At at={notice.since} /> · <code>{notice.code}</code>
              </p>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
