import { Section } from "./components/section.tsx";
import { usePanel } from "./panel.ts";
import { PointCard } from "./point-card.tsx";
import { groupPoints, type PointGroup } from "./reading.ts";

export function Points() {
  const { snapshot, text, wall } = usePanel();
  const words = text.value.points;
  const known = snapshot.value;
  const groups = groupPoints(known?.gateway.locations ?? [], known?.points ?? []);
  // From across the room only what is stored counts; the gateway's own health has its notices.
  const shown = wall.value ? groups.filter((group) => !group.ownHealth) : groups;
  return (
    <Section id="points" title={words.title}>
      {shown.length === 0 ? (
        <div class="empty">
          <p>{words.none}</p>
          <p>{words.noneTodo}</p>
        </div>
      ) : (
        <div class="group-list">
          {shown.map((group) => (
            <Group key={group.location?.id ?? String(group.ownHealth)} group={group} />
          ))}
        </div>
      )}
    </Section>
  );
}

function Group({ group }: { readonly group: PointGroup }) {
  const words = usePanel().text.value.points;
  const { location, within } = group;
  const title = location?.name ?? location?.id ?? (group.ownHealth ? words.gateway : words.other);
  return (
    <div class="group">
      <h3 class="group-title">
        {title}
        {location !== undefined && (
          <span class="group-kind">
            {words.kind[location.kind]}
            {within !== undefined && ` ${words.within(within.name ?? within.id)}`}
          </span>
        )}
      </h3>
      <ul class="point-list">
        {group.points.map((point) => (
          <li key={point.key}>
            <PointCard point={point} />
          </li>
        ))}
      </ul>
    </div>
  );
}
