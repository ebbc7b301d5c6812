import type { ComponentChildren } from "preact";

interface ButtonProps {
  readonly kind?: "primary" | "plain" | "quiet";
  readonly label?: string;
  readonly lang?: string;
  readonly busy?: boolean;
  readonly onPress: () => void;
  readonly children: ComponentChildren;
}

/** At least 44 px high: fingers in gloves. */
export function Button({
  kind = "plain",
  label,
  lang,
  busy = false,
  onPress,
  children,
}: ButtonProps) {
  return (
    <button
      type="button"
      class={`button ${kind}`}
      {...(label !== undefined && { "aria-label": label })}
      {...(lang !== undefined && { lang })}
      // Not `disabled`: a button that loses the focus in the middle of a press loses the keyboard user, too.
      aria-disabled={busy}
      onClick={() => {
        if (!busy) onPress();
      }}
    >
      {children}
    </button>
  );
}
