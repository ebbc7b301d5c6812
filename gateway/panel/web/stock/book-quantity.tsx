import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import { usePanel } from "../panel.ts";
import { stepped, typed } from "./book-plan.ts";

interface QuantityProps {
  readonly id: string;
  readonly label: string;
  readonly unit: "pcs" | "kg" | "L" | "m";
  readonly value: string;
  readonly onValue: (value: string) => void;
}

const steps = [-10, -1, 1, 10] as const;
const digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;

/** A number for fingers in gloves: large steps beside it, and a keypad that stays where it is. */
export function QuantityField({ id, label, unit, value, onValue }: QuantityProps) {
  const words = panelBookingText[usePanel().preference.language.value].book;
  const press = (key: string) => () => onValue(typed(value, key));
  return (
    <div class="field quantity">
      <label for={id}>{label}</label>
      <div class="quantity-row">
        {steps.map((by) => (
          <button
            key={by}
            type="button"
            class={by < 0 ? "button less" : "button more"}
            aria-label={by < 0 ? words.less(String(-by)) : words.more(String(by))}
            onClick={() => onValue(stepped(value, by))}
          >
            {by < 0 ? `−${-by}` : `+${by}`}
          </button>
        ))}
        <input
          id={id}
          name={id}
          inputMode="decimal"
          autocomplete="off"
          maxLength={12}
          value={value}
          onInput={({ currentTarget }) => onValue(currentTarget.value)}
        />
      </div>
      <fieldset class="keypad" aria-label={words.keypad}>
        {digits.map((digit) => (
          <button key={digit} type="button" class="button" onClick={press(digit)}>
            {digit}
          </button>
        ))}
        <button
          type="button"
          class="button"
          aria-label={words.point}
          aria-disabled={unit === "pcs"}
          onClick={() => {
            if (unit !== "pcs") press(".")();
          }}
        >
          .
        </button>
        <button type="button" class="button" onClick={press("0")}>
          0
        </button>
        <button type="button" class="button" aria-label={words.erase} onClick={press("back")}>
          ⌫
        </button>
      </fieldset>
    </div>
  );
}
