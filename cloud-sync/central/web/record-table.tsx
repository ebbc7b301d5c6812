import type { ComponentChildren } from "preact";

/** One list of the record under its title; on a phone each row is a card. */
export function RecordTable(props: {
  readonly title: string;
  readonly heads: readonly string[];
  readonly children: ComponentChildren;
}) {
  return (
    <>
      <h3 class="record-title">{props.title}</h3>
      <table class="table">
        <thead>
          <tr>
            {props.heads.map((head) => (
              <th scope="col" key={head}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </>
  );
}
