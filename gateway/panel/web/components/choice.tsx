interface ChoiceProps {
  readonly id: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, label: string])[];
  /** Chosen from the start; none: a person has to choose. */
  readonly chosen?: string;
}

/** One of a few, each as large as a button. Its value is read from the form when that is sent. */
export function Choice({ id, label, options, chosen }: ChoiceProps) {
  return (
    <fieldset class="field choice">
      <legend>{label}</legend>
      {options.map(([value, word]) => (
        <label key={value} class="choice-option">
          <input type="radio" name={id} value={value} required defaultChecked={value === chosen} />
          <span>{word}</span>
        </label>
      ))}
    </fieldset>
  );
}
