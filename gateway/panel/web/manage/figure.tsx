import type { ComponentChildren } from "preact";

interface FigureProps {
  readonly title: string;
  readonly value: string;
  /** What to do about it, in one sentence. */
  readonly todo: string;
  readonly children?: ComponentChildren;
}

export function Figure({ title, value, todo, children }: FigureProps) {
  return (
    <div class="card">
      <h3>{title}</h3>
      <p class="figure-value">{value}</p>
      {children}
      <p class="figure-todo">{todo}</p>
    </div>
  );
}

interface RuleListProps {
  /** Rule, and how often or how long. */
  readonly rules: readonly (readonly [rule: string, said: string])[];
}

export function RuleList({ rules }: RuleListProps) {
  return (
    <ul class="rule-list">
      {rules.map(([rule, said]) => (
        <li key={rule}>
          <code>{rule}</code> <span>{said}</span>
        </li>
      ))}
    </ul>
  );
}
